"""Streams order the work of a device; events mark places in that order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import _C

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Event", "Stream"]


class Stream:
    """A queue of work on one device, beside others. Blocks of memory serve again within one stream only.

    device: its index, a string or torch.device; the current one if None. priority: 0, or -1 for work that goes first.

    >>> if torch.cuda.is_available():
    ...     side = torch.cuda.Stream()
    ...     with torch.cuda.stream(side):
    ...         x = torch.ones(1000, device="cuda") * 2
    ...     torch.cuda.current_stream().wait_stream(side)
    """

    def __init__(self, device: Any = None, priority: int = 0) -> None:
        from torch import cuda

        self._handle = _C.cuda.Stream(cuda._ordinal(device), priority)

    @classmethod
    def _of(cls, handle: Any) -> Stream:
        self = object.__new__(cls)
        self._handle = handle
        return self

    @property
    def device_index(self) -> int:
        """The device's index."""
        return self._handle.device

    @property
    def device(self) -> _C.device:
        """The device."""
        return _C.device("cuda", self.device_index)

    @property
    def cuda_stream(self) -> int:
        """The driver's handle, for other libraries; 0 is the default stream."""
        return self._handle.handle

    def query(self) -> bool:
        """Whether all work asked of it so far has ended."""
        return self._handle.query()

    def synchronize(self) -> None:
        """Waits for all work asked of it so far."""
        self._handle.synchronize()

    def wait_event(self, event: Event) -> None:
        """What is asked of it from now on waits for the event."""
        if event._handle is not None:
            self._handle.wait_event(event._handle)

    def wait_stream(self, stream: Stream) -> None:
        """What is asked of it from now on waits for what was asked of the other so far."""
        self.wait_event(stream.record_event())

    def record_event(self, event: Event | None = None) -> Event:
        """An event (a new one if None) at this place in the order."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and (self.device_index, self.cuda_stream) == (other.device_index, other.cuda_stream)

    def __hash__(self) -> int:
        return hash((self.device_index, self.cuda_stream))

    def __repr__(self) -> str:
        return f"<torch.cuda.Stream device=cuda:{self.device_index} cuda_stream={self.cuda_stream:#x}>"


class Event:
    """A place in a stream's order of work. It comes to be, on the stream's device, when it is first recorded.

    enable_timing: two such events measure the time between them. blocking: `synchronize` sleeps instead of spinning.
    interprocess: `ipc_handle()` gives bytes from which `Event(_handle=...)` finds it in another process.

    >>> if torch.cuda.is_available():
    ...     start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    ...     start.record()
    ...     x = torch.ones(1000, device="cuda") * 2
    ...     end.record()
    ...     end.synchronize()
    ...     milliseconds = start.elapsed_time(end)
    """

    def __init__(
        self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False, _handle: bytes | None = None
    ) -> None:
        if enable_timing and interprocess:
            raise ValueError("Event(): an event for other processes measures no time; choose enable_timing or interprocess")
        self._timing, self._blocking, self._shared = enable_timing, blocking, interprocess
        self._handle: Any = None
        if _handle is not None:
            self._handle = _C.cuda.Event.received(_C.cuda.current_device(), _handle)

    def record(self, stream: Stream | None = None) -> None:
        """Marks the place behind all that was asked of the stream (the current one if None) so far."""
        from torch import cuda

        stream = cuda.current_stream() if stream is None else stream
        if self._handle is None:
            self._handle = _C.cuda.Event(stream.device_index, self._timing, self._blocking, self._shared)
        self._handle.record(stream._handle)

    def wait(self, stream: Stream | None = None) -> None:
        """What is asked of the stream (the current one if None) from now on waits for the event."""
        from torch import cuda

        (cuda.current_stream() if stream is None else stream).wait_event(self)

    def ipc_handle(self) -> bytes:
        """What other processes find it by, with `torch.cuda.Event(_handle=...)`; if not recorded yet, of the current device."""
        if self._handle is None:
            self._handle = _C.cuda.Event(_C.cuda.current_device(), self._timing, self._blocking, self._shared)
        handle: bytes = self._handle.ipc_handle()
        return handle

    def query(self) -> bool:
        """Whether the work before it has ended; True if it was never recorded."""
        return self._handle is None or self._handle.query()

    def synchronize(self) -> None:
        """Waits for the work before it."""
        if self._handle is not None:
            self._handle.synchronize()

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds from this event to `end_event`; both with enable_timing and reached."""
        if self._handle is None or end_event._handle is None:
            raise RuntimeError("elapsed_time(): both events have to be recorded first")
        milliseconds: float = self._handle.elapsed_time(end_event._handle)
        return milliseconds

    def __repr__(self) -> str:
        return f"<torch.cuda.Event {'not recorded' if self._handle is None else 'recorded'}>"
