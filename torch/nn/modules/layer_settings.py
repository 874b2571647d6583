"""Checks of what a layer is made with. The error names the layer's class and the setting: no layer is there yet."""

from __future__ import annotations

import operator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from torch.nn.modules.module import Module


def refuse(layer: Module, text: str) -> NoReturn:
    """ValueError of this layer."""
    raise ValueError(f"{type(layer).__name__}: {text}")


def check_least(layer: Module, least: int, **settings: Any) -> None:
    """TypeError unless each setting is an integer or several; ValueError unless they are `least` or more."""
    for name, value in settings.items():
        for number in value if isinstance(value, tuple | list) else (value,):
            try:
                small = operator.index(number) < least
            except TypeError:
                text = f"{type(layer).__name__}: {name} is {value!r}, expected an integer or several"
                raise TypeError(text) from None
            if small:
                refuse(layer, f"{name} is {value}, expected {least} or more")
