"""The extension's own functions where no default needs Python: a function around them would cost more than they do."""

from __future__ import annotations

from torch import _C

linear = _C.nn.linear
conv2d = _C.nn.conv2d
