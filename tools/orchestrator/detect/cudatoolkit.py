"""What stands around nvcc: its own parts and headers, the libraries that are opened at run time, the driver."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestrator.detect.folders import distribution, file_version, linker_folders, site_folders
from orchestrator.detect.gpuarchitectures import Architecture
from orchestrator.detect.result import Candidate, Context
from orchestrator.process import capture

__all__ = ["USUAL", "Driver", "Toolkit", "look_at_driver", "look_at_parts", "run_time_libraries", "toolkit_of"]

USUAL = Path("/usr/local/cuda")


@dataclass(frozen=True)
class Toolkit:
    """As nvcc tells it. `nvcc` is the real program: the one on PATH may be a link, or a script that starts it.

    `includes` are the folders where it looks for its own headers, `compiler` that of cicc; empty if it does not tell.
    """

    home: Path
    nvcc: Path
    includes: tuple[Path, ...]
    compiler: Path | None


@dataclass(frozen=True)
class Driver:
    """As nvidia-smi tells it. `trouble` says why it tells nothing."""

    version: str = ""
    gpus: tuple[Architecture, ...] = ()
    trouble: str = ""

    def account(self, cuda: str) -> Candidate:
        """A line about it beside a toolkit of version `cuda`."""
        if self.trouble:
            return Candidate("driver", f"{self.trouble}; building needs none")
        verdict = "too old for what this nvcc makes" if self.warnings(cuda) else "taken"
        return Candidate("driver", verdict, self.version or "of an unknown version", taken=verdict == "taken")

    def warnings(self, cuda: str) -> tuple[tuple[str, str], ...]:
        """What is odd, and what to do: a driver that cannot run what a toolkit of version `cuda` makes."""
        major = cuda.partition(".")[0]
        least = _DRIVERS.get(major)
        number = self.version.partition(".")[0]
        if least is None or not number.isdigit() or int(number) >= least:
            return ()
        what = f"The driver of this machine, {self.version}, is too old for nvcc {cuda}: CUDA {major} needs {least} or later."
        others = [release for release, needs in _DRIVERS.items() if needs <= int(number)]
        instead = f", or name a toolkit of CUDA {others[-1]} with CUDA_HOME" if others else ""
        return ((what, f"update the driver{instead}; what is built meanwhile runs on other machines"),)


# The first driver that runs programs of each CUDA, whatever its minor version.
_DRIVERS = {"11": 450, "12": 525, "13": 580}


@dataclass(frozen=True)
class _Header:
    """A header of the toolkit that names a version; `package` brings it."""

    title: str
    file: str
    macro: str
    scale: int  # major * scale + minor * 10 ... of the macro's number
    package: str


_RUNTIME = _Header("runtime headers", "cuda_runtime_api.h", "CUDART_VERSION", 1000, "nvidia-cuda-runtime")
_CCCL = _Header("CCCL headers", "cub/version.cuh", "CUB_VERSION", 100000, "nvidia-cuda-cccl")

# (title, file, folder below site-packages/nvidia, packages)
_LIBRARIES = (
    ("cuBLAS", "libcublas.so", "cublas", ("nvidia-cublas", "nvidia-cublas-cu12")),
    ("cuSOLVER", "libcusolver.so", "cusolver", ("nvidia-cusolver", "nvidia-cusolver-cu12")),
    ("cuFFT", "libcufft.so", "cufft", ("nvidia-cufft", "nvidia-cufft-cu12")),
)


def toolkit_of(nvcc: Path, dryrun: str) -> Toolkit:
    """From what `nvcc --dryrun` says of an empty file."""
    said = dict(re.findall(r"^#\$ (\w+)=(.*)$", dryrun, re.MULTILINE))
    top = said.get("TOP", "").strip()
    home = Path(os.path.normpath(top)) if top else nvcc.resolve().parent.parent
    real = home / "bin/nvcc"
    try:
        words = shlex.split(f"{said.get('INCLUDES', '')} {said.get('SYSTEM_INCLUDES', '')}")
    except ValueError:
        words = []
    folders = [word.removeprefix("-I") for word in words if word.removeprefix("-I").startswith("/")]
    cicc = said.get("CICC_PATH", "").strip()
    includes = tuple(Path(os.path.normpath(folder)) for folder in folders)
    return Toolkit(home, real if real.is_file() else nvcc, includes, Path(os.path.normpath(cicc)) if cicc else None)


def look_at_parts(toolkit: Toolkit, version: str) -> tuple[tuple[Candidate, ...], str, tuple[Path, ...]]:
    """(account, refusal, files): the parts without which nothing compiles, and why they will not do; "" if they will."""
    release = ".".join(version.split(".")[:2])
    found = [*_compilers(toolkit, version, release)]
    found += [_headers(toolkit, header, version, release) for header in (_RUNTIME, _CCCL) if toolkit.includes]
    accounts = tuple(account for account, _, _ in found)
    refusal = next((refusal for _, refusal, _ in found if refusal), "")
    own = (toolkit.nvcc, *((toolkit.compiler / "cicc",) if toolkit.compiler else ()))
    return accounts, refusal, tuple(dict.fromkeys((*own, *(file for _, _, files in found for file in files))))


_Part = tuple[Candidate, str, tuple[Path, ...]]


def _compilers(toolkit: Toolkit, version: str, release: str) -> Iterator[_Part]:
    """What nvcc starts, and its headers for the host. Packages hold them apart, and let any version stand beside nvcc's."""
    if toolkit.compiler is None:
        return
    cicc = toolkit.compiler / "cicc"
    if not os.access(cicc, os.X_OK):
        why = f"nvcc {version} lacks cicc, its compiler, in {cicc.parent}. {_install('nvidia-nvvm', release)}"
        yield Candidate(f"device compiler {cicc}", "not there, and nvcc needs it"), why, (cicc,)
    for title, package, file in (
        ("device compiler", "nvidia-nvvm", cicc),
        ("headers for the host compiler", "nvidia-cuda-crt", toolkit.home / "include/crt/host_config.h"),
    ):
        number = _packaged(toolkit.home, package)
        if number and file.is_file():
            why = _other_release(title, file, ".".join(number.split(".")[:2]), release, package)
            yield Candidate(f"{title} {file} (Python package {package})", why or "taken", number, taken=not why), why, (file,)


def _packaged(home: Path, package: str) -> str:
    """The version of an installed Python package that has put files into the toolkit `home`; "" if none has."""
    found = distribution(package)
    places = (found.locate_file(f"nvidia/{home.name}"),) if found is not None else ()
    return str(found.version) if found is not None and any(Path(str(place)) == home for place in places) else ""


def _headers(toolkit: Toolkit, header: _Header, version: str, release: str) -> _Part:
    path = next((place for folder in toolkit.includes if (place := folder / header.file).is_file()), None)
    if path is None:
        where = ", ".join(dict.fromkeys(map(str, toolkit.includes)))
        why = f"nvcc {version} lacks {header.file} in {where}. {_install(header.package, release)}"
        account = Candidate(f"{header.title} ({header.file}) in {where}", "not there, and nvcc needs them")
        return account, why, tuple(folder / header.file for folder in toolkit.includes)
    found = _macro_version(path, header)
    why = _other_release(header.title, path, found, release, header.package) if header is _RUNTIME else ""
    return Candidate(f"{header.title} {path}", why or "taken", found, taken=not why), why, (path,)


def _other_release(title: str, path: Path, found: str, release: str, package: str) -> str:
    """nvcc and CCCL refuse headers of another release, in the middle of a build; another cicc makes who knows what."""
    if not found or found == release:
        return ""
    verb = "are" if "headers" in title else "is"
    return f"nvcc is {release} and its {title} {verb} {found} ({path}). {_install(package, release)}"


def _install(package: str, release: str) -> str:
    return f"In an environment of Python packages: python -m pip install '{package}{_pin(package, release)}'"


def _pin(package: str, release: str) -> str:
    """CCCL counts for itself, and serves every nvcc of its time."""
    return "" if package == _CCCL.package else f"=={release}.*"


def _macro_version(path: Path, header: _Header) -> str:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    match = re.search(rf"^#\s*define\s+{header.macro}\s+(\d+)", text, re.MULTILINE)
    if match is None:
        return ""
    number = int(match[1])
    minor = number % header.scale
    return f"{number // header.scale}.{minor // 10 if header.scale == 1000 else minor // 100}"


def run_time_libraries(context: Context, home: Path) -> Iterator[Candidate]:
    """Where the libraries are that are opened when they are first needed. Nothing is compiled or linked against them."""
    for title, file, folder, packages in _LIBRARIES:
        for place, how, version in _library_places(context, home, folder, packages):
            path = next((path for path in (place / file, *sorted(place.glob(f"{file}.*"))) if path.is_file()), None)
            if path is not None:
                yield Candidate(f"{title} {path} ({how})", "opened at run time", version or file_version(path), taken=True)
                break
        else:
            verdict = f"none here; what needs it opens it at run time: python -m pip install {packages[0]}"
            yield Candidate(title, verdict)


def _library_places(context: Context, home: Path, folder: str, packages: tuple[str, ...]) -> Iterator[tuple[Path, str, str]]:
    for place in (*linker_folders(), Path(f"/usr/lib/{os.uname().machine}-linux-gnu")):
        yield place, "the loader's", ""
    installed = next((found for name in packages if (found := distribution(name)) is not None), None)
    for site in site_folders():
        for name in (folder, "cu13"):
            yield site / "nvidia" / name / "lib", f"Python package nvidia/{name}", str(installed.version) if installed else ""
    named = context.option("CUDA_HOME")
    for base, how in ((Path(named), "CUDA_HOME") if named else (home, "the toolkit's"), (USUAL, str(USUAL))):
        yield base / "lib64", how, ""
        yield base / "lib", how, ""


def look_at_driver(context: Context) -> Driver:
    """Driver and GPUs of this machine, as nvidia-smi tells them."""
    for folder in context.path_folders():
        program = folder / "nvidia-smi"
        if os.access(program, os.X_OK):
            # Never from memory: a GPU may come and go while the program stays the same.
            query = [str(program), "--query-gpu=compute_cap,driver_version", "--format=csv,noheader"]
            answer = capture(query, env=context.environ)
            if answer.status != 0:
                first = answer.output.strip().partition("\n")[0]
                return Driver(trouble=f"{program} failed with status {answer.status}: {first or 'it says nothing'}")
            rows = re.findall(r"^(\d+)\.(\d)(?:, *([\d.]+))? *$", answer.output, re.MULTILINE)
            if not rows:
                return Driver(trouble=f"{program} names no GPU")
            gpus = tuple(sorted({Architecture(int(major), int(minor)) for major, minor, _ in rows}))
            return Driver(rows[0][2], gpus)
    return Driver(trouble="none: no nvidia-smi on PATH")
