"""The options that every family has: typed and documented here, once. docs/build_options.md is made from this table."""

from __future__ import annotations

from orchestrator.options.optionspec import RUN, TOOLS, TREE, OptionSpec, OptionType

__all__ = ["BUILTIN", "GROUPS"]

# Headings, in the order of lists and documents. The manifest's own options stand under the first.
GROUPS = ("Libraries", "Configuration", "Compilers and flags", "Numeric libraries", "CUDA", "This run", "Tools")

_COMPILER = ("compiler",)
_CUDA = ("cuda", "cudnn", "nccl")
_ARCHITECTURES = (
    "GPU architectures to compile for: `8.0;9.0a+PTX`, families (`Hopper`), `native`, `all-major`, `all`; "
    "default: the GPUs of this machine, else one of each generation."
)


def _flags(name: str, doc: str) -> OptionSpec:
    return OptionSpec(name, OptionType.TEXT, "", doc, (), (), "Compilers and flags", _COMPILER, scoped=True)


def _place(name: str, doc: str, affects: tuple[str, ...], *aliases: str) -> OptionSpec:
    return OptionSpec(name, OptionType.TEXT, "", doc, aliases, (), "CUDA", affects)


def _feature(name: str, doc: str, group: str, affects: str, *aliases: str) -> OptionSpec:
    return OptionSpec(name, OptionType.TRISTATE, "AUTO", doc, aliases, (), group, (affects,))


def _tool(name: str, doc: str) -> OptionSpec:
    return OptionSpec(name, OptionType.TEXT, "", doc, (), (), "Tools", (TOOLS,))


_CONFIGURATION = (
    OptionSpec(
        "DEBUG",
        OptionType.BOOL,
        "OFF",
        "Build the configuration `debug`: no optimisation, all checks. For one library: build that one so.",
        group="Configuration",
        affects=(TREE,),
        scoped=True,
    ),
    OptionSpec(
        "REL_WITH_DEB_INFO",
        OptionType.BOOL,
        "OFF",
        "Build the configuration `relwithdebinfo`: optimised, with debug information. For one library: build that one so.",
        group="Configuration",
        affects=(TREE,),
        scoped=True,
    ),
)

_COMPILERS = (
    OptionSpec("CC", OptionType.TEXT, "", "The C compiler.", (), (), "Compilers and flags", _COMPILER),
    OptionSpec("CXX", OptionType.TEXT, "", "The C++ compiler.", (), (), "Compilers and flags", _COMPILER),
    _flags("CFLAGS", "Flags for each C compilation."),
    _flags("CPPFLAGS", "Flags for each C and C++ compilation, before CFLAGS and CXXFLAGS: includes and definitions."),
    _flags("CXXFLAGS", "Flags for each C++ compilation."),
    _flags("LDFLAGS", "Flags for each link."),
    OptionSpec(
        "WERROR",
        OptionType.BOOL,
        "OFF",
        "Warnings of the compiler are errors.",
        group="Compilers and flags",
        affects=_COMPILER,
        scoped=True,
    ),
    OptionSpec(
        "BUILD_TESTS",
        OptionType.BOOL,
        "ON",
        "Describe the C tests (they are built on demand).",
        ("BUILD_TEST", "!NO_TEST"),
        group="Compilers and flags",
        affects=_COMPILER,
        scoped=True,
    ),
    _feature(
        "USE_CCACHE",
        "Compile through a compiler cache: ccache or sccache.",
        "Compilers and flags",
        "compiler",
        "WITH_CCACHE",
        "!NO_CCACHE",
    ),
    OptionSpec(
        "HOLD_MEMORY",
        OptionType.BOOL,
        "ON",
        "Measure the memory of each compilation and link, and hold those back that would not fit beside what runs.",
        group="Compilers and flags",
        affects=_COMPILER,
    ),
    OptionSpec(
        "CMAKE_PREFIX_PATH",
        OptionType.TEXT,
        "",
        "Prefixes in which cmake looks for packages.",
        group="Compilers and flags",
        affects=_COMPILER,
    ),
    OptionSpec(
        "CMAKE_TOOLCHAIN_FILE",
        OptionType.TEXT,
        "",
        "CMake's description of a cross compiler. Another file, or another content, makes the build tree anew.",
        group="Compilers and flags",
        affects=_COMPILER,
    ),
)

_NUMERIC = (
    OptionSpec(
        "BLAS",
        OptionType.TEXT,
        "auto",
        "auto, openblas (the package scipy-openblas32), none (plain C), or the path of a library.",
        ("WITH_BLAS",),
        group="Numeric libraries",
        affects=("blas",),
    ),
    OptionSpec(
        "SYSTEM_LIBS",
        OptionType.BOOL,
        "OFF",
        "For distributors: take what the system has; no pip, no network, no library of others in the package.",
        group="Numeric libraries",
        affects=("blas", "pybind11"),
    ),
)

_CUDA_OPTIONS = (
    _feature("USE_CUDA", "The CUDA libraries of the manifest.", "CUDA", "cuda", "WITH_CUDA", "!NO_CUDA"),
    _feature("USE_CUDNN", "The bindings of cuDNN.", "CUDA", "cudnn", "WITH_CUDNN", "!NO_CUDNN"),
    _feature("USE_NCCL", "The bindings of NCCL.", "CUDA", "nccl", "WITH_NCCL", "!NO_NCCL"),
    _feature(
        "USE_SYSTEM_NCCL",
        "Whose NCCL: `ON` that of the system or of CUDA_HOME, `OFF` that of the Python package, `AUTO` the first of them.",
        "CUDA",
        "nccl",
        "!NO_SYSTEM_NCCL",
    ),
    _feature("USE_DISTRIBUTED", "Training on several machines.", "CUDA", "distributed", "WITH_DISTRIBUTED", "!NO_DISTRIBUTED"),
    _place("CUDA_HOME", "The CUDA toolkit.", _CUDA, "CUDA_PATH"),
    _place("TORCH_CUDA_ARCH_LIST", _ARCHITECTURES, ("cuda",)),
    _place("TORCH_NVCC_FLAGS", "Flags for each CUDA compilation.", ("cuda",)),
    _place("CUDNN_HOME", "Prefix of cuDNN.", ("cudnn",), "CUDNN_ROOT_DIR"),
    _place("CUDNN_INCLUDE_DIR", "Folder of cudnn.h.", ("cudnn",)),
    _place("CUDNN_LIB_DIR", "Folder of libcudnn.", ("cudnn",)),
    _place("NCCL_HOME", "Prefix of NCCL.", ("nccl",), "NCCL_ROOT_DIR"),
    _place("NCCL_INCLUDE_DIR", "Folder of nccl.h.", ("nccl",)),
    _place("NCCL_LIB_DIR", "Folder of libnccl.", ("nccl",)),
)

_RUN = (
    OptionSpec(
        "MAX_JOBS",
        OptionType.INT,
        "",
        "Commands that run at once; default: the processors that this process may use.",
        group="This run",
        affects=(RUN,),
    ),
    OptionSpec(
        "VERBOSE", OptionType.BOOL, "OFF", "Show the output of cmake and ninja, as -v does.", group="This run", affects=(RUN,)
    ),
)

BUILTIN: tuple[OptionSpec, ...] = (
    *_CONFIGURATION,
    *_COMPILERS,
    *_NUMERIC,
    *_CUDA_OPTIONS,
    *_RUN,
    _tool("CMAKE", "The cmake program."),
    _tool("NINJA", "The ninja program."),
)
