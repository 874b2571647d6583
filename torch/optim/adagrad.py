"""Adagrad."""

from __future__ import annotations

from torch import _C
from torch.optim.optimizer import PerParameterOptimizer, refuse_negative

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.optim.optimizer import Params

_EPSILON = 1e-10  # what 0.4 fixed


class Adagrad(PerParameterOptimizer):
    """p -= lr_t * g / (sqrt(s) + 1e-10) with s the sum of all g^2 so far and g = grad + weight_decay * p.

    lr_t = lr / (1 + (t - 1) * lr_decay) at step t = 1, 2, ... The sum begins with `initial_accumulator_value`, which makes the
    first steps shorter. Duchi, Hazan and Singer, JMLR 12, 2011.

    Of a sparse gradient only the stored elements count; it goes without weight_decay.

    >>> weight = torch.ones(3, requires_grad=True)
    >>> optimizer = torch.optim.Adagrad([weight], lr=0.1)
    """

    takes_sparse = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
    ) -> None:
        refuse_negative(("learning rate", lr), ("lr_decay value", lr_decay), ("weight_decay value", weight_decay))
        refuse_negative(("initial_accumulator_value value", initial_accumulator_value))
        options = {"lr": lr, "lr_decay": lr_decay, "weight_decay": weight_decay}
        super().__init__(params, {**options, "initial_accumulator_value": initial_accumulator_value})

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for param in group["params"]:
            self.state[param] = {"step": 0, "sum": _C.ops.full_like(param, group["initial_accumulator_value"])}

    def share_memory(self) -> None:
        """Moves the sums to shared memory, for training by several processes."""
        for param in self._params():
            self.state[param]["sum"].share_memory_()

    def _update(self, param: _C.Tensor, grad: Any, group: dict[str, Any]) -> None:
        state = self.state[param]
        state["step"] += 1
        if group["weight_decay"] != 0:
            if grad.is_sparse:
                raise RuntimeError("[Adagrad] weight_decay: not with sparse gradients, it would change every element")
            grad = grad.add(param, alpha=group["weight_decay"])
        size = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        if grad.is_sparse:
            grad = grad.coalesce()
            state["sum"].add_(grad._with_values(grad._values() ** 2))
            change = grad._values() / grad._of(state["sum"]).sqrt_().add_(_EPSILON)
            param.add_(grad._with_values(change), alpha=-size)
            return
        total = state["sum"].addcmul_(grad, grad)
        param.addcdiv_(grad, total.sqrt().add_(_EPSILON), value=-size)
