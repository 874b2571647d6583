"""Names of parameters, buffers and submodules: the migration guide's rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import torch
from torch import nn

REGISTER: dict[str, Callable[[nn.Module, str], None]] = {
    "parameter": lambda module, name: module.register_parameter(name, nn.Parameter(torch.ones(1))),
    "buffer": lambda module, name: module.register_buffer(name, torch.ones(1)),
    "module": lambda module, name: module.add_module(name, nn.ReLU()),
}


@pytest.mark.parametrize("kind", REGISTER)
@pytest.mark.parametrize(("name", "text"), [("", "be empty string"), ("a.b", "would lose data in the state_dict")])
def test_forbidden(kind: str, name: str, text: str) -> None:
    module = nn.Module()
    with pytest.raises(KeyError, match=text):
        REGISTER[kind](module, name)
    assert list(module.state_dict()) == []


@pytest.mark.parametrize("kind", REGISTER)
def test_taken(kind: str) -> None:
    module = nn.Module()
    with pytest.raises(KeyError, match="attribute 'forward' already exists"):
        REGISTER[kind](module, "forward")


@pytest.mark.parametrize("kind", REGISTER)
def test_not_a_string(kind: str) -> None:
    with pytest.raises(TypeError, match=f"{kind} name should be a string, not int"):
        REGISTER[kind](nn.Module(), 1)  # type: ignore[arg-type]


def test_before_init() -> None:
    class Early(nn.Module):
        def __init__(self) -> None:
            self.weight = nn.Parameter(torch.ones(1))

    with pytest.raises(AttributeError, match=r"cannot assign parameters before Module.__init__\(\) call"):
        Early()
