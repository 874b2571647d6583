"""Activations. All take any shape; with `inplace` the input is overwritten."""

from __future__ import annotations

from torch import _C

Tensor = _C.Tensor

# The extension's own functions where no default needs Python: a Python function around them would cost more than they do.
sigmoid = _C.ops.sigmoid
tanh = _C.ops.tanh
prelu = _C.nn.prelu
glu = _C.nn.glu
logsigmoid = _C.nn.log_sigmoid
hardshrink = _C.nn.hardshrink
softplus = _C.nn.softplus
softshrink = _C.nn.softshrink
threshold_ = _C.nn.threshold_
hardtanh_ = _C.nn.hardtanh_
leaky_relu_ = _C.nn.leaky_relu_

# Klambauer et al., Self-Normalizing Neural Networks, 2017.
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """`x` where it is above `threshold`, else `value`. Any shape; floating dtypes only.

    >>> F.threshold(torch.tensor([-1., 0.5, 2.]), threshold=1, value=20)
    tensor([20., 20.,  2.])
    """
    return _C.nn.threshold_(input, threshold, value) if inplace else _C.nn.threshold(input, threshold, value)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0). Any shape; floating dtypes only.

    >>> F.relu(torch.tensor([-1., 0., 2.]))
    tensor([0., 0., 2.])
    """
    return input.relu_() if inplace else input.relu()


def relu_(input: Tensor) -> Tensor:
    """`relu` in place. Any shape; floating dtypes only.

    >>> x = torch.tensor([-1., 2.])
    >>> F.relu_(x) is x, x
    (True, tensor([0., 2.]))
    """
    return input.relu_()


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """`x` within [min_val, max_val]. Any shape; floating dtypes only.

    >>> F.hardtanh(torch.tensor([-3., 0.5, 3.]), min_val=-2, max_val=2)
    tensor([-2.0000,  0.5000,  2.0000])
    """
    return (_C.nn.hardtanh_ if inplace else _C.nn.hardtanh)(input, min_val, max_val)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(x, 0), 6). Any shape; floating dtypes only.

    >>> F.relu6(torch.tensor([-1., 4., 8.]))
    tensor([0., 4., 6.])
    """
    return hardtanh(input, 0.0, 6.0, inplace)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """`x` above 0, else alpha * (exp(x) - 1). Any shape; floating dtypes only.

    >>> F.elu(torch.tensor([-1., 0., 2.]), alpha=2)
    tensor([-1.2642,  0.0000,  2.0000])
    """
    return (_C.nn.elu_ if inplace else _C.nn.elu)(input, alpha, 1.0)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`elu` in place. Any shape; floating dtypes only.

    >>> x = torch.tensor([-1., 2.])
    >>> F.elu_(x)
    tensor([-0.6321,  2.0000])
    """
    return _C.nn.elu_(input, alpha, 1.0)


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """scale * elu(x, alpha) with the two constants that keep mean 0 and variance 1 from layer to layer.

    >>> F.selu(torch.tensor([-1., 0., 1.]))
    tensor([-1.1113,  0.0000,  1.0507])
    """
    return (_C.nn.elu_ if inplace else _C.nn.elu)(input, _SELU_ALPHA, _SELU_SCALE)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """`x` above 0, else negative_slope * x. Any shape; floating dtypes only.

    >>> F.leaky_relu(torch.tensor([-10., 2.]), negative_slope=0.1)
    tensor([-1.,  2.])
    """
    return (_C.nn.leaky_relu_ if inplace else _C.nn.leaky_relu)(input, negative_slope)


def rrelu(
    input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """`leaky_relu` whose slope is drawn from [lower, upper) for each element in training, else their middle.

    >>> F.rrelu(torch.tensor([-8., 2.]), lower=0.25, upper=0.75)
    tensor([-4.,  2.])
    >>> slopes = F.rrelu(torch.full((100,), -1.0), 0.25, 0.75, training=True)
    >>> (slopes <= -0.25).all(), (slopes >= -0.75).all()
    (tensor(1, dtype=torch.uint8), tensor(1, dtype=torch.uint8))
    """
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    output, noise = _C.nn.rrelu_with_noise(input, lower, upper)
    return input.mul_(noise) if inplace else output


def rrelu_(input: Tensor, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Tensor:
    """`rrelu` in place. Any shape; floating dtypes only.

    >>> x = torch.tensor([-8., 2.])
    >>> F.rrelu_(x, 0.5, 0.5)
    tensor([-4.,  2.])
    """
    return rrelu(input, lower, upper, training, inplace=True)


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x). Any shape; floating dtypes only.

    >>> F.tanhshrink(torch.tensor([-2., 0., 2.]))
    tensor([-1.0360,  0.0000,  1.0360])
    """
    return input - input.tanh()


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|). Any shape; floating dtypes only.

    >>> F.softsign(torch.tensor([-1., 0., 3.]))
    tensor([-0.5000,  0.0000,  0.7500])
    """
    if not input.is_floating_point():
        raise RuntimeError(f"[softsign] input is {input.dtype}: a quotient of integers would be 0")
    return input / (input.abs() + 1)


def _softmax_dim(name: str, ndim: int) -> int:
    import warnings

    warnings.warn(f"Implicit dimension choice for {name} has been deprecated. Give dim=X as an argument.", stacklevel=3)
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input: Tensor, dim: int | None = None) -> Tensor:
    """exp(x) over its sum along `dim`. The shape stays; floating dtypes only.

    >>> F.softmax(torch.tensor([[0., 0.], [0., 1000.]]), dim=1)
    tensor([[0.5000, 0.5000],
            [0.0000, 1.0000]])
    """
    return _C.nn.softmax(input, _softmax_dim("softmax", input.dim()) if dim is None else dim)


def softmin(input: Tensor, dim: int | None = None) -> Tensor:
    """`softmax` of -x. The shape stays; floating dtypes only.

    >>> F.softmin(torch.tensor([0., 1000.]), dim=0)
    tensor([1., 0.])
    """
    return _C.nn.softmax(-input, _softmax_dim("softmin", input.dim()) if dim is None else dim)


def log_softmax(input: Tensor, dim: int | None = None) -> Tensor:
    """The logarithm of `softmax`, computed stably. The shape stays; floating dtypes only.

    >>> F.log_softmax(torch.tensor([0., 0., 1000.]), dim=0)
    tensor([-1000., -1000.,     0.])
    """
    return _C.nn.log_softmax(input, _softmax_dim("log_softmax", input.dim()) if dim is None else dim)


def gumbel_softmax(logits: Tensor, tau: float = 1.0, hard: bool = False, eps: float = 1e-10) -> Tensor:
    """Samples of the Gumbel-Softmax distribution (Jang et al., 2016) of `logits`, batch_size x num_features.

    tau: the temperature. hard: one-hot samples, with the gradient of the soft ones. eps: kept away from log(0).

    >>> x = F.gumbel_softmax(torch.zeros(4, 3), tau=0.5)
    >>> x.size(), (x.sum(1) - 1).abs().max().item() < 1e-6
    (torch.Size([4, 3]), True)
    >>> torch.unique(F.gumbel_softmax(torch.zeros(4, 3), hard=True).round())
    tensor([0., 1.])
    """
    if logits.dim() != 2:
        raise ValueError(f"logits have {logits.dim()} dimensions, expected 2 (batch_size x num_features)")
    noise = -((-((_C.ops.rand_like(logits.data) + eps).log()) + eps).log())
    soft = _C.nn.softmax((logits + noise) / tau, 1)
    if not hard:
        return soft
    index = soft.data.max(1, True)[1]
    chosen = _C.ops.zeros_like(soft.data).scatter_add_(1, index, _C.ops.ones_like(soft.data[:, :1]))
    return chosen - soft.detach() + soft
