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
from orchestrator.detect.folders import site_folders
from orchestrator.detect.gpuarchitectures import (
    Architecture,
    cmake_words,
    default_architectures,
    parse_architectures,
    supported_by,
)
from orchestrator.detect.result import Candidate, Context, Detection, Found, Missing
from orchestrator.process import capture

__all__ = ["detect_cuda"]

_USUAL = Path("/usr/local/cuda")


def detect_cuda(context: Context) -> Detection:
    """nvcc of CUDA_HOME, else of PATH, of /usr/local/cuda, of the Python package nvidia-cuda-nvcc.

    Where USE_CUDA is AUTO, a toolkit counts only beside a GPU, or where TORCH_CUDA_ARCH_LIST says what to build for: compiling
    each CUDA unit for every generation of GPUs is what somebody wants who asks for it, not who happens to have nvcc.
    Values: home, nvcc, architectures (the words of CMAKE_CUDA_ARCHITECTURES).
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
        if not os.access(nvcc, os.X_OK):
            looked.append(Candidate(str(nvcc), "not there"))
            continue
        done = ask(context, [str(nvcc), "--version"])
        number = re.search(r"release (\d+\.\d+)", done.output)
        if done.status == 0 and number:
            looked.append(Candidate(str(nvcc), f"taken: {how}", number[1], taken=True))
            return _with_architectures(context, Found("cuda", number[1], nvcc, how, looked=tuple(looked), asked=asked))
        looked.append(Candidate(str(nvcc), f"`--version` failed with status {done.status}"))
    return Missing("cuda", "off: no nvcc found", tuple(looked), required=context.options["USE_CUDA"] == "ON", asked=asked)


def _with_architectures(context: Context, toolkit: Found) -> Detection:
    """The toolkit with its home and the GPU architectures; Missing if TORCH_CUDA_ARCH_LIST cannot be met."""
    nvcc = str(toolkit.path)
    supported = supported_by(ask(context, [nvcc, "--list-gpu-arch"]).output)
    text = context.option("TORCH_CUDA_ARCH_LIST").strip()
    present = _present_gpus(context)
    place, wanted = f"TORCH_CUDA_ARCH_LIST={text}", context.options["USE_CUDA"]
    try:
        if not supported:
            raise ValueError(f"{nvcc} --list-gpu-arch names no architecture")
        if not text and not present and wanted == "AUTO":
            ask_for = "USE_CUDA=ON or TORCH_CUDA_ARCH_LIST=9.0 builds for other machines"
            unasked = Candidate("GPU architectures", f"no GPU is here and none is named: {ask_for}")
            reason = f"off: nvcc {toolkit.version} is here and no GPU; {ask_for}"
            return Missing("cuda", reason, (*toolkit.looked, unasked), required=False, asked=toolkit.asked)
        if text:
            chosen, reason = parse_architectures(text, supported, lambda: present), "as given"
        else:
            chosen, reason = default_architectures(supported, present)
    except ValueError as error:
        return Missing("cuda", f"{place}: {error}", (*toolkit.looked, Candidate(place, str(error))), asked=toolkit.asked)
    if refusal := _host_refusal(context, nvcc):
        looked = (*toolkit.looked, Candidate("host compiler", refusal))
        return Missing("cuda", f"off: {refusal}", looked, required=bool(text) or wanted == "ON", asked=toolkit.asked)
    words = " ".join(item.version for item in chosen)
    values = {"home": _home(context, toolkit.path), "nvcc": nvcc, "architectures": cmake_words(chosen)}
    account = Candidate("GPU architectures", f"{words}: {reason}", taken=True)
    return replace(toolkit, how=f"{toolkit.how}; for {words}", values=values, looked=(*toolkit.looked, account))


def _host_refusal(context: Context, nvcc: str) -> str:
    """What nvcc has against this host compiler: one that is too new for it, or headers of its own that are missing.

    An empty file is preprocessed, which reads the headers that check the compiler. "" also where there is no compiler, which
    its own detector says.
    """
    compiler = detect_compiler(context)
    if isinstance(compiler, Missing):
        return ""
    host, version = compiler.values["cxx"], compiler.values["cxx_version"]
    try:
        flags = shlex.split(context.environ.get("CUDAFLAGS", ""))  # -allow-unsupported-compiler
    except ValueError:
        flags = []
    # The version is no word of nvcc's: with it the answer is not taken for one about another compiler of that name.
    command = [nvcc, *flags, f"-DHOST_COMPILER={version.split()[-1]}", "-ccbin", host, "-x", "cu", "-E", os.devnull]
    done = ask(context, [*command, "-o", os.devnull])
    if done.status == 0:
        return ""
    if unsupported := re.search(r"#error -- (unsupported [^!]+!(?: [^!.]+!)?)", done.output):
        return f"nvcc refuses the host compiler {host} ({version}): {unsupported[1]} Name another with CXX"
    said = next((line.strip() for line in done.output.splitlines() if "error" in line), f"status {done.status}")
    return f"nvcc cannot read its own headers with the host compiler {host} ({version}): {said}"


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
