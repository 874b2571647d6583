"""The examples in docstrings of the Python part."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

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
