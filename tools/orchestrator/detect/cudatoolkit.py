"""What stands around nvcc: its own parts and headers, the libraries that are opened at run time, the driver."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from orchestrator.detect.folders import distribution, file_version, linker_folders, site_folders
from orchestrator.detect.gpuarchitectures import Architecture
from orchestrator.detect.result import Candidate, Context
from orchestrator.process import capture

__all__ = ["USUAL", "Driver", "Parts", "Toolkit", "look_at_driver", "look_at_parts", "run_time_libraries", "toolkit_of"]

USUAL = Path("/usr/local/cuda")


@dataclass(frozen=True)
class Toolkit:
    """As nvcc tells it. `nvcc` is the real program: the one on PATH may be a link, or a script that starts it.

    `includes` are the folders where it looks for its own headers, `libraries` where the linker looks for its own libraries,
    `compiler` that of cicc; empty if it does not tell.
    """

    home: Path
    nvcc: Path
    includes: tuple[Path, ...]
    libraries: tuple[Path, ...]
    compiler: Path | None

    def missed(self) -> Path | None:
        """A folder with its libraries in which it does not look: nvcc of wheels wants lib64, where others put them into lib."""
        folder = self.home / "lib"
        looked = any((place / _STATIC).is_file() for place in self.libraries)
        return folder if self.libraries and not looked and (folder / _STATIC).is_file() else None


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

_STATIC = "libcudart_static.a"
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
    cicc = said.get("CICC_PATH", "").strip()
    includes = _folders(f"{said.get('INCLUDES', '')} {said.get('SYSTEM_INCLUDES', '')}")
    compiler = Path(os.path.normpath(cicc)) if cicc else None
    return Toolkit(home, real if real.is_file() else nvcc, includes, _folders(said.get("LIBRARIES", "")), compiler)


def _folders(flags: str) -> tuple[Path, ...]:
    """Those in -I, -isystem and -L."""
    try:
        words = [re.sub(r"^-[IL]", "", word) for word in shlex.split(flags)]
    except ValueError:
        return ()
    return tuple(Path(os.path.normpath(word)) for word in words if word.startswith("/"))


@dataclass(frozen=True)
class Parts:
    """Without which nothing compiles. `refusal` says why they will not do, and `step` what to do then; "" if they will."""

    looked: tuple[Candidate, ...]
    files: tuple[Path, ...]
    refusal: str = ""
    step: str = ""


@dataclass(frozen=True)
class _Part:
    account: Candidate
    files: tuple[Path, ...]
    package: str  # which brings it
    trouble: str = ""


def look_at_parts(toolkit: Toolkit, version: str) -> Parts:
    """What a toolkit of that version has."""
    release = ".".join(version.split(".")[:2])
    parts = [*_compilers(toolkit, release)]
    parts += [_headers(toolkit, header, release) for header in (_RUNTIME, _CCCL) if toolkit.includes]
    parts += _library(toolkit)
    own = (toolkit.nvcc, *((toolkit.compiler / "cicc",) if toolkit.compiler else ()))
    files = tuple(dict.fromkeys((*own, *(file for part in parts for file in part.files))))
    looked = tuple(part.account for part in parts)
    lacking = [part for part in parts if part.trouble]
    if not lacking:
        return Parts(looked, files)
    step = f"install the whole toolkit of CUDA {release}, or name another with CUDA_HOME"
    if toolkit.home.parent.name == "nvidia":
        # CCCL counts for itself, and serves every nvcc of its time.
        wanted = [part.package if part.package == _CCCL.package else f"'{part.package}=={release}.*'" for part in lacking]
        step = f"python -m pip install {' '.join(wanted)}"
    return Parts(looked, files, f"nvcc is {release}, and {'; '.join(part.trouble for part in lacking)}", step)


def _compilers(toolkit: Toolkit, release: str) -> Iterator[_Part]:
    """What nvcc starts, and its headers for the host. Packages hold them apart, and let any version stand beside nvcc's."""
    if toolkit.compiler is None:
        return
    cicc = toolkit.compiler / "cicc"
    if not os.access(cicc, os.X_OK):
        account = Candidate(f"device compiler {cicc}", "not there, and nvcc needs it")
        yield _Part(account, (cicc,), "nvidia-nvvm", f"it lacks its device compiler {cicc}")
    for title, package, file in (
        ("device compiler", "nvidia-nvvm", cicc),
        ("headers for the host compiler", "nvidia-cuda-crt", toolkit.home / "include/crt/host_config.h"),
    ):
        number = _packaged(toolkit.home, package)
        if number and file.is_file():
            yield _part(f"{title} {file} (Python package {package})", title, number, file, package, release)


def _library(toolkit: Toolkit) -> Iterator[_Part]:
    """The runtime, which is linked into each library."""
    folders = (*toolkit.libraries, *filter(None, [toolkit.missed()]))
    found = next((path for folder in folders if (path := folder / _STATIC).is_file()), None)
    if found is not None:
        yield _Part(Candidate(f"runtime library {found}", "taken", taken=True), (found,), _RUNTIME.package)
    elif folders:
        where = ", ".join(dict.fromkeys(map(str, folders)))
        account = Candidate(f"runtime library ({_STATIC}) in {where}", "not there, and nvcc needs it")
        files = tuple(folder / _STATIC for folder in (*folders, toolkit.home / "lib"))
        yield _Part(account, files, _RUNTIME.package, f"it lacks its runtime library ({_STATIC} in {where})")


def _part(place: str, title: str, number: str, file: Path, package: str, release: str) -> _Part:
    """nvcc and CCCL refuse headers of another release, in the middle of a build; another cicc makes who knows what."""
    other = number and number.split(".")[:2] != release.split(".")
    verb = "are" if "headers" in title else "is"
    trouble = f"its {title} {verb} {'.'.join(number.split('.')[:2])} ({file})" if other else ""
    verdict = f"another release than nvcc's, {release}" if other else "taken"
    return _Part(Candidate(place, verdict, number, taken=not other), (file,), package, trouble)


def _packaged(home: Path, package: str) -> str:
    """The version of an installed Python package that has put files into the toolkit `home`; "" if none has."""
    found = distribution(package)
    places = (found.locate_file(f"nvidia/{home.name}"),) if found is not None else ()
    return str(found.version) if found is not None and any(Path(str(place)) == home for place in places) else ""


def _headers(toolkit: Toolkit, header: _Header, release: str) -> _Part:
    path = next((place for folder in toolkit.includes if (place := folder / header.file).is_file()), None)
    if path is None:
        where = ", ".join(dict.fromkeys(map(str, toolkit.includes)))
        account = Candidate(f"{header.title} ({header.file}) in {where}", "not there, and nvcc needs them")
        files = tuple(folder / header.file for folder in toolkit.includes)
        return _Part(account, files, header.package, f"it lacks its {header.title} ({header.file} in {where})")
    number = _macro_version(path, header)
    compared = release if header is _CCCL else number
    made = _part(f"{header.title} {path}", header.title, compared, path, header.package, release)
    return replace(made, account=replace(made.account, version=number))


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
