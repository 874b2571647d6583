"""Types of sparse tensors on CUDA devices: `torch.cuda.sparse.FloatTensor` is to `torch.sparse.FloatTensor` what
`torch.cuda.FloatTensor` is to `torch.FloatTensor`. What they do is in `torch.sparse`.
"""

from __future__ import annotations

from torch import sparse

__all__ = [name for name in sparse.__all__ if name.endswith("Tensor") and name != "SparseTensor"]

globals().update((name, sparse.sparse_type(getattr(sparse, name).dtype, is_cuda=True)) for name in __all__)


def __dir__() -> list[str]:
    return sorted(__all__)
