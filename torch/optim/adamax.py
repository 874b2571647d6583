"""Adamax."""

from __future__ import annotations

from torch import _C
from torch.optim.optimizer import PerParameterOptimizer, check_betas, refuse_negative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.optim.optimizer import Params


class Adamax(PerParameterOptimizer):
    """p -= lr / (1 - beta1^t) * m / u: Adam with the infinity norm.

    m is the running mean of g = grad + weight_decay * p and u = max(beta2 * u, abs(g) + eps). Kingma and Ba, ICLR 2015,
    section 7.1.

    >>> weight = torch.ones(3, requires_grad=True)
    >>> optimizer = torch.optim.Adamax([weight], lr=0.002)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        refuse_negative(("learning rate", lr), ("epsilon value", eps))
        check_betas(betas)
        refuse_negative(("weight_decay value", weight_decay))
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def _update(self, param: _C.Tensor, grad: _C.Tensor, group: dict[str, Any]) -> None:
        state = self.state[param]
        if not state:
            state["step"] = 0
            state["exp_avg"] = _C.ops.zeros_like(param)
            state["exp_inf"] = _C.ops.zeros_like(param)
        state["step"] += 1
        if group["weight_decay"] != 0:
            grad = grad.add(param, alpha=group["weight_decay"])
        beta1, beta2 = group["betas"]
        mean, largest = state["exp_avg"], state["exp_inf"]
        mean.mul_(beta1).add_(grad, alpha=1 - beta1)
        largest.copy_(_C.ops.max(largest.mul_(beta2), grad.abs().add_(group["eps"])))
        param.addcdiv_(mean, largest, value=-group["lr"] / (1 - beta1 ** state["step"]))
