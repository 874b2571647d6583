"""Stochastic gradient descent."""

from __future__ import annotations

from torch import _C
from torch.optim.optimizer import PerParameterOptimizer, refuse_negative, required

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.optim.optimizer import Pair, Params


class SGD(PerParameterOptimizer):
    """p -= lr * v with v = momentum * v + (1 - dampening) * g and g = grad + weight_decay * p.

    The first v is g itself. nesterov: p -= lr * (g + momentum * v). Sutskever et al., ICML 2013.
    Sparse gradients go without weight_decay and nesterov.

    >>> p = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.SGD([p], lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     p.sum().backward()
    ...     optimizer.step()
    >>> p
    tensor([0.7100], requires_grad=True)
    """

    takes_sparse = True

    def __init__(
        self,
        params: Params,
        lr: float = required,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ) -> None:
        refuse_negative(("learning rate", lr), ("momentum value", momentum), ("weight_decay value", weight_decay))
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        options = {"lr": lr, "momentum": momentum, "dampening": dampening}
        super().__init__(params, {**options, "weight_decay": weight_decay, "nesterov": nesterov})

    def _update_together(self, pairs: list[Pair], group: dict[str, Any]) -> list[Pair]:
        momentum = group["momentum"]
        lists: list[list[_C.Tensor]] = [[], [], []] if momentum != 0 else [[], []]
        others = []
        for param, grad in pairs:
            velocity = self.state[param].get("momentum_buffer") if momentum != 0 else grad
            if velocity is None or grad.is_sparse or not (param.is_cuda and param.is_floating_point()):
                others.append((param, grad))
                continue
            for tensors, tensor in zip(lists, (param, grad, velocity), strict=False):
                tensors.append(tensor)
        if lists[0]:
            decay, dampening = group["weight_decay"], group["dampening"]
            _C.cuda.sgd_step(lists, group["lr"], momentum, dampening, decay, group["nesterov"])
        return others

    def _update(self, param: _C.Tensor, grad: Any, group: dict[str, Any]) -> None:
        momentum = group["momentum"]
        if grad.is_sparse and (group["weight_decay"] != 0 or group["nesterov"]):
            raise RuntimeError("[SGD] weight_decay, nesterov: not with sparse gradients, they would change every element")
        change = grad
        if group["weight_decay"] != 0:
            change = change.add(param, alpha=group["weight_decay"])
        if momentum != 0:
            state = self.state[param]
            velocity = state.get("momentum_buffer")
            if velocity is None:
                velocity = state["momentum_buffer"] = change.to_dense() if grad.is_sparse else change.clone()
            else:
                velocity.mul_(momentum).add_(change, alpha=1 - group["dampening"])
            change = change.add(velocity, alpha=momentum) if group["nesterov"] else velocity
        param.add_(change, alpha=-group["lr"])
