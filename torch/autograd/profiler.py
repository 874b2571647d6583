"""Which operations run, how often and for how long.

Recorded are the operations of the thread that profiles, the steps of its backward passes, and what `record_function` names.
Operations that only make views take next to no time and are left out.
"""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = ["EventAverage", "EventList", "FunctionEvent", "emit_nvtx", "profile", "record_function"]


def __dir__() -> list[str]:
    return sorted(__all__)


def format_time(microseconds: float) -> str:
    """12.000us, 3.100ms, 2.000s"""
    for unit, size in (("s", 1e6), ("ms", 1e3)):
        if microseconds >= size:
            return f"{microseconds / size:.3f}{unit}"
    return f"{microseconds:.3f}us"


class FunctionEvent:
    """One call. Times are in microseconds since the first event began.

    >>> with torch.autograd.profiler.profile() as prof:
    ...     _ = torch.ones(2) + 1
    >>> [(event.name, event.cpu_time_total >= 0) for event in prof.function_events if event.name == "add"]
    [('add', True)]
    """

    __slots__ = ("children", "cuda_time", "end", "name", "start")

    def __init__(self, name: str, start: float, end: float, cuda_time: float = 0.0) -> None:
        self.name, self.start, self.end, self.cuda_time = name, start, end, cuda_time
        self.children: list[FunctionEvent] = []  # the calls inside

    @property
    def cpu_time(self) -> float:
        return self.end - self.start

    @property
    def cuda_time_total(self) -> float:
        """What the device took, if that is recorded."""
        return self.cuda_time

    cpu_time_total = cpu_time
    count = 1

    @property
    def key(self) -> str:
        return self.name

    @property
    def self_cpu_time_total(self) -> float:
        """Without the calls inside."""
        return self.cpu_time - sum(child.cpu_time for child in self.children)

    def __repr__(self) -> str:
        return f"<FunctionEvent {self.name} cpu_time={format_time(self.cpu_time)}>"


class EventAverage:
    """All calls of one name.

    >>> with torch.autograd.profiler.profile() as prof:
    ...     _ = torch.ones(2) + 1 + 1
    >>> [(average.key, average.count) for average in prof.key_averages()]
    [('ones', 1), ('add', 2)]
    """

    __slots__ = ("count", "cpu_time_total", "cuda_time_total", "key", "self_cpu_time_total")

    def __init__(self, key: str) -> None:
        self.key, self.count = key, 0
        self.cpu_time_total, self.self_cpu_time_total, self.cuda_time_total = 0.0, 0.0, 0.0

    def add(self, event: FunctionEvent | EventAverage) -> EventAverage:
        """Counts another call, or those of another average."""
        self.count += event.count
        self.cpu_time_total += event.cpu_time_total
        self.self_cpu_time_total += event.self_cpu_time_total
        self.cuda_time_total += event.cuda_time_total
        return self

    @property
    def cpu_time(self) -> float:
        """Of one call, on average."""
        return self.cpu_time_total / self.count if self.count else 0.0

    @property
    def cuda_time(self) -> float:
        """Of one call, on average."""
        return self.cuda_time_total / self.count if self.count else 0.0

    def __repr__(self) -> str:
        return f"<EventAverage {self.key} cpu_time={format_time(self.cpu_time)} count={self.count}>"


class EventList(list):  # type: ignore[type-arg]  # of FunctionEvent, or of EventAverage
    """Events, or averages of them, as a table.

    >>> with torch.autograd.profiler.profile() as prof:
    ...     _ = torch.ones(2) + 1
    >>> prof.function_events.total_average().count
    2
    """

    def table(self, sort_by: str | None = None) -> str:
        """A text with a row for each; sort_by: an attribute, such as "cpu_time_total" or "count", largest first."""
        events = list(self) if sort_by is None else sorted(self, key=lambda event: getattr(event, sort_by), reverse=True)
        columns = ["cpu_time", "cpu_time_total", "self_cpu_time_total"]
        titles = ["CPU time", "CPU total", "Self CPU total"]
        if any(event.cuda_time_total for event in events):
            columns += ["cuda_time", "cuda_time_total"]
            titles += ["CUDA time", "CUDA total"]
        rows = [(e.key, *(format_time(getattr(e, column)) for column in columns), str(e.count)) for e in events]
        head = ("Name", *titles, "Calls")
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        lines = [
            "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in (head, *rows)
        ]
        return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])

    def __str__(self) -> str:
        return self.table()

    def export_chrome_trace(self, path: str) -> None:
        """Writes a file for chrome://tracing and Perfetto."""
        import json

        rows = [
            {"name": e.name, "ph": "X", "ts": e.start, "dur": e.cpu_time, "pid": "CPU functions", "tid": 0, "args": {}}
            for e in self
        ]
        with open(path, "w", encoding="utf-8") as file:
            json.dump(rows, file)

    def key_averages(self) -> EventList:
        """One row for each name, in the order of their first calls."""
        averages: dict[str, EventAverage] = {}
        for event in self:
            averages.setdefault(event.key, EventAverage(event.key)).add(event)
        return EventList(averages.values())

    def total_average(self) -> EventAverage:
        """Everything in one."""
        total = EventAverage("Total")
        for event in self:
            total.add(event)
        return total

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds in all, nothing counted twice."""
        return float(sum(event.self_cpu_time_total for event in self))


class profile:
    """Records what runs in its `with` block.

    enabled: False makes it do nothing. use_cuda: records as well how long the current CUDA device takes, from where its work
    was when an operation began to where it is at the end (RuntimeError where there is no device).

    >>> x = torch.ones(2, 3, requires_grad=True)
    >>> with torch.autograd.profiler.profile() as prof:
    ...     x.exp().sum().backward()
    >>> [event.name for event in prof.function_events]
    ['exp', 'sum', 'SumBackward', 'ExpBackward', 'AccumulateGrad']
    >>> prof.key_averages().total_average().count
    5
    """

    def __init__(self, enabled: bool = True, use_cuda: bool = False) -> None:
        self._enabled, self._use_cuda = enabled, use_cuda
        self.function_events: EventList | None = None

    def __enter__(self) -> profile:
        if self._enabled:
            if self.function_events is not None:
                raise RuntimeError("a profile can be recorded once: make a new one")
            start = _C.autograd.start_device_profile if self._use_cuda else _C.autograd.start_profile
            start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._enabled:
            try:
                times = _C.autograd.device_times()
            finally:
                events = _C.autograd.stop_profile()
            self.function_events = EventList(_nested(events, times))

    def _events(self) -> EventList:
        if self.function_events is None:
            raise RuntimeError("nothing is recorded yet: leave the `with` block of the profile first")
        return self.function_events

    def table(self, sort_by: str | None = None) -> str:
        """See `EventList.table`.

        >>> with torch.autograd.profiler.profile() as prof:
        ...     _ = torch.ones(2) + 1
        >>> [line.split()[0] for line in prof.table().splitlines() if "add" in line]
        ['add']
        """
        return self._events().table(sort_by)

    def export_chrome_trace(self, path: str) -> None:
        """See `EventList.export_chrome_trace`.

        >>> import json, tempfile
        >>> with torch.autograd.profiler.profile() as prof:
        ...     _ = torch.ones(2) + 1
        >>> with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        ...     prof.export_chrome_trace(file.name)
        ...     [event["name"] for event in json.load(file) if event["name"] == "add"]
        ['add']
        """
        self._events().export_chrome_trace(path)

    def key_averages(self) -> EventList:
        """See `EventList.key_averages`.

        >>> with torch.autograd.profiler.profile() as prof:
        ...     _ = torch.ones(2) + 1 + 1
        >>> [(event.key, event.count) for event in prof.key_averages() if event.key == "add"]
        [('add', 2)]
        """
        return self._events().key_averages()

    def total_average(self) -> EventAverage:
        """See `EventList.total_average`.

        >>> with torch.autograd.profiler.profile() as prof:
        ...     _ = torch.ones(2) + 1 + 1
        >>> prof.total_average().count >= 3
        True
        """
        return self._events().total_average()

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds in all, nothing counted twice.

        >>> with torch.autograd.profiler.profile() as prof:
        ...     _ = torch.ones(2) + 1
        >>> prof.self_cpu_time_total > 0
        True
        """
        return self._events().self_cpu_time_total

    def __repr__(self) -> str:
        return "<unfinished torch.autograd.profile>" if self.function_events is None else repr(self.function_events)

    def __str__(self) -> str:
        return "<unfinished torch.autograd.profile>" if self.function_events is None else self.table()


class emit_nvtx:
    """Makes each operation of its `with` block, and each `record_function`, a range in the timeline of an outer profiler
    (NVTX), which shows it beside the work of the devices. Needs a build with CUDA.

    enabled: False makes it do nothing.

    >>> if torch.cuda.is_available():
    ...     with torch.autograd.profiler.emit_nvtx():
    ...         y = torch.ones(2, device="cuda") + 1
    """

    def __init__(self, enabled: bool = True) -> None:
        self._enabled = enabled

    def __enter__(self) -> emit_nvtx:
        if self._enabled:
            _C.autograd.start_marking()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._enabled:
            _C.autograd.stop_marking()


class record_function:
    """Gives a part of the program a row of its own in a profile: for a `with` block, or a function that it decorates.

    >>> with torch.autograd.profiler.profile() as prof:
    ...     with torch.autograd.profiler.record_function("mine"):
    ...         _ = torch.ones(2) + 1
    >>> "mine" in [event.name for event in prof.function_events]
    True
    """

    __slots__ = ("_numbers", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._numbers: list[int] = []

    def __enter__(self) -> record_function:
        self._numbers.append(_C.autograd.begin_record(self.name))
        return self

    def __exit__(self, *exception: object) -> None:
        _C.autograd.end_record(self._numbers.pop())

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        import functools

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with record_function(self.name):
                return function(*args, **kwargs)

        return call


def _nested(events: list[tuple[str, int, int]], times: list[float]) -> Iterator[FunctionEvent]:
    """The events, each among the children of the one that it ran in. times: of the device, or none."""
    first = events[0][1] if events else 0
    open_events: list[FunctionEvent] = []
    for (name, start, end), time in zip(events, times or [0.0] * len(events), strict=True):
        event = FunctionEvent(name, (start - first) / 1000, (end - first) / 1000, time)
        while open_events and open_events[-1].end < event.end:
            open_events.pop()
        if open_events:
            open_events[-1].children.append(event)
        open_events.append(event)
        yield event
