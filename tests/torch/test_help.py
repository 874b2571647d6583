"""help() of every public name: words, and an example whose shown output is what it gives."""

from __future__ import annotations

import doctest
import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from test_completeness import EXCEPTED, documented, exists

import torch

# Whose public names count, beside the documented ones.
MODULES = (
    *("torch", "torch.autograd", "torch.autograd.profiler", "torch.backends.cudnn", "torch.cuda", "torch.cuda.comm"),
    *("torch.cuda.nccl", "torch.cuda.nvtx", "torch.cuda.sparse"),
    *("torch.nn", "torch.nn.functional", "torch.nn.init", "torch.nn.parallel"),
    *("torch.nn.utils", "torch.nn.utils.rnn", "torch.optim", "torch.random", "torch.serialization", "torch.sparse"),
    *("torch.utils.checkpoint", "torch.utils.cpp_extension", "torch.utils.data", "torch.utils.dlpack"),
    "torch.distributed",
)
CLASSES = (
    *("torch.Tensor", "torch.Generator", "torch.Size", "torch.device", "torch.dtype", "torch.FloatStorage"),
    *("torch.sparse.FloatTensor", "torch.nn.Module", "torch.autograd.Function", "torch.optim.Optimizer"),
    "torch.autograd.profiler.profile",
)

# The names of before 0.4, which warn and say what to call instead.
RENAMED = {f"torch.nn.init.{name}" for name in dir(torch.nn.init) if f"{name}_" in dir(torch.nn.init)}


def found(name: str) -> Any:
    """What the dotted name leads to: an attribute, or a module."""
    place: Any = torch
    path = "torch"
    for part in name.split(".")[1:]:
        path += "." + part
        place = getattr(place, part) if hasattr(place, part) else importlib.import_module(path)
    return place


def inherited(kind: type, name: str) -> bool:
    """Whether the class has the name from Python itself: tuple.index."""
    owner = next(base for base in kind.__mro__ if name in vars(base))
    return owner.__module__ == "builtins"


def public() -> Iterator[str]:
    """The documented names that exist, and the public ones of modules and classes."""
    for names in documented().values():
        yield from (name for name in names if name not in EXCEPTED and exists(name))
    for path in MODULES:
        module = importlib.import_module(path)
        names = getattr(module, "__all__", None) or [name for name in dir(module) if not name.startswith("_")]
        for name in names:
            thing = getattr(module, name)
            if callable(thing) and f"{path}.{name}" not in RENAMED and (thing.__module__ or "torch").startswith("torch"):
                yield f"{path}.{name}"
    for path in CLASSES:
        kind = found(path)
        yield path
        for name in dir(kind):
            if not name.startswith("_") and not inherited(kind, name) and (doc_of(kind, name) or callable(getattr(kind, name))):
                yield f"{path}.{name}"


def doc_of(kind: type, name: str) -> str | None:
    """The words on an attribute itself, not those on its value."""
    attribute = inspect.getattr_static(kind, name)
    return attribute.__doc__ if not isinstance(attribute, bool) else None


def words(name: str) -> str:
    """What help() shows."""
    owner, _, last = name.rpartition(".")
    kind = found(owner)
    thing = inspect.getattr_static(kind, last) if isinstance(kind, type) and last in dir(kind) else found(name)
    return inspect.getdoc(thing) or ""


NAMES = sorted(set(public()))


def test_names_are_many() -> None:
    assert len(NAMES) > 900
    assert {"torch.add", "torch.Tensor.add_", "torch.nn.Module.train", "torch.sparse.FloatTensor.mm"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_help_has_an_example(name: str) -> None:
    assert ">>>" in words(name), f"help({name}) shows no example"


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for text, name in {words(name): name for name in NAMES}.items()])
def test_examples_give_what_they_show(text: str) -> None:
    output: list[str] = []
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}
    test = doctest.DocTestParser().get_doctest(text + "\n", names, "help", None, None)
    if torch.cuda.is_available() and any("no device" in example.want for example in test.examples):
        pytest.skip("shows what a machine without a CUDA device says")
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=output.append)
    assert not output, "".join(output)
