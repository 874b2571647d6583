"""Limited-memory BFGS."""

from __future__ import annotations

from torch import _C
from torch.autograd.grad_mode import enable_grad, no_grad
from torch.optim.optimizer import Optimizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from torch.optim.optimizer import Params

_CURVATURE = 1e-10  # pairs with y * s below it would make the estimate indefinite


class LBFGS(Optimizer):
    """Newton's method with an estimate of the inverse Hessian from the last `history_size` changes of the gradient.

    One `step(closure)` makes up to `max_iter` iterations p += t * d with t = lr (in the very first lr * min(1, 1 / |g|_1)), and
    calls the closure, which must clear gradients, compute the loss, call backward and return the loss, at most `max_eval`
    times (default: 1.25 * max_iter). It ends early when the sum of the absolute gradient is at most `tolerance_grad`, or step
    or loss change by at most `tolerance_change`. All parameters form one group. The history takes
    2 * history_size * (number of elements). Nocedal and Wright, Numerical Optimization, 2nd edition, algorithm 7.4.

    >>> x = torch.zeros(2, requires_grad=True)
    >>> optimizer = torch.optim.LBFGS([x])
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (x - torch.tensor([1., 2.])).pow(2).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure).item()  # the loss before the step
    5.0
    >>> closure().item() < 1e-6
    True
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-5,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        options: dict[str, Any] = {"lr": lr, "max_iter": max_iter}
        options["max_eval"] = max_iter * 5 // 4 if max_eval is None else max_eval
        options |= {"tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size}
        super().__init__(params, {**options, "line_search_fn": line_search_fn})
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        if line_search_fn is not None:
            raise RuntimeError("line search function is not supported yet")

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        if self.param_groups:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")
        super().add_param_group(param_group)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Up to `max_iter` iterations. Returns the loss before them."""
        if closure is None:
            raise TypeError("LBFGS.step() needs a closure: it evaluates the loss several times")
        group = self.param_groups[0]
        state = self.state[group["params"][0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first_loss = self._evaluate(closure, state)
        loss = float(first_loss)
        with no_grad():
            grad = self._gather_gradient()
            if grad.abs().sum() <= group["tolerance_grad"]:
                return first_loss
            evaluations = 1
            for iteration in range(1, group["max_iter"] + 1):
                length, slope, previous = self._advance(grad, loss, group, state)
                if iteration == group["max_iter"]:
                    break  # nobody would look at another evaluation
                loss = float(self._evaluate(closure, state))
                grad = self._gather_gradient()
                evaluations += 1
                if evaluations >= group["max_eval"] or _has_converged(grad, slope, length, loss - previous, group):
                    break
        return first_loss

    def _evaluate(self, closure: Callable[[], Any], state: dict[str, Any]) -> Any:
        state["func_evals"] += 1
        with enable_grad():
            return closure()

    def _advance(
        self, grad: _C.Tensor, loss: float, group: dict[str, Any], state: dict[str, Any]
    ) -> tuple[float, float, float]:
        """Moves the parameters. Returns the 1-norm of the move, the slope along it, and the loss before."""
        state["n_iter"] += 1
        if state["n_iter"] == 1:
            state.update(d=grad.neg(), old_dirs=[], old_stps=[], H_diag=1.0)
            state["t"] = min(1.0, 1.0 / grad.abs().sum().item()) * group["lr"]
        else:
            _remember(grad, group["history_size"], state)
            state["d"] = _newton_direction(grad, state)
            state["t"] = group["lr"]
        state["prev_flat_grad"] = grad
        state["prev_loss"] = loss
        direction = state["d"]
        self._move(direction, state["t"])
        return direction.norm(1).item() * abs(state["t"]), grad.dot(direction).item(), loss

    def _gather_gradient(self) -> _C.Tensor:
        """All gradients as one vector; zeros where a parameter has none."""
        parts: list[Any] = [_C.ops.zeros_like(p) if p.grad is None else p.grad.detach() for p in self._params()]
        dense = [part.to_dense() if part.is_sparse else part for part in parts]
        return _C.ops.cat([part.contiguous().view(-1) for part in dense], 0)

    def _move(self, direction: _C.Tensor, length: float) -> None:
        offset = 0
        for param in self._params():
            count = param.numel()
            param.add_(direction[offset : offset + count].view(param.size()), alpha=length)
            offset += count


def _remember(grad: _C.Tensor, history_size: int, state: dict[str, Any]) -> None:
    """Adds the last change of the gradient (y, in old_dirs) and of the parameters (s, in old_stps) to the history."""
    y = grad.sub(state["prev_flat_grad"])
    s = state["d"].mul(state["t"])
    curvature = y.dot(s).item()
    if curvature > _CURVATURE:
        if len(state["old_dirs"]) == history_size:
            state["old_dirs"].pop(0)
            state["old_stps"].pop(0)
        state["old_dirs"].append(y)
        state["old_stps"].append(s)
        state["H_diag"] = curvature / y.dot(y).item()


def _newton_direction(grad: _C.Tensor, state: dict[str, Any]) -> _C.Tensor:
    """The two-loop recursion: -H * grad with H the estimate of the inverse Hessian."""
    pairs = [(y, s, 1.0 / y.dot(s).item()) for y, s in zip(state["old_dirs"], state["old_stps"], strict=True)]
    direction = grad.neg()
    weights = []
    for y, s, scale in reversed(pairs):
        weights.append(s.dot(direction).item() * scale)
        direction.add_(y, alpha=-weights[-1])
    direction.mul_(state["H_diag"])
    for (y, s, scale), weight in zip(pairs, reversed(weights), strict=True):
        direction.add_(s, alpha=weight - y.dot(direction).item() * scale)
    return direction


def _has_converged(grad: _C.Tensor, slope: float, length: float, change: float, group: dict[str, Any]) -> bool:
    tolerance: float = group["tolerance_change"]
    if grad.abs().sum().item() <= group["tolerance_grad"] or slope > -tolerance:
        return True
    return length <= tolerance or abs(change) < tolerance
