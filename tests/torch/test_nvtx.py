"""Marks and ranges of NVTX, as a profiler in this process sees them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import torch
from torch.autograd import profiler
from torch.cuda import nvtx

# What NVTX's headers do at their first call: open the library that NVTX_INJECTION64_PATH names, and let it put its functions in
# their table. Numbers and layouts are those of nvtx3/nvtxDetail/nvtxTypes.h.
LISTENER = r"""
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef void (*function)(void);
typedef struct {
    size_t size;
    int (*table)(int module, function ***out, unsigned *count);
} callbacks;
static int depth;

static void mark(const char *message) { printf("mark %s\n", message); fflush(stdout); }
static int push(const char *message) { printf("push %s\n", message); fflush(stdout); return depth++; }
static int pop(void) { printf("pop\n"); fflush(stdout); return --depth; }

int InitializeInjectionNvtx2(const void *(*export_table)(uint32_t id))
{
    const callbacks *const found = export_table(1);
    function **table;
    unsigned count;
    if (found == NULL || !found->table(1, &table, &count) || count < 12) return 0;
    *table[2] = (function)mark;
    *table[9] = (function)push;
    *table[11] = (function)pop;
    return 1;
}
"""

PROGRAM = """
import torch
from torch.autograd import profiler
from torch.cuda import nvtx

nvtx.mark("moment")
print([nvtx.range_push("outer"), nvtx.range_push("inner"), nvtx.range_pop(), nvtx.range_pop()], flush=True)
x = torch.ones(2, requires_grad=True)
with profiler.emit_nvtx():
    with profiler.record_function("mine"):
        y = x.exp()
    y.sum().backward()
x.exp()
with profiler.emit_nvtx(enabled=False):
    x.exp()
with profiler.profile() as recorded:
    x.exp()
print([event.name for event in recorded.function_events], flush=True)
"""

WITHOUT_CUDA = "built without CUDA" in torch.cuda.unavailable_reason()


@pytest.mark.skipif(not WITHOUT_CUDA, reason="built with CUDA")
def test_without_cuda_every_use_says_so() -> None:
    for use in (lambda: nvtx.mark("a"), lambda: nvtx.range_push("a"), nvtx.range_pop, profiler.emit_nvtx().__enter__):
        with pytest.raises(RuntimeError, match="built without CUDA"):
            use()


@pytest.mark.skipif(WITHOUT_CUDA, reason="built without CUDA")
def test_without_a_profiler_nothing_happens() -> None:
    nvtx.mark("moment")
    assert nvtx.range_push("outer") < 0 and nvtx.range_pop() < 0
    with pytest.raises(TypeError):
        nvtx.mark(1)  # type: ignore[arg-type]
    with profiler.emit_nvtx(), pytest.raises(RuntimeError, match="already enabled on this thread"):
        profiler.profile().__enter__()
    with profiler.profile() as recorded:
        torch.ones(2).exp()
    assert [event.name for event in recorded.function_events or []] == ["ones", "exp"]


@pytest.mark.skipif(WITHOUT_CUDA, reason="built without CUDA")
@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc, which makes the profiler")
def test_a_profiler_sees_marks_and_ranges(tmp_path: Path) -> None:
    source, library = tmp_path / "listener.c", tmp_path / "listener.so"
    source.write_text(LISTENER, encoding="utf-8")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
    environment = {**os.environ, "NVTX_INJECTION64_PATH": str(library), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    direct = ["mark moment", "push outer", "push inner", "pop", "pop", "[0, 1, 1, 0]"]
    ops = ["push mine", "push exp", "pop", "pop", "push sum", "pop"]
    backward = [line for node in ("SumBackward", "ExpBackward", "AccumulateGrad") for line in (f"push {node}", "pop")]
    assert done.stdout.splitlines() == [*direct, *ops, *backward, "['exp']"]
