"""The calls of api_fuzz.py on the host and on a device: what comes of both has to be the same."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fuzz_arguments import Maker

# What tells of the place, has no values yet, leaves the process, or has more than one right answer.
INCOMPARABLE = {
    "__array__", "__buffer__", "__dlpack__", "__dlpack_device__", "__format__", "__hash__", "__reduce__", "__repr__", "__str__",
    "apply_", "as_strided", "cpu", "cuda", "data_ptr", "device", "empty", "empty_like", "from_numpy", "get_device",
    "get_rng_state", "initial_seed", "is_pinned", "is_shared", "is_tensor", "load", "map_", "new", "new_empty", "numpy",
    "orthogonal_", "pin_memory", "resize_", "resize_as_", "seed", "set_",
    "share_memory_", "sparse_", "storage", "storage_type", "to", "type", "typename",
}  # fmt: skip
# Vectors of either sign, or factors of which several are right where values repeat.
SEVERAL_ANSWERS = {"eig", "geqrf", "qr", "svd", "symeig", "pstrf", "gels", "btrifact", "btrifact_with_info", "ormqr", "orgqr"}
# Where a matrix is nearly singular, rounding decides what these give, and whether they give it.
OF_MATRICES = {"inverse", "pinverse", "det", "logdet", "slogdet", "gesv", "potrf", "potri", "potrs", "trtrs", "btrisolve"}
SINGULAR = ("singular", "not positive definite", "failed to converge")  # what such a matrix is refused for
TRIALS = 8  # with other numbers, at most ULPS away
ULPS = 8
STRAYS = 10  # how much farther than the host's own answer in these trials the device's may be from it
TOLERANCE = {"float16": 8e-3, "float32": 2e-4, "float64": 1e-8}
# The host does not compute halves in layers and running results.
HALVES = ("input is a Half tensor", "not implemented for Half")
# Refusals that one of the places has cause for: mixed places, and memory.
REFUSALS = (
    "not enough memory", "cpu and cuda", "cuda:0 and cpu", "out of memory", "lives on", "of the host", "move it first",
)  # fmt: skip


@dataclass
class Result:
    """What a call came to: an exception, or the values that it made or changed."""

    error: Exception | None = None
    values: list[Any] = field(default_factory=list)


def compare(seed: int, number: int, known: list[tuple[str, Callable[..., Any]]], device: str, *, show: bool = False) -> str:
    """Makes one call in both places. What differs, if anything."""
    import torch

    numbers = random.Random(f"{seed}:{number}")
    Maker(numbers, device, wide=True)  # draws the size and dtype of the call
    name, _ = numbers.choice(known)
    last = name.rpartition(".")[2]
    if last in INCOMPARABLE or last in SEVERAL_ANSWERS or "sparse" in name or name.endswith(("Storage", "Tensor")):
        return ""
    host, there = (_made(seed, number, known, place, show=show) for place in ("cpu", device))
    try:
        if device != "cpu":
            torch.cuda.synchronize()
    except RuntimeError as error:
        return f"LOST {name}: {error}"
    try:
        told = _difference(name, host, there)
        if told and last in OF_MATRICES:
            moved = [_made(seed, number, known, "cpu", show=False, trial=trial) for trial in range(1, TRIALS + 1)]
            told = "" if rounding_decides(host, there, moved) else told
        return told
    except MemoryError:
        return ""


def rounding_decides(host: Result, there: Result, moved: list[Result]) -> bool:
    """Whether the host's own answer moves about as far as the device's lies from it when its matrices move by a few ulp."""
    if host.error is None and there.error is None:
        pairs = list(zip(host.values, there.values, strict=False))
        bad = any(not _finite(a) and not _finite(b) for a, b in pairs[1:])  # an input
        return all(_is_rounding(host, moved, k, b, bad=bad) for k, (a, b) in enumerate(pairs) if _values_differ(a, b))
    if not any(word in str(host.error or there.error) for word in SINGULAR):
        return False
    if any((m.error is None) != (host.error is None) for m in moved):
        return True
    # The device calls singular what the host inverts: into what the dtype does not hold, or into no digit that is sure.
    return host.error is None and bool(host.values) and (_no_digit(host, moved, 0) or not _finite(host.values[0]))


def _is_rounding(host: Result, moved: list[Result], index: int, there: Any, *, bad: bool) -> bool:
    import torch

    here = host.values[index]
    if index == 0 and bad:  # how far nan spreads depends on the order of sums
        return _finite(here) or not _finite(there)
    if index > 0 and not torch.equal(torch.as_tensor(here), torch.as_tensor(here)):
        return True  # nan: a gradient of singular values, of which rounding makes two the same
    return _distance(here, there) <= STRAYS * max(_moved(host, m, index) for m in moved) or _no_digit(host, moved, index)


def _no_digit(host: Result, moved: list[Result], index: int) -> bool:
    return max(_moved(host, m, index) for m in moved) >= 0.1 * _distance(host.values[index], 0) > 0


def _moved(host: Result, moved: Result, index: int) -> float:
    return math.inf if moved.error is not None else _distance(host.values[index], moved.values[index])


def _finite(value: Any) -> bool:
    return _distance(value, 0) < math.inf


def _distance(a: Any, b: Any) -> float:
    """The largest difference: 0 between two of the same, infinite from what is not finite to anything else."""
    import torch

    a, b = (torch.as_tensor(x).double() for x in (a, b))
    if a.numel() == 0:
        return 0.0
    apart = torch.where((a == b) | ((a != a) & (b != b)), torch.zeros_like(a), (a - b).abs())
    return float(torch.where(apart == apart, apart, torch.full_like(apart, math.inf)).max())


def _nudged(value: Any, trial: int) -> Any:
    """With each element of float tensors up to ULPS away from where it was."""
    import torch

    if isinstance(value, list | tuple):
        return type(value)(_nudged(v, trial) for v in value) if type(value) in (list, tuple) else value
    if not isinstance(value, torch.Tensor) or value.dtype not in (torch.float32, torch.float64):
        return value
    epsilon = 2.0 ** (-23 if value.dtype == torch.float32 else -52)
    noise = torch.rand(value.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(trial)) * 2 - 1
    moved = (value.detach().double() * (1 + ULPS * epsilon * noise)).to(value.dtype)
    return moved.requires_grad_(value.requires_grad)


def _made(
    seed: int, number: int, known: list[tuple[str, Callable[..., Any]]], device: str, *, show: bool, trial: int = 0
) -> Result:
    import torch

    numbers = random.Random(f"{seed}:{number}")
    maker = Maker(numbers, device, wide=True)
    name, function = numbers.choice(known)
    arguments, keywords = maker.call(name, function)
    if trial:
        arguments = _nudged(arguments, trial)
        keywords = {word: _nudged(value, trial) for word, value in keywords.items()}
    if show:
        print(device, name, *(f"{type(a).__name__}: {a!r}"[:400] for a in (*arguments, keywords)), sep="\n  ", flush=True)
    torch.manual_seed(number)
    result = Result()
    try:
        made = function(*arguments, **keywords)
        result.values = _flat([made, arguments, keywords], 0)
        if isinstance(made, torch.Tensor) and made.requires_grad and made.numel() < 100_000:
            made.backward(torch.ones_like(made))
            result.values += [x.grad.detach().cpu() for x in arguments if isinstance(x, torch.Tensor) and x.grad is not None]
    except Exception as error:
        result.error = error
    finally:
        torch.set_grad_enabled(True)
        torch.autograd.set_detect_anomaly(False)
        torch.set_default_dtype(torch.float32)
        torch.set_printoptions(profile="default")
        torch.set_flush_denormal(False)
    if show:
        print("->", repr(result.error), *(f"{v!r}"[:400] for v in result.values[:4]), sep="\n  ", flush=True)
    return result


def _flat(value: Any, depth: int) -> list[Any]:
    import torch

    if isinstance(value, torch.Tensor):
        return [value.detach().cpu()]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) and depth < 4:
        return [item for part in value for item in _flat(part, depth + 1)]
    return [value] if isinstance(value, bool | int | float) else []


def _difference(name: str, host: Result, there: Result) -> str:
    import torch

    if host.error is not None or there.error is not None:
        texts = [f"{type(r.error).__name__}: {r.error}" if r.error else "an answer" for r in (host, there)]
        both = host.error is not None and there.error is not None  # which of two mistakes is named first may differ
        halves = any(word in texts[0] for word in HALVES) and there.error is None
        empty = there.error is None and all(isinstance(v, torch.Tensor) and v.numel() == 0 for v in there.values[:1])
        if both or halves or empty or any(word in text for word in REFUSALS for text in texts):
            return ""
        return f"{name}: the host gives {texts[0][:160]}; the device {texts[1][:160]}"
    if len(host.values) != len(there.values):
        return f"{name}: {len(host.values)} values on the host, {len(there.values)} on the device"
    for index, (a, b) in enumerate(zip(host.values, there.values, strict=True)):
        if told := _values_differ(a, b):
            return f"{name}: value {index}: {told}"
    return ""


def _values_differ(a: Any, b: Any) -> str:
    import torch

    if not isinstance(a, torch.Tensor):
        a, b = (torch.tensor(float(x), dtype=torch.float64) for x in (a, b))
    if a.dtype != b.dtype or a.shape != b.shape:
        return f"{a.dtype} {tuple(a.shape)} and {b.dtype} {tuple(b.shape)}"
    if a.numel() == 0:
        return ""
    a, b = a.contiguous().view(-1), b.contiguous().view(-1)
    if not a.is_floating_point():
        wrong = a != b
    else:
        bound = TOLERANCE[str(a.dtype).removeprefix("torch.")]
        a, b = a.double(), b.double()
        size = torch.where(a.abs() < float("inf"), a.abs(), torch.zeros_like(a))
        scale = float(size.max())
        near = (a - b).abs() <= bound * size + bound * min(scale, 1.0) + 1e-3 * bound * scale
        wrong = 1 - (near | (a == b) | ((a != a) & (b != b)))
    if not int(wrong.long().sum()):
        return ""
    place = int(wrong.nonzero()[0, 0])
    return f"at {place} of {a.numel()}: {a[place].item()!r} on the host, {b[place].item()!r} on the device"
