"""Resilient backpropagation."""

from __future__ import annotations

from torch import _C
from torch.optim.optimizer import PerParameterOptimizer, refuse_negative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.optim.optimizer import Params


class Rprop(PerParameterOptimizer):
    """p -= sign(grad) * d, with a size d of its own for each element: at first lr, later d *= eta within step_sizes.

    eta is etas[1] > 1 where the gradient keeps its sign and etas[0] < 1 where it changes; in the latter case that element
    rests for one step. Needs gradients of the whole data. Riedmiller and Braun, ICNN 1993 (iRprop-, Igel and Huesken, 2000).

    >>> weight = torch.ones(3, requires_grad=True)
    >>> optimizer = torch.optim.Rprop([weight], lr=0.1)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
    ) -> None:
        refuse_negative(("learning rate", lr))
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(params, {"lr": lr, "etas": etas, "step_sizes": step_sizes})

    def _update(self, param: _C.Tensor, grad: _C.Tensor, group: dict[str, Any]) -> None:
        state = self.state[param]
        if not state:
            state["step"] = 0
            state["prev"] = _C.ops.zeros_like(param)
            state["step_size"] = _C.ops.full_like(param, group["lr"])
        state["step"] += 1
        smaller, larger = group["etas"]
        agreement = grad.mul(state["prev"])
        turned = agreement < 0
        factor = _C.ops.ones_like(param).masked_fill_(agreement > 0, larger).masked_fill_(turned, smaller)
        size = state["step_size"].mul_(factor).clamp_(*group["step_sizes"])
        used = grad.clone().masked_fill_(turned, 0)
        param.addcmul_(used.sign(), size, value=-1)
        state["prev"].copy_(used)
