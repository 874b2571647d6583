"""Activations. All take any shape, and give the same one, unless they say otherwise."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn.modules.layer_settings import refuse
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


class _Inplace(Module):
    """An activation whose only choice is to overwrite its input."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def extra_repr(self) -> str:
        return "inplace" if self.inplace else ""


class ReLU(_Inplace):
    """max(x, 0). inplace: overwrite the input. Any shape; floating dtypes only.

    >>> nn.ReLU()(torch.tensor([-1., 0., 2.]))
    tensor([0., 0., 2.])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.relu(input, self.inplace)


class SELU(_Inplace):
    """The self-normalising ELU (Klambauer et al., 2017). Any shape; floating dtypes only.

    >>> nn.SELU()(torch.tensor([-1., 0., 1.]))
    tensor([-1.1113,  0.0000,  1.0507])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.selu(input, self.inplace)


class Hardtanh(Module):
    """x within [min_val, max_val]. Any shape; floating dtypes only.

    >>> nn.Hardtanh(-2, 2)(torch.tensor([-3., 0.5, 3.]))
    tensor([-2.0000,  0.5000,  2.0000])
    """

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if not self.max_val > self.min_val:
            refuse(self, f"max_val ({self.max_val}) must be above min_val ({self.min_val})")

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}" + (", inplace" if self.inplace else "")


class ReLU6(Hardtanh):
    """min(max(x, 0), 6). Any shape; floating dtypes only.

    >>> nn.ReLU6()(torch.tensor([-1., 4., 8.]))
    tensor([0., 4., 6.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def extra_repr(self) -> str:
        return "inplace" if self.inplace else ""


class Threshold(Module):
    """x where it is above `threshold`, else `value`. Any shape; floating dtypes only.

    >>> nn.Threshold(0.1, 20)(torch.tensor([0., 0.5]))
    tensor([20.0000,  0.5000])
    """

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def extra_repr(self) -> str:
        return f"threshold={self.threshold}, value={self.value}" + (", inplace" if self.inplace else "")


class ELU(Module):
    """x above 0, else alpha * (exp(x) - 1). Any shape; floating dtypes only.

    >>> nn.ELU(alpha=2)(torch.tensor([-1., 2.]))
    tensor([-1.2642,  2.0000])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}" + (", inplace" if self.inplace else "")


class LeakyReLU(Module):
    """x above 0, else negative_slope * x. Any shape; floating dtypes only.

    >>> nn.LeakyReLU(0.1)(torch.tensor([-10., 2.]))
    tensor([-1.,  2.])
    """

    def __init__(self, negative_slope: float = 1e-2, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}" + (", inplace" if self.inplace else "")


class RReLU(Module):
    """A LeakyReLU whose slope is drawn from [lower, upper) for each element in training; else it is their middle.

    >>> nn.RReLU(0.25, 0.75).eval()(torch.tensor([-8., 2.]))
    tensor([-4.,  2.])
    """

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"lower={self.lower}, upper={self.upper}" + (", inplace" if self.inplace else "")


class PReLU(Module):
    """x above 0, else weight * x: one learnt weight, or one for each of `num_parameters` channels (dimension 1).

    >>> layer = nn.PReLU(num_parameters=3, init=0.5)
    >>> layer(torch.full((1, 3), -2.0))
    tensor([[-1., -1., -1.]], grad_fn=<PreluBackward>)
    """

    weight: Parameter

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = Parameter(_C.ops.empty(num_parameters).fill_(init))

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class Softplus(Module):
    """log(1 + exp(beta * x)) / beta, or x where beta * x is above `threshold`. Any shape; floating dtypes only.

    >>> nn.Softplus(beta=2)(torch.tensor([0., 100.]))
    tensor([  0.3466, 100.0000])
    """

    def __init__(self, beta: float = 1, threshold: float = 20) -> None:
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class Hardshrink(Module):
    """x where it is beyond `lambd` on either side, else 0. Any shape; floating dtypes only.

    >>> nn.Hardshrink()(torch.tensor([-1., 0.3, 0.5, 2.]))
    tensor([-1.,  0.,  0.,  2.])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self.lambd = lambd

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Softshrink(Hardshrink):
    """x with `lambd` taken off its size; 0 where that is more than there is. Any shape; floating dtypes only.

    >>> nn.Softshrink()(torch.tensor([-1., 0.3, 2.]))
    tensor([-0.5000,  0.0000,  1.5000])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.softshrink(input, self.lambd)


class Sigmoid(Module):
    """1 / (1 + exp(-x)). Any shape; floating dtypes only.

    >>> nn.Sigmoid()(torch.tensor([-1., 0., 100.]))
    tensor([0.2689, 0.5000, 1.0000])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return _C.ops.sigmoid(input)


class Tanh(Module):
    """The hyperbolic tangent. Any shape; floating dtypes only.

    >>> nn.Tanh()(torch.tensor([-100., 0., 0.5]))
    tensor([-1.0000,  0.0000,  0.4621])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return _C.ops.tanh(input)


class LogSigmoid(Module):
    """log(1 / (1 + exp(-x))), computed stably. Any shape; floating dtypes only.

    >>> nn.LogSigmoid()(torch.tensor([0., 2.]))
    tensor([-0.6931, -0.1269])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.logsigmoid(input)


class Softsign(Module):
    """x / (1 + |x|). Any shape; floating dtypes only.

    >>> nn.Softsign()(torch.tensor([-1., 0., 3.]))
    tensor([-0.5000,  0.0000,  0.7500])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.softsign(input)


class Tanhshrink(Module):
    """x - tanh(x). Any shape; floating dtypes only.

    >>> nn.Tanhshrink()(torch.tensor([-2., 0., 2.]))
    tensor([-1.0360,  0.0000,  1.0360])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.tanhshrink(input)


class GLU(Module):
    """The first half along `dim` times the sigmoid of the second: the dimension shrinks to its half.

    >>> nn.GLU()(torch.tensor([[1., 2., 0., 100.]]))
    tensor([[0.5000, 2.0000]])
    """

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.glu(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmax(Module):
    """exp(x) over its sum along `dim`. The shape stays; floating dtypes only.

    >>> nn.Softmax(dim=1)(torch.tensor([[0., 0.], [0., 1000.]]))
    tensor([[0.5000, 0.5000],
            [0.0000, 1.0000]])
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Softmin(Softmax):
    """The softmax of -x along `dim`. The shape stays; floating dtypes only.

    >>> nn.Softmin(dim=0)(torch.tensor([0., 1000.]))
    tensor([1., 0.])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.softmin(input, self.dim)


class LogSoftmax(Softmax):
    """The logarithm of `Softmax`, computed stably. The shape stays; floating dtypes only.

    >>> nn.LogSoftmax(dim=0)(torch.tensor([0., 0., 1000.]))
    tensor([-1000., -1000.,     0.])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        return F.log_softmax(input, self.dim)


class Softmax2d(Module):
    """The softmax over the channels at each place: N x C x H x W.

    >>> nn.Softmax2d()(torch.zeros(1, 4, 2, 2))[0, :, 0, 0]
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        if input.dim() != 4:
            raise ValueError(f"[softmax] input has {input.dim()} dimensions, expected 4 (N x C x H x W)")
        return F.softmax(input, 1)
