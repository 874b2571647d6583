"""Bounds for gradients, between `backward()` and `optimizer.step()`."""

from __future__ import annotations

import math

from torch import _C
from torch.autograd.grad_mode import no_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def _gradients(parameters: Iterable[_C.Tensor] | _C.Tensor) -> list[_C.Tensor]:
    """The gradients that are there; in-place changes of them are not recorded."""
    params = [parameters] if isinstance(parameters, _C.Tensor) else parameters
    return [param.grad.detach() for param in params if param.grad is not None]


def _numbers(scalars: list[_C.Tensor]) -> list[float]:
    """What they hold. Those of one device are asked for together: each answer would wait for the device."""
    kinds = {(scalar.device, scalar.dtype) for scalar in scalars if scalar.is_cuda}
    if len(kinds) != 1 or not all(scalar.is_cuda for scalar in scalars):
        return [scalar.item() for scalar in scalars]
    together: list[float] = _C.ops.stack(scalars).tolist()
    return together


def clip_grad_norm_(parameters: Iterable[_C.Tensor] | _C.Tensor, max_norm: float, norm_type: float = 2) -> float:
    """Scales all gradients by max_norm / norm if their norm exceeds `max_norm`. Returns the norm before.

    parameters: tensors of any shapes, or one. The norm is that of all gradients as one vector: with p = norm_type it is
    (sum |g|^p)^(1/p), or the largest |g| for inf. Pascanu, Mikolov and Bengio, ICML 2013. A norm that is nan changes nothing.

    >>> weight = torch.zeros(2, requires_grad=True)
    >>> (weight * torch.tensor([3.0, 4.0])).sum().backward()
    >>> torch.nn.utils.clip_grad_norm_([weight], max_norm=1)
    5.0
    >>> weight.grad
    tensor([0.6000, 0.8000])
    """
    grads = [grad for grad in _gradients(parameters) if grad.numel()]
    order = float(norm_type)
    norms = _numbers([grad.norm(order) for grad in grads])
    total: float = max(norms, default=0.0) if order == math.inf else sum(norm**order for norm in norms) ** (1.0 / order)
    factor = max_norm / (total + 1e-6)  # so that a norm of 0 divides
    if factor < 1:
        with no_grad():
            for grad in grads:
                grad.mul_(factor)
    return total


def clip_grad_norm(parameters: Iterable[_C.Tensor] | _C.Tensor, max_norm: float, norm_type: float = 2) -> float:
    """Deprecated: use `clip_grad_norm_`.

    >>> import warnings
    >>> p = torch.zeros(2, requires_grad=True)
    >>> (p * torch.tensor([3., 4.])).sum().backward()
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     round(nn.utils.clip_grad_norm(p, 1), 4)
    5.0
    """
    import warnings

    warnings.warn("torch.nn.utils.clip_grad_norm is now deprecated in favor of torch.nn.utils.clip_grad_norm_.", stacklevel=2)
    return clip_grad_norm_(parameters, max_norm, norm_type)


def clip_grad_value_(parameters: Iterable[_C.Tensor] | _C.Tensor, clip_value: float) -> None:
    """Moves each element of the gradients that lies outside [-clip_value, clip_value] to the nearer end.

    >>> p = torch.zeros(3, requires_grad=True)
    >>> (p * torch.tensor([1., -5., 0.1])).sum().backward()
    >>> nn.utils.clip_grad_value_(p, 0.5)
    >>> p.grad
    tensor([ 0.5000, -0.5000,  0.1000])
    """
    bound = float(clip_value)
    with no_grad():
        for grad in _gradients(parameters):
            grad.clamp_(-bound, bound)
