"""Environment variables that change how fast things are, what is built, or what is loaded; each with its effect in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

__all__ = ["EFFECTS", "effects"]

_TAKEN_OUT = "kept from compilers and linkers by the build; other programs still see it"
# A name that ends with * stands for all that begin so. The first that matches speaks.
EFFECTS: tuple[tuple[str, str], ...] = (
    (
        "OPENBLAS_CORETYPE",
        "OpenBLAS uses the kernels of this processor; unset it to let it choose",
    ),
    ("OPENBLAS_L2_SIZE", "OpenBLAS cuts its blocks for this cache instead of the processor's; unset it to let it measure"),
    ("OPENBLAS_NUM_THREADS", "threads of OpenBLAS"),
    ("OPENBLAS_*", "read by OpenBLAS"),
    ("GOTO_NUM_THREADS", "threads of OpenBLAS"),
    ("OMP_NUM_THREADS", "threads of our libraries and of OpenBLAS, where nothing more special is set"),
    ("OMP_*", "read by OpenMP run times: placing and number of threads"),
    ("GOMP_*", "read by gcc's OpenMP run time, such as pinning threads to processors"),
    ("KMP_*", "read by Intel's and LLVM's OpenMP run time"),
    ("MKL_*", "read by Intel's MKL, if that is the BLAS"),
    ("BLIS_*", "read by BLIS, if that is the BLAS"),
    ("TH_CPU_LEVEL", "our kernels are taken from this CPU level at most; results and speed may differ from the default"),
    ("CCACHE_DISABLE", "ccache compiles everything by itself; unset it to use the compiler cache"),
    ("CCACHE_RECACHE", "ccache compiles everything anew and replaces what it has; unset it to use the compiler cache"),
    ("CCACHE_READONLY", "ccache answers, but keeps nothing new"),
    ("CCACHE_BASEDIR", "set by the build for its own compilations; no effect on them"),
    ("CCACHE_*", "read by ccache"),
    ("SCCACHE_*", "read by sccache when its server starts"),
    ("PYTHONDONTWRITEBYTECODE", "Python compiles each module at each start: every import is slower; unset it"),
    ("PYTHONHOME", "Python looks for its library there; generators of the build do not see it"),
    ("PYTHONPATH", "modules are imported from there first; generators of the build do not see it"),
    ("PYTHONHASHSEED", "fixes the order of Python's sets; builds do not depend on it"),
    ("LD_PRELOAD", "loaded into every program, compilers included; unset it if a build fails strangely"),
    ("LD_LIBRARY_PATH", "searched before the system's libraries by every program; our libraries find each other without it"),
    ("LD_BIND_NOW", "programs resolve all symbols at their start"),
    ("CPATH", _TAKEN_OUT),
    ("C_INCLUDE_PATH", _TAKEN_OUT),
    ("CPLUS_INCLUDE_PATH", _TAKEN_OUT),
    ("OBJC_INCLUDE_PATH", _TAKEN_OUT),
    ("LIBRARY_PATH", _TAKEN_OUT),
    ("LD_RUN_PATH", _TAKEN_OUT),
    ("GCC_EXEC_PREFIX", "gcc looks for its own programs there"),
    ("COMPILER_PATH", "gcc looks for assembler and linker there"),
    ("SOURCE_DATE_EPOCH", "the time that wheels and __DATE__ get"),
    ("TMPDIR", "where compilers put temporary files"),
    ("MALLOC_*", "read by the allocator of the C library"),
    ("CUDA_VISIBLE_DEVICES", "GPUs that programs may use"),
)


def effects(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """(name, value, effect) of each variable that is set and not empty, in the order of the table.

    >>> list(effects({"OMP_NUM_THREADS": "2", "HOME": "/h"}))[0][:2]
    ('OMP_NUM_THREADS', '2')
    """
    said: set[str] = set()
    for pattern, effect in EFFECTS:
        stem = pattern.removesuffix("*")
        for name in sorted(environ):
            matches = name.startswith(stem) if stem != pattern else name == pattern
            if matches and name not in said and environ[name]:
                said.add(name)
                yield name, environ[name], effect
