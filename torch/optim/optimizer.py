"""`Optimizer`: groups of parameters with their options, and the state kept for each parameter."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy

from torch import _C
from torch.autograd.grad_mode import enable_grad, no_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Params = Iterable[_C.Tensor] | Iterable[dict[str, Any]]
    Pair = tuple[_C.Tensor, Any]  # a parameter and its gradient


class Required:
    """The default of an option that has none: every group of parameters must give it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<required parameter>"

    def __reduce__(self) -> str:
        return "required"  # a copy is this one object again


required: Any = Required()


def refuse_negative(*options: tuple[str, float]) -> None:
    """ValueError for the first (name, value) whose value is negative or not a number."""
    for name, value in options:
        if value is not required and not value >= 0.0:
            raise ValueError(f"Invalid {name}: {value}")


def check_betas(betas: tuple[float, float]) -> None:
    """ValueError unless each decay lies in [0, 1)."""
    for index, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {index}: {beta}")


class Optimizer:
    """Base class. `params` is an iterable of tensors, or of dicts with "params" and options of that group.

    param_groups: a list of dicts: "params" and the options, which may be changed at any time. state: a dict for each parameter.

    >>> weight = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = torch.optim.SGD([weight], lr=0.5)
    >>> weight.pow(2).sum().backward()
    >>> optimizer.step()
    >>> weight.tolist()
    [0.0, 0.0]
    """

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        if isinstance(params, _C.Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got " + params.type()
            )
        self.defaults = defaults
        self.state: defaultdict[_C.Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds parameters with options of their own; options that are not given are the defaults.

        >>> a, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
        >>> optimizer = torch.optim.SGD([a], lr=0.1)
        >>> optimizer.add_param_group({"params": [b], "lr": 0.01})
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.1, 0.01]
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param group must be a dict, not {type(param_group).__name__}")
        group = dict(param_group)
        params = group["params"]
        if isinstance(params, set):
            raise TypeError("optimizer parameters need to be organized in ordered collections; a set has no order: use a list")
        group["params"] = [params] if isinstance(params, _C.Tensor) else list(params)
        for param in group["params"]:
            if not isinstance(param, _C.Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(param).__name__}")
            if not param.requires_grad:
                raise ValueError("optimizing a parameter that doesn't require gradients")
            if not param.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, default in self.defaults.items():
            if default is required and name not in group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            group.setdefault(name, default)
        known = {id(param) for other in self.param_groups for param in other["params"]}
        if known & {id(param) for param in group["params"]}:
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(group)

    def zero_grad(self) -> None:
        """Sets the gradients of all parameters to zero.

        >>> p = torch.ones(2, requires_grad=True)
        >>> optimizer = torch.optim.SGD([p], lr=0.1)
        >>> p.sum().backward()
        >>> optimizer.zero_grad()
        >>> p.grad
        tensor([0., 0.])
        """
        for group in self.param_groups:
            for param in group["params"]:
                if param.grad is not None:
                    param.grad.detach_()
                    param.grad.zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One change of all parameters. `closure` computes the loss anew and is called first; its value is returned.

        >>> p = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.SGD([p], lr=0.1)
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (p * p).sum()
        ...     loss.backward()
        ...     return loss
        >>> optimizer.step(closure), p
        (tensor(1., grad_fn=<SumBackward>), tensor([0.8000], requires_grad=True))
        """
        raise NotImplementedError(f"{type(self).__name__}: step() is not defined")

    def state_dict(self) -> dict[str, Any]:
        """Options and state, with parameters named by their position: {"state": ..., "param_groups": ...}.

        Tensors in it are the optimiser's own: the next step changes them.

        >>> p = torch.zeros(1, requires_grad=True)
        >>> torch.optim.SGD([p], lr=0.1).state_dict()["param_groups"][0]["lr"]
        0.1
        """
        numbers = {id(p): n for n, p in enumerate(self._params())}
        groups = [{**group, "params": [numbers[id(p)] for p in group["params"]]} for group in self.param_groups]
        # Entries of no parameter, which a subclass may keep, stay under their own keys.
        state = {numbers.get(id(key), key): value for key, value in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what `state_dict` gave. The groups must have the same numbers of parameters, in the same order.

        `state_dict` is copied; state of a floating-point parameter becomes its dtype. Options that it lacks stay as they are.

        >>> p = torch.zeros(1, requires_grad=True)
        >>> a, b = torch.optim.SGD([p], lr=0.1), torch.optim.SGD([p], lr=1.0)
        >>> b.load_state_dict(a.state_dict())
        >>> b.param_groups[0]["lr"]
        0.1
        """
        saved_groups = deepcopy(state_dict["param_groups"])
        if len(saved_groups) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(saved_groups, self.param_groups, strict=True)):
            raise ValueError("loaded state dict contains a parameter group that doesn't match the size of optimizer's group")
        saved_numbers = [number for group in saved_groups for number in group["params"]]
        param_of = dict(zip(saved_numbers, self._params(), strict=True))
        self.state = defaultdict(dict)
        for key, state in deepcopy(state_dict["state"]).items():
            param = param_of.get(key)
            if param is None:
                self.state[key] = state
            else:
                self.state[param] = _matching(state, param)
        for saved, group in zip(saved_groups, self.param_groups, strict=True):
            group.update({name: value for name, value in saved.items() if name != "params"})

    def _params(self) -> list[_C.Tensor]:
        return [param for group in self.param_groups for param in group["params"]]

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def _matching(value: Any, param: _C.Tensor) -> Any:
    """`value` with every tensor in it of the dtype of a floating-point `param`."""
    if isinstance(value, _C.Tensor):
        return value.to(param.dtype) if param.is_floating_point() else value
    if isinstance(value, dict):
        return {name: _matching(item, param) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_matching(item, param) for item in value)
    return value


class PerParameterOptimizer(Optimizer):
    """An optimizer that changes each parameter by its own gradient and state alone: subclasses define `_update`."""

    takes_sparse = False  # gradients of torch.nn.Embedding(sparse=True)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                pairs = []
                for param in group["params"]:
                    grad = param.grad
                    if grad is None:
                        continue
                    if grad.is_sparse and not self.takes_sparse:
                        name = type(self).__name__
                        raise RuntimeError(f"{name} does not support sparse gradients, please consider SparseAdam instead")
                    pairs.append((param, grad.detach()))
                for param, grad in self._update_together(pairs, group):
                    self._update(param, grad, group)
        return loss

    def _update_together(self, pairs: list[Pair], group: dict[str, Any]) -> list[Pair]:
        """Changes in place what can be changed together, with the same numbers as `_update`; returns the other pairs."""
        return pairs

    def _update(self, param: _C.Tensor, grad: _C.Tensor, group: dict[str, Any]) -> None:
        """Changes `param` in place; gradients are off. `grad` has its shape and dtype; `group` holds its options."""
        raise NotImplementedError(f"{type(self).__name__}: _update() is not defined")
