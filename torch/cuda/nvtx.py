"""Marks and ranges in the timeline of a profiler, beside the work of the devices (NVTX).

Nsight Systems and its kin show them; without a profiler they do nothing. They need a build with CUDA (RuntimeError says so) and
no device.
"""

from __future__ import annotations

from torch import _C

__all__ = ["mark", "range_pop", "range_push"]


def __dir__() -> list[str]:
    return sorted(__all__)


def range_push(msg: str) -> int:
    """Begins a range inside those that this thread has begun; returns its depth, from 0 on, or a negative number where no
    profiler listens.

    >>> if torch.cuda.is_available():
    ...     depth = torch.cuda.nvtx.range_push("forward")
    ...     depth = torch.cuda.nvtx.range_pop()
    """
    return _C.cuda.nvtx_range_push(msg)


def range_pop() -> int:
    """Ends the range that this thread began last; returns its depth, or a negative number where no profiler listens.

    >>> if torch.cuda.is_available():
    ...     depth = torch.cuda.nvtx.range_push("forward")
    ...     depth = torch.cuda.nvtx.range_pop()
    """
    return _C.cuda.nvtx_range_pop()


def mark(msg: str) -> None:
    """Marks this moment.

    >>> if torch.cuda.is_available():
    ...     torch.cuda.nvtx.mark("epoch 1")
    """
    _C.cuda.nvtx_mark(msg)
