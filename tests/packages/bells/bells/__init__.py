"""A bell."""

from bells._ring import strokes
from bells.version import __version__

__all__ = ["__version__", "strokes"]
