"""Adam for sparse gradients."""

from __future__ import annotations

import math

from torch import _C
from torch.optim.optimizer import PerParameterOptimizer, check_betas, refuse_negative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.optim.optimizer import Params


class SparseAdam(PerParameterOptimizer):
    """Adam that changes, and whose means decay at, only those elements that a sparse gradient holds.

    p -= lr * m / (sqrt(v) + eps), m and v the bias-corrected running means of the gradient and its square; betas: their decays.

    >>> table = torch.nn.Embedding(3, 1, sparse=True)
    >>> before = table.weight.detach().clone()
    >>> optimizer = torch.optim.SparseAdam(table.parameters(), lr=0.5)
    >>> table(torch.tensor([1])).sum().backward()
    >>> optimizer.step()
    >>> (before - table.weight.detach()).view(-1)
    tensor([0.0000, 0.5000, 0.0000])
    """

    takes_sparse = True

    def __init__(self, params: Params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8) -> None:
        refuse_negative(("learning rate", lr), ("epsilon value", eps))
        check_betas(betas)
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps})

    def _update(self, param: _C.Tensor, grad: Any, group: dict[str, Any]) -> None:
        if not grad.is_sparse:
            raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
        state = self.state[param]
        if not state:
            state.update(step=0, exp_avg=_C.ops.zeros_like(param), exp_avg_sq=_C.ops.zeros_like(param))
        state["step"] += 1
        grad = grad.coalesce()
        found = []
        for name, values, beta in zip(
            ("exp_avg", "exp_avg_sq"), (grad._values(), grad._values() ** 2), group["betas"], strict=True
        ):
            old = grad._of(state[name])
            step = (values - old) * (1 - beta)
            state[name].add_(grad._with_values(step))
            found.append(old + step)
        mean, square = found
        beta1, beta2 = group["betas"]
        size = group["lr"] * math.sqrt(1 - beta2 ** state["step"]) / (1 - beta1 ** state["step"])
        param.add_(grad._with_values(mean / square.sqrt_().add_(group["eps"])), alpha=-size)
