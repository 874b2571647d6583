"""`DistributedDataParallel`: a replica of a module in each process, with the same parameters after every step."""

from __future__ import annotations

from contextlib import contextmanager

import torch
from torch import distributed as dist
from torch.autograd import is_grad_enabled
from torch.nn.modules.module import Module
from torch.nn.parallel.gradient_buckets import GradientBuckets, broadcast_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_MEBIBYTE = 1 << 20
_BUCKETS = {"cpu": 4, "cuda": 25}  # MiB


def _check_devices(module: Module, device_ids: Sequence[Any] | None, output_device: Any) -> None:
    """Each process has one device, the one where the module lies."""
    from torch.cuda import _ordinal

    named = [*(device_ids or []), *([] if output_device is None else [output_device])]
    places = {parameter.device for parameter in module.parameters()}
    if len(places) > 1:
        raise RuntimeError(f"[DistributedDataParallel] parameters lie on {len(places)} devices, must be on one")
    own = next(iter(places)).index if places else None
    if any(own is None or _ordinal(each) != own for each in named):
        place = next(iter(places), "no device")
        raise RuntimeError(
            f"[DistributedDataParallel] device_ids {list(device_ids or [])} and output_device {output_device}, but the module "
            f"is on {place}: a process has one device, its module's; move the module there, or leave them out"
        )


class DistributedDataParallel(Module):
    """Trains one module in several processes: each has a part of the batch, and all take the same step.

    Parameters and buffers start as rank 0's. Gradients are averaged over the ranks while `backward()` still computes others, in
    buckets of `bucket_cap_mb` MiB (None: 4 on the CPU, 25 on devices), in which they lie from then on. When it returns, every
    rank has the same ones: those of the joined batch, where a loss is a mean and the parts are of one size. With
    `broadcast_buffers` each forward pass in training begins with rank 0's buffers. A parameter that no rank used keeps its
    gradient. The module itself is `module`; its state is under "module.".

    Make it after the module has all its parameters, on every rank, and the optimizer from its `parameters()`. Every rank calls
    forward and backward as often as the others. A process has one device, where the module lies: the CPU (backends "gloo" and
    "tcp") or a CUDA device ("nccl"), which `device_ids` and `output_device` may name.

    >>> import torch.distributed as dist
    >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    >>> model = nn.parallel.DistributedDataParallel(nn.Linear(4, 2))
    >>> model(torch.ones(8, 4)).sum().backward()
    >>> model.module.bias.grad, list(model.state_dict())
    (tensor([8., 8.]), ['module.weight', 'module.bias'])
    >>> dist.destroy_process_group()
    """

    module: Module

    def __init__(
        self,
        module: Module,
        device_ids: Sequence[Any] | None = None,
        output_device: Any = None,
        dim: int = 0,
        broadcast_buffers: bool = True,
        *,
        bucket_cap_mb: float | None = None,
    ) -> None:
        super().__init__()
        _check_devices(module, device_ids, output_device)
        if not any(parameter.requires_grad for parameter in module.parameters()):
            raise RuntimeError("[DistributedDataParallel] module has no parameter that requires a gradient: nothing to average")
        self.module = module
        self.dim = dim
        self.broadcast_buffers = broadcast_buffers
        self.bucket_cap_mb = bucket_cap_mb
        self._start()

    def _start(self) -> None:
        # A group of its own: the caller's calls may come between these.
        self._group = dist.new_group()
        place = next(self.module.parameters()).device.type
        self._limit = int((_BUCKETS[place] if self.bucket_cap_mb is None else self.bucket_cap_mb) * _MEBIBYTE)
        self._compare()
        broadcast_all([*self.module.parameters(), *self.module.buffers()], self._group, self._limit)
        wanted = [(name, parameter) for name, parameter in self.module.named_parameters() if parameter.requires_grad]
        self._buckets = GradientBuckets(wanted, self._group, self._limit)

    def _compare(self) -> None:
        """The same parameters on every rank, as far as their lengths tell: what differs is named on all of them."""
        names = [name for name, _ in self.module.named_parameters()]
        parameters = list(self.module.parameters())
        lengths = torch.tensor([parameter.numel() for parameter in parameters], device=parameters[0].device)
        extremes = torch.stack([lengths, -lengths])
        dist.all_reduce(extremes, op=dist.reduce_op.MAX, group=self._group)
        for name, most, least in zip(names, extremes[0].tolist(), (-extremes[1]).tolist(), strict=True):
            if most != least:
                raise RuntimeError(
                    f"[DistributedDataParallel] parameter {name} has {least} elements on one rank and {most} on another: make "
                    "the same module on every rank"
                )

    def __getstate__(self) -> dict[str, Any]:
        """Processes have no part in what is saved."""
        state = self.__dict__.copy()
        for name in ("_group", "_buckets"):
            state.pop(name, None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Joins the process group that there is then: every rank loads."""
        self.__dict__.update(state)
        self._start()

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """Backward passes inside only add to this rank's gradients; the first one after it averages the sums.

        >>> import torch.distributed as dist
        >>> dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
        >>> model = nn.parallel.DistributedDataParallel(nn.Linear(4, 2))
        >>> with model.no_sync():
        ...     model(torch.ones(8, 4)).sum().backward()
        >>> model(torch.ones(8, 4)).sum().backward()
        >>> model.module.bias.grad
        tensor([16., 16.])
        >>> dist.destroy_process_group()
        """
        before = self._buckets.enabled
        self._buckets.enabled = False
        try:
            yield
        finally:
            self._buckets.enabled = before

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        if self.training and is_grad_enabled() and self._buckets.enabled:
            self._buckets.forget()
            if self.broadcast_buffers:
                broadcast_all(list(self.module.buffers()), self._group, self._limit)
        return self.module(*inputs, **kwargs)
