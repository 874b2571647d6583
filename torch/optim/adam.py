"""Adam."""

from __future__ import annotations

import math

from torch import _C
from torch.optim.optimizer import PerParameterOptimizer, check_betas, refuse_negative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.optim.optimizer import Pair, Params


class Adam(PerParameterOptimizer):
    """p -= lr * m / (sqrt(v) + eps), m and v the bias-corrected running means of the gradient and its square.

    betas: their decays. amsgrad: the largest v so far instead of v. Kingma and Ba, ICLR 2015; Reddi et al., ICLR 2018.

    >>> p = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adam([p], lr=0.1)
    >>> (3 * p).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
    ) -> None:
        refuse_negative(("learning rate", lr), ("epsilon value", eps))
        check_betas(betas)
        options = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad}
        super().__init__(params, options)

    def _update_together(self, pairs: list[Pair], group: dict[str, Any]) -> list[Pair]:
        names = ["exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else [])]
        others: list[Pair] = []
        steps: dict[int, list[list[_C.Tensor]]] = {}
        for param, grad in pairs:
            state = self.state[param]
            if not state or not (param.is_cuda and param.is_floating_point()):
                others.append((param, grad))
                continue
            state["step"] += 1
            lists = steps.setdefault(state["step"], [[] for _ in range(2 + len(names))])
            for tensors, tensor in zip(lists, (param, grad, *[state[name] for name in names]), strict=True):
                tensors.append(tensor)
        beta1, beta2 = group["betas"]
        for step, lists in steps.items():
            _C.cuda.adam_step(lists, self._size(group, step), beta1, beta2, group["eps"], group["weight_decay"])
        return others

    @staticmethod
    def _size(group: dict[str, Any], step: int) -> float:
        beta1, beta2 = group["betas"]
        return float(group["lr"] * math.sqrt(1 - beta2**step) / (1 - beta1**step))

    def _update(self, param: _C.Tensor, grad: _C.Tensor, group: dict[str, Any]) -> None:
        state = self.state[param]
        if not state:
            state["step"] = 0
            state["exp_avg"] = _C.ops.zeros_like(param)
            state["exp_avg_sq"] = _C.ops.zeros_like(param)
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = _C.ops.zeros_like(param)
        state["step"] += 1
        if group["weight_decay"] != 0:
            grad = grad.add(param, alpha=group["weight_decay"])
        beta1, beta2 = group["betas"]
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        mean.mul_(beta1).add_(grad, alpha=1 - beta1)
        square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
        if group["amsgrad"]:
            square = state["max_exp_avg_sq"].copy_(_C.ops.max(state["max_exp_avg_sq"], square))
        param.addcdiv_(mean, square.sqrt().add_(group["eps"]), value=-self._size(group, state["step"]))
