"""Recurrent networks against plain NumPy steps: directions, layers, packed sequences, cells; gradients to the second order."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import torch
from torch import nn
from torch.autograd import gradcheck, gradgradcheck
from torch.nn.modules import recurrence
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def step(mode: str, x: np.ndarray, state: list[np.ndarray], w: list[np.ndarray]) -> list[np.ndarray]:
    bias = w[2:] or [np.zeros(1), np.zeros(1)]
    gi, gh = x @ w[0].T + bias[0], state[0] @ w[1].T + bias[1]
    if mode in ("tanh", "relu"):
        return [np.tanh(gi + gh) if mode == "tanh" else np.maximum(gi + gh, 0)]
    if mode == "LSTM":
        i, f, g, o = np.split(gi + gh, 4, -1)
        cell = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
        return [sigmoid(o) * np.tanh(cell), cell]
    (ir, iz, inew), (hr, hz, hnew) = np.split(gi, 3, -1), np.split(gh, 3, -1)
    r, z = sigmoid(ir + hr), sigmoid(iz + hz)
    new = np.tanh(inew + r * hnew)
    return [new + z * (state[0] - new)]


def network(layer: Any, mode: str, x: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """One sequence, T x input; states: each layers * directions x hidden."""
    weights = [[p.data.numpy() for p in group] for group in layer.all_weights]
    directions = 2 if layer.bidirectional else 1
    finals: list[list[np.ndarray]] = []
    for index in range(0, len(weights), directions):
        outputs = []
        for d in range(directions):
            state = [s[index + d] for s in states]
            steps = range(len(x) - 1, -1, -1) if d else range(len(x))
            rows = {}
            for t in steps:
                state = step(mode, x[t], state, weights[index + d])
                rows[t] = state[0]
            outputs.append(np.stack([rows[t] for t in range(len(x))]))
            finals.append(state)
        x = np.concatenate(outputs, -1)
    return x, [np.stack(parts) for parts in zip(*finals, strict=True)]


KINDS = {"tanh": (nn.RNN, {}), "relu": (nn.RNN, {"nonlinearity": "relu"}), "LSTM": (nn.LSTM, {}), "GRU": (nn.GRU, {})}
FORMS = [{}, {"num_layers": 2}, {"bidirectional": True}, {"num_layers": 2, "bidirectional": True, "bias": False}]
LENGTHS = [5, 5, 3, 1]


def make(mode: str, **form: Any) -> tuple[Any, list[torch.Tensor]]:
    torch.manual_seed(0)
    kind, settings = KINDS[mode]
    layer = kind(3, 2, **settings, **form).double()
    count = layer.num_layers * (2 if layer.bidirectional else 1)
    return layer, [torch.randn(count, 4, 2, dtype=torch.float64) for _ in range(2 if mode == "LSTM" else 1)]


def run(layer: Any, x: Any, states: list[torch.Tensor]) -> tuple[Any, list[torch.Tensor]]:
    output, final = layer(x, tuple(states) if len(states) > 1 else states[0])
    return output, list(final) if isinstance(final, tuple) else [final]


@pytest.mark.parametrize("form", FORMS, ids=lambda f: "-".join(f) or "plain")
@pytest.mark.parametrize("mode", KINDS)
def test_sequences(mode: str, form: dict[str, Any]) -> None:
    layer, states = make(mode, **form)
    x = torch.randn(5, 4, 3, dtype=torch.float64)
    output, final = run(layer, x, states)
    packed, packed_final = run(layer, pack_padded_sequence(x, LENGTHS), states)
    padded, lengths = pad_packed_sequence(packed)
    assert lengths.tolist() == LENGTHS
    for n, length in enumerate(LENGTHS):
        own = [s[:, n].numpy() for s in states]
        expected, expected_final = network(layer, mode, x[:, n].numpy(), own)
        np.testing.assert_allclose(output[:, n].detach().numpy(), expected, rtol=1e-9, atol=1e-12)
        short, short_final = network(layer, mode, x[:length, n].numpy(), own)
        np.testing.assert_allclose(padded[:length, n].detach().numpy(), short, rtol=1e-9, atol=1e-12)
        assert padded[length:, n].abs().sum().item() == 0
        for found, value in ((final, expected_final), (packed_final, short_final)):
            for part, wanted in zip(found, value, strict=True):
                np.testing.assert_allclose(part[:, n].detach().numpy(), wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("mode", KINDS)
def test_gradients(mode: str) -> None:
    layer, states = make(mode, bidirectional=True)
    x = torch.randn(3, 4, 3, dtype=torch.float64, requires_grad=True)
    inputs = (x, *[s.requires_grad_() for s in states])

    def packed(x: torch.Tensor, *states: torch.Tensor) -> tuple[torch.Tensor, ...]:
        output, final = run(layer, pack_padded_sequence(x, [3, 3, 2, 1]), list(states)[: len(inputs) - 1])
        return (output.data, *final)

    assert gradcheck(packed, (*inputs, *layer.parameters()))


@pytest.mark.parametrize(("kind", "states"), [(nn.RNNCell, 1), (nn.LSTMCell, 2), (nn.GRUCell, 1)])
def test_cells(kind: Any, states: int) -> None:
    torch.manual_seed(0)
    cell = kind(3, 2).double()
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    before = [torch.randn(4, 2, dtype=torch.float64, requires_grad=True) for _ in range(states)]
    mode = {"RNNCell": "tanh", "LSTMCell": "LSTM", "GRUCell": "GRU"}[kind.__name__]
    found = cell(x, tuple(before) if states > 1 else before[0])
    expected = step(mode, x.data.numpy(), [s.data.numpy() for s in before], [p.data.numpy() for p in cell.parameters()])
    for part, wanted in zip(found if states > 1 else (found,), expected, strict=True):
        np.testing.assert_allclose(part.detach().numpy(), wanted, rtol=1e-10)
    assert gradgradcheck(lambda x, *s: cell(x, s if states > 1 else s[0]), (x, *before))
    zeros = cell(x)
    assert (zeros[0] if states > 1 else zeros).size() == (4, 2)
    with pytest.raises(RuntimeError, match=rf"{kind.__name__}\(3, 2\): input has size \(4, 2\), expected \(N, 3\)"):
        cell(before[0])


def test_long_sequences_in_float() -> None:
    torch.manual_seed(0)
    layer = nn.LSTM(20, 600)
    x = torch.randn(3, 2, 20)
    expected, _ = layer.double()(x.double())
    found, _ = layer.float()(x)
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), atol=1e-5)


def test_batch_first_dropout_and_names() -> None:
    layer = nn.GRU(3, 2, num_layers=2, batch_first=True, dropout=0.5, bidirectional=True)
    x = torch.randn(4, 5, 3)
    output, h = layer.eval()(x)
    assert output.size() == (4, 5, 4) and h.size() == (4, 4, 2)
    layer.batch_first = False
    np.testing.assert_allclose(layer(x.transpose(0, 1))[0].detach().numpy(), output.transpose(0, 1).detach().numpy(), rtol=1e-5)
    torch.manual_seed(0)
    assert (layer.train()(x)[0] - layer.eval()(x)[0]).abs().max().item() > 1e-3
    names = [
        f"{kind}_l{k}{way}"
        for k in (0, 1)
        for way in ("", "_reverse")
        for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    assert list(layer.state_dict()) == names and layer.weight_ih_l1.size() == (6, 4)
    assert repr(layer) == "GRU(3, 2, num_layers=2, dropout=0.5, bidirectional=True)"
    with pytest.warns(UserWarning, match="expects num_layers greater than 1"):
        nn.LSTM(2, 2, dropout=0.1)


def test_bad_sizes_name_the_layer() -> None:
    layer = nn.LSTM(3, 2)
    with pytest.raises(RuntimeError, match=r"LSTM\(3, 2\): input has 4 features, expected 3"):
        layer(torch.randn(5, 1, 4))
    with pytest.raises(RuntimeError, match=r"LSTM\(3, 2\): Expected hidden size \(1, 1, 2\), got \(1, 2, 2\)"):
        layer(torch.randn(5, 1, 3), (torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)))
    with pytest.raises(RuntimeError, match="input must have 3 dimensions, got 2"):
        layer(torch.randn(5, 3))
    with pytest.raises(ValueError, match="Unknown nonlinearity 'selu'"):
        nn.RNN(2, 2, nonlinearity="selu")


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("mode", ["LSTM", "GRU"])
def test_a_sequence_is_its_steps(mode: str, reverse: bool) -> None:
    """Forward and backward of all steps at once, with many samples on threads and in float, against step after step."""
    torch.manual_seed(0)
    parts, steps, batch, width = (4 if mode == "LSTM" else 3), 5, 37, 21
    gates = torch.randn(batch, steps, parts * width).transpose(0, 1)  # strided
    weight, bias = torch.randn(parts * width, width), torch.randn(parts * width)
    states = [torch.randn(batch, width) for _ in range(2 if mode == "LSTM" else 1)]
    leaves = [t.detach().requires_grad_() for t in (gates, weight, bias, *states)]

    def whole() -> torch.Tensor:
        gates, weight, bias, *states = leaves
        if mode == "LSTM":
            output, cells, _ = torch._C.nn.lstm_sequence(gates + bias, weight, *states, reverse)
            return torch.cat([output, cells], 2)
        return torch._C.nn.gru_sequence(gates, weight, bias, *states, reverse)[0]

    def stepwise() -> torch.Tensor:
        gates, weight, bias, *states = leaves
        found = []
        for t in reversed(range(steps)) if reverse else range(steps):
            product = torch.addmm(bias, states[0], weight.t())
            if mode == "LSTM":
                states = list(torch._C.nn.lstm_step(gates[t], product, states[1])[:2])
            else:
                states = [torch._C.nn.gru_step(gates[t], product, states[0])[0]]
            found.append(torch.cat(states, 1))
        return torch.stack(found[::-1] if reverse else found, 0)

    def both(result: torch.Tensor) -> list[np.ndarray]:
        chosen = torch.linspace(-1, 1, result.numel()).view(result.size())
        return [t.detach().numpy() for t in (result, *torch.autograd.grad((result * chosen).sum(), leaves))]

    expected, runs = both(stepwise()), []
    for threads in (1, 2):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            runs.append(both(whole()))
        finally:
            torch.set_num_threads(before)
    for one, two, wanted in zip(*runs, expected, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_allclose(one, wanted, rtol=1e-4, atol=2e-5)


def test_sequences_of_nothing() -> None:
    for steps, batch in ((0, 2), (2, 0)):
        gates, weight = torch.zeros(steps, batch, 8, requires_grad=True), torch.ones(8, 2, requires_grad=True)
        state = torch.ones(batch, 2, requires_grad=True)
        output, cells, _ = torch._C.nn.lstm_sequence(gates, weight, state, state, False)
        assert output.size() == cells.size() == (steps, batch, 2)
        output.sum().backward()
        assert weight.grad.tolist() == [[0.0, 0.0]] * 8 and state.grad.tolist() == [[0.0, 0.0]] * batch


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("batch_first", [False, True])
def test_networks_of_no_steps(kind: Any, batch_first: bool) -> None:
    layer = kind(7, 5, 2, bidirectional=True, batch_first=batch_first)
    output, state = layer(torch.zeros(2, 0, 7) if batch_first else torch.zeros(0, 2, 7))
    assert output.size() == ((2, 0, 10) if batch_first else (0, 2, 10))
    final = state[0] if isinstance(state, tuple) else state
    assert final.equal(torch.zeros(4, 2, 5))


def test_sequences_of_wrong_sizes() -> None:
    gates, weight, state = torch.zeros(3, 2, 8), torch.zeros(8, 2), torch.zeros(2, 2)
    for bad, text in (
        ((gates[0], weight, state, state), "gates has 2 dimensions, expected 3"),
        ((gates, weight[:4], state, state), "weight has shape .4, 2., expected .8, 2."),
        ((gates[:, :1], weight, state, state), "gates has shape .3, 1, 8., expected .3, 2, 8."),
        ((gates, weight, state, state[:1]), "cx has shape .1, 2., expected .2, 2."),
        ((gates, weight, state.double(), state), "hx is a Double tensor, expected Float"),
    ):
        with pytest.raises(RuntimeError, match=text):
            torch._C.nn.lstm_sequence(*bad, False)
    with pytest.raises(RuntimeError, match="bias has shape .5,., expected .6,."):
        torch._C.nn.gru_sequence(torch.zeros(3, 2, 6), torch.zeros(6, 2), torch.zeros(5), state, False)


def one_by_one(
    layer: nn.RNNBase, rows: Any, sizes: list[int], states: Any, parameters: list[nn.Parameter], *, reverse: bool
) -> tuple[Any, Any]:
    """What `layer._run` returns, an operation for each step: samples that a step lacks keep their states."""
    weight_ih, weight_hh, bias_ih, bias_hh = parameters
    gates = nn.functional.linear(rows, weight_ih, bias_ih).split(sizes, 0)
    outputs: list[Any] = [None] * len(sizes)
    for t in reversed(range(len(sizes))) if reverse else range(len(sizes)):
        now = tuple(state[: sizes[t]] for state in states)
        hidden_gates = nn.functional.linear(now[0], weight_hh, bias_hh)
        after = recurrence.KINDS[layer.mode].step(layer.mode.rpartition("_")[2].lower(), gates[t], hidden_gates, now)
        states = tuple(torch.cat([new, old[sizes[t] :]], 0) for new, old in zip(after, states, strict=True))
        outputs[t] = after[0]
    return torch.cat(outputs, 0), states


@pytest.mark.parametrize("sizes", [[37, 37, 20, 20, 3], [37] * 4, [5, 1], [1, 1, 1]], ids=str)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("mode", KINDS)
def test_packed_steps_are_steps(mode: str, reverse: bool, sizes: list[int]) -> None:
    """One operation for all steps, on one thread and two, against an operation for each: in float, blocks of 64 and a rest."""
    torch.manual_seed(0)
    kind, settings = KINDS[mode]
    layer = kind(5, 21, **settings)
    parameters = list(layer.parameters())
    rows = torch.randn(sum(sizes), 5, requires_grad=True)
    states = tuple(torch.randn(sizes[0], 21, requires_grad=True) for _ in range(2 if mode == "LSTM" else 1))

    def results(run: Any) -> list[np.ndarray]:
        output, final = run(rows, sizes, states, parameters, reverse=reverse)
        total = sum((part * torch.linspace(-1, 1, part.numel()).view(part.size())).sum() for part in (output, *final))
        gradients = torch.autograd.grad(total, [rows, *states, *parameters])
        return [t.detach().numpy() for t in (output, *final, *gradients)]

    expected, runs = results(functools.partial(one_by_one, layer)), []
    for threads in (1, 2):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            runs.append(results(recurrence.Network(layer.mode, 21, 1).run_one))
        finally:
            torch.set_num_threads(before)
    for one, two, wanted in zip(*runs, expected, strict=True):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_allclose(one, wanted, rtol=1e-4, atol=5e-5)


def test_packed_steps_of_wrong_sizes() -> None:
    rows, weight, state = torch.zeros(3, 2), torch.zeros(2, 2), torch.zeros(2, 2)
    for sizes, text in (
        ([1, 2], r"sizes.0. is 1: steps must not grow, from 2 samples .hx. at the first on"),
        ([2, 3], r"sizes.1. is 3: steps must not grow"),
        ([2, -1], r"sizes.1. is -1: steps must not grow"),
        ([2], "gates has 3 rows, sizes add up to 2"),
    ):
        with pytest.raises(RuntimeError, match=text):
            torch._C.nn.rnn_packed_sequence(rows, sizes, weight, state, False, False)
    with pytest.raises(RuntimeError, match="gates has 3 dimensions, expected 2"):
        torch._C.nn.rnn_packed_sequence(rows[None], [2, 1], weight, state, False, False)
