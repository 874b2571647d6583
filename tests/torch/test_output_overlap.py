"""Every declared op whose output lies over one of its inputs: the result is right, or it is refused and nothing is written.

The output, of out= or in place, is shifted against the input by one element in either direction, or is its transpose.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from codegen.model import Op
from test_gradients import OPS, Sample, function_of, in_place

import torch

REFUSED = re.compile(
    r"^\[\w+\] .*(share memory|shares memory|memory of its own|cannot be written|is an input|broadcast shape|one tensor)"
)
LAYOUTS = ("behind", "before", "transposed")


def is_list(argument: Any) -> bool:
    return isinstance(argument, list | tuple) and any(isinstance(one, torch.Tensor) for one in argument)


class Given(Sample):
    """The arguments of a sample as tensors without a history, in the order in which they are met."""

    def __init__(self, op: Op, text: str) -> None:
        super().__init__(function_of(op), text)
        self.arguments: list[Any] = []  # those of lists one by one
        self.lists: list[int] = []
        self.keywords: dict[str, Any] = {}
        self._function = self._note
        with torch.no_grad():
            self.call(*self.inputs)

    def _note(self, *arguments: Any, **keywords: Any) -> None:
        self.lists = [len(one) if is_list(one) else 0 for one in arguments]
        flat = itertools.chain.from_iterable(one if is_list(one) else [one] for one in arguments)
        self.arguments = [one.detach() if isinstance(one, torch.Tensor) else one for one in flat]
        self.keywords = keywords

    def nested(self, arguments: list[Any]) -> list[Any]:
        """The arguments as the op takes them: those of a list are one."""
        following = iter(arguments)
        return [[next(following) for _ in range(n)] if n else next(following) for n in self.lists]

    def tensors(self) -> Iterator[int]:
        """Places of those that are tensors."""
        for place, argument in enumerate(self.arguments):
            if isinstance(argument, torch.Tensor) and argument.numel() > 1:
                yield place


def over(x: torch.Tensor, size: torch.Size, layout: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None:
    """A copy of x, a tensor of this size that overlaps it, and the memory of both; None if there is none."""
    wanted = torch.Size(size).numel()
    memory = torch.zeros(max(x.numel(), wanted) + 1, dtype=x.dtype)
    first = 1 if layout == "before" else 0
    copy = memory[first : first + x.numel()].view(x.shape)
    copy.copy_(x)
    if layout == "transposed":
        if len(size) < 2:
            return None
        return copy, memory[:wanted].view(*reversed(size)).permute(*reversed(range(len(size)))), memory
    return copy, memory[1 - first : 1 - first + wanted].view(size), memory


def same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(a.numpy(), b.numpy(), equal_nan=a.is_floating_point()))


def check(
    call: Callable[[], Any], memory: torch.Tensor, output: torch.Tensor, expected: torch.Tensor, inputs: list[Any]
) -> bool:
    """Makes a call that writes `output`, of `memory`; whether it was made. inputs: pairs of other tensors and their copies."""
    before = memory.clone()
    torch.manual_seed(1)
    try:
        call()
    except RuntimeError as error:
        assert REFUSED.search(str(error)), str(error)
        assert same(memory, before), f"refused, but written: {error}"
        return False
    np.testing.assert_allclose(output.numpy(), expected.numpy(), rtol=1e-12, atol=1e-12)
    for one, copy in inputs:
        assert same(one, copy)
    outside = torch.ones(memory.shape, dtype=torch.uint8)
    outside.as_strided(output.shape, output.stride(), output.storage_offset()).fill_(0)
    assert same(memory[outside], before[outside]), "written beside the output"
    return True


def copied(arguments: list[Any]) -> list[Any]:
    return [one.clone() if isinstance(one, torch.Tensor) else one for one in arguments]


def cases(wanted: str) -> list[Any]:
    chosen = [op for op in OPS if op.has(wanted) and not op.view and op.samples]
    return [pytest.param(op, text, id=f"{op.identifier}-{i}") for op in chosen for i, text in enumerate(op.samples)]


@pytest.mark.parametrize(("op", "text"), cases("out"))
def test_out_over_an_input(op: Op, text: str) -> None:
    outs_over_inputs(op, text)


def outs_over_inputs(op: Op, text: str) -> int:
    """How many calls were made, and not refused."""
    made_calls = 0
    given = Given(op, text)
    function = function_of(op)
    torch.manual_seed(1)
    results = function(*given.nested(copied(given.arguments)), **given.keywords)
    several = isinstance(results, tuple | list)
    expected = list(results) if several else [results]
    for number, result in enumerate(expected):
        for place in given.tensors():
            if given.arguments[place].dtype != result.dtype:
                continue
            for layout in LAYOUTS:
                if (made := over(given.arguments[place], result.shape, layout)) is None:
                    continue
                copy, output, memory = made
                arguments = copied(given.arguments)
                arguments[place] = copy
                outputs = [torch.empty(0, dtype=one.dtype) for one in expected]
                outputs[number] = output
                out = tuple(outputs) if several else outputs[0]
                others = [(one, one.clone()) for k, one in enumerate(arguments) if isinstance(one, torch.Tensor) and k != place]
                call = partial(function, *given.nested(arguments), **given.keywords, out=out)
                made_calls += check(call, memory, output, result, others)
    return made_calls


def writes_itself(op: Op) -> Callable[..., Any]:
    """The form of an op that overwrites its first argument."""
    if op.mutates:
        return lambda self, *arguments, **keywords: getattr(self, op.name)(*arguments, **keywords)
    return in_place(op)


MUTATING = [pytest.param(op, text, id=f"{op.identifier}-{i}") for op in OPS if op.mutates for i, text in enumerate(op.samples)]


@pytest.mark.parametrize(("op", "text"), cases("inplace") + MUTATING)
def test_in_place_over_an_input(op: Op, text: str) -> None:
    given = Given(op, text)
    target = given.arguments[0]
    arguments = copied(given.arguments)
    torch.manual_seed(1)
    try:
        writes_itself(op)(*arguments, **given.keywords)
    except RuntimeError:
        return  # the sample's result has another shape than its first argument: there is nothing in place
    expected = arguments[0]
    for place in given.tensors():
        if place == 0 or given.arguments[place].dtype != target.dtype:
            continue
        for layout in LAYOUTS:
            if (made := over(given.arguments[place], target.shape, layout)) is None:
                continue
            copy, output, memory = made
            begun = output.clone()
            arguments = copied(given.arguments)
            # What self begins with is what it shares with the other: that, then, is the expected result's beginning.
            arguments[0], arguments[place] = begun, copy.clone()
            torch.manual_seed(1)
            writes_itself(op)(*arguments, **given.keywords)
            expected = arguments[0]
            arguments = copied(given.arguments)
            arguments[0], arguments[place] = output, copy
            others = [
                (one, one.clone()) for k, one in enumerate(arguments) if isinstance(one, torch.Tensor) and k not in (0, place)
            ]
            check(partial(writes_itself(op), *arguments, **given.keywords), memory, output, expected, others)


@pytest.mark.parametrize("n", [5, 300_000])
@pytest.mark.parametrize(
    "write",
    [
        lambda a, b, out: torch.add(a, b, out=out),
        lambda a, b, out: out.copy_(a),
        lambda a, b, out: torch.exp(b, out=out),
        lambda a, b, out: out.mul_(a),
        lambda a, b, out: torch.lt(a, b, out=out),
        lambda a, b, out: torch.addcmul(a, a, b, value=2, out=out),
    ],
    ids=["add", "copy_", "exp", "mul_", "lt", "addcmul"],
)
def test_neighbours_are_right(write: Callable[..., Any], n: int) -> None:
    """What is done element by element is never refused: by one thread and by several."""
    for mine, other, target in itertools.product((slice(None, -2), slice(1, -1), slice(2, None)), repeat=3):
        memory = torch.arange(float(n + 2)) / n
        expected = memory[target].clone()
        write(memory[mine].clone(), memory[other].clone(), expected)
        write(memory[mine], memory[other], memory[target])
        assert same(memory[target], expected)


def test_most_calls_are_made() -> None:
    """Neither test above passes because everything is refused."""
    made = sum(outs_over_inputs(op, text) for op in OPS if op.has("out") and not op.view for text in op.samples)
    assert made > 200
