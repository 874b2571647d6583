"""Whether operations are recorded for backward: one switch for each thread."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    _Function = TypeVar("_Function", bound=Callable[..., Any])

_is_enabled = _C.autograd.is_grad_enabled
_set_enabled = _C.autograd.set_grad_enabled


def _decorated(function: _Function, context: Callable[[], Any]) -> _Function:
    """`function`, each call of which runs within a new `context`; a generator does so between its yields only."""
    import functools

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with context():
            return function(*args, **kwargs)

    @functools.wraps(function)
    def generate(*args: Any, **kwargs: Any) -> Any:
        generator = function(*args, **kwargs)
        step, argument = generator.send, None
        while True:
            try:
                with context():
                    item = step(argument)
            except StopIteration as end:
                return end.value
            try:
                step, argument = generator.send, (yield item)
            except GeneratorExit:
                with context():
                    generator.close()
                raise
            except BaseException as error:
                step, argument = generator.throw, error

    is_generator = getattr(getattr(function, "__code__", None), "co_flags", 0) & 0x20  # inspect.CO_GENERATOR
    return generate if is_generator else call  # type: ignore[return-value]


class _GradMode:
    """A context manager, and a decorator that enters a new one for each call."""

    __slots__ = ("_previous",)
    _mode: bool

    def __enter__(self) -> None:
        self._previous = _is_enabled()
        _set_enabled(self._mode)

    def __exit__(self, *exception: object) -> None:
        _set_enabled(self._previous)

    def __call__(self, function: _Function) -> _Function:
        return _decorated(function, type(self))


class no_grad(_GradMode):
    """Operations inside are not recorded: their results do not require grad.

    >>> x = torch.ones(1, requires_grad=True)
    >>> with torch.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    __slots__ = ()
    _mode = False


class enable_grad(_GradMode):
    """Operations inside are recorded, also within `no_grad`.

    >>> x = torch.ones(1, requires_grad=True)
    >>> with torch.no_grad():
    ...     with torch.enable_grad():
    ...         y = x * 2
    >>> y.requires_grad
    True
    """

    __slots__ = ()
    _mode = True


class set_grad_enabled:
    """Switches recording on or off: at once, for a `with` block, or for each call of a function that it decorates.

    >>> is_train = False
    >>> with torch.set_grad_enabled(is_train):
    ...     y = torch.ones(1, requires_grad=True) * 2
    >>> y.requires_grad
    False
    """

    __slots__ = ("_mode", "_previous")

    def __init__(self, mode: bool) -> None:
        self._mode = bool(mode)
        self._previous = _is_enabled()
        _set_enabled(self._mode)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        _set_enabled(self._previous)

    def __call__(self, function: _Function) -> _Function:
        _set_enabled(self._previous)  # decorating is no wish to switch now
        return _decorated(function, lambda: set_grad_enabled(self._mode))


def is_grad_enabled() -> bool:
    """Whether operations of this thread are recorded now.

    >>> with torch.no_grad():
    ...     print(torch.autograd.is_grad_enabled())
    False
    >>> torch.autograd.is_grad_enabled()
    True
    """
    return _is_enabled()
