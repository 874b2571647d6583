"""Extensions built by setuptools: `setup(ext_modules=[CppExtension(...)], cmdclass={"build_ext": BuildExtension})`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from setuptools import Extension
from setuptools.command.build_ext import build_ext

from torch.utils.cpp_extension import toolchain
from torch.utils.cpp_extension.ninja_file import SharedLibrary, rule_of, run

__all__ = ["BuildExtension", "CUDAExtension", "CppExtension"]


def CppExtension(name: str, sources: Sequence[str], *args: Any, **kwargs: Any) -> Extension:
    """A setuptools.Extension for C and C++ that finds torch's headers and links its libraries.

    `extra_compile_args` is a list, or a dict of lists for "cxx" (C and C++) and "nvcc". At run time the libraries are those of
    the torch that was imported before; if none was, of the one that stands beside the extension in site-packages.

    >>> from torch.utils import cpp_extension
    >>> cpp_extension.CppExtension("lltm", ["lltm.cpp"], extra_compile_args=["-O3"]).language
    'c++'
    """
    return _extension(name, sources, args, kwargs, cuda=False)


def CUDAExtension(name: str, sources: Sequence[str], *args: Any, **kwargs: Any) -> Extension:
    """A CppExtension that may hold .cu sources and is linked with the CUDA run time; RuntimeError without a CUDA toolkit.

    >>> from torch.utils import cpp_extension
    >>> extension = cpp_extension.CUDAExtension("lltm", ["lltm.cpp", "kernel.cu"])
    >>> "cudart" in extension.libraries, extension.sources
    (True, ['lltm.cpp', 'kernel.cu'])
    """
    return _extension(name, sources, args, kwargs, cuda=True)


def _extension(name: str, sources: Sequence[str], args: tuple[Any, ...], kwargs: dict[str, Any], *, cuda: bool) -> Extension:
    include = [*kwargs.pop("include_dirs", ()), *toolchain.include_paths(cuda), *toolchain.pybind11_include()]
    library = [*kwargs.pop("library_dirs", ()), *toolchain.library_paths(cuda)]
    # The names of the files, which carry the ABI's number: there is no libTH.so beside libTH.so.1.
    libraries = [*kwargs.pop("libraries", ()), *(f":{Path(file).name}" for file in toolchain.library_files())]
    if cuda:
        libraries.append("cudart")
    up = "/".join([".."] * name.count("."))
    beside = f"$ORIGIN/{up}/torch/lib" if up else "$ORIGIN/torch/lib"
    link = [*kwargs.pop("extra_link_args", ()), "-Wl,--disable-new-dtags", f"-Wl,-rpath,{beside}"]
    extension = Extension(
        name,
        list(sources),
        *args,
        include_dirs=include,
        library_dirs=library,
        libraries=libraries,
        extra_link_args=link,
        language=kwargs.pop("language", "c++"),
        **kwargs,
    )
    extension._torch = True
    return extension


class BuildExtension(build_ext):
    """build_ext by ninja: in parallel, and only what changed, headers included. Other extensions are built as usual.

    `BuildExtension.with_options(use_ninja=False, no_python_abi_suffix=True)` is a command class with other settings.

    >>> from torch.utils import cpp_extension
    >>> cpp_extension.BuildExtension.with_options(use_ninja=False).use_ninja
    False
    """

    use_ninja = True
    no_python_abi_suffix = False
    force: bool

    @classmethod
    def with_options(cls, **options: bool) -> type[BuildExtension]:
        """A subclass with `use_ninja` or `no_python_abi_suffix` set."""
        unknown = set(options) - {"use_ninja", "no_python_abi_suffix"}
        if unknown:
            raise TypeError(f"BuildExtension has no options {sorted(unknown)}; it has use_ninja and no_python_abi_suffix")
        return type(cls.__name__, (cls,), options)

    def build_extension(self, ext: Extension) -> None:
        """Builds one extension."""
        if not getattr(ext, "_torch", False):
            super().build_extension(ext)
            return
        name = ext.name.rpartition(".")[2]
        ext.define_macros = [*ext.define_macros, ("TORCH_EXTENSION_NAME", name)]
        arguments = ext.extra_compile_args
        if not isinstance(arguments, dict):
            arguments = {"cxx": list(arguments or ()), "nvcc": []}
        if self.use_ninja and toolchain.is_ninja_available():
            self._build_by_ninja(ext, arguments)
            return
        if any(rule_of(source) == "cuda" for source in ext.sources):
            raise RuntimeError(f"{ext.name} has CUDA sources, which are built by ninja only: python -m pip install ninja")
        if not self.force:
            self.announce(f"{ext.name} is built whole: without ninja nobody knows which headers it includes", 3)
            self.force = True
        ext.extra_compile_args = [*arguments.get("cxx", []), *([] if _has_standard(arguments) else ["-std=c++17"])]
        super().build_extension(ext)

    def _build_by_ninja(self, ext: Extension, arguments: dict[str, list[str]]) -> None:
        compiler = self.compiler
        macros = [f"-D{key}" if value is None else f"-D{key}={value}" for key, value in ext.define_macros]
        macros += [f"-U{key}" for key in ext.undef_macros]
        includes = dict.fromkeys([*ext.include_dirs, *self.include_dirs])
        common = [*macros, *(f"-I{os.path.abspath(path)}" for path in includes)]  # noqa: PTH100
        c = [*compiler.compiler_so, *common, *arguments.get("cxx", [])]
        cxx = [*_cxx(compiler, "compiler_so"), *([] if _has_standard(arguments) else ["-std=c++17"]), *common]
        commands = {"c": c, "cxx": [*cxx, *arguments.get("cxx", [])]}
        if any(rule_of(source) == "cuda" for source in ext.sources):
            commands["cuda"] = [
                toolchain.cuda_compiler(), "-O2", "-std=c++17", *common, *toolchain.arch_flags(), *arguments.get("nvcc", [])
            ]  # fmt: skip
        output = Path(self.get_ext_fullpath(ext.name)).absolute()
        output.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(self.build_temp, ext.name).absolute()
        end = [*(str(Path(item).absolute()) for item in ext.extra_objects), *(f"-L{path}" for path in ext.library_dirs)]
        end += [f"-Wl,-rpath,{path}" for path in ext.runtime_library_dirs]
        end += [*(f"-l{name}" for name in [*ext.libraries, *self.libraries]), *ext.extra_link_args]
        library = SharedLibrary(
            output=output,
            sources=[Path(source).absolute() for source in ext.sources],
            objects=folder,
            compile=commands,
            link=_cxx(compiler, "linker_so"),
            libraries=end,
            inputs=[*(str(Path(item).absolute()) for item in ext.depends), *toolchain.library_files()],
        )
        run(folder, library, what=f"extension {ext.name!r}", verbose=bool(self.verbose))

    def get_ext_filename(self, fullname: str) -> str:
        """With `no_python_abi_suffix`: name.so, for a library that is no Python module."""
        file = Path(super().get_ext_filename(fullname))
        return str(file.with_name(f"{file.name.split('.')[0]}.so") if self.no_python_abi_suffix else file)


def _has_standard(arguments: dict[str, list[str]]) -> bool:
    return any(argument.startswith("-std=") for argument in arguments.get("cxx", []))


def _cxx(compiler: Any, command: str) -> list[str]:
    """The C++ form of a command of setuptools' compiler; older ones only have that of C, with another program."""
    known = getattr(compiler, f"{command}_cxx", None)
    if known:
        return list(known)
    words = list(getattr(compiler, command))
    program = list(compiler.compiler_cxx)[:1]
    return [*program, *words[1:]]
