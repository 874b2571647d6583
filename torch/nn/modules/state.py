"""The state of a module: saving, loading, copying, conversion."""

from __future__ import annotations

from collections import OrderedDict

from torch import _C
from torch.nn.modules.members import Members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, TypeVar

    from torch.nn.modules.module import Module
    from torch.nn.parameter import Parameter

    Self = TypeVar("Self", bound="StateMixin")

_TABLES = ("_parameters", "_buffers", "_modules")


class StateMixin:
    """The part of `Module` that deals with its values as a whole."""

    _parameters: Members
    _buffers: Members
    _modules: Members
    _optional_state: tuple[str, ...] = ()
    training: bool

    if TYPE_CHECKING:

        def children(self) -> Iterator[Module]: ...
        def parameters(self, recurse: bool = True) -> Iterator[Parameter]: ...

    def state_dict(
        self, destination: OrderedDict[str, Any] | None = None, prefix: str = "", keep_vars: bool = False
    ) -> OrderedDict[str, Any]:
        """All parameters and buffers by dotted name, sharing their data with the module.

        They are detached unless `keep_vars`.

        >>> list(nn.Sequential(nn.Linear(2, 1), nn.ReLU()).state_dict())
        ['0.weight', '0.bias']
        """
        state: OrderedDict[str, Any] = OrderedDict() if destination is None else destination
        for table in (self._parameters, self._buffers):
            for name, value in table.items():
                if value is not None:
                    state[prefix + name] = value if keep_vars else value.data
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(state, f"{prefix}{name}.", keep_vars)
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> None:
        """Copies the values of `state_dict` into parameters and buffers of the same names and shapes.

        Names that are missing or unexpected are errors if `strict`; a shape that differs always is one. All problems are
        named in one RuntimeError, and then nothing was changed.

        >>> a, b = nn.Linear(2, 1), nn.Linear(2, 1)
        >>> b.load_state_dict(a.state_dict())
        >>> torch.equal(a.weight, b.weight)
        True
        """
        if not hasattr(state_dict, "items"):
            raise TypeError(
                f"load_state_dict(): state_dict is of type {type(state_dict).__name__}, expected a dict of tensors by name; "
                f"torch.load reads one from a file"
            )
        own = self.state_dict(keep_vars=True)
        problems = []
        if strict:
            optional = self._optional_names()
            missing = [name for name in own if name not in state_dict and name not in optional]
            unexpected = [name for name in state_dict if name not in own]
            if unexpected:
                problems.append("Unexpected key(s) in state_dict: " + ", ".join(f'"{name}"' for name in unexpected) + ".")
            if missing:
                problems.append("Missing key(s) in state_dict: " + ", ".join(f'"{name}"' for name in missing) + ".")
        common = [(name, own[name], value) for name, value in state_dict.items() if name in own]
        for name, target, value in common:
            if not isinstance(value, _C.Tensor):
                problems.append(f"While copying {name}: expected a tensor, got {type(value).__name__}.")
            elif value.size() != target.size():
                problems.append(
                    f"size mismatch for {name}: copying a param of {tuple(value.size())} from checkpoint, "
                    f"where the shape is {tuple(target.size())} in current model."
                )
        if problems:
            raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(problems))
        for _, target, value in common:
            target.data.copy_(value.data)

    def _optional_names(self) -> set[str]:
        """The dotted names that a checkpoint may lack: older versions did not save them."""
        names = set(self._optional_state)
        for prefix, module in self._modules.items():
            if module is not None:
                names |= {f"{prefix}.{name}" for name in module._optional_names()}
        return names

    def share_memory(self: Self) -> Self:
        """Moves all parameters and buffers to shared memory: processes that are started or sent this module train the same.

        >>> nn.Linear(2, 3).share_memory().weight.is_shared()
        True
        """
        return self._apply(lambda tensor: tensor.share_memory_())

    def _apply(self: Self, fn: Callable[[_C.Tensor], _C.Tensor]) -> Self:
        """Replaces the data of every parameter and buffer by `fn` of it; parameters stay the same objects."""
        for module in self._modules.values():
            if module is not None:
                module._apply(fn)
        for param in self._parameters.values():
            if param is not None:
                param.data = fn(param.data)
                if param.grad is not None and param.grad.is_sparse:
                    grad: Any = param.grad.detach()
                    param.grad = grad._moved(fn(grad._values()))
                elif param.grad is not None:
                    param.grad.data = fn(param.grad.data)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = fn(buffer)
        return self

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """Moves or converts all parameters and buffers, in place: `to(device)`, `to(dtype)`, `to(tensor)`, `to(device, dtype)`.

        Only floating parameters and buffers change their dtype.

        >>> nn.Linear(2, 1).to(torch.float64).weight.dtype
        torch.float64
        """
        dtypes = [a.dtype if isinstance(a, _C.Tensor) else a for a in (*args, kwargs.get("dtype"))]
        floating = {_C.float16, _C.float32, _C.float64}
        for dtype in dtypes:
            if isinstance(dtype, _C.dtype) and dtype not in floating:
                raise TypeError(f"nn.Module.to only accepts floating point dtypes, but got desired dtype={dtype}")
        rest: list[Any] = [a.device if isinstance(a, _C.Tensor) else a for a in args if not isinstance(a, _C.dtype)]
        device_only = {key: value for key, value in kwargs.items() if key != "dtype"}

        def convert(tensor: _C.Tensor) -> _C.Tensor:
            if tensor.dtype in floating:
                return tensor.to(*args, **kwargs)
            return tensor.to(*rest, **device_only) if rest or device_only else tensor

        return self._apply(convert)

    def type(self: Self, dst_type: Any) -> Self:
        """Casts all parameters and buffers to a type.

        >>> nn.Linear(2, 1).type(torch.float64).weight.dtype
        torch.float64
        """
        return self._apply(lambda tensor: tensor.type(dst_type))

    def float(self: Self) -> Self:
        """Casts floating parameters and buffers to float32.

        >>> nn.Linear(2, 1).double().float().weight.dtype
        torch.float32
        """
        return self._apply(lambda tensor: tensor.float() if tensor.is_floating_point() else tensor)

    def double(self: Self) -> Self:
        """Casts floating parameters and buffers to float64.

        >>> nn.Linear(2, 1).double().weight.dtype
        torch.float64
        """
        return self._apply(lambda tensor: tensor.double() if tensor.is_floating_point() else tensor)

    def half(self: Self) -> Self:
        """Casts floating parameters and buffers to float16.

        >>> nn.Linear(2, 1).half().weight.dtype
        torch.float16
        """
        return self._apply(lambda tensor: tensor.half() if tensor.is_floating_point() else tensor)

    def cpu(self: Self) -> Self:
        """Moves all parameters and buffers to the CPU.

        >>> nn.Linear(2, 1).cpu().weight.device
        device(type='cpu')
        """
        return self._apply(lambda tensor: tensor.cpu())

    def cuda(self: Self, device: Any = None) -> Self:
        """Moves all parameters and buffers to a CUDA device.

        >>> nn.Linear(2, 1).cuda() if torch.cuda.is_available() else "no device"
        'no device'
        """
        return self._apply(lambda tensor: tensor.cuda(device))

    def __getstate__(self) -> dict[str, Any]:
        """For copy and pickle: the tables as plain dicts, each member once."""
        members = {name for table in _TABLES for name in self.__dict__[table]}
        state = {name: value for name, value in self.__dict__.items() if name not in members}
        for table in _TABLES:
            state[table] = dict(self.__dict__[table])
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        module: Module = self  # type: ignore[assignment]
        for name, value in state.items():
            if name not in _TABLES:
                object.__setattr__(self, name, value)
        for table in _TABLES:
            members = Members(module)
            object.__setattr__(self, table, members)
            members.update(state[table])

    # --- changing all ------------------------------------------------------------------------------------------------

    def apply(self: Self, fn: Callable[[Any], object]) -> Self:
        """Calls `fn` with every module below, then with this one.

        >>> _ = nn.Sequential(nn.Linear(2, 1), nn.ReLU()).apply(print)
        Linear(in_features=2, out_features=1, bias=True)
        ReLU()
        Sequential(
          (0): Linear(in_features=2, out_features=1, bias=True)
          (1): ReLU()
        )
        """
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def train(self: Self, mode: bool = True) -> Self:
        """Sets training mode, here and below: it matters to modules such as `Dropout`.

        >>> layer = nn.Dropout()
        >>> layer.training, layer.train(False).training
        (True, False)
        """
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self: Self) -> Self:
        """Sets evaluation mode: `train(False)`.

        >>> nn.Dropout(p=0.9).eval()(torch.ones(2))
        tensor([1., 1.])
        """
        return self.train(False)

    def zero_grad(self) -> None:
        """Sets the gradients of all parameters to zero.

        >>> layer = nn.Linear(1, 1, bias=False)
        >>> layer(torch.ones(1, 1)).sum().backward()
        >>> layer.zero_grad()
        >>> layer.weight.grad
        tensor([[0.]])
        """
        for param in self.parameters():
            if param.grad is not None:
                param.grad.detach_()
                param.grad.zero_()
