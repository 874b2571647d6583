"""`Module`: the base class of everything that has parameters."""

from __future__ import annotations

from torch import _C
from torch.nn.modules.members import Members, forget_attribute
from torch.nn.modules.state import StateMixin
from torch.nn.parameter import Parameter
from torch.utils.hooks import RemovableHandle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    Self = TypeVar("Self", bound="Module")

_TABLES = ("_parameters", "_buffers", "_modules")
_set = object.__setattr__
_NOTHING: Any = object()  # the first argument where there is none


def _wrong_kind(value: object, place: str) -> str:
    return f"cannot assign '{type(value).__name__}' object to {place}"


def _name_layer(module: Module, error: Exception) -> None:
    from torch.nn.modules.layer_error import name_layer

    name_layer(module, error)


class Module(StateMixin):
    """A part of a network. Subclasses assign parameters and modules as attributes and define `forward`.

    >>> class Net(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = nn.Linear(64, 10)
    ...     def forward(self, x):
    ...         return F.relu(self.hidden(x))
    """

    training: bool
    _parameters: Members
    _buffers: Members
    _modules: Members
    _forward_pre_hooks: dict[int, Callable[..., Any]]
    _forward_hooks: dict[int, Callable[..., Any]]
    _backward_hooks: dict[int, Callable[..., Any]]

    def __init__(self) -> None:
        _set(self, "training", True)
        for table in _TABLES:
            _set(self, table, Members(self))
        for hooks in ("_forward_pre_hooks", "_forward_hooks", "_backward_hooks"):
            _set(self, hooks, {})

    # Any arguments: a type checker lets each subclass have its own.
    def forward(self, *input: Any, **kwargs: Any) -> Any:
        """What the module computes; subclasses override it. Call the module itself, which also runs the hooks.

        >>> class Twice(nn.Module):
        ...     def forward(self, x):
        ...         return x * 2
        >>> Twice()(torch.ones(2))
        tensor([2., 2.])
        """
        raise NotImplementedError(f"{type(self).__name__}: forward() is not defined")

    # One argument is by far the usual call: naming it saves the packing and unpacking of a tuple, 0.1 us.
    def __call__(self, first: Any = _NOTHING, /, *rest: Any, **kwargs: Any) -> Any:
        if self._forward_hooks or self._forward_pre_hooks or self._backward_hooks:
            return self._call_with_hooks(() if first is _NOTHING else (first, *rest), kwargs)
        try:
            if rest or kwargs or first is _NOTHING:
                return self.forward(*(() if first is _NOTHING else (first, *rest)), **kwargs)
            return self.forward(first)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            _name_layer(self, error)
            raise

    def _call_with_hooks(self, input: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for hook in list(self._forward_pre_hooks.values()):
            hook(self, input)
        try:
            result = self.forward(*input, **kwargs)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            _name_layer(self, error)
            raise
        for hook in list(self._forward_hooks.values()):
            if hook(self, input, result) is not None:
                raise RuntimeError(f"forward hooks should never return any values, but '{hook}' didn't return None")
        if self._backward_hooks:
            self._hook_node(result)
        return result

    def _hook_node(self, result: Any) -> None:
        """Puts the backward hooks on the operation that made the first tensor of the result."""
        output = result
        while not isinstance(output, _C.Tensor):
            output = next(iter(output.values())) if isinstance(output, dict) else output[0]
        node = output.grad_fn
        if node is None:
            return
        for hook in list(self._backward_hooks.values()):
            # Bound now: the loop's variable changes.
            node.register_hook(lambda grad_input, grad_output, hook=hook: hook(self, grad_input, grad_output))

    def register_forward_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Runs `hook(module, input)` before each forward. Returns a handle with `remove()`.

        >>> layer = nn.ReLU()
        >>> handle = layer.register_forward_pre_hook(lambda module, inputs: print(module, inputs))
        >>> _ = layer(torch.ones(1))
        ReLU() (tensor([1.]),)
        >>> handle.remove()
        """
        return RemovableHandle(self._forward_pre_hooks, hook)

    def register_forward_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Runs `hook(module, input, output)` after each forward; it must return None. Returns a handle with `remove()`.

        >>> layer = nn.ReLU()
        >>> handle = layer.register_forward_hook(lambda module, inputs, output: print(inputs, output))
        >>> _ = layer(torch.tensor([-1.]))
        (tensor([-1.]),) tensor([0.])
        >>> handle.remove()
        """
        return RemovableHandle(self._forward_hooks, hook)

    def register_backward_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Runs `hook(module, grad_input, grad_output)` in backward, at the last operation of forward; it may return a new
        grad_input. Returns a handle with `remove()`.

        >>> layer = nn.Tanh()
        >>> handle = layer.register_backward_hook(lambda module, grad_input, grad_output: print(grad_input, grad_output))
        >>> layer(torch.zeros(1, requires_grad=True)).sum().backward()
        (tensor([1.]),) (tensor([1.]),)
        >>> handle.remove()
        """
        return RemovableHandle(self._backward_hooks, hook)

    # --- attributes --------------------------------------------------------------------------------------------------
    # Nothing here looks at __dict__: once an instance has shown it, the interpreter (3.11, 3.12) looks each of its attributes
    # up the slow way, which costs every call of a layer 0.1 us.

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self._require_init("parameters")
            self._forget(name, keep="_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module) and name not in getattr(self, "_parameters", ()):
            self._require_init("modules")
            self._forget(name, keep="_modules")
            self._modules[name] = value
        else:
            if name in getattr(self, "_parameters", ()):
                self._set_member(self._parameters, name, value, "parameter", "torch.nn.Parameter")
            elif name in getattr(self, "_modules", ()):
                self._set_member(self._modules, name, value, "child module", "torch.nn.Module")
            elif name in getattr(self, "_buffers", ()):
                kind = None if isinstance(value, _C.Tensor) else "torch.Tensor"
                self._set_member(self._buffers, name, value, "buffer", kind)
            else:
                _set(self, name, value)

    def _set_member(self, table: Members, name: str, value: Any, what: str, expected: str | None) -> None:
        if value is not None and expected is not None:
            raise TypeError(f"cannot assign '{type(value).__name__}' as {what} '{name}' ({expected} or None expected)")
        table[name] = value

    def _require_init(self, what: str) -> None:
        if not hasattr(self, "_parameters"):
            raise AttributeError(f"cannot assign {what} before Module.__init__() call")

    def _forget(self, name: str, *, keep: str) -> None:
        """Takes `name` out of the tables other than `keep`, and out of the plain attributes."""
        for table in _TABLES:
            if table != keep:
                getattr(self, table).pop(name, None)
        if name not in getattr(self, keep):
            forget_attribute(self, name)

    def __delattr__(self, name: str) -> None:
        for table in _TABLES:
            members = getattr(self, table, {})
            if name in members:
                del members[name]
                return
        object.__delattr__(self, name)

    if TYPE_CHECKING:  # at run time it would keep the interpreter from specialising every attribute look-up of a module

        def __getattr__(self, name: str) -> Any: ...

    def __dir__(self) -> list[str]:
        return sorted(name for name in super().__dir__() if not name[:1].isdigit())  # not children that are numbered

    # --- registration ------------------------------------------------------------------------------------------------

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds a parameter as the attribute `name`; None reserves the name.

        >>> layer = nn.Module()
        >>> layer.register_parameter("scale", nn.Parameter(torch.ones(1)))
        >>> layer.scale
        Parameter containing:
        tensor([1.], requires_grad=True)
        """
        self._require_init("parameter")
        self._check_name(self._parameters, name, "parameter")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(_wrong_kind(param, f"parameter '{name}' (torch.nn.Parameter or None required)"))
        if param is not None and param.grad_fn is not None:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To "
                f"express '{name}' as a function of another Tensor, compute the value in the forward() method."
            )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: _C.Tensor | None) -> None:
        """Adds a tensor that is part of the state but is not learnt, as the attribute `name`.

        >>> layer = nn.Module()
        >>> layer.register_buffer("mean", torch.zeros(2))
        >>> layer.mean, list(layer.state_dict()), list(layer.parameters())
        (tensor([0., 0.]), ['mean'], [])
        """
        self._require_init("buffer")
        self._check_name(self._buffers, name, "buffer")
        if tensor is not None and not isinstance(tensor, _C.Tensor):
            raise TypeError(_wrong_kind(tensor, f"buffer '{name}' (torch Tensor or None required)"))
        self._buffers[name] = tensor

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a child module as the attribute `name`.

        >>> model = nn.Module()
        >>> model.add_module("first", nn.Linear(2, 1))
        >>> model.first
        Linear(in_features=2, out_features=1, bias=True)
        """
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"{type(module).__name__} is not a Module subclass")
        self._require_init("modules")
        self._check_name(self._modules, name, "module")
        self._modules[name] = module

    def _check_name(self, table: Members, name: str, what: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"{what} name should be a string, not {type(name).__name__}")
        if "." in name:
            raise KeyError(f"{what} name can't contain \".\": '{name}' would lose data in the state_dict")
        if not name:
            raise KeyError(f'{what} name can\'t be empty string ""')
        if name not in table and (hasattr(type(self), name) or hasattr(self, name)):
            raise KeyError(f"attribute '{name}' already exists")

    # --- walking -----------------------------------------------------------------------------------------------------

    def named_modules(self, memo: set[Module] | None = None, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it, each once, with their dotted names.

        >>> [name for name, _ in nn.Sequential(nn.Linear(2, 1), nn.Sequential(nn.ReLU())).named_modules()]
        ['', '0', '1', '1.0']
        """
        seen = set() if memo is None else memo
        if self in seen:
            return
        seen.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(seen, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once.

        >>> len(list(nn.Sequential(nn.Linear(2, 1), nn.Sequential(nn.ReLU())).modules()))
        4
        """
        for _, module in self.named_modules():
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly below, each once, with their names.

        >>> list(nn.Sequential(nn.ReLU(), nn.Tanh()).named_children())
        [('0', ReLU()), ('1', Tanh())]
        """
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def children(self) -> Iterator[Module]:
        """The modules directly below, each once.

        >>> list(nn.Sequential(nn.ReLU(), nn.Tanh()).children())
        [ReLU(), Tanh()]
        """
        for _, module in self.named_children():
            yield module

    def _named_members(self, table: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen = set()
        for module_prefix, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, value in getattr(module, table).items():
                if value is not None and id(value) not in seen:
                    seen.add(id(value))
                    yield (f"{module_prefix}.{name}" if module_prefix else name), value

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """All parameters, each once, with their dotted names.

        >>> [(name, p.size()) for name, p in nn.Linear(2, 1).named_parameters()]
        [('weight', torch.Size([1, 2])), ('bias', torch.Size([1]))]
        """
        return self._named_members("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once: what an optimiser takes.

        >>> sum(p.numel() for p in nn.Linear(2, 3).parameters())
        9
        """
        for _, param in self.named_parameters(recurse=recurse):
            yield param

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, _C.Tensor]]:
        """All buffers, each once, with their dotted names.

        >>> [name for name, _ in nn.BatchNorm1d(2).named_buffers()]
        ['running_mean', 'running_var', 'num_batches_tracked']
        """
        return self._named_members("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[_C.Tensor]:
        """All buffers, each once.

        >>> [buffer.size() for buffer in nn.BatchNorm1d(2).buffers()]
        [torch.Size([2]), torch.Size([2]), torch.Size([])]
        """
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    # --- printing -----------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the parentheses when the module is printed.

        >>> nn.Linear(2, 1).extra_repr()
        'in_features=2, out_features=1, bias=True'
        """
        return ""

    def __repr__(self) -> str:
        children = [f"({name}): " + repr(module).replace("\n", "\n  ") for name, module in self._modules.items()]
        extra = self.extra_repr()
        if not children:
            return f"{type(self).__name__}({extra})"
        lines = [*([extra] if extra else []), *children]
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"
