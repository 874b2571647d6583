"""Recurrent networks and their cells."""

from __future__ import annotations

import math

from torch import _C
from torch.nn import functional as F
from torch.nn import init
from torch.nn.modules.cudnn_recurrence import gather_parameters, run_by_cudnn
from torch.nn.modules.layer_settings import check_least, refuse
from torch.nn.modules.module import Module
from torch.nn.modules.recurrence import KINDS, Network
from torch.nn.parameter import Parameter
from torch.nn.utils.rnn import PackedSequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Self = TypeVar("Self", bound="RNNBase")
    _State = tuple[_C.Tensor, ...]


def _check_nonlinearity(layer: Module, name: str) -> None:
    if name not in ("tanh", "relu"):
        refuse(layer, f"Unknown nonlinearity {name!r}: 'tanh' and 'relu' are known")


def _run(
    network: Network, data: _C.Tensor, sizes: list[int], states: _State, groups: list[list[Parameter]]
) -> tuple[_C.Tensor, _State]:
    """By cuDNN where it does it, else by torch's own kernels."""
    found = run_by_cudnn(network, data, sizes, states, groups) if data.is_cuda and sizes else None
    return found or network.run(data, sizes, states, groups)


class RNNBase(Module):
    """All of RNN, LSTM and GRU but the step itself.

    Input (T, N, input_size), (N, T, input_size) with batch_first, or a `PackedSequence`. Parameters of layer k:
    weight_ih_lk (gates * hidden_size, input), weight_hh_lk (gates * hidden_size, hidden_size), bias_ih_lk and bias_hh_lk; with
    the suffix _reverse those of the other direction. They start uniform within 1 / sqrt(hidden_size).

    >>> nn.RNNBase("LSTM", 10, 20)(torch.zeros(5, 3, 10))[0].size()
    torch.Size([5, 3, 20])
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        check_least(self, 0, input_size=input_size, hidden_size=hidden_size)
        check_least(self, 1, num_layers=num_layers)
        if not 0 <= dropout <= 1 or isinstance(dropout, bool):
            refuse(self, f"dropout should be a number in range [0, 1] representing the probability, not {dropout!r}")
        if dropout > 0 and num_layers == 1:
            import warnings

            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers "
                f"greater than 1, but got dropout={dropout} and num_layers={num_layers}",
                stacklevel=3,
            )
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.dropout_state: dict[str, Any] = {}
        self.bidirectional = bidirectional
        rows = KINDS[mode].gates * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else hidden_size * self._directions
            for name in self._names(layer):
                ih, hh, *biases = name
                setattr(self, ih, Parameter(_C.ops.empty(rows, width)))
                setattr(self, hh, Parameter(_C.ops.empty(rows, hidden_size)))
                for bias_name in biases:
                    setattr(self, bias_name, Parameter(_C.ops.empty(rows)))
        self.reset_parameters()
        self.flatten_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _names(self, layer: int) -> list[list[str]]:
        """For each direction of a layer, the names of its parameters."""
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh") if self.bias else ("weight_ih", "weight_hh")
        return [[f"{kind}_l{layer}{suffix}" for kind in kinds] for suffix in ("", "_reverse")[: self._directions]]

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters, a list for each layer and direction."""
        return [[getattr(self, name) for name in names] for layer in range(self.num_layers) for names in self._names(layer)]

    def flatten_parameters(self) -> None:
        """Moves the parameters on a device into one piece of memory as cuDNN wants them, so that no call has to copy them.

        Done when a layer is made and when it is moved or converted. Nothing happens without cuDNN, on the host, and where
        parameters are shared, of different types or not there (`weight_norm`).
        """
        groups = self.all_weights
        parameters = [p for group in groups for p in group]
        alike = len({(p.device, p.dtype, isinstance(p, Parameter)) for p in parameters}) == 1
        apart = len({p.data_ptr() for p in parameters}) == len(parameters)
        if parameters[0].is_cuda and isinstance(parameters[0], Parameter) and alike and apart:
            gather_parameters(Network(self.mode, self.hidden_size, self._directions), groups)

    def _apply(self: Self, fn: Callable[[_C.Tensor], _C.Tensor]) -> Self:
        super()._apply(fn)
        self.flatten_parameters()
        return self

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0.0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def check_forward_args(self, input: _C.Tensor, states: _State, batch: int, dims: int) -> None:
        """Raises RuntimeError where the sizes of input and states do not fit."""
        if input.dim() != dims:
            raise RuntimeError(f"[rnn] input must have {dims} dimensions, got {input.dim()}")
        if input.size(-1) != self.input_size:
            raise RuntimeError(f"[rnn] input has {input.size(-1)} features, expected {self.input_size}")
        if len(states) != KINDS[self.mode].states:
            raise RuntimeError(f"[rnn] hx has {len(states)} states, expected {KINDS[self.mode].states}")
        expected = [self.num_layers * self._directions, batch, self.hidden_size]
        for state in states:
            if list(state.size()) != expected:
                raise RuntimeError(f"[rnn] Expected hidden size {tuple(expected)}, got {tuple(state.size())}")

    def forward(self, input: Any, hx: Any = None) -> tuple[Any, Any]:
        packed = isinstance(input, PackedSequence)
        if packed:
            data, sizes = input.data, input.batch_sizes.tolist()
        else:
            data = input.transpose(0, 1) if self.batch_first and input.dim() == 3 else input
            sizes = [data.size(1)] * data.size(0) if data.dim() == 3 else [0]
        batch = sizes[0] if sizes else 0 if packed else data.size(1)
        states = self._initial(data, batch) if hx is None else hx if isinstance(hx, tuple) else (hx,)
        self.check_forward_args(data, states, batch, 2 if packed else 3)
        if not packed:
            data = data.contiguous().view(len(sizes) * batch, self.input_size)
        output, final = self._layers(data, sizes, states)
        if packed:
            result: Any = PackedSequence(output, input.batch_sizes)
        else:
            result = output.view(len(sizes), batch, self.hidden_size * self._directions)
            result = result.transpose(0, 1) if self.batch_first else result
        return result, final if KINDS[self.mode].states > 1 else final[0]

    def _initial(self, data: _C.Tensor, batch: int) -> _State:
        zeros = data.new_zeros(self.num_layers * self._directions, batch, self.hidden_size)
        return (zeros,) * KINDS[self.mode].states

    def _layers(self, data: _C.Tensor, sizes: list[int], states: _State) -> tuple[_C.Tensor, _State]:
        network, groups = Network(self.mode, self.hidden_size, self._directions), self.all_weights
        drops = self.dropout and self.training and self.num_layers > 1
        count = self._directions if drops else len(groups)  # of what runs without dropout in between
        finals: list[_State] = []
        for first in range(0, len(groups), count):
            if first > 0:
                data = F.dropout(data, self.dropout, True)
            part = slice(first, first + count)
            own = states if count == len(groups) else tuple(s[part] for s in states)
            data, final = _run(network, data, sizes, own, groups[part])
            finals.append(final)
        return data, finals[0] if len(finals) == 1 else tuple(_C.ops.cat(list(f), 0) for f in zip(*finals, strict=True))

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        for name, default in (
            ("num_layers", 1),
            ("bias", True),
            ("batch_first", False),
            ("dropout", 0),
            ("bidirectional", False),
        ):
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        return text


class RNN(RNNBase):
    """An Elman network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu with nonlinearity="relu".

    Returns the output (T, N, hidden_size * directions) and h_n (layers * directions, N, hidden_size).

    >>> output, hidden = nn.RNN(10, 20, num_layers=2)(torch.zeros(5, 3, 10))
    >>> output.size(), hidden.size()
    (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]))
    """

    def __init__(self, *args: Any, nonlinearity: str = "tanh", **kwargs: Any) -> None:
        _check_nonlinearity(self, nonlinearity)
        super().__init__(f"RNN_{nonlinearity.upper()}", *args, **kwargs)
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """Long short-term memory: gates i, f, g, o; c' = f c + i g, h' = o tanh(c').

    Takes (h_0, c_0) and returns the output (T, N, hidden_size * directions) and (h_n, c_n), each
    (layers * directions, N, hidden_size).

    >>> lstm = torch.nn.LSTM(3, 5, num_layers=2, bidirectional=True)
    >>> output, (h, c) = lstm(torch.zeros(7, 2, 3))
    >>> output.size(), h.size()
    (torch.Size([7, 2, 10]), torch.Size([4, 2, 5]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)


class GRU(RNNBase):
    """Gated recurrent units: gates r, z, n; n = tanh(W_in x + b_in + r (W_hn h + b_hn)), h' = n + z (h - n).

    Returns the output (T, N, hidden_size * directions) and h_n (layers * directions, N, hidden_size).

    >>> output, hidden = nn.GRU(10, 20, bidirectional=True, batch_first=True)(torch.zeros(3, 5, 10))
    >>> output.size(), hidden.size()
    (torch.Size([3, 5, 40]), torch.Size([2, 3, 20]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("GRU", *args, **kwargs)


class _CellBase(Module):
    """One step: weight_ih (gates * hidden_size, input_size), weight_hh (gates * hidden_size, hidden_size), bias_ih, bias_hh."""

    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None
    _mode = ""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True) -> None:
        super().__init__()
        check_least(self, 0, input_size=input_size, hidden_size=hidden_size)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        rows = KINDS[self._mode].gates * hidden_size
        self.weight_ih = Parameter(_C.ops.empty(rows, input_size))
        self.weight_hh = Parameter(_C.ops.empty(rows, hidden_size))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(_C.ops.empty(rows)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the parameters anew."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0.0
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def _step(self, input: _C.Tensor, state: _State | None) -> _State:
        if input.dim() != 2 or input.size(1) != self.input_size:
            raise RuntimeError(f"[cell] input has size {tuple(input.size())}, expected (N, {self.input_size})")
        kind = KINDS[self._mode]
        if state is None:
            state = (input.new_zeros(input.size(0), self.hidden_size),) * kind.states
        if not isinstance(state, tuple) or len(state) != kind.states:
            raise RuntimeError(f"[cell] hx is not a tuple of {kind.states} states (N, {self.hidden_size})")
        for part in state:
            if list(part.size()) != [input.size(0), self.hidden_size]:
                raise RuntimeError(
                    f"[cell] hidden state has size {tuple(part.size())}, expected {(input.size(0), self.hidden_size)}"
                )
        gates = F.linear(input, self.weight_ih, self.bias_ih)
        result: _State = kind.step(
            self._mode.rpartition("_")[2].lower(), gates, F.linear(state[0], self.weight_hh, self.bias_hh), state
        )
        return result

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_CellBase):
    """A step of an Elman network: input (N, input_size), hidden (N, hidden_size) or None; the new hidden state.

    >>> nn.RNNCell(10, 20)(torch.zeros(3, 10)).size()
    torch.Size([3, 20])
    """

    _mode = "RNN_TANH"

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh") -> None:
        super().__init__(input_size, hidden_size, bias)
        _check_nonlinearity(self, nonlinearity)
        self.nonlinearity = nonlinearity
        self._mode = f"RNN_{nonlinearity.upper()}"

    def forward(self, input: _C.Tensor, hx: _C.Tensor | None = None) -> _C.Tensor:
        return self._step(input, None if hx is None else (hx,))[0]


class LSTMCell(_CellBase):
    """A step of an LSTM: input (N, input_size), (h, c) or None; the new (h, c).

    >>> hidden, cell = nn.LSTMCell(10, 20)(torch.zeros(3, 10))
    >>> hidden.size(), cell.size()
    (torch.Size([3, 20]), torch.Size([3, 20]))
    """

    _mode = "LSTM"

    def forward(self, input: _C.Tensor, hx: tuple[_C.Tensor, _C.Tensor] | None = None) -> tuple[_C.Tensor, _C.Tensor]:
        hidden, cell = self._step(input, hx)
        return hidden, cell


class GRUCell(_CellBase):
    """A step of a GRU: input (N, input_size), hidden (N, hidden_size) or None; the new hidden state.

    >>> nn.GRUCell(10, 20)(torch.zeros(3, 10), torch.ones(3, 20)).size()
    torch.Size([3, 20])
    """

    _mode = "GRU"

    def forward(self, input: _C.Tensor, hx: _C.Tensor | None = None) -> _C.Tensor:
        return self._step(input, None if hx is None else (hx,))[0]
