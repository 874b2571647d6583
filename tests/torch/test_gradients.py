"""Every declared op against finite differences: its gradient, the gradient of that, and the same in place.

The samples stand in the declarations. In them T(2, 3) is a random tensor that requires a gradient, P(2, 3) a positive one,
M(2, 3) a mask, I(4, 2, 3) indices below 4, S(3) a symmetric matrix, and D(3) one near 4 times the identity.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from codegen.model import Op, parse

import torch
from torch.autograd import gradcheck, gradgradcheck

OPS = parse(Path(__file__).resolve().parents[2] / "torch" / "csrc" / "declarations")


def cases(ops: Iterator[Op]) -> list[Any]:
    """One test case for each sample."""
    return [pytest.param(op, sample, id=f"{op.identifier}-{i}") for op in ops for i, sample in enumerate(op.samples)]


def make(shape: tuple[int, ...], low: float, high: float, source: random.Random) -> torch.Tensor:
    """A float64 leaf."""
    count = torch.Size(shape).numel()
    values = torch.tensor([source.uniform(low, high) for _ in range(count)], dtype=torch.float64)
    return values.view(*shape).requires_grad_() if shape else values[0].clone().requires_grad_()


def pattern(shape: tuple[int, ...], value: Callable[[int], int], dtype: torch.dtype) -> torch.Tensor:
    """value(0), value(1), ... in row-major order."""
    return torch.tensor([value(k) for k in range(torch.Size(shape).numel())], dtype=dtype).view(*shape)


def symmetric(x: torch.Tensor) -> torch.Tensor:
    """The sum of a matrix and its transpose."""
    return x + x.t()


class Sample:
    """The arguments of a sample: `inputs` are its T and P, and `call` puts others in their place."""

    def __init__(self, function: Callable[..., Any], text: str) -> None:
        self._function = function
        self._text = text
        self.inputs: list[torch.Tensor] = []
        source = random.Random(text)

        def leaf(low: float, high: float) -> Callable[..., torch.Tensor]:
            def made(*shape: int) -> torch.Tensor:
                self.inputs.append(make(shape, low, high, source))
                return self.inputs[-1]

            return made

        self._evaluate(leaf(-1.5, 1.5), leaf(0.5, 2.0), lambda *args, **kwargs: None)

    def call(self, *inputs: torch.Tensor) -> Any:
        """The op on `inputs`, and the sample's other arguments."""
        following = iter(inputs)
        return self._evaluate(lambda *shape: next(following), lambda *shape: next(following), self._function)

    def _evaluate(self, tensor: Callable[..., Any], positive: Callable[..., Any], function: Callable[..., Any]) -> Any:
        names = {
            "T": tensor,
            "P": positive,
            "M": lambda *shape: pattern(shape, lambda k: int(k % 3 != 1), torch.uint8),
            "S": lambda n: symmetric(tensor(n, n)),
            "D": lambda n: tensor(n, n) + 4 * torch.eye(n, dtype=torch.float64),
            "I": lambda high, *shape: pattern(shape, lambda k: (3 * k + 1) % high, torch.int64),
            "f": function,
        }
        return eval(f"f({self._text})", names)


def function_of(op: Op) -> Callable[..., Any]:
    """The op as Python sees it; one that only works in place works on a copy."""
    if op.has("function"):
        found: Callable[..., Any] = getattr(torch._C.nn if op.namespace == "nn" else torch._C.ops, op.name)
        return found
    if op.mutates:
        return lambda self, *args, **kwargs: getattr(self.clone(), op.name)(*args, **kwargs)
    return lambda self, *args, **kwargs: getattr(self, op.name)(*args, **kwargs)


def in_place(op: Op) -> Callable[..., Any]:
    """The form of the op that overwrites its first argument."""
    if op.namespace == "nn":
        found: Callable[..., Any] = getattr(torch._C.nn, f"{op.name}_")
        return found
    return lambda self, *args, **kwargs: getattr(self, f"{op.name}_")(*args, **kwargs)


def has_second_gradient(op: Op, sample: Sample) -> bool:
    """False where the first one is a constant, so that there is nothing to check."""
    outputs = sample.call(*sample.inputs)
    outputs = [out for out in (outputs if isinstance(outputs, tuple | list) else (outputs,)) if out.requires_grad]
    weights = [torch.ones_like(out).requires_grad_() for out in outputs]
    grads = torch.autograd.grad(outputs, sample.inputs, weights, create_graph=True, allow_unused=True)
    return any(g is not None and g.requires_grad for g in grads)


def check(op: Op, sample: Sample) -> None:
    """First and second gradients of a sample."""
    assert gradcheck(sample.call, sample.inputs)
    if has_second_gradient(op, sample):
        torch.manual_seed(0)
        assert gradgradcheck(sample.call, sample.inputs)


@pytest.mark.parametrize(("op", "text"), cases(op for op in OPS if op.variants))
def test_gradient(op: Op, text: str) -> None:
    check(op, Sample(function_of(op), text))


# Views in place change the tensor's own shape instead of its values.
IN_PLACE = [op for op in OPS if op.has("inplace") and op.gradients and not op.view]


@pytest.mark.parametrize(("op", "text"), cases(op for op in OPS if op.has("inplace") and op.view))
def test_gradient_of_a_view_in_place(op: Op, text: str) -> None:
    function = in_place(op)
    sample = Sample(lambda self, *args, **kwargs: function(self.clone(), *args, **kwargs), text)
    plain = Sample(function_of(op), text)
    assert sample.call(*plain.inputs).tolist() == plain.call(*plain.inputs).tolist()
    check(op, sample)


@pytest.mark.parametrize(("op", "text"), cases(iter(IN_PLACE)))
def test_gradient_in_place(op: Op, text: str) -> None:
    plain = Sample(function_of(op), text)
    function = in_place(op)
    sample = Sample(lambda self, *args, **kwargs: function(self.clone(), *args, **kwargs), text)
    if plain.call(*plain.inputs).shape != plain.inputs[0].shape:
        with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
            sample.call(*plain.inputs)
        return
    expected, found = plain.call(*plain.inputs), sample.call(*plain.inputs)
    assert expected.tolist() == found.tolist()
    check(op, sample)


@pytest.mark.parametrize(("op", "text"), cases(iter(IN_PLACE)))
def test_gradient_in_place_through_a_view(op: Op, text: str) -> None:
    """The same on one slice of a larger tensor, of which the gradient must know."""
    plain = Sample(function_of(op), text)
    function = in_place(op)

    def within(self: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        base = torch.stack([self * 2, self, self * 3], -1)
        view = base.select(-1, 1)
        function(view, *args, **kwargs)
        return base * base + view.unsqueeze(-1)

    if plain.call(*plain.inputs).shape == plain.inputs[0].shape:
        assert gradcheck(Sample(within, text).call, plain.inputs)
        assert gradgradcheck(Sample(within, text).call, plain.inputs)
    else:
        with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
            within(*plain.inputs)


def test_every_sample_is_used() -> None:
    assert len(list(itertools.chain.from_iterable(op.samples for op in OPS))) > 150


@pytest.mark.parametrize("op", [pytest.param(op, id=op.identifier) for op in OPS if op.variants and op.samples])
def test_ops_that_are_floating_only_say_so(op: Op) -> None:
    """And the others take integers, where the sample's numbers are."""
    sample = Sample(function_of(op), op.samples[0])
    if not sample.inputs:
        return
    fractions = "without losing its fraction"
    try:
        sample.call(*(x.detach().abs().long() + 1 for x in sample.inputs))
    except RuntimeError as error:
        assert op.dtypes == "floating" or fractions in str(error), str(error)
    else:
        assert op.dtypes == "all"
