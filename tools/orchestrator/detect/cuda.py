"""The CUDA toolkit, cuDNN and NCCL."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.detect.asking import ask
from orchestrator.detect.folders import distribution, linker_folders, site_folders
from orchestrator.detect.gpuarchitectures import (
    Architecture,
    cmake_words,
    default_architectures,
    parse_architectures,
    supported_by,
)
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing
from orchestrator.process import capture

__all__ = ["detect_cuda", "detect_cudnn", "detect_nccl"]

_USUAL = Path("/usr/local/cuda")


def detect_cuda(context: Context) -> Detection:
    """nvcc of CUDA_HOME, else of PATH, of /usr/local/cuda, of the Python package nvidia-cuda-nvcc.

    Where USE_CUDA is AUTO, a toolkit counts only beside a GPU, or where TORCH_CUDA_ARCH_LIST says what to build for: compiling
    each CUDA unit for every generation of GPUs is what somebody wants who asks for it, not who happens to have nvcc.
    Values: home, nvcc, architectures (the words of CMAKE_CUDA_ARCHITECTURES).
    """
    if context.options["USE_CUDA"] == "OFF":
        return Missing("cuda", "off: USE_CUDA=OFF", required=False)
    looked: list[Candidate] = []
    for nvcc, how in _nvcc_places(context):
        if not os.access(nvcc, os.X_OK):
            looked.append(Candidate(str(nvcc), "not there"))
            continue
        done = ask(context, [str(nvcc), "--version"])
        number = re.search(r"release (\d+\.\d+)", done.output)
        if done.status == 0 and number:
            looked.append(Candidate(str(nvcc), f"taken: {how}", number[1], taken=True))
            return _with_architectures(context, Found("cuda", number[1], nvcc, how, looked=tuple(looked)))
        looked.append(Candidate(str(nvcc), f"`--version` failed with status {done.status}"))
    return Missing("cuda", "off: no nvcc found", tuple(looked), required=context.options["USE_CUDA"] == "ON")


def _with_architectures(context: Context, toolkit: Found) -> Detection:
    """The toolkit with its home and the GPU architectures; Missing if TORCH_CUDA_ARCH_LIST cannot be met."""
    nvcc = str(toolkit.path)
    supported = supported_by(ask(context, [nvcc, "--list-gpu-arch"]).output)
    text = context.option("TORCH_CUDA_ARCH_LIST").strip()
    present = _present_gpus(context)
    place = f"TORCH_CUDA_ARCH_LIST={text}"
    try:
        if not supported:
            raise ValueError(f"{nvcc} --list-gpu-arch names no architecture")
        if not text and not present and context.options["USE_CUDA"] == "AUTO":
            ask_for = "USE_CUDA=ON or TORCH_CUDA_ARCH_LIST=9.0 builds for other machines"
            unasked = Candidate("GPU architectures", f"no GPU is here and none is named: {ask_for}")
            reason = f"off: nvcc {toolkit.version} is here and no GPU; {ask_for}"
            return Missing("cuda", reason, (*toolkit.looked, unasked), required=False)
        if text:
            chosen, reason = parse_architectures(text, supported, lambda: present), "as given"
        else:
            chosen, reason = default_architectures(supported, present)
    except ValueError as error:
        return Missing("cuda", f"{place}: {error}", (*toolkit.looked, Candidate(place, str(error))))
    words = " ".join(item.version for item in chosen)
    values = {"home": _home(context, toolkit.path), "nvcc": nvcc, "architectures": cmake_words(chosen)}
    account = Candidate("GPU architectures", f"{words}: {reason}", taken=True)
    return replace(toolkit, how=f"{toolkit.how}; for {words}", values=values, looked=(*toolkit.looked, account))


def _present_gpus(context: Context) -> tuple[Architecture, ...]:
    """The GPUs of this machine, as the driver's nvidia-smi tells them."""
    for folder in context.path_folders():
        if os.access(folder / "nvidia-smi", os.X_OK):
            # Never from memory: a GPU may come and go while the program stays the same.
            query = [str(folder / "nvidia-smi"), "--query-gpu=compute_cap", "--format=csv,noheader"]
            answer = capture(query, env=context.environ)
            numbers = re.findall(r"^(\d+)\.(\d)$", answer.output, re.MULTILINE) if answer.status == 0 else []
            return tuple(sorted({Architecture(int(major), int(minor)) for major, minor in numbers}))
    return ()


def _home(context: Context, nvcc: Path) -> str:
    """The toolkit's folder as nvcc itself tells it: the program on PATH may be a link or a script that starts the real one."""
    dry = ask(context, [str(nvcc), "--dryrun", "-x", "cu", os.devnull])
    top = re.search(r"^#\$ TOP=(.+)$", dry.output, re.MULTILINE)
    return os.path.normpath(top[1].strip()) if top else str(nvcc.resolve().parent.parent)


def _nvcc_places(context: Context) -> Iterator[tuple[Path, str]]:
    home = context.options["CUDA_HOME"]
    if home:
        yield Path(home) / "bin/nvcc", "CUDA_HOME"
        return
    for folder in dict.fromkeys(context.path_folders()):
        yield folder / "nvcc", "PATH"
    yield _USUAL / "bin/nvcc", str(_USUAL)
    for site in site_folders():
        for name in ("cuda_nvcc", "cu13", "cu12"):
            if (site / "nvidia" / name).is_dir():
                yield site / "nvidia" / name / "bin/nvcc", f"Python package nvidia/{name}"


@dataclass(frozen=True)
class _Part:
    """What distinguishes cuDNN from NCCL. `packages` are distributions; `folder` stands in site-packages/nvidia."""

    name: str
    header: str
    version_headers: tuple[str, ...]
    macros: tuple[str, str, str]
    library: str
    variables: tuple[tuple[str, str], ...]  # (variable, what it names: "home", "include" or "lib")
    folder: str
    packages: tuple[str, ...]


_CUDNN = _Part(
    "cudnn",
    "cudnn.h",
    ("cudnn_version.h", "cudnn.h"),
    ("CUDNN_MAJOR", "CUDNN_MINOR", "CUDNN_PATCHLEVEL"),
    "libcudnn.so",
    (("CUDNN_HOME", "home"), ("CUDNN_ROOT_DIR", "home"), ("CUDNN_INCLUDE_DIR", "include"), ("CUDNN_LIB_DIR", "lib")),
    "cudnn",
    ("nvidia-cudnn-cu13", "nvidia-cudnn-cu12", "nvidia-cudnn-cu11"),
)
_NCCL = _Part(
    "nccl",
    "nccl.h",
    ("nccl.h",),
    ("NCCL_MAJOR", "NCCL_MINOR", "NCCL_PATCH"),
    "libnccl.so",
    (("NCCL_HOME", "home"), ("NCCL_ROOT_DIR", "home"), ("NCCL_INCLUDE_DIR", "include"), ("NCCL_LIB_DIR", "lib")),
    "nccl",
    ("nvidia-nccl-cu13", "nvidia-nccl-cu12", "nvidia-nccl-cu11"),
)


def detect_cudnn(context: Context) -> Detection:
    """Headers and library of cuDNN. Values: include, library."""
    return _detect(context, _CUDNN)


def detect_nccl(context: Context) -> Detection:
    """Headers and library of NCCL. Values: include, library."""
    return _detect(context, _NCCL)


def _detect(context: Context, part: _Part) -> Detection:
    option = f"USE_{part.name.upper()}"
    wanted = context.option(option, "AUTO")
    if wanted == "OFF":
        return Missing(part.name, f"off: {option}=OFF", required=False)
    looked: list[Candidate] = []
    for include, folders, how, version in _places(context, part):
        header = include / part.header
        if not header.is_file():
            looked.append(Candidate(f"{header} ({how})", "not there"))
            continue
        version = version or _header_version(include, part)
        library = _library(folders, part.library)
        if library is None:
            text = f"header without a library: no {part.library}* in {', '.join(map(str, folders))}"
            looked.append(Candidate(f"{header} ({how})", text, version))
            continue
        if not version:
            looked.append(Candidate(f"{header} ({how})", f"does not say {part.macros[0]}"))
            continue
        looked.append(Candidate(f"{header} ({how})", f"taken, with {library}", version, taken=True))
        values = {"include": str(include), "library": str(library)}
        return Found(part.name, version, header, how, values, looked=tuple(looked))
    return Missing(part.name, f"off: no {part.header} found", tuple(looked), required=wanted == "ON")


def _places(context: Context, part: _Part) -> Iterator[tuple[Path, Sequence[Path], str, str]]:
    """(include folder, library folders, how, version if metadata tells it), the first that is complete wins."""
    named = {name: context.option(name) or context.environ.get(name, "") for name, _ in part.variables}
    given = {what: (named[name], name) for name, what in reversed(part.variables) if named[name]}
    if "home" in given or "include" in given or "lib" in given:
        yield _given(given)
        return
    homes = [
        (context.option("CUDA_HOME"), "CUDA_HOME"),
        (str(_USUAL), str(_USUAL)),
        ("/usr", "/usr"),
        ("/usr/local", "/usr/local"),
    ]
    for home, how in homes:
        if home:
            base = Path(home)
            folders = [base / "lib64", base / "lib", *(linker_folders() if home == "/usr" else ())]
            yield base / "include", folders, how, ""
    for site in site_folders():
        for name in (part.folder, "cu13", "cu12"):
            folder = site / "nvidia" / name
            if folder.is_dir():
                yield folder / "include", [folder / "lib"], f"Python package nvidia/{name}", _metadata_version(part)


def _given(given: Mapping[str, tuple[str, str]]) -> tuple[Path, Sequence[Path], str, str]:
    names = ", ".join(name for _, name in given.values())
    home = Path(given["home"][0]) if "home" in given else None
    include = Path(given["include"][0]) if "include" in given else (home / "include" if home else Path("/usr/include"))
    if "lib" in given:
        folders = [Path(given["lib"][0])]
    elif home:
        folders = [home / "lib64", home / "lib"]
    else:
        folders = [include.parent / "lib64", include.parent / "lib"]
    return include, folders, names, ""


def _metadata_version(part: _Part) -> str:
    for name in part.packages:
        found = distribution(name)
        if found is not None:
            return str(found.version)
    return ""


def _header_version(include: Path, part: _Part) -> str:
    for name in part.version_headers:
        try:
            text = (include / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        numbers = [re.search(rf"^#define\s+{macro}\s+(\d+)", text, re.MULTILINE) for macro in part.macros]
        if all(numbers):
            return ".".join(number[1] for number in numbers if number)
    return ""


def _library(folders: Sequence[Path], name: str) -> Path | None:
    for folder in folders:
        for path in (folder / name, *sorted(folder.glob(f"{name}.*"))):
            if path.is_file():
                return path
    return None
