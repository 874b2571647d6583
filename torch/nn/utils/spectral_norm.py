"""Weights divided by their largest singular value."""

from __future__ import annotations

from torch import _C
from torch.autograd.grad_mode import no_grad
from torch.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from torch.nn.modules.module import Module

    AnyModule = TypeVar("AnyModule", bound=Module)


def _unit(vector: _C.Tensor, eps: float) -> _C.Tensor:
    length: float = max(vector.norm().item(), eps)
    return vector / length


class SpectralNorm:
    """The forward pre-hook that computes a weight from its `_orig` and the estimate `_u` of its left singular vector."""

    def __init__(self, name: str, n_power_iterations: int, eps: float) -> None:
        if n_power_iterations <= 0:
            raise ValueError(f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}")
        self.name = name
        self.n_power_iterations = n_power_iterations
        self.eps = eps

    def compute_weight(self, module: Module) -> tuple[_C.Tensor, _C.Tensor]:
        """W / sigma with sigma = u^T W v, and the new u; u and v are constants to the gradient."""
        weight: _C.Tensor = getattr(module, self.name + "_orig")
        u: _C.Tensor = getattr(module, self.name + "_u")
        matrix = weight.contiguous().view(weight.size(0), -1)
        with no_grad():
            for _ in range(self.n_power_iterations):
                v = _unit(_C.ops.mv(matrix.t(), u), self.eps)
                u = _unit(_C.ops.mv(matrix, v), self.eps)
        sigma = _C.ops.dot(u, _C.ops.mv(matrix, v))
        return weight / sigma, u

    def __call__(self, module: Module, inputs: object) -> None:
        if module.training:
            weight, u = self.compute_weight(module)
            setattr(module, self.name, weight)
            setattr(module, self.name + "_u", u)
        else:
            original: _C.Tensor = getattr(module, self.name + "_orig")
            last: _C.Tensor = getattr(module, self.name)
            setattr(module, self.name, last.detach().requires_grad_(original.requires_grad))


def _hook_of(module: Module, name: str) -> int | None:
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, SpectralNorm) and hook.name == name:
            return key
    return None


def spectral_norm(module: AnyModule, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12) -> AnyModule:
    """Divides the parameter `name` by its largest singular value in each forward. Returns `module`.

    The weight is taken as a matrix, size(0) x rest. Each forward in training mode refines the estimate of the singular vector
    by `n_power_iterations` steps of the power method from where the last one ended; evaluation uses the last weight. The
    parameter is `name`_orig now; `name` and `name`_u are buffers. Miyato et al., ICLR 2018.

    >>> net = torch.nn.utils.spectral_norm(nn.Linear(20, 40))
    >>> net.weight_u.size()
    torch.Size([40])
    """
    if _hook_of(module, name) is not None:
        raise RuntimeError(f"spectral_norm is applied to '{name}' already; remove_spectral_norm takes it off")
    hook = SpectralNorm(name, n_power_iterations, eps)
    weight: Any = module._parameters[name]
    del module._parameters[name]
    with no_grad():
        u = _unit(weight.new_empty(weight.size(0)).normal_(0, 1), eps)
    module.register_parameter(name + "_orig", weight)
    module.register_buffer(name, weight.data)
    module.register_buffer(name + "_u", u)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: AnyModule, name: str = "weight") -> AnyModule:
    """Makes `name` a parameter again, with the normalised value that it had last. Returns `module`.

    >>> layer = nn.utils.spectral_norm(nn.Linear(4, 2))
    >>> nn.utils.remove_spectral_norm(layer)
    Linear(in_features=4, out_features=2, bias=True)
    >>> sorted(name for name, _ in layer.named_parameters())
    ['bias', 'weight']
    """
    key = _hook_of(module, name)
    if key is None:
        raise ValueError(f"spectral_norm of '{name}' not found in {module}")
    del module._forward_pre_hooks[key]
    weight = getattr(module, name).detach()
    for part in (name, name + "_u", name + "_orig"):
        delattr(module, part)
    module.register_parameter(name, Parameter(weight))
    return module
