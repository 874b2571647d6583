"""Initial values of parameters: each function fills a tensor in place, unrecorded, and returns it.

>>> weight = torch.nn.init.constant_(torch.empty(2, 3), 0.5)
>>> weight
tensor([[0.5000, 0.5000, 0.5000],
        [0.5000, 0.5000, 0.5000]])
"""

from __future__ import annotations

import math

from torch import _C
from torch.autograd.grad_mode import no_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

Tensor = _C.Tensor

__all__ = [
    "calculate_gain",
    "constant",
    "constant_",
    "dirac",
    "dirac_",
    "eye",
    "eye_",
    "kaiming_normal",
    "kaiming_normal_",
    "kaiming_uniform",
    "kaiming_uniform_",
    "normal",
    "normal_",
    "orthogonal",
    "orthogonal_",
    "sparse",
    "sparse_",
    "uniform",
    "uniform_",
    "xavier_normal",
    "xavier_normal_",
    "xavier_uniform",
    "xavier_uniform_",
]


def __dir__() -> list[str]:
    return sorted(__all__)


_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv3d": 1.0,
    "conv_transpose1d": 1.0,
    "conv_transpose2d": 1.0,
    "conv_transpose3d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5.0 / 3,
    "relu": math.sqrt(2.0),
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that keeps the variance through a nonlinearity; `param` is the negative slope of leaky_relu (0.01).

    1 for linear, conv1d to conv3d, conv_transpose1d to conv_transpose3d and sigmoid; 5/3 for tanh; sqrt(2) for relu;
    sqrt(2 / (1 + slope^2)) for leaky_relu.

    >>> torch.nn.init.calculate_gain("leaky_relu", 1)
    1.0
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        raise ValueError(f"Unsupported nonlinearity {nonlinearity}: known are leaky_relu, {', '.join(_GAINS)}")
    return _GAINS[nonlinearity]


def uniform_(tensor: Tensor, a: float = 0, b: float = 1) -> Tensor:
    """Uniform over [a, b). Any shape.

    >>> x = nn.init.uniform_(torch.empty(1000), 2, 3)
    >>> x.min().item() >= 2, x.max().item() <= 3
    (True, True)
    """
    with no_grad():
        return tensor.uniform_(a, b)


def normal_(tensor: Tensor, mean: float = 0, std: float = 1) -> Tensor:
    """Normal with a mean and a standard deviation. Any shape.

    >>> x = nn.init.normal_(torch.empty(10000), mean=5, std=0.1)
    >>> abs(x.mean().item() - 5) < 0.1
    True
    """
    with no_grad():
        return tensor.normal_(mean, std)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """One value everywhere. Any shape.

    >>> nn.init.constant_(torch.empty(2), 0.5)
    tensor([0.5000, 0.5000])
    """
    with no_grad():
        return tensor.fill_(val)


def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix, of a tensor with 2 dimensions: a linear layer then keeps as many of its inputs as it can.

    >>> nn.init.eye_(torch.empty(2, 3))
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    with no_grad():
        return tensor.copy_(_C.ops.eye(*tensor.size(), dtype=tensor.dtype))


def dirac_(tensor: Tensor) -> Tensor:
    """1 in the middle of the kernels [i, i] and 0 elsewhere: a convolution then keeps as many of its channels as it can.

    tensor: out channels x in channels x kernel, of 3, 4 or 5 dimensions.

    >>> x = torch.tensor([[[1., 2., 3.]]])
    >>> F.conv1d(x, nn.init.dirac_(torch.empty(1, 1, 3)), padding=1)
    tensor([[[1., 2., 3.]]])
    """
    if tensor.dim() not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    extents = list(tensor.size())
    middle = tuple(extent // 2 for extent in extents[2:])
    with no_grad():
        tensor.zero_()
        for channel in range(min(extents[:2])):
            tensor[(channel, channel, *middle)] = 1
    return tensor


def _fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs feed an output and how many outputs an input feeds: weights are O x I (x kernel)."""
    if tensor.dim() < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    field = 1
    for extent in list(tensor.size())[2:]:
        field *= extent
    return tensor.size(1) * field, tensor.size(0) * field


def xavier_uniform_(tensor: Tensor, gain: float = 1) -> Tensor:
    """Uniform with variance 2 gain^2 / (fan_in + fan_out). Glorot and Bengio, AISTATS 2010.

    >>> x = nn.init.xavier_uniform_(torch.empty(100, 50), gain=nn.init.calculate_gain("relu"))
    >>> x.abs().max().item() <= 2 ** 0.5 * (6 / 150) ** 0.5
    True
    """
    bound = gain * math.sqrt(6.0 / sum(_fans(tensor)))
    return uniform_(tensor, -bound, bound)


def xavier_normal_(tensor: Tensor, gain: float = 1) -> Tensor:
    """Normal with variance 2 gain^2 / (fan_in + fan_out). Glorot and Bengio, AISTATS 2010.

    >>> x = nn.init.xavier_normal_(torch.empty(100, 100))
    >>> abs(x.std().item() - 0.1) < 0.01
    True
    """
    return normal_(tensor, 0, gain * math.sqrt(2.0 / sum(_fans(tensor))))


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    fans = dict(zip(("fan_in", "fan_out"), _fans(tensor), strict=True))
    if mode.lower() not in fans:
        raise ValueError(f"Mode {mode} not supported, please use one of {list(fans)}")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans[mode.lower()])


def kaiming_uniform_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Tensor:
    """Uniform with variance gain^2 / fan. He et al., ICCV 2015.

    >>> x = nn.init.kaiming_uniform_(torch.empty(100, 600), nonlinearity="relu")
    >>> x.abs().max().item() <= 0.1001
    True
    """
    bound = math.sqrt(3.0) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound)


def kaiming_normal_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Tensor:
    """Normal with variance gain^2 / fan. He et al., ICCV 2015.

    >>> x = nn.init.kaiming_normal_(torch.empty(200, 100), mode="fan_out", nonlinearity="relu")
    >>> abs(x.std().item() - 0.1) < 0.01
    True
    """
    return normal_(tensor, 0, _kaiming_std(tensor, a, mode, nonlinearity))


def orthogonal_(tensor: Tensor, gain: float = 1) -> Tensor:
    """A random (semi-)orthogonal matrix, times `gain`; uniform over all of them (Haar). Saxe et al., ICLR 2014.

    Dimensions after the first are taken as one, which gives a rows x columns matrix; the vectors along its shorter side are
    orthonormal. They are normal numbers after Gram-Schmidt in float64: the QR factorisation whose R has a positive diagonal.
    Each vector is made orthogonal twice, which is enough (Giraud et al., Computers and Mathematics with Applications 50, 2005).
    Time is that of rows x columns x min(rows, columns) multiplications in min(rows, columns) steps.

    >>> x = nn.init.orthogonal_(torch.empty(3, 5))
    >>> (x @ x.t() - torch.eye(3)).abs().max().item() < 1e-5
    True
    """
    if tensor.dim() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.size(0)
    columns = tensor.numel() // rows
    with no_grad():
        vectors = _C.ops.empty(rows, columns, dtype=_C.float64).normal_(0, 1)
        if rows >= columns:
            vectors = vectors.t().contiguous()
        for index in range(vectors.size(0)):
            vector, known = vectors[index], vectors[:index]
            for _ in range(2 if index else 0):
                vector.sub_(_C.ops.mv(known.t(), _C.ops.mv(known, vector)))
            vector.div_(vector.norm().item())
        matrix = vectors.t().contiguous() if rows >= columns else vectors
        return tensor.copy_(matrix.mul_(gain).to(tensor.dtype).view_as(tensor))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01) -> Tensor:
    """Normal with mean 0, and in each column of the matrix the part `sparsity` of the rows set to 0. Martens, ICML 2010.

    >>> x = nn.init.sparse_(torch.empty(10, 3), sparsity=0.1)
    >>> (x == 0).sum(0)
    tensor([1, 1, 1])
    """
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.size()
    zeros = math.ceil(sparsity * rows)
    with no_grad():
        tensor.normal_(0, std)
        for column in range(columns):
            tensor[_C.ops.randperm(rows)[:zeros].to(tensor.device), column] = 0
    return tensor


def _deprecated(current: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The function under its name of before 0.4, without the underscore."""
    new_name = current.__name__
    old_name = new_name.rstrip("_")

    def call(*args: Any, **kwargs: Any) -> Tensor:
        import warnings

        warnings.warn(f"nn.init.{old_name} is now deprecated in favor of nn.init.{new_name}.", stacklevel=2)
        return current(*args, **kwargs)

    call.__name__ = call.__qualname__ = old_name
    call.__doc__ = f"Deprecated: use `{new_name}`."
    return call


uniform = _deprecated(uniform_)
normal = _deprecated(normal_)
constant = _deprecated(constant_)
eye = _deprecated(eye_)
dirac = _deprecated(dirac_)
xavier_uniform = _deprecated(xavier_uniform_)
xavier_normal = _deprecated(xavier_normal_)
kaiming_uniform = _deprecated(kaiming_uniform_)
kaiming_normal = _deprecated(kaiming_normal_)
orthogonal = _deprecated(orthogonal_)
sparse = _deprecated(sparse_)
