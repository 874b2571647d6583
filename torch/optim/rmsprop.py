"""RMSprop."""

from __future__ import annotations

from torch import _C
from torch.optim.optimizer import PerParameterOptimizer, refuse_negative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.optim.optimizer import Params


class RMSprop(PerParameterOptimizer):
    """p -= lr * g / (sqrt(v) + eps) with v the running mean of g^2, which forgets by alpha; g = grad + weight_decay * p.

    centered: v less the square of the running mean of g, which is the variance (Graves, arXiv:1308.0850, 2013). momentum: what
    is subtracted is lr * b with b = momentum * b + g / (sqrt(v) + eps). Hinton, lecture 6 of the Coursera course, 2012.

    >>> weight = torch.ones(3, requires_grad=True)
    >>> optimizer = torch.optim.RMSprop([weight], lr=0.01, momentum=0.9)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
    ) -> None:
        refuse_negative(("learning rate", lr), ("epsilon value", eps), ("momentum value", momentum))
        refuse_negative(("weight_decay value", weight_decay), ("alpha value", alpha))
        options = {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps}
        super().__init__(params, {**options, "centered": centered, "weight_decay": weight_decay})

    def _update(self, param: _C.Tensor, grad: _C.Tensor, group: dict[str, Any]) -> None:
        state = self.state[param]
        if not state:
            state["step"] = 0
            state["square_avg"] = _C.ops.zeros_like(param)
            if group["momentum"] > 0:
                state["momentum_buffer"] = _C.ops.zeros_like(param)
            if group["centered"]:
                state["grad_avg"] = _C.ops.zeros_like(param)
        state["step"] += 1
        if group["weight_decay"] != 0:
            grad = grad.add(param, alpha=group["weight_decay"])
        alpha = group["alpha"]
        variance = state["square_avg"].mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
        if group["centered"]:
            mean = state["grad_avg"].mul_(alpha).add_(grad, alpha=1 - alpha)
            variance = variance.addcmul(mean, mean, value=-1)
        scale = variance.sqrt().add_(group["eps"])
        if group["momentum"] > 0:
            velocity = state["momentum_buffer"].mul_(group["momentum"]).addcdiv_(grad, scale)
            param.add_(velocity, alpha=-group["lr"])
        else:
            param.addcdiv_(grad, scale, value=-group["lr"])
