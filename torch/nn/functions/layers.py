"""The extension's own functions where no default needs Python: a function around them would cost more than they do."""

from __future__ import annotations

from torch import _C

linear = _C.nn.linear
conv1d = _C.nn.conv1d
conv2d = _C.nn.conv2d
conv3d = _C.nn.conv3d
conv_transpose1d = _C.nn.conv_transpose1d
conv_transpose2d = _C.nn.conv_transpose2d
conv_transpose3d = _C.nn.conv_transpose3d
