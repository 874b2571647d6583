"""Adadelta."""

from __future__ import annotations

from torch import _C
from torch.optim.optimizer import PerParameterOptimizer, refuse_negative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.optim.optimizer import Params


class Adadelta(PerParameterOptimizer):
    """p -= lr * d with d = g * sqrt(s + eps) / sqrt(v + eps): steps in the units of the parameter itself.

    v and s are running means of g^2 and d^2, which forget by rho; g = grad + weight_decay * p. Zeiler, arXiv:1212.5701, 2012.

    >>> weight = torch.ones(3, requires_grad=True)
    >>> optimizer = torch.optim.Adadelta([weight], rho=0.95)
    """

    def __init__(self, params: Params, lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0) -> None:
        refuse_negative(("learning rate", lr))
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        refuse_negative(("epsilon value", eps), ("weight_decay value", weight_decay))
        super().__init__(params, {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay})

    def _update(self, param: _C.Tensor, grad: _C.Tensor, group: dict[str, Any]) -> None:
        state = self.state[param]
        if not state:
            state["step"] = 0
            state["square_avg"] = _C.ops.zeros_like(param)
            state["acc_delta"] = _C.ops.zeros_like(param)
        state["step"] += 1
        if group["weight_decay"] != 0:
            grad = grad.add(param, alpha=group["weight_decay"])
        rho, eps = group["rho"], group["eps"]
        square, changes = state["square_avg"], state["acc_delta"]
        square.mul_(rho).addcmul_(grad, grad, value=1 - rho)
        change = changes.add(eps).sqrt_().div_(square.add(eps).sqrt_()).mul_(grad)
        param.add_(change, alpha=-group["lr"])
        changes.mul_(rho).addcmul_(change, change, value=1 - rho)
