"""Weights as a direction and a length of their own."""

from __future__ import annotations

from torch import _C
from torch.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from torch.nn.modules.module import Module

    AnyModule = TypeVar("AnyModule", bound=Module)


def _norm(weight: _C.Tensor, dim: int | None) -> _C.Tensor:
    """The 2-norm over all dimensions but `dim`, which stay with size 1; of the whole tensor for None."""
    if dim is None:
        return weight.norm()
    moved = weight.transpose(0, dim).contiguous()
    norms = moved.view(moved.size(0), -1).norm(2, 1)
    return norms.view([weight.size(d) if d == dim % weight.dim() else 1 for d in range(weight.dim())])


class WeightNorm:
    """The forward pre-hook that computes a weight from its `_g` and `_v`."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = dim

    def compute_weight(self, module: Module) -> _C.Tensor:
        """g * v / |v|."""
        length: _C.Tensor = getattr(module, self.name + "_g")
        direction: _C.Tensor = getattr(module, self.name + "_v")
        return direction * (length / _norm(direction, self.dim)).expand_as(direction)

    def __call__(self, module: Module, inputs: object) -> None:
        setattr(module, self.name, self.compute_weight(module))


def _hook_of(module: Module, name: str) -> int | None:
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, WeightNorm) and hook.name == name:
            return key
    return None


def weight_norm(module: AnyModule, name: str = "weight", dim: int | None = 0) -> AnyModule:
    """Replaces the parameter `name` by `name`_g, its length, and `name`_v, its direction: w = g * v / |v|. Returns `module`.

    The norm runs over all dimensions but `dim`, so that by default each output has a length of its own; None: one length
    for all. The weight is computed before each forward. Salimans and Kingma, NIPS 2016.

    >>> net = torch.nn.utils.weight_norm(nn.Linear(20, 40))
    >>> net.weight_g.size(), net.weight_v.size()
    (torch.Size([40, 1]), torch.Size([40, 20]))
    """
    if _hook_of(module, name) is not None:
        raise RuntimeError(f"weight_norm is applied to '{name}' already; remove_weight_norm takes it off")
    hook = WeightNorm(name, dim)
    weight: Any = module._parameters[name]
    del module._parameters[name]
    module.register_parameter(name + "_g", Parameter(_norm(weight.detach(), dim)))
    module.register_parameter(name + "_v", Parameter(weight.detach()))
    setattr(module, name, hook.compute_weight(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: AnyModule, name: str = "weight") -> AnyModule:
    """Makes `name` a parameter again, with the value that it has now. Returns `module`.

    >>> layer = nn.utils.weight_norm(nn.Linear(4, 2))
    >>> nn.utils.remove_weight_norm(layer)
    Linear(in_features=4, out_features=2, bias=True)
    >>> sorted(name for name, _ in layer.named_parameters())
    ['bias', 'weight']
    """
    key = _hook_of(module, name)
    if key is None:
        raise ValueError(f"weight_norm of '{name}' not found in {module}")
    weight = module._forward_pre_hooks.pop(key).compute_weight(module)  # type: ignore[attr-defined]
    for part in (name, name + "_g", name + "_v"):
        delattr(module, part)
    module.register_parameter(name, Parameter(weight.detach()))
    return module
