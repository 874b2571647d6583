"""Averaged stochastic gradient descent."""

from __future__ import annotations

from torch import _C
from torch.optim.optimizer import PerParameterOptimizer, refuse_negative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.optim.optimizer import Params


class ASGD(PerParameterOptimizer):
    """p = (1 - lambd * eta) * p - eta * g, and in `state[p]["ax"]` the mean of p since step t0.

    eta = lr / (1 + lambd * lr * t)^alpha after step t, g = grad + weight_decay * p. Up to t0 the mean is p itself. Polyak and
    Juditsky, SIAM J. Control and Optimization 30, 1992; the schedule of eta is that of Bottou's sgd, 2010.

    >>> weight = torch.ones(3, requires_grad=True)
    >>> optimizer = torch.optim.ASGD([weight], lr=0.1, t0=100)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
    ) -> None:
        refuse_negative(("learning rate", lr), ("weight_decay value", weight_decay))
        super().__init__(params, {"lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay})

    def _update(self, param: _C.Tensor, grad: _C.Tensor, group: dict[str, Any]) -> None:
        state = self.state[param]
        if not state:
            state.update(step=0, eta=group["lr"], mu=1, ax=_C.ops.zeros_like(param))
        state["step"] += 1
        if group["weight_decay"] != 0:
            grad = grad.add(param, alpha=group["weight_decay"])
        param.mul_(1 - group["lambd"] * state["eta"])
        param.add_(grad, alpha=-state["eta"])
        mean = state["ax"]
        if state["mu"] == 1:
            mean.copy_(param)
        else:
            mean.add_(param.sub(mean), alpha=state["mu"])
        state["eta"] = group["lr"] / (1 + group["lambd"] * group["lr"] * state["step"]) ** group["alpha"]
        state["mu"] = 1 / max(1, state["step"] - group["t0"])
