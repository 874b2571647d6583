"""torch: tensors with gradients, on the TH and THNN libraries. The API is that of PyTorch 0.4.

Importing this package loads the extension `torch._C` and little else: `torch.nn`, `torch.optim`, `torch.cuda`,
`torch.distributed`, `torch.multiprocessing` and `torch.utils` are imported when they are first used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` costs 13 ms at import; only type checkers need it
if TYPE_CHECKING:
    from typing import Any

    from torch import backends as backends
    from torch import cuda as cuda
    from torch import distributed as distributed
    from torch import distributions as distributions
    from torch import multiprocessing as multiprocessing
    from torch import nn as nn
    from torch import optim as optim
    from torch import serialization as serialization
    from torch import sparse as sparse
    from torch import storage as storage
    from torch import utils as utils
    from torch._functions import *  # noqa: F403
    from torch.serialization import load as load
    from torch.serialization import save as save
    from torch.sparse import sparse_coo_tensor as sparse_coo_tensor
    from torch.sparse import spmm as spmm
    from torch.storage import ByteStorage as ByteStorage
    from torch.storage import CharStorage as CharStorage
    from torch.storage import DoubleStorage as DoubleStorage
    from torch.storage import FloatStorage as FloatStorage
    from torch.storage import HalfStorage as HalfStorage
    from torch.storage import IntStorage as IntStorage
    from torch.storage import LongStorage as LongStorage
    from torch.storage import ShortStorage as ShortStorage

try:
    from torch import _C
    from torch.version import __version__ as __version__
except ImportError as _error:
    from torch._import_error import explain

    raise explain(_error) from _error

Tensor = _C.Tensor
Size = _C.Size
dtype = _C.dtype
device = _C.device
layout = _C.layout
Generator = _C.Generator
default_generator = _C.default_generator
strided = _C.strided
sparse_coo = _C.sparse_coo

# Before the dtypes, whose names hide the builtins `int` and `float` below.
from torch import __config__ as __config__  # noqa: E402
from torch import _tensor  # noqa: E402
from torch import autograd as autograd  # noqa: E402
from torch._legacy_types import *  # noqa: E402, F403
from torch._tensor_str import set_printoptions as set_printoptions  # noqa: E402
from torch.autograd import enable_grad as enable_grad  # noqa: E402
from torch.autograd import no_grad as no_grad  # noqa: E402
from torch.autograd import set_grad_enabled as set_grad_enabled  # noqa: E402
from torch.functional import *  # noqa: E402, F403
from torch.random import *  # noqa: E402, F403

uint8 = _C.uint8
int8 = _C.int8
int16 = short = _C.int16
int32 = int = _C.int32
int64 = long = _C.int64
float16 = half = _C.float16
float32 = float = _C.float32
float64 = double = _C.float64

get_num_threads = _C.get_num_threads
set_num_threads = _C.set_num_threads
set_flush_denormal = _C.set_flush_denormal

for _name in dir(_C.ops):
    if not _name.startswith("_"):
        globals().setdefault(_name, getattr(_C.ops, _name))  # names written in Python win
_tensor.install()
del annotations, TYPE_CHECKING  # not for users

_LAZY = ("backends", "cuda", "distributed", "distributions", "multiprocessing", "nn", "optim", "sparse", "utils")
# Names of modules that are imported when one of them is first used.
_LAZY_NAMES = {
    "load": "serialization",
    "save": "serialization",
    "sparse_coo_tensor": "sparse",
    "spmm": "sparse",
    **dict.fromkeys(
        [f"{kind}Storage" for kind in ("Byte", "Char", "Double", "Float", "Half", "Int", "Long", "Short")], "storage"
    ),
}


def __getattr__(name: str) -> Any:
    if name in _LAZY or name in ("serialization", "storage"):
        import importlib

        return importlib.import_module(f"torch.{name}")
    if name in _LAZY_NAMES:
        found = getattr(__getattr__(_LAZY_NAMES[name]), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module 'torch' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(
        {*_LAZY, *_LAZY_NAMES, *(name for name in globals() if not name.startswith("_")), "__version__", "__config__"}
    )
