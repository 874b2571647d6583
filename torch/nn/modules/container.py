"""Modules that hold others."""

from __future__ import annotations

from torch.nn.modules.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


def _position(index: int, length: int) -> int:
    position = index + length if index < 0 else index
    if not 0 <= position < length:
        raise IndexError(f"index {index} is out of range: there are {length} modules")
    return position


class Sequential(Module):
    """Modules applied one after the other: given in order, or as one ordered dict of names.

    >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> model(torch.zeros(3, 4)).size(), model[1]
    (torch.Size([3, 2]), ReLU())
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], dict) else ((str(i), m) for i, m in enumerate(args))
        for name, module in named:
            self.add_module(name, module)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Sequential(dict(list(self._modules.items())[index]))
        return list(self._modules.values())[_position(index, len(self))]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, list(self._modules)[_position(index, len(self))], module)

    def __delitem__(self, index: int) -> None:
        delattr(self, list(self._modules)[_position(index, len(self))])

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def forward(self, input: Any) -> Any:
        for module in self._modules.values():
            input = module(input)
        return input


class ModuleList(Module):
    """A list of modules whose parameters are found.

    >>> layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
    >>> layers.append(nn.Linear(4, 1))[-1]
    Linear(in_features=4, out_features=1, bias=True)
    >>> len(list(layers.parameters()))
    8
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, index: int | slice) -> Any:
        modules = list(self._modules.values())
        return ModuleList(modules[index]) if isinstance(index, slice) else modules[_position(index, len(self))]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, str(_position(index, len(self))), module)

    def __delitem__(self, index: int) -> None:
        kept = list(self._modules.values())
        del kept[_position(index, len(self))]
        self._modules.clear()
        self.extend(kept)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())

    def __iadd__(self, modules: Iterable[Module]) -> ModuleList:
        return self.extend(modules)

    def append(self, module: Module) -> ModuleList:
        """Adds a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> ModuleList:
        """Adds modules at the end."""
        for module in modules:
            self.append(module)
        return self


class ModuleDict(Module):
    """A dict of modules whose parameters are found; names keep the order in which they came.

    >>> heads = nn.ModuleDict({"digit": nn.Linear(8, 10), "even": nn.Linear(8, 2)})
    >>> heads["even"], list(heads)
    (Linear(in_features=8, out_features=2, bias=True), ['digit', 'even'])
    """

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Removes all modules."""
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Removes a module and returns it."""
        return self._modules.pop(key)

    def keys(self) -> Any:
        """The names."""
        return self._modules.keys()

    def items(self) -> Any:
        """Names and modules."""
        return self._modules.items()

    def values(self) -> Any:
        """The modules."""
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Adds modules: a mapping (those of a plain dict in the order of their names), or pairs of name and module."""
        for key, module in _pairs(modules, "ModuleDict.update"):
            self[key] = module


def _pairs(entries: Any, what: str) -> list[tuple[str, Any]]:
    """The entries of a mapping, of anything with items(), or of pairs."""
    if hasattr(entries, "items"):
        pairs = list(entries.items())
        return sorted(pairs) if type(entries) is dict else pairs
    result = []
    for position, pair in enumerate(entries):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ValueError(f"{what}: element {position} is {pair!r}, expected a pair of name and value")
        result.append((pair[0], pair[1]))
    return result


def _describe(key: str, parameter: Any) -> str:
    size = "x".join(str(n) for n in parameter.size())
    return f"({key}): Parameter containing: [{parameter.type()} of size {size}]"


class ParameterList(Module):
    """A list of parameters that are found.

    >>> factors = nn.ParameterList([nn.Parameter(torch.ones(2)) for _ in range(3)])
    >>> sum(p.sum() for p in factors)
    tensor(6., grad_fn=<AddBackward>)
    """

    def __init__(self, parameters: Iterable[Any] | None = None) -> None:
        super().__init__()
        if parameters is not None:
            self.extend(parameters)

    def __getitem__(self, index: int | slice) -> Any:
        values = list(self._parameters.values())
        return ParameterList(values[index]) if isinstance(index, slice) else values[_position(index, len(self))]

    def __setitem__(self, index: int, parameter: Any) -> None:
        self.register_parameter(str(_position(index, len(self))), parameter)

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())

    def __iadd__(self, parameters: Iterable[Any]) -> ParameterList:
        return self.extend(parameters)

    def append(self, parameter: Any) -> ParameterList:
        """Adds a parameter at the end."""
        self.register_parameter(str(len(self)), parameter)
        return self

    def extend(self, parameters: Iterable[Any]) -> ParameterList:
        """Adds parameters at the end."""
        for parameter in parameters:
            self.append(parameter)
        return self

    def extra_repr(self) -> str:
        return "\n  ".join(_describe(key, parameter) for key, parameter in self._parameters.items())


class ParameterDict(Module):
    """A dict of parameters that are found; names keep the order in which they came.

    >>> p = nn.ParameterDict({"left": nn.Parameter(torch.zeros(2)), "right": nn.Parameter(torch.zeros(3))})
    >>> list(p.keys()), p["right"].size()
    (['left', 'right'], torch.Size([3]))
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        return self._parameters[key]

    def __setitem__(self, key: str, parameter: Any) -> None:
        self.register_parameter(key, parameter)

    def __delitem__(self, key: str) -> None:
        del self._parameters[key]

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __contains__(self, key: object) -> bool:
        return key in self._parameters

    def clear(self) -> None:
        """Removes all parameters."""
        self._parameters.clear()

    def pop(self, key: str) -> Any:
        """Removes a parameter and returns it."""
        return self._parameters.pop(key)

    def keys(self) -> Any:
        """The names."""
        return self._parameters.keys()

    def items(self) -> Any:
        """Names and parameters."""
        return self._parameters.items()

    def values(self) -> Any:
        """The parameters."""
        return self._parameters.values()

    def update(self, parameters: Any) -> None:
        """Adds parameters: a mapping (those of a plain dict in the order of their names), or pairs."""
        for key, parameter in _pairs(parameters, "ParameterDict.update"):
            self[key] = parameter

    def extra_repr(self) -> str:
        return "\n  ".join(_describe(key, parameter) for key, parameter in self._parameters.items())
