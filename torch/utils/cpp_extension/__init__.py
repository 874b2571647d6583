"""Extensions of torch in C, C++ and CUDA: built when a program runs (`load`, `load_inline`), or by setuptools.

>>> from torch.utils.cpp_extension import load_inline
>>> square = load_inline("square", '''
...     torch::Tensor square(const torch::Tensor& x) {
...       torch::Tensor y = torch::empty_like(x);
...       torch::check(THTensor_cmul(y.get(), x.get(), x.get()));
...       return y;
...     }''', functions=["square"])                                    # doctest: +SKIP
>>> square.square(torch.ones(2) * 3)                                   # doctest: +SKIP
tensor([9., 9.])

What the headers offer, and how to ship an extension, stands in docs/extending.md.
"""

from __future__ import annotations

from torch.utils.cpp_extension.jit import load as load
from torch.utils.cpp_extension.jit import load_inline as load_inline
from torch.utils.cpp_extension.toolchain import CUDA_HOME as CUDA_HOME
from torch.utils.cpp_extension.toolchain import check_compiler_abi_compatibility as check_compiler_abi_compatibility
from torch.utils.cpp_extension.toolchain import include_paths as include_paths
from torch.utils.cpp_extension.toolchain import is_ninja_available as is_ninja_available
from torch.utils.cpp_extension.toolchain import library_paths as library_paths
from torch.utils.cpp_extension.toolchain import verify_ninja_availability as verify_ninja_availability

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from torch.utils.cpp_extension.build_extension import BuildExtension as BuildExtension
    from torch.utils.cpp_extension.build_extension import CppExtension as CppExtension
    from torch.utils.cpp_extension.build_extension import CUDAExtension as CUDAExtension

__all__ = [
    "CUDA_HOME",
    "BuildExtension",
    "CUDAExtension",
    "CppExtension",
    "check_compiler_abi_compatibility",
    "include_paths",
    "is_ninja_available",
    "library_paths",
    "load",
    "load_inline",
    "verify_ninja_availability",
]


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    if name in ("BuildExtension", "CUDAExtension", "CppExtension"):  # setuptools takes 130 ms, and a program may lack it
        from torch.utils.cpp_extension import build_extension

        return getattr(build_extension, name)
    raise AttributeError(f"module 'torch.utils.cpp_extension' has no attribute '{name}'")
