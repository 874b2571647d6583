"""The examples in docstrings of the Python part, and of the declared ops."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest
from codegen.model import Op, parse

import torch

NAMES = sorted(
    module.name
    for module in pkgutil.walk_packages(torch.__path__, "torch.")
    if not module.name.rpartition(".")[2].startswith("_C") and module.name != "torch.version"
)


def examples(name: str) -> list[doctest.DocTest]:
    module = importlib.import_module(name)
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    return [test for test in doctest.DocTestFinder(exclude_empty=True).find(module, name, globs=names) if test.examples]


@pytest.mark.parametrize("name", NAMES)
def test_examples(name: str) -> None:
    output: list[str] = []
    for test in examples(name):
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=output.append)
    assert not output, "".join(output)


def test_there_are_examples() -> None:
    assert sum(len(examples(name)) for name in NAMES) >= 4


OPS = parse(Path(__file__).resolve().parents[2] / "torch" / "csrc" / "declarations")


def test_every_public_op_has_an_example() -> None:
    assert [op.identifier for op in OPS if op.variants and not (op.doc and op.example)] == []


@pytest.mark.parametrize("op", [pytest.param(op, id=op.identifier) for op in OPS if op.example])
def test_examples_of_ops(op: Op) -> None:
    output: list[str] = []
    test = doctest.DocTestParser().get_doctest(op.example + "\n", {"torch": torch}, op.identifier, op.file, op.line)
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=output.append)
    assert test.examples and not output, "".join(output)


@pytest.mark.parametrize("op", [pytest.param(op, id=op.identifier) for op in OPS if op.example and op.doc])
def test_help_shows_the_example(op: Op) -> None:
    texts = [getattr(place, op.name, None).__doc__ or "" for place in (torch, torch.Tensor) if hasattr(place, op.name)]
    texts = [text for text in texts if op.doc in text]  # a function written in Python has words of its own
    assert all(op.example.strip() in text and op.facts in text for text in texts)
