"""Modules on several devices."""

from torch.nn.parallel.replication import DataParallel, data_parallel

__all__ = ["DataParallel", "data_parallel"]
