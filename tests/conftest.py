"""What holds for all tests."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """Fifteen thousand tests are a million objects: no collection of garbage need look at them again."""
    gc.collect()
    gc.freeze()
