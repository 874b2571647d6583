"""What one call costs beside NumPy and PyTorch: tensors of one or a few elements, where arithmetic is nothing.

python benchmarks/overhead/overhead.py --peer-python /path/to/peer/bin/python
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import Peer, Result, chosen, clean_environment, compare, parser, peers, report
from rows import Row

_T = "import torch; x = torch.ones(1); y = torch.ones(1); m = torch.ones(4, 4)"
_N = "import numpy as np; x = np.ones(1, 'f4'); y = np.ones(1, 'f4'); m = np.ones((4, 4), 'f4')"

ROWS = (
    Row("x + y, one element", _T, "x + y", _N, "x + y", 120e-9),
    Row("torch.add(x, y)", _T + "; add = torch.add", "add(x, y)", _N + "; add = np.add", "add(x, y)"),
    Row("x + 1.0", _T, "x + 1.0", _N, "x + np.float32(1)"),
    Row("x += y", _T, "x += y", _N, "x += y"),
    Row("x[0]", _T, "x[0]", _N, "x[0]", 60e-9),
    Row("m[1:3]", _T, "m[1:3]", _N, "m[1:3]"),
    Row("m.view(16)", _T, "m.view(16)", _N, "m.reshape(16)", 80e-9),
    Row("m.t()", _T, "m.t()", _N, "m.T", 80e-9),
    Row("x.item()", _T, "x.item()", _N, "x.item()"),
    Row("m.sum(), 4 x 4", _T, "m.sum()", _N, "m.sum()"),
    Row("torch.mm, 2 x 2", _T + "; mm = torch.mm; s = torch.ones(2, 2)", "mm(s, s)", _N + "; s = m[:2, :2].copy()", "s @ s"),
    Row("torch.mm, 4 x 4", _T + "; mm = torch.mm", "mm(m, m)", _N, "m @ m"),
    Row("torch.cat((x, y))", _T + "; cat = torch.cat", "cat((x, y))", _N + "; cat = np.concatenate", "cat((x, y))"),
    Row("torch.zeros(1)", _T + "; zeros = torch.zeros", "zeros(1)", _N + "; zeros = np.zeros", "zeros(1, 'f4')"),
    Row("tensor([1., 2.])", _T + "; tensor = torch.tensor", "tensor([1.0, 2.0])", _N, "np.array([1.0, 2.0], 'f4')"),
    Row("g*g + g, recorded", _T + "; g = torch.ones(1, requires_grad=True)", "g*g + g"),
    Row(
        "(g*g + g).sum().backward()",
        _T + "; g = torch.ones(1, requires_grad=True)",
        "(g*g + g).sum().backward()",
        budget=1.5e-6,
    ),
    Row(
        "nn.Linear(4, 4) forward",
        "import torch; layer = torch.nn.Linear(4, 4); x = torch.ones(1, 4); no = torch.no_grad(); no.__enter__()",
        "layer(x)",
        budget=1e-6,
    ),
    Row(
        "nn.Linear(4, 4) forward, recorded",
        "import torch; layer = torch.nn.Linear(4, 4); x = torch.ones(1, 4)",
        "layer(x)",
    ),
)

_IMPORT = """
import resource, sys, time
start = time.perf_counter()
import {library}
taken = time.perf_counter() - start
sys.stdout.write('[%r, %r]' % (taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
"""


def import_cost(peer: Peer, cache: str = "") -> tuple[float, float]:
    """Seconds and MiB of resident memory of a fresh process that imports the library; `cache`: where its byte code is, if
    elsewhere."""
    environment, _ = clean_environment()
    if cache:
        environment |= {"PYTHONPYCACHEPREFIX": cache, "PYTHONDONTWRITEBYTECODE": "1"}
    if peer.path:
        environment["PYTHONPATH"] = peer.path
    command = [peer.python, "-c", _IMPORT.format(library=peer.library)]
    output = subprocess.run(command, env=environment, cwd="/", check=True, text=True, capture_output=True).stdout
    seconds, memory = json.loads(output)
    return seconds, memory


def import_rows(arguments: argparse.Namespace) -> tuple[list[Result], dict[str, dict[str, float]]]:
    """Rows of the import with byte code and without any, and the memory after each."""
    rows, memory = [], {}
    with tempfile.TemporaryDirectory() as empty:
        for name, cache, budget in (("import", "", 0.08), ("import, no byte code", empty, None)):
            cost: dict[str, list[tuple[float, float]]] = {}
            for _ in range(arguments.rounds):
                for peer in peers(arguments):
                    cost.setdefault(peer.label, []).append(import_cost(peer, cache))
            seconds = {label: statistics.median(pair[0] for pair in pairs) for label, pairs in cost.items()}
            memory[name] = {label: statistics.median(pair[1] for pair in pairs) for label, pairs in cost.items()}
            rows.append(Result(name, seconds, budget=budget))
    return rows, memory


def main() -> None:
    arguments = parser(__doc__.splitlines()[0] if __doc__ else "").parse_args()
    rows = chosen(ROWS, arguments)
    columns = [peer.label for peer in peers(arguments)[1:]]
    results = compare(rows, arguments, threads=1)
    memory: dict[str, dict[str, float]] = {}
    if any(text in "import" for text in arguments.only):
        imports, memory = import_rows(arguments)
        results += imports
    report("Cost of one call", results, arguments, columns)
    for name, found in memory.items():
        print(f"\nResident memory after {name} (budget 45 MiB): " + ", ".join(f"{k} {v:.0f} MiB" for k, v in found.items()))


if __name__ == "__main__":
    main()
