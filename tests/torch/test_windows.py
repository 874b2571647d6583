"""Window functions against SciPy's formulas, written out with NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import torch

WINDOWS = {
    "bartlett_window": np.bartlett, "blackman_window": np.blackman, "hamming_window": np.hamming, "hann_window": np.hanning,
}  # fmt: skip


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("length", [0, 1, 2, 5, 8, 33])
@pytest.mark.parametrize("periodic", [True, False])
def test_against_numpy(name: str, length: int, periodic: bool) -> None:
    found = getattr(torch, name)(length, periodic, dtype=torch.float64)
    wanted = WINDOWS[name](length + 1)[:length] if periodic and length > 1 else WINDOWS[name](length)
    np.testing.assert_allclose(found.numpy(), wanted, rtol=0, atol=1e-15)


def test_options() -> None:
    window = torch.hann_window(4, requires_grad=True)
    assert window.requires_grad
    assert window.dtype == torch.float32
    assert window.tolist() == [0.0, 0.5, 1.0, 0.5]
    assert torch.hamming_window(4, True, 0.5, 0.5).tolist() == window.tolist()


@pytest.mark.parametrize("options", [{"window_length": -1}, {"window_length": 3, "dtype": torch.int64}])
def test_errors(options: dict[str, Any]) -> None:
    with pytest.raises(RuntimeError, match=r"\[hann_window\]"):
        torch.hann_window(**options)
