"""Errors name the layer that they come from: `Conv2d(3, 8, 3): input has 4 channels, weight expects 3`."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.nn.modules.module import Module

_OPERATION = re.compile(r"\[\w+\] ")


def _short(value: Any) -> str:
    """A tuple of equal numbers as one of them."""
    if isinstance(value, tuple) and value and len(set(value)) == 1:
        return repr(value[0])
    return repr(value)


def describe(module: Module) -> str:
    """The layer as it was made, without what is at its default: `Conv2d(3, 8, 3, padding=1)`."""
    init = type(module).__init__
    names = init.__code__.co_varnames[1 : init.__code__.co_argcount]
    defaults = init.__defaults__ or ()
    shown = []
    for index, name in enumerate(names):
        value = getattr(module, name, None)
        required = index < len(names) - len(defaults)
        default = None if required else defaults[index - len(names) + len(defaults)]
        if isinstance(default, bool):
            value = value is not None and value is not False  # `bias` is a parameter, or None
        if required:
            shown.append(_short(value))
        elif isinstance(value, bool | int | float | str | tuple) and _short(value) != _short(default):
            shown.append(f"{name}={_short(value)}")
    return f"{type(module).__name__}({', '.join(shown)})"


def name_layer(module: Module, error: Exception) -> None:
    """Puts the layer in the place of the operation, `[op] ...`, at the beginning of the error's text."""
    text = str(error)
    operation = _OPERATION.match(text)
    if operation and type(module).__module__.startswith("torch.nn.modules."):
        error.args = (f"{describe(module)}: {text[operation.end() :]}",)
