"""Finding where gradients go wrong: NaN in backward is an error, and failures tell which forward operation they belong to."""

from __future__ import annotations

from torch import _C

__all__ = ["detect_anomaly", "set_detect_anomaly"]

_is_enabled = _C.autograd.is_anomaly_enabled
_set_enabled = _C.autograd.set_anomaly_enabled


def _describe_stack() -> str:
    """The note that an exception gets; called by the extension for each node of the graph."""
    import traceback

    return "Traceback of forward call that caused the error:\n" + "".join(traceback.format_stack()[:-1])


class set_detect_anomaly:
    """Switches anomaly mode of this thread on or off: at once, or for a `with` block.

    >>> with torch.autograd.set_detect_anomaly(False):
    ...     x = torch.zeros(1, requires_grad=True)
    ...     (x.sqrt() * 0).sum().backward()
    >>> x.grad
    tensor([nan])
    """

    __slots__ = ("_previous",)

    def __init__(self, mode: bool) -> None:
        self._previous = _is_enabled()
        _set_enabled(bool(mode))

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        _set_enabled(self._previous)


class detect_anomaly:
    """Inside, each operation notes where it was called, which slows it down, and backward looks for NaN.

    An error in backward of something computed inside carries that place as a note.

    >>> x = torch.zeros(1, requires_grad=True)
    >>> try:
    ...     with torch.autograd.detect_anomaly():
    ...         (x.sqrt() * 0).sum().backward()
    ... except RuntimeError as error:
    ...     print(error, error.__notes__[0].splitlines()[0], sep="\\n")
    Function 'SqrtBackward' returned nan values in its 0th output.
    Traceback of forward call that caused the error:
    """

    __slots__ = ("_previous",)

    def __enter__(self) -> None:
        self._previous = _is_enabled()
        _set_enabled(True)

    def __exit__(self, *exception: object) -> None:
        _set_enabled(self._previous)
