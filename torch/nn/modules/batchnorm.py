"""Batch normalisation (Ioffe and Szegedy, 2015) and instance normalisation (Ulyanov et al., 2016)."""

from __future__ import annotations

from torch import _C
from torch.nn import functional as F
from torch.nn import init
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


class _NormBase(Module):
    """Parameters, buffers and checks that all of them share. `_dims`: the dimensions that an input may have."""

    weight: Parameter | None
    bias: Parameter | None
    running_mean: _C.Tensor | None
    running_var: _C.Tensor | None
    num_batches_tracked: _C.Tensor | None

    _dims: tuple[int, ...] = ()
    _optional_state = ("num_batches_tracked",)  # checkpoints of 0.4.0 do not have it

    def __init__(self, num_features: int, eps: float, momentum: float | None, affine: bool, track_running_stats: bool) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        for name in ("weight", "bias"):
            self.register_parameter(name, Parameter(_C.ops.empty(num_features)) if affine else None)
        self.register_buffer("running_mean", _C.ops.zeros(num_features) if track_running_stats else None)
        self.register_buffer("running_var", _C.ops.ones(num_features) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", _C.ops.tensor(0, dtype=_C.int64) if track_running_stats else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Mean 0, variance 1, no batches."""
        if self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Draws the weight from [0, 1), sets the bias to 0, and forgets the running statistics."""
        self.reset_running_stats()
        if self.weight is not None and self.bias is not None:
            init.uniform_(self.weight)
            init.constant_(self.bias, 0)

    def _check(self, input: _C.Tensor) -> None:
        name = type(self).__name__
        if input.dim() not in self._dims:
            expected = " or ".join(f"{dim}D" for dim in self._dims)
            raise ValueError(f"{name}({self.num_features}): expected {expected} input (got {input.dim()}D input)")
        if input.size(1) != self.num_features:
            raise ValueError(f"{name}({self.num_features}): input has {input.size(1)} channels, expected {self.num_features}")

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_NormBase):
    """Batch normalisation of inputs with C = num_features channels.

    momentum: how far a batch moves the running statistics; None: they are the mean over all batches so far.
    track_running_stats: without, the batch's statistics are used in evaluation as well.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        self._check(input)
        factor = 0.0 if self.momentum is None else self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                factor = 1.0 / self.num_batches_tracked.item()
        use_batch = self.training or not self.track_running_stats
        return F.batch_norm(input, self.running_mean, self.running_var, self.weight, self.bias, use_batch, factor, self.eps)


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of N x C or N x C x L.

    >>> layer = nn.BatchNorm1d(2, momentum=0.5, affine=False)
    >>> layer(torch.tensor([[1., 10.], [3., 30.]]))
    tensor([[-1.0000, -1.0000],
            [ 1.0000,  1.0000]])
    >>> layer.running_mean, layer.running_var
    (tensor([ 1., 10.]), tensor([  1.5000, 100.5000]))
    >>> layer.eval()(torch.tensor([[1., 10.]]))
    tensor([[0., 0.]])
    """

    _dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of N x C x H x W.

    >>> nn.BatchNorm2d(3)(torch.randn(8, 3, 4, 4)).size()
    torch.Size([8, 3, 4, 4])
    >>> nn.BatchNorm2d(3)(torch.zeros(8, 3))
    Traceback (most recent call last):
        ...
    ValueError: BatchNorm2d(3): expected 4D input (got 2D input)
    """

    _dims = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of N x C x D x H x W.

    >>> nn.BatchNorm3d(3)(torch.randn(8, 3, 2, 4, 4)).size()
    torch.Size([8, 3, 2, 4, 4])
    """

    _dims = (5,)


class _InstanceNorm(_NormBase):
    """Normalisation of each channel of each sample."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, input: _C.Tensor) -> _C.Tensor:
        self._check(input)
        use_input = self.training or not self.track_running_stats
        momentum = 0.0 if self.momentum is None else self.momentum
        return F.instance_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, use_input, momentum, self.eps
        )


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of N x C x L.

    >>> nn.InstanceNorm1d(2)(torch.tensor([[[1., 3.], [10., 30.]]]))
    tensor([[[-1.0000,  1.0000],
             [-1.0000,  1.0000]]])
    """

    _dims = (3,)


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of N x C x H x W.

    >>> nn.InstanceNorm2d(3, affine=True)(torch.randn(8, 3, 4, 4)).size()
    torch.Size([8, 3, 4, 4])
    """

    _dims = (4,)


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of N x C x D x H x W.

    >>> nn.InstanceNorm3d(3)(torch.randn(8, 3, 2, 4, 4)).size()
    torch.Size([8, 3, 2, 4, 4])
    """

    _dims = (5,)
