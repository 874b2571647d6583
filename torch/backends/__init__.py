"""Libraries that do the work of some operations where they are there: `torch.backends.cudnn`."""

from __future__ import annotations

from torch.backends import cudnn as cudnn

__all__ = ["cudnn"]
