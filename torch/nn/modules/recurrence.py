"""What the kinds of recurrent networks are: their step, and all steps as one operation."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F

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


class Network:
    """Layers without dropout between them: the mode of their cells, the size of a state, 1 or 2 directions."""

    __slots__ = ("directions", "hidden_size", "mode")

    def __init__(self, mode: str, hidden_size: int, directions: int) -> None:
        self.mode = mode
        self.hidden_size = hidden_size
        self.directions = directions

    def run(self, data: _C.Tensor, sizes: list[int], states: State, groups: list[Any]) -> tuple[_C.Tensor, State]:
        """The output of the last layer and the final states, by torch's own kernels.

        data: all steps one after the other; step t holds the first sizes[t] samples. groups: the parameters of each layer and,
        in it, direction, whose states are those in its place.
        """
        finals: list[State] = []
        for first in range(0, len(groups), self.directions):
            outputs = []
            for direction in range(self.directions):
                state = tuple(s[first + direction] for s in states)
                output, final = self.run_one(data, sizes, state, groups[first + direction], reverse=direction == 1)
                outputs.append(output)
                finals.append(final)
            data = outputs[0] if len(outputs) == 1 else _C.ops.cat(outputs, 1)
        return data, tuple(_C.ops.stack(list(parts), 0) for parts in zip(*finals, strict=True))

    def run_one(
        self, data: _C.Tensor, sizes: list[int], state: State, parameters: Any, *, reverse: bool
    ) -> tuple[_C.Tensor, State]:
        """One direction of one layer."""
        if not sizes:
            return data.new_zeros(0, self.hidden_size), state
        kind = KINDS[self.mode]
        weight_ih, weight_hh, *biases = parameters
        bias_ih, bias_hh = biases if biases else (None, None)
        together = bias_ih if bias_ih is None or bias_hh is None or self.mode == "GRU" else bias_ih + bias_hh
        gates = F.linear(data, weight_ih, together)
        if kind.whole is not None and sizes[0] == sizes[-1]:
            gates = gates.view(len(sizes), sizes[0], gates.size(1))
            states = kind.whole(gates, weight_hh, bias_hh, state, reverse)
            last = 0 if reverse else -1
            return states[0].view(data.size(0), self.hidden_size), tuple(s[last] for s in states)
        states = kind.packed(self.mode, gates, sizes, weight_hh, bias_hh, state, reverse)
        return states[0], tuple(last_rows(s, sizes, reverse) for s in states)
