"""The check that every classic family of THNN passes: an oracle in NumPy for the forward pass, and differences of the forward
pass for updateGradInput and accGradParameters; in double and float, contiguous and strided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from thnn import PROTOTYPES, Tensor, Typed

# Tensors that are absent unless a case gives them; every other one is made, and shared by forward and backward passes by name.
_OPTIONAL = {"bias", "weights", "finput", "fgradInput", "columns", "ones", "gradBias", "state", "generator"}


@dataclass(frozen=True)
class Case:
    """One use of a family. `inputs`: arrays by argument name; `settings`: numbers; `oracle` takes the arrays.

    learnt: arrays whose gradients accGradParameters adds to, by the names of the gradients.
    smooth: False where there is nothing to differentiate.
    """

    family: str
    inputs: dict[str, np.ndarray]
    oracle: Callable[..., np.ndarray]
    settings: dict[str, Any] = field(default_factory=dict)
    learnt: dict[str, str] = field(default_factory=dict)
    smooth: bool = True
    forward: str = "updateOutput"

    def __str__(self) -> str:
        shape = "x".join(str(n) for n in next(iter(self.inputs.values())).shape)
        return f"{self.family}-{shape}-" + "-".join(f"{k}{v}" for k, v in self.settings.items())


def _convert(array: np.ndarray, real: Typed) -> np.ndarray:
    return array.astype(real.dtype) if array.dtype == np.float64 else array


class Run:
    """The tensors of one use of a family."""

    def __init__(self, case: Case, real: Typed, *, strided: bool = False) -> None:
        self._case = case
        self._real = real
        self._given: dict[str, Any] = dict(case.settings)
        for name, array in case.inputs.items():
            self._given[name] = Tensor(_convert(array, real), strided=strided)

    def _make(self, name: str) -> dict[str, Any]:
        for kind, argument in PROTOTYPES[name]:
            if "*" in kind and argument not in self._given and argument not in _OPTIONAL:
                self._given[argument] = Tensor()
        return self._given

    def forward(self) -> np.ndarray:
        name = f"{self._case.family}_{self._case.forward}"
        self._real.call(name, self._make(name))
        result: np.ndarray = self._given["output"].array
        return result

    def grad_input(self, grad_output: np.ndarray) -> np.ndarray:
        name = f"{self._case.family}_updateGradInput"
        self._given["gradOutput"] = Tensor(_convert(grad_output, self._real))
        self._real.call(name, self._make(name))
        result: np.ndarray = self._given["gradInput"].array
        return result

    def grad_parameters(self, grad_output: np.ndarray, scale: float) -> dict[str, np.ndarray]:
        """The gradients, added to ones."""
        name = f"{self._case.family}_accGradParameters"
        self._given["gradOutput"] = Tensor(_convert(grad_output, self._real))
        self._given["scale"] = scale
        for parameter, gradient in self._case.learnt.items():
            self._given[gradient] = Tensor(np.ones_like(_convert(self._case.inputs[parameter], self._real)))
        self._real.call(name, self._make(name))
        return {parameter: self._given[gradient].array for parameter, gradient in self._case.learnt.items()}


def _differences(case: Case, name: str, grad_output: np.ndarray) -> np.ndarray:
    """The derivative of sum(grad_output * output) with respect to one input, by central differences."""
    step, array = 1e-6, case.inputs[name]
    result = np.zeros_like(array)
    for index in np.ndindex(*array.shape):
        sums = []
        for sign in (1, -1):
            moved = array.copy()
            moved[index] += sign * step
            values = Run(Case(case.family, {**case.inputs, name: moved}, case.oracle, case.settings), DOUBLE).forward()
            sums.append(float((values * grad_output).sum()))
        result[index] = (sums[0] - sums[1]) / (2 * step)
    return result


DOUBLE, FLOAT = Typed("Double"), Typed("Float")


def check(case: Case) -> None:
    """All passes of one case."""
    expected = np.asarray(case.oracle(**case.inputs))
    run = Run(case, DOUBLE)
    output = run.forward()
    assert output.shape == expected.shape
    np.testing.assert_allclose(output, expected, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(Run(case, DOUBLE, strided=True).forward(), expected, rtol=1e-9, atol=1e-11)
    single = Run(case, FLOAT)
    np.testing.assert_allclose(single.forward(), expected, rtol=2e-4, atol=2e-5)
    if not case.smooth:
        return
    grad_output = np.cos(np.arange(output.size, dtype=np.float64)).reshape(output.shape)
    if f"{case.family}_updateGradInput" in PROTOTYPES:
        found = run.grad_input(grad_output)
        np.testing.assert_allclose(found, _differences(case, "input", grad_output), rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(single.grad_input(grad_output), found, rtol=1e-3, atol=1e-4)
    if case.learnt:
        gradients = run.grad_parameters(grad_output, 0.5)
        for name, value in gradients.items():
            differences = _differences(case, name, grad_output)
            np.testing.assert_allclose(value, 1 + 0.5 * differences, rtol=1e-5, atol=1e-7)
        for name, value in single.grad_parameters(grad_output, 0.5).items():
            np.testing.assert_allclose(value, gradients[name], rtol=1e-3, atol=1e-4)


def cases(*groups: list[Case]) -> dict[str, Case]:
    """By text, for parametrisation."""
    found: dict[str, Case] = {}
    for group in groups:
        for case in group:
            name = str(case)
            while name in found:
                name += "'"
            found[name] = case
    return found
