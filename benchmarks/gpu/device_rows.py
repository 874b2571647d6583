"""Operations on a CUDA device beside the PyTorch of the same interpreter, turn about on the same GPU.

Each side runs in a process of its own (both are called `torch`) and answers for one row at a time: warm-up, then a loop that
ends with a synchronisation; the table has medians over rounds, and for element-wise rows the bytes that were read and written.
float32 means float32 on both sides (TF32 is off), but for the rows that name TF32.

    python benchmarks/gpu/device_rows.py [--json FILE] [--rounds 5] [--only TEXTS] [--wide]

--wide: the rows of wide_rows.py instead. PYTHONPATH must not hold this tree: it is added here. Rows of two devices are left out
where there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from turns import medians, text, visible_devices
from wide_rows import WIDE

ROOT = Path(__file__).resolve().parents[2]

_LINE = "x = torch.rand(100_000_000, device='cuda'); y = x + 1; z = x + 2"
_HALF = "x = torch.rand(100_000_000, device='cuda').half(); y = x + 1; z = x + 2"
_PLANE = "x = torch.rand(8192, 8192, device='cuda'); y = torch.empty_like(x); b = x[0].clone()"
_ORDER = _PLANE + "; i = torch.arange(8191, -1, -1, device='cuda')"
_IMAGES = "x = torch.rand(64, 64, 56, 56, device='cuda'); nn = torch.nn"
_ROWS = "x = torch.rand(8192, 1024, device='cuda', requires_grad=True); g = torch.ones_like(x); nn = torch.nn"
_STEPS = "x = torch.rand(64, 64, 512, device='cuda'); nn = torch.nn"
_BACK = _STEPS + "; g = torch.ones_like(x); x.requires_grad_()"
_TF32 = "; torch.backends.cudnn.allow_tf32 = True"
_CONVOLUTION = _IMAGES + "; c = nn.Conv2d(64, 64, 3, padding=1).cuda(); x.requires_grad_(); y = c(x).detach()"
_MLP = """
m = torch.nn.Sequential(torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 10)).cuda()
o = torch.optim.SGD(m.parameters(), lr=0.1)
x, t = torch.rand(128, 784, device='cuda'), torch.zeros(128, dtype=torch.int64, device='cuda')
"""
_STEP = "o.zero_grad(); torch.nn.functional.cross_entropy(m(x), t).backward(); o.step()"
# A million elements of a square matrix; PyTorch's second layout where a row asks for it.
_MATRIX = """
i, v = (torch.rand(2, 1_000_000, device='cuda') * {n}).long(), torch.rand(1_000_000, device='cuda')
x = torch.sparse_coo_tensor(i, v, ({n}, {n}))
s, y = x.coalesce(), torch.rand({n}, {columns}, device='cuda')
"""
_BY_ROWS = "\nif hasattr(s, 'to_sparse_csr'): s = s.to_sparse_csr()"
_TABLE = """
w, m = (torch.rand(65_536, device='cuda') ** 3 * 100_000).long(), torch.nn.Embedding(100_000, 64, sparse=True).cuda()
m(w).sum().backward(); x = m.weight.grad
"""
_LOOKUP = "o.zero_grad(); m(w).sum().backward(); o.step()"
_FLOATS, _ELEMENTS = 400_000_000, 8192 * 8192 * 4  # bytes

# name: (set-up, statement, bytes moved or 0). Sizes that fill the device; the last group is about the cost of a launch.
ROWS: dict[str, tuple[str, str, int]] = {
    "copy 1e8 float": (_LINE, "y.copy_(x)", 2 * _FLOATS),
    "fill 1e8 float": (_LINE, "x.fill_(2)", _FLOATS),
    "add 1e8 float": (_LINE, "torch.add(x, y, out=z)", 3 * _FLOATS),
    "mul scalar 1e8 float": (_LINE, "torch.mul(x, 3, out=z)", 2 * _FLOATS),
    "exp 1e8 float": (_LINE, "torch.exp(x, out=z)", 2 * _FLOATS),
    "add 1e8 half": (_HALF, "torch.add(x, y, out=z)", 3 * _FLOATS // 2),
    "transposed copy 8192": (_PLANE, "y.copy_(x.t())", 2 * _ELEMENTS),
    "broadcast add 8192": (_PLANE, "torch.add(x, b, out=y)", 2 * _ELEMENTS),
    "sum 1e8": (_LINE, "x.sum()", _FLOATS),
    "sum rows 8192": (_PLANE, "x.sum(1)", _ELEMENTS),
    "sum columns 8192": (_PLANE, "x.sum(0)", _ELEMENTS),
    "max rows 8192": (_PLANE, "x.max(1)", _ELEMENTS),
    "softmax 8192": (_PLANE, "torch.nn.functional.softmax(x, 1)", 2 * _ELEMENTS),
    "cumsum 8192": (_PLANE, "x.cumsum(1)", 2 * _ELEMENTS),
    "index_select 8192": (_ORDER, "x.index_select(0, i)", 2 * _ELEMENTS),
    "uniform 1e8": (_LINE, "x.uniform_()", _FLOATS),
    "sort 1e7": ("x = torch.rand(10_000_000, device='cuda')", "x.sort()", 0),
    "mm 4096 float": ("x = torch.rand(4096, 4096, device='cuda')", "x.mm(x)", 0),
    "mm 8192 half": ("x = torch.rand(8192, 8192, device='cuda').half()", "x.mm(x)", 0),
    "bmm 64 x 512 float": ("x = torch.rand(64, 512, 512, device='cuda')", "x.bmm(x)", 0),
    "conv 3x3": (_CONVOLUTION, "c(x)", 0),
    "conv 3x3, TF32": (_CONVOLUTION + _TF32, "c(x)", 0),
    "conv 3x3, forth and back": (_CONVOLUTION, "c(x).backward(y)", 0),
    "conv 3x3, forth and back, TF32": (_CONVOLUTION + _TF32, "c(x).backward(y)", 0),
    "conv 3x3, half": (_CONVOLUTION + "; c.half(); h = x.detach().half()", "c(h)", 0),
    "batch norm": (_IMAGES + "; c = nn.BatchNorm2d(64).cuda()", "c(x)", 0),
    "batch norm, forth and back": (_IMAGES + "; x.requires_grad_(); c = nn.BatchNorm2d(64).cuda()", "c(x).backward(x)", 0),
    "layer norm": (_ROWS + "; c = nn.LayerNorm(1024).cuda()", "c(x)", 2 * _ELEMENTS // 8),
    "layer norm, forth and back": (_ROWS + "; c = nn.LayerNorm(1024).cuda()", "c(x).backward(g)", 0),
    "max pool": (_IMAGES + "; c = nn.MaxPool2d(2)", "c(x)", 0),
    "max pool 3 of 2": (_IMAGES + "; c = nn.MaxPool2d(3, 2, 1)", "c(x)", 0),
    "average of planes": (_IMAGES + "; c = nn.AdaptiveAvgPool2d(1)", "c(x)", 0),
    "up-sampling, bilinear": (_IMAGES, "nn.functional.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)", 0),
    "LSTM 64 x 64 x 512": (_STEPS + "; c = nn.LSTM(512, 512).cuda()", "c(x)", 0),
    "LSTM, forth and back": (_BACK + "; c = nn.LSTM(512, 512).cuda()", "c(x)[0].backward(g)", 0),
    "LSTM, half, forth and back": (
        _BACK + "; c = nn.LSTM(512, 512).cuda().half(); h = x.half(); g = g.half()",
        "c(h)[0].backward(g)",
        0,
    ),
    "GRU, forth and back": (_BACK + "; c = nn.GRU(512, 512).cuda()", "c(x)[0].backward(g)", 0),
    "RNN, forth and back": (_BACK + "; c = nn.RNN(512, 512).cuda()", "c(x)[0].backward(g)", 0),
    "LSTM of two layers, both directions": (_STEPS + "; c = nn.LSTM(512, 512, 2, bidirectional=True).cuda()", "c(x)", 0),
    "sparse: mm of 1e5 x 1e5 by 64": (_MATRIX.format(n=100_000, columns=64), "torch.mm(s, y)", 0),
    "sparse: mm of 1e5 x 1e5 by 64, CSR": (_MATRIX.format(n=100_000, columns=64) + _BY_ROWS, "torch.mm(s, y)", 0),
    "sparse: mm of 1e5 x 1e5 by 1": (_MATRIX.format(n=100_000, columns=1), "torch.mm(s, y)", 0),
    "sparse: mm of 4096 x 4096 by 4096": (_MATRIX.format(n=4096, columns=4096), "torch.mm(s, y)", 0),
    "sparse: mm of 4096 x 4096, dense": (_MATRIX.format(n=4096, columns=4096) + "\nd = s.to_dense()", "torch.mm(d, y)", 0),
    "sparse: coalesce 1e6 of 1e5 x 1e5": (_MATRIX.format(n=100_000, columns=1), "x.coalesce()", 0),
    "sparse: coalesce 1e6 of 100 x 100": (_MATRIX.format(n=100, columns=1), "x.coalesce()", 0),
    "sparse: coalesce a gradient of rows": (_TABLE, "x.coalesce()", 0),
    "sparse: to_dense": (_MATRIX.format(n=4096, columns=1), "s.to_dense()", 0),
    "sparse: step of a table, SGD": (_TABLE + "o = torch.optim.SGD(m.parameters(), lr=0.1)", _LOOKUP, 0),
    "sparse: step of a table, SparseAdam": (_TABLE + "o = torch.optim.SparseAdam(list(m.parameters()))", _LOOKUP, 0),
    "launch: add of 10": ("x = torch.rand(10, device='cuda')", "x + x", 0),
    "launch: in place": ("x = torch.rand(10, device='cuda')", "x.add_(1)", 0),
    "allocate 1 MB": ("", "torch.empty(262_144, device='cuda')", 0),
    "step of an MLP": (_MLP, _STEP, 0),
}

_PAIR = "x = [torch.rand({}, device=f'cuda:{{i}}') for i in range(2)]"
_GIB = 1 << 30
_DATA_PARALLEL = """
l, relu = torch.nn.Linear, torch.nn.ReLU
m = torch.nn.DataParallel(torch.nn.Sequential(l(1024, 4096), relu(), l(4096, 4096), relu(), l(4096, 10)).cuda())
o = torch.optim.SGD(m.parameters(), lr=0.1)
x, t = torch.rand(8192, 1024, device='cuda'), torch.zeros(8192, dtype=torch.int64, device='cuda')
"""

_MODULE = """
c, b, r = torch.nn.Conv2d, torch.nn.BatchNorm2d, torch.nn.ReLU
n = torch.nn.Sequential(*(l for i in range(16) for l in (c(64, 64, 3, 1, 1), b(64), r()))).cuda()
p = list(n.parameters())
"""
_PIECES = (
    "y = [torch.rand(64, 64, 32, 32, device=f'cuda:{i}') for i in range(2)]; x = torch.rand(128, 64, 32, 32, device='cuda')"
)
_COMM = _MODULE + "import torch.cuda.comm as d; q = d.broadcast_coalesced([i.detach() for i in p], [0, 1], 10 << 20)"
_CONVOLUTIONS = (
    _MODULE
    + """
m = torch.nn.DataParallel(n)
x = torch.rand(128, 64, 32, 32, device='cuda')
"""
)
_REDUCED = {"1 KiB": 1 << 10, "4 KiB": 1 << 12, "64 KiB": 1 << 16, "1 MiB": 1 << 20, "16 MiB": 1 << 24, "256 MiB": 1 << 28}

# On two devices; bytes are those that NCCL's tests count as the bus's for two: the size itself.
ROWS_OF_TWO: dict[str, tuple[str, str, int]] = {
    **{
        f"two: all_reduce {name}": (_PAIR.format(size // 4), "torch.cuda.nccl.all_reduce(x)", size)
        for name, size in (_REDUCED | {"1 GiB": _GIB}).items()
    },
    "two: reduce 1 GiB": (_PAIR.format(_GIB // 4), "torch.cuda.nccl.reduce(x)", _GIB),
    "two: broadcast 1 GiB": (_PAIR.format(_GIB // 4), "torch.cuda.nccl.broadcast(x)", _GIB),
    "two: copy 1 GiB": (_PAIR.format(_GIB // 4), "x[1].copy_(x[0])", _GIB),
    "two: copy 4 KiB": (_PAIR.format(1024), "x[1].copy_(x[0])", 0),
    "two: broadcast_coalesced": (_COMM, "d.broadcast_coalesced([i.detach() for i in p], [0, 1], 10 << 20)", 0),
    "two: reduce_add_coalesced": (_COMM, "d.reduce_add_coalesced(q, 0, 10 << 20)", 0),
    "two: replicate": (_MODULE, "torch.nn.parallel.replicate(n, [0, 1])", 0),
    "two: scatter": (_PIECES, "torch.nn.parallel.scatter(x, [0, 1])", 0),
    "two: gather": (_PIECES, "torch.nn.parallel.gather(y, 0)", 0),
    "two: DataParallel step": (_DATA_PARALLEL, _STEP, 0),
    "two: DataParallel, 16 convolutions": (_CONVOLUTIONS, "m(x).mean().backward()", 0),
}
EVERY = ROWS | ROWS_OF_TWO | WIDE


def serve() -> None:
    """Answers a row (set-up and statement, in JSON) with seconds for one call, until the input ends."""
    import torch

    def wait() -> None:
        for i in range(torch.cuda.device_count()):
            torch.cuda.synchronize(i)

    for line in sys.stdin:
        setup, statement = json.loads(line)
        names: dict[str, Any] = {"torch": torch}
        torch.backends.cudnn.allow_tf32 = False
        try:
            exec(setup, names)
            code = compile(statement, "row", "exec")
            print(measure(partial(exec, code, names), wait), flush=True)
        except Exception as error:
            print("failed: " + " ".join(str(error).split()), flush=True)
        names.clear()
        torch.cuda.empty_cache()


def measure(call: Callable[[], Any], wait: Callable[[], Any]) -> float:
    """Seconds for one call, from a loop of about 50 ms."""
    for _ in range(3):
        call()
    wait()
    begin = time.perf_counter()
    call()
    wait()
    count = max(1, min(2000, int(0.05 / max(time.perf_counter() - begin, 1e-7))))
    begin = time.perf_counter()
    for _ in range(count):
        call()
    wait()
    return (time.perf_counter() - begin) / count


class Side:
    """A process that measures one of the two packages called torch."""

    def __init__(self, *, ours: bool) -> None:
        path = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and Path(part).resolve() != ROOT]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *path] if ours else path)}
        command = [sys.executable, __file__, "--serve"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd="/"
        )

    def ask(self, row: str) -> float | str:
        """Seconds, or why there are none."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(EVERY[row][:2]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        return float(answer) if answer[:1].isdigit() else answer or "the process ended"


def compare(row: str, sides: tuple[Side, Side], rounds: int) -> dict[str, Any]:
    """Both sides' medians, turn about."""
    answers: tuple[list[float | str], list[float | str]] = ([], [])
    for _ in range(rounds):
        for side, found in zip(sides, answers, strict=True):
            found.append(side.ask(row))
    return medians(row, EVERY[row][2], answers)


def main() -> None:
    """Prints the table and writes it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="rows whose names hold one of these texts, separated by commas")
    parser.add_argument("--wide", action="store_true", help="the rows of wide_rows.py")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
        return
    devices = visible_devices()
    device = devices[0].split(" (")[0]
    print(f"{device}, {len(devices)} in all\n{'':32} {'ours':>10} {'PyTorch':>10}     ratio")
    sides = (Side(ours=True), Side(ours=False))
    results = []
    every = WIDE if arguments.wide else ROWS | (ROWS_OF_TWO if len(devices) > 1 else {})
    for row in (name for name in every if any(part in name for part in arguments.only.split(","))):
        results.append(compare(row, sides, arguments.rounds))
        print(text(results[-1], width=32, digits=0, most=90), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"device": device, "devices": len(devices), "rows": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
