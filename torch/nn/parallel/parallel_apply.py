"""`parallel_apply`: modules on several devices at a time, each in a thread."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from torch import _C, autograd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from torch.nn.modules.module import Module


def parallel_apply(
    modules: Sequence[Module],
    inputs: Sequence[Any],
    kwargs_tup: Sequence[dict[str, Any]] | None = None,
    devices: Sequence[Any] | None = None,
) -> list[Any]:
    """What each module makes of its own input (a tuple of arguments, or one), with its dict of `kwargs_tup`.

    devices: which is current for each; those of the inputs if None. The first error, by the order of the modules, is raised.

    >>> layers = [nn.ReLU(), nn.Tanh()]
    >>> nn.parallel.parallel_apply(layers, [torch.tensor([-1.]), torch.tensor([0.])])
    [tensor([0.]), tensor([0.])]
    """
    keywords = [{}] * len(modules) if kwargs_tup is None else list(kwargs_tup)
    places = [_place_of(item) for item in inputs] if devices is None else list(devices)
    if not len(modules) == len(inputs) == len(keywords) == len(places):
        raise ValueError(
            f"[parallel_apply] {len(modules)} modules, {len(inputs)} inputs, {len(keywords)} kwargs_tup and {len(places)} "
            "devices, expected as many of each"
        )
    recorded = autograd.is_grad_enabled()  # threads begin with recording on, on the default streams
    currents = [_Current(place) for place in places]

    def work(i: int) -> Any:
        arguments = inputs[i] if isinstance(inputs[i], tuple | list) else (inputs[i],)
        with autograd.set_grad_enabled(recorded), currents[i]:
            return modules[i](*arguments, **keywords[i])

    return _in_threads(work, len(modules))


def _in_threads(work: Callable[[int], Any], count: int) -> list[Any]:
    """work(0), ..., work(count - 1), at the same time; the first in the caller's thread."""
    if count == 1:
        return [work(0)]
    results: list[Any] = [None] * count
    failures: dict[int, BaseException] = {}

    def run(i: int) -> None:
        try:
            results[i] = work(i)
        except BaseException as error:  # it is raised again in the caller's thread
            error.add_note(f"in replica {i} of {count} of parallel_apply")
            failures[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(1, count)]
    for thread in threads:
        thread.start()
    run(0)
    for thread in threads:
        thread.join()
    if failures:
        raise failures[min(failures)]
    return results


def _place_of(item: Any) -> Any:
    """The device of the first tensor in it; None if there is none."""
    if isinstance(item, _C.Tensor):
        return item.device
    parts = item.values() if isinstance(item, dict) else item if isinstance(item, tuple | list) else ()
    return next((place for place in map(_place_of, parts) if place is not None), None)


class _Current:
    """Inside a `with`, in whatever thread: the device, and the stream there that was its maker's. The host changes nothing."""

    def __init__(self, place: Any) -> None:
        from torch import cuda

        on_host = place is None or cuda.comm._place(place).type == "cpu"
        self._contexts = () if on_host else (cuda.device(place), cuda.stream(cuda.current_stream(place)))
        self._entered = ExitStack()

    def __enter__(self) -> None:
        for context in self._contexts:
            self._entered.enter_context(context)

    def __exit__(self, *exception: object) -> None:
        self._entered.close()
