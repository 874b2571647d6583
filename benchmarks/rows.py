"""What a benchmark measures: statements, timed by a worker process with `timeit`.

The same text runs in this project's torch and in PyTorch; NumPy has its own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a table. A statement without NumPy text has no NumPy peer.

    budget: the design's limit for ours, in seconds, where it names one.
    """

    name: str
    setup: str
    statement: str
    numpy_setup: str = ""
    numpy_statement: str = ""
    budget: float | None = None

    def code(self, library: str) -> tuple[str, str] | None:
        """Setup and statement for "torch" or "numpy"."""
        if library == "torch":
            return self.setup, self.statement
        return (self.numpy_setup, self.numpy_statement) if self.numpy_statement else None
