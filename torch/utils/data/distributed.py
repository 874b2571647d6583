"""The part of a data set that one of several training processes reads."""

from __future__ import annotations

from torch import _C
from torch.utils.data.sampler import Sampler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


__all__ = ["DistributedSampler"]


def __dir__() -> list[str]:
    return sorted(__all__)


class DistributedSampler(Sampler):
    """Every `num_replicas`-th index of a permutation, from `rank` on: the same number for each process.

    The permutation is that of the epoch, which `set_epoch` sets, and the same in all processes. So that all get as many,
    indices from its beginning are taken again at its end. Numbers that are not given are those of torch.distributed.

    >>> sampler = torch.utils.data.distributed.DistributedSampler(range(5), num_replicas=2, rank=0)
    >>> len(sampler), len(list(sampler))
    (3, 3)
    """

    def __init__(self, dataset: Any, num_replicas: int | None = None, rank: int | None = None) -> None:
        if num_replicas is None or rank is None:
            from torch import distributed

            if not distributed.is_initialized():
                raise RuntimeError(
                    "DistributedSampler: this process has joined no process group; call torch.distributed.init_process_group, "
                    "or give num_replicas and rank"
                )
            num_replicas = distributed.get_world_size() if num_replicas is None else num_replicas
            rank = distributed.get_rank() if rank is None else rank
        if not 0 <= rank < num_replicas:
            raise ValueError(f"DistributedSampler: rank {rank} is not one of {num_replicas} replicas")
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.num_samples = -(-len(dataset) // num_replicas)
        self.total_size = self.num_samples * num_replicas

    def __iter__(self) -> Iterator[int]:
        generator = _C.Generator().manual_seed(self.epoch)
        order = _C.ops.randperm(len(self.dataset), generator=generator, device="cpu").tolist()
        return (order[i % len(order)] for i in range(self.rank, self.total_size, self.num_replicas))

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Sets the epoch, before iterating: each has a permutation of its own."""
        self.epoch = epoch
