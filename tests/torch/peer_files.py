"""Exchanges files with a real PyTorch: each reads what the other wrote, in both formats.

`python tests/torch/peer_files.py PYTHON`, where PYTHON is the interpreter of an environment with PyTorch in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Runs here and there: `write FOLDER` and `read FOLDER`.
EXCHANGE = r"""
import collections, math, sys, warnings
from pathlib import Path
import torch
warnings.simplefilter("ignore")

DTYPES = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64]

def make():
    base = torch.tensor([[0.0, 1.5, -2.0], [3.0, 4.0, math.inf]])
    layer = torch.nn.Linear(3, 2)
    with torch.no_grad():
        for n, p in enumerate(layer.parameters()):
            p.zero_(); p.add_(n + 0.5)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.25, momentum=0.5)
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return collections.OrderedDict([
        ("dtypes", [torch.tensor([0, 1, 100]).to(d) for d in DTYPES]),
        ("base", base), ("row", base[1]), ("column", base.t()), ("scalar", torch.tensor(2.5)), ("empty", torch.empty(0, 3)),
        ("large", torch.arange(0, 100000)), ("grad", torch.ones(2, requires_grad=True)),
        ("parameter", torch.nn.Parameter(base[0].clone())),
        ("plain", {"a": [1, 2.5, None, True, "text", b"bytes", (1, 2)], 3: 2 ** 70}), ("size", torch.Size([2, 3])),
        ("dtype", torch.float16), ("device", torch.device("cpu")), ("state", layer.state_dict()),
        ("sparse", torch.sparse_coo_tensor([[2, 0, 2], [1, 3, 1]], [1.0, 2.0, 3.0], (3, 4))),
        ("rows", torch.sparse_coo_tensor([[1, 3]], torch.ones(2, 2).double(), (4, 2)).coalesce()),
        ("layout", torch.sparse_coo), ("nested", [{"a": (torch.ones(2), {"b": [torch.zeros(1, 2)]})}]),
        ("momentum", optimizer.state_dict()["state"]),
    ])

def flat(value):
    if getattr(value, "is_sparse", False):
        parts = value._indices().tolist(), value._values().tolist()
        return (str(value.dtype), tuple(value.size()), value.is_coalesced(), parts)
    if isinstance(value, torch.Tensor):
        geometry = (tuple(value.size()), tuple(value.stride()), value.requires_grad)
        return (type(value).__name__, str(value.dtype), geometry, value.detach().reshape(-1).tolist())
    if isinstance(value, dict):
        return (type(value).__name__, [(k, flat(v)) for k, v in value.items()])
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, [flat(v) for v in value])
    return (type(value).__name__, str(value))

folder = Path(sys.argv[2])
if sys.argv[1] == "write":
    for new in (False, True):
        torch.save(make(), folder / f"{sys.argv[3]}-{new}.pt", _use_new_zipfile_serialization=new)
else:
    for file in sorted(folder.glob("*.pt")):
        loaded = torch.load(file)
        expected = dict(make()); found = dict(loaded)
        for key in expected:
            a, b = flat(expected[key]), flat(found[key])
            if key == "momentum":
                a, b = sorted(map(str, a[1])), sorted(map(str, b[1]))
                a, b = len(a), len(b)
            assert a == b, (file.name, key, a, b)
        loaded["base"][1, 0] = 77
        assert loaded["row"][0].item() == 77 and loaded["column"][0, 1].item() == 77, file.name
        print("read", file.name)
"""


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with tempfile.TemporaryDirectory() as folder:
        for python, name in ((sys.executable, "ours"), (sys.argv[1], "theirs")):
            subprocess.run([python, "-c", EXCHANGE, "write", folder, name], cwd=folder, env=clean, check=True)
        for python, name in ((sys.executable, "ours"), (sys.argv[1], "theirs")):
            print(f"{name}:", flush=True)
            subprocess.run([python, "-c", EXCHANGE, "read", folder], cwd=folder, env=clean, check=True)
        print(*(f"{file.name}: {file.stat().st_size} bytes" for file in sorted(Path(folder).iterdir())), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
