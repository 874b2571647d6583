"""Rows of `kernels.py`: Fourier transforms, by the functions of 0.4 and by those of later versions (a module `torch.fft`)."""

from __future__ import annotations

from rows import Row

_DATA = """import numpy as np
source = np.random.default_rng(0)
a = source.standard_normal({shape}, dtype='f8').astype('{dtype}')
"""
_TORCH = (
    _DATA
    + """import torch
x = torch.from_numpy(a)
if callable(torch.fft):
    complex_transform, real_transform = torch.fft, torch.rfft
else:
    x = torch.view_as_complex(x) if {complex} else x
    complex_transform = real_transform = lambda x, dims: {later}(x, dim=tuple(range(-dims, 0)))
"""
)
_NUMPY = (
    _DATA + "z = a[..., 0] + 1j * a[..., 1] if {complex} else a\nz = z.astype('c8') if {complex} and '{dtype}' == 'f4' else z"
)
# Name, shape of the reals, dtype, dimensions, whether complex.
_CASES = (
    ("fft (complex64, 1000 lines of 1024)", (1000, 1024, 2), "f4", 1, True),
    ("fft (complex64, 1000 lines of 1000)", (1000, 1000, 2), "f4", 1, True),
    ("fft (complex64, 1000 lines of 1009)", (1000, 1009, 2), "f4", 1, True),
    ("fft (complex128, 2**20)", (1 << 20, 2), "f8", 1, True),
    ("fft (complex64, 1024x1024)", (1024, 1024, 2), "f4", 2, True),
    ("rfft (float32, 1000 lines of 1024)", (1000, 1024), "f4", 1, False),
    ("rfft (float64, 1024x1024)", (1024, 1024), "f8", 2, False),
)


def rows() -> list[Row]:
    """A complex number is a pair of reals here, a dtype in NumPy and in later versions of torch."""
    result = []
    for name, shape, dtype, dims, is_complex in _CASES:
        later = "torch.fft.fftn" if is_complex else "torch.fft.rfftn"
        names = {"shape": shape, "dtype": dtype, "complex": is_complex, "later": later}
        ours = f"{'complex' if is_complex else 'real'}_transform(x, {dims})"
        theirs = f"np.fft.{'fftn' if is_complex else 'rfftn'}(z, axes={tuple(range(-dims, 0))})"
        result.append(Row(name, _TORCH.format(**names), ours, _NUMPY.format(**names), theirs))
    return result
