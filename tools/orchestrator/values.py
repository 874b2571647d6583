"""Frozen values for the modules that an edit loads: `dataclasses` alone costs more than those modules together.

>>> class Point(Value):
...     x: int
...     y: int = 0
>>> Point(1), Point(1) == Point(1, y=0)
(Point(x=1, y=0), True)
"""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False  # type checkers take the name for true; importing typing costs milliseconds
if TYPE_CHECKING:
    from typing import Any, TypeVar, dataclass_transform

    _Class = TypeVar("_Class")
else:

    def dataclass_transform(**_: object) -> Callable[[_Class], _Class]:
        """The real one tells type checkers that subclasses work like dataclasses."""
        return lambda cls: cls


__all__ = ["Value"]


@dataclass_transform(frozen_default=True)
class Value:
    """Like a frozen dataclass: the annotations of a subclass are its fields, in order, with their defaults."""

    _fields: tuple[str, ...] = ()
    _defaults: dict[str, Any] = {}  # noqa: RUF012 - replaced by each subclass, never changed

    def __init_subclass__(cls) -> None:
        own = tuple(cls.__annotations__)
        cls._fields = (*(name for name in cls._fields if name not in own), *own)
        cls._defaults = {**cls._defaults, **{name: cls.__dict__[name] for name in own if name in cls.__dict__}}
        cls.__match_args__ = cls._fields  # type: ignore[attr-defined,misc]

    def __init__(self, *given: Any, **named: Any) -> None:
        if len(given) > len(self._fields):
            raise TypeError(f"{type(self).__name__} has {len(self._fields)} fields, not {len(given)}")
        values = {**self._defaults, **dict(zip(self._fields, given, strict=False)), **named}
        twice = [name for name in self._fields[: len(given)] if name in named]
        if twice or values.keys() != set(self._fields):
            wrong = twice or sorted(values.keys() ^ set(self._fields))
            raise TypeError(f"{type(self).__name__}: missing, unknown or given twice: {', '.join(wrong)}")
        # In the order of the fields, so that records of events read alike.
        self.__dict__.update((name, values[name]) for name in self._fields)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    __delattr__ = __setattr__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"
