"""The CUDA toolkit."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from orchestrator.detect.asking import ask
from orchestrator.detect.compiler import detect_compiler
from orchestrator.detect.cudatoolkit import USUAL, Driver, look_at_driver, look_at_parts, run_time_libraries, toolkit_of
from orchestrator.detect.folders import site_folders
from orchestrator.detect.gpuarchitectures import (
    Architecture,
    cmake_words,
    default_architectures,
    parse_architectures,
    supported_by,
)
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing

__all__ = ["detect_cuda"]

_LEAST = (12, 0)


def detect_cuda(context: Context) -> Detection:
    """nvcc of CUDA_HOME, else of PATH, of /usr/local/cuda, of the Python package nvidia-cuda-nvcc.

    Where USE_CUDA is AUTO, a toolkit counts only beside a GPU, or where TORCH_CUDA_ARCH_LIST says what to build for: compiling
    each CUDA unit for every generation of GPUs is what somebody wants who asks for it, not who happens to have nvcc.
    Values: home, nvcc, program (the nvcc that `nvcc` leads to), architectures (the words of CMAKE_CUDA_ARCHITECTURES);
    flags, where it does not know all that it needs.
    """
    if "cuda" not in context.known:
        context.known["cuda"] = _look(context)
    return context.known["cuda"]


def _look(context: Context) -> Detection:
    if context.options["USE_CUDA"] == "OFF":
        return Missing("cuda", "off: USE_CUDA=OFF", required=False)
    looked: list[Candidate] = []
    places = tuple(_nvcc_places(context))
    asked = tuple(nvcc for nvcc, _ in places)
    for nvcc, how in places:
        if not nvcc.is_file():
            looked.append(Candidate(str(nvcc), "not there"))
            continue
        version, refusal = _nvcc_version(context, nvcc)
        if not refusal:
            looked.append(Candidate(str(nvcc), f"taken: {how}", version, taken=True))
            return _with_architectures(context, Found("cuda", version, nvcc, how, looked=tuple(looked), asked=asked))
        looked.append(Candidate(str(nvcc), refusal, version))
    refused = next((item for item in looked if item.verdict != "not there"), None)
    home = context.options["CUDA_HOME"]
    reason = f"CUDA_HOME={home} has no bin/nvcc" if home else "no nvcc found"
    if refused is not None:
        reason = f"{refused.place}: {refused.verdict}"
    wanted = context.options["USE_CUDA"] == "ON"
    return Missing("cuda", f"off: {reason}", tuple(looked), required=wanted, asked=asked)


def _nvcc_version(context: Context, nvcc: Path) -> tuple[str, str]:
    """(version, "") or (version or "", why not)."""
    if not os.access(nvcc, os.X_OK):
        return "", "not a program: it may not be executed"
    done = ask(context, [str(nvcc), "--version"])
    number = re.search(r"release (\d+)\.(\d+)", done.output)
    if done.status != 0 or number is None:
        said = done.output.strip().partition("\n")[0]
        return "", f"`--version` failed with status {done.status}: {said or 'it says nothing'}"
    version = f"{number[1]}.{number[2]}"
    if (int(number[1]), int(number[2])) < _LEAST:
        return version, f"{version} is older than {_LEAST[0]}.{_LEAST[1]}"
    return version, ""


def _with_architectures(context: Context, found: Found) -> Detection:
    """The toolkit with its home and the GPU architectures; Missing if it lacks something, or cannot meet what is wanted."""
    nvcc = str(found.path)
    toolkit = toolkit_of(found.path, ask(context, [nvcc, "--dryrun", "-x", "cu", os.devnull]).output)
    parts = look_at_parts(toolkit, found.version)
    found = replace(found, looked=(*found.looked, *parts.looked), asked=(*found.asked, *parts.files))
    driver = look_at_driver(context)
    insists = bool(_listed(context)) or context.options["USE_CUDA"] == "ON"

    def missing(reason: str, place: str, why: str, step: str) -> Missing:
        looked = (*found.looked, Candidate(place, why))
        return Missing("cuda", reason, looked, required=insists, asked=found.asked, step=step)

    if parts.refusal:
        reason = f"off: {parts.refusal}"
        return Missing("cuda", reason, found.looked, required=insists, asked=found.asked, step=parts.step)
    if not insists and not driver.gpus:
        ask_for = "USE_CUDA=ON or TORCH_CUDA_ARCH_LIST=9.0 builds for other machines"
        looked = (*found.looked, driver.account(found.version))
        unasked = Candidate("GPU architectures", f"no GPU is here and none is named: {ask_for}")
        reason = f"off: nvcc {found.version} is here and no GPU; {ask_for}"
        step = "say what to build for: TORCH_CUDA_ARCH_LIST=9.0, or USE_CUDA=ON for one of each generation"
        return Missing("cuda", reason, (*looked, unasked), required=False, asked=found.asked, step=step)
    try:
        chosen, reason = _chosen(context, nvcc, driver)
    except ValueError as error:
        if text := _listed(context):
            place = f"TORCH_CUDA_ARCH_LIST={text}"
            return missing(f"{place}: {error}", place, str(error), "correct TORCH_CUDA_ARCH_LIST, or unset it")
        step = "name architectures that it compiles for with TORCH_CUDA_ARCH_LIST, or another toolkit with CUDA_HOME"
        return missing(f"off: {error}", "GPU architectures", str(error), step)
    if refusal := _host_refusal(context, nvcc):
        step = "choose a host compiler with CXX, another toolkit with CUDA_HOME, or USE_CUDA=OFF"
        return missing(f"off: {refusal}", "host compiler", refusal, step)
    words = " ".join(item.version for item in chosen)
    values = {"home": str(toolkit.home), "nvcc": nvcc, "program": str(toolkit.nvcc), "architectures": cmake_words(chosen)}
    if missed := toolkit.missed():  # what is said on the command line takes the place of the variable
        values["flags"] = f"{context.environ.get('CUDAFLAGS', '')} -L{shlex.quote(str(missed))}".strip()
    account = Candidate("GPU architectures", f"{words}: {reason}", taken=True)
    beside = (*run_time_libraries(context, toolkit.home), driver.account(found.version), account)
    how, warnings = f"{found.how}; for {words}", driver.warnings(found.version)
    return replace(found, how=how, values=values, looked=(*found.looked, *beside), warnings=warnings)


def _listed(context: Context) -> str:
    return context.option("TORCH_CUDA_ARCH_LIST").strip()


def _chosen(context: Context, nvcc: str, driver: Driver) -> tuple[tuple[Architecture, ...], str]:
    """What to compile for, and the reason. Raises ValueError if that cannot be."""
    supported = supported_by(ask(context, [nvcc, "--list-gpu-arch"]).output)
    if not supported:
        raise ValueError(f"{nvcc} --list-gpu-arch names no architecture")
    if text := _listed(context):
        return parse_architectures(text, supported, lambda: driver.gpus), "as given"
    return default_architectures(supported, driver.gpus)


def _host_refusal(context: Context, nvcc: str) -> str:
    """What nvcc has against this host compiler: one that is too new for it, or headers of its own that are missing.

    An empty file is preprocessed, which reads the headers that check the compiler. "" also where there is no compiler, which
    its own detector says.
    """
    compiler = detect_compiler(context)
    if isinstance(compiler, Missing):
        return ""
    host, version = compiler.values["cxx"], compiler.values["cxx_version"]
    try:  # -allow-unsupported-compiler
        flags = shlex.split(f"{context.environ.get('CUDAFLAGS', '')} {context.option('TORCH_NVCC_FLAGS')}")
    except ValueError:
        flags = []
    # The version is no word of nvcc's: with it the answer is not taken for one about another compiler of that name.
    command = [nvcc, *flags, f"-DHOST_COMPILER={version.split()[-1]}", "-ccbin", host, "-x", "cu", "-E", os.devnull]
    done = ask(context, [*command, "-o", os.devnull])
    if done.status == 0:
        return ""
    if unsupported := re.search(r"#error -- (unsupported .*?)(?: The nvcc|$)", done.output, re.MULTILINE):
        said = unsupported[1].replace(" .", ".")
        return f"nvcc refuses the host compiler {host} ({version}): {said} Name another with CXX"
    said = next((line.strip() for line in done.output.splitlines() if "error" in line), f"status {done.status}")
    return f"nvcc cannot read its own headers with the host compiler {host} ({version}): {said}"


def _nvcc_places(context: Context) -> Iterator[tuple[Path, str]]:
    home = context.options["CUDA_HOME"]
    if home:
        yield Path(home) / "bin/nvcc", "CUDA_HOME"
        return
    for folder in dict.fromkeys(context.path_folders()):
        yield folder / "nvcc", "PATH"
    yield USUAL / "bin/nvcc", str(USUAL)
    for site in site_folders():
        for name in ("cuda_nvcc", "cu13", "cu12"):
            if (site / "nvidia" / name).is_dir():
                yield site / "nvidia" / name / "bin/nvcc", f"Python package nvidia/{name}"
