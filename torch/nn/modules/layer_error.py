"""Errors name the layer that they come from: `Conv2d(3, 8, 3): input has 4 channels, weight expects 3`."""

from __future__ import annotations

import inspect
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.nn.modules.module import Module

# What the libraries call the settings of a layer, for each dimension.
_SETTINGS = {"k": "kernel_size", "d": "stride", "pad": "padding", "adj": "output_padding", "dilation": "dilation"}
_SETTING = re.compile(r"\b(k|d|pad|adj|dilation)[DHW]\b")
_OPERATION = re.compile(r"\[\w+\] |\w+\(\): ")


def _short(value: Any) -> str:
    """A tuple of equal numbers as one of them."""
    if isinstance(value, tuple) and value and len(set(value)) == 1:
        return repr(value[0])
    return repr(value)


def describe(module: Module) -> str:
    """The layer as it was made, without what is at its default: `Conv2d(3, 8, 3, padding=1)`."""
    init = type(module).__init__
    if init.__code__.co_flags & inspect.CO_VARARGS:  # the arguments are its base's
        return f"{type(module).__name__}({module.extra_repr()})"
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
    """Puts the layer at the beginning of the error's text, in the place of the operation, `[op] ...`.

    Only layers of torch.nn do so, not what they stand in, and the innermost one alone.
    """
    home = type(module).__module__
    if not home.startswith("torch.nn.modules.") or home == "torch.nn.modules.container" or hasattr(error, "layer"):
        return
    if len(error.args) == 1 and isinstance(error.args[0], str):
        name, text = describe(module), error.args[0]
        error.layer = name  # type: ignore[attr-defined]
        if not text.startswith(type(module).__name__):
            operation = _OPERATION.match(text)
            rest = text[operation.end() :] if operation else text
            error.args = (f"{name}: {_SETTING.sub(lambda found: _SETTINGS[found[1]], rest)}",)
