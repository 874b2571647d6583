"""What the kinds of recurrent networks are: their step, and all steps as one operation."""

from __future__ import annotations

from torch import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    State = tuple[_C.Tensor, ...]


def _rnn_step(nonlinearity: str, gates: _C.Tensor, hidden_gates: _C.Tensor, state: State) -> State:
    total = gates + hidden_gates
    return (total.tanh() if nonlinearity == "tanh" else total.relu(),)


def _lstm_step(mode: str, gates: _C.Tensor, hidden_gates: _C.Tensor, state: State) -> State:
    hidden, cell, _ = _C.nn.lstm_step(gates, hidden_gates, state[1])
    return hidden, cell


def _gru_step(mode: str, gates: _C.Tensor, hidden_gates: _C.Tensor, state: State) -> State:
    return (_C.nn.gru_step(gates, hidden_gates, state[0])[0],)


# All steps as one operation: gates and the states after each step are rows, all steps one after the other. Step t has sizes[t]
# samples; bias: of the hidden product, which only a GRU keeps apart from the gates.
def _rnn_packed(
    mode: str, gates: _C.Tensor, sizes: list[int], weight: _C.Tensor, bias: _C.Tensor | None, state: State, reverse: bool
) -> State:
    return (_C.nn.rnn_packed_sequence(gates, sizes, weight, state[0], mode == "RNN_RELU", reverse),)


def _lstm_packed(
    mode: str, gates: _C.Tensor, sizes: list[int], weight: _C.Tensor, bias: _C.Tensor | None, state: State, reverse: bool
) -> State:
    return _C.nn.lstm_packed_sequence(gates, sizes, weight, state[0], state[1], reverse)[:2]


def _gru_packed(
    mode: str, gates: _C.Tensor, sizes: list[int], weight: _C.Tensor, bias: _C.Tensor | None, state: State, reverse: bool
) -> State:
    return _C.nn.gru_packed_sequence(gates, sizes, weight, bias, state[0], reverse)[:1]


# The same where every step has all samples: gates and states are T x N x ....
def _lstm_whole(gates: _C.Tensor, weight: _C.Tensor, bias: _C.Tensor | None, state: State, reverse: bool) -> State:
    return _C.nn.lstm_sequence(gates, weight, state[0], state[1], reverse)[:2]


def _gru_whole(gates: _C.Tensor, weight: _C.Tensor, bias: _C.Tensor | None, state: State, reverse: bool) -> State:
    return _C.nn.gru_sequence(gates, weight, bias, state[0], reverse)[:1]


class Kind:
    """What one mode of recurrence is: the number of its gates and states, its step, and all steps as one operation."""

    __slots__ = ("gates", "packed", "states", "step", "whole")

    def __init__(self, gates: int, states: int, step: Any, packed: Any, whole: Any = None) -> None:
        self.gates = gates
        self.states = states
        self.step = step
        self.packed = packed
        self.whole = whole


KINDS = {
    "RNN_TANH": Kind(1, 1, _rnn_step, _rnn_packed),
    "RNN_RELU": Kind(1, 1, _rnn_step, _rnn_packed),
    "LSTM": Kind(4, 2, _lstm_step, _lstm_packed, _lstm_whole),
    "GRU": Kind(3, 1, _gru_step, _gru_packed, _gru_whole),
}


def last_rows(output: _C.Tensor, sizes: list[int], reverse: bool) -> _C.Tensor:
    """The rows of a packed `output` at the last step that each sample ran."""
    if reverse or len(sizes) == 1:
        return output[: sizes[0]]
    if sizes[0] == sizes[-1]:
        return output[-sizes[0] :]
    rows: list[int] = []
    offset = output.size(0)
    for size in reversed(sizes):  # the longest samples come first
        offset -= size
        rows += range(offset + len(rows), offset + size)
    return output.index_select(0, _C.ops.tensor(rows, device=output.device))
