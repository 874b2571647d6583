"""What a verb answers: the same content as lines for people and as JSON for programs."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Report"]


class Report(Protocol):
    """The answer of `plan`, `explain`, `doctor`, `options`, `graph`, `clean`. Building it prints nothing."""

    def lines(self) -> list[str]:
        """Plain text, without colours."""
        ...

    def to_json(self) -> dict[str, Any]:
        """Only dict, list, str, int, float, bool and None; keys are snake_case and stable."""
        ...
