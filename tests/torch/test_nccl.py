"""torch.cuda.nccl: on one device, on two, in two processes; and what it says where NCCL, or a device, is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import torch
from torch.cuda import comm, nccl

from .test_cuda import HAS_GPU


def reason() -> str:
    """Why there is no NCCL; "" if there is."""
    try:
        nccl.version()
    except RuntimeError as error:
        return str(error)
    return ""


REASON = reason()
HERE = not REASON
COUNT = torch.cuda.device_count()
needs_nccl = pytest.mark.skipif(not (HERE and HAS_GPU), reason="no NCCL, or no CUDA device")
needs_two = pytest.mark.skipif(not HERE or COUNT < 2, reason="no NCCL, or fewer than two CUDA devices")
without_nccl = pytest.mark.skipif(HERE, reason="NCCL is installed")

DTYPES = [torch.uint8, torch.int8, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64]
OPERATIONS = {
    nccl.SUM: lambda x, y: x + y,
    nccl.PROD: lambda x, y: x * y,
    nccl.MAX: torch.max,
    nccl.MIN: torch.min,
}


def placed(*tensors: torch.Tensor) -> list[torch.Tensor]:
    """Each on a device of its own, from cuda:0 on."""
    return [tensor.to(f"cuda:{i}") for i, tensor in enumerate(tensors)]


def lists(tensors: Any) -> list[Any]:
    return [tensor.tolist() for tensor in tensors]


# --- without it --------------------------------------------------------------------------------------------------------------


@without_nccl
@pytest.mark.parametrize(
    "use",
    [
        nccl.version,
        nccl.unique_id,
        lambda: nccl.all_reduce([torch.ones(2)]),
        lambda: nccl.reduce([torch.ones(2)]),
        lambda: nccl.broadcast([torch.ones(2)]),
        lambda: nccl.all_gather([torch.ones(2)], [torch.ones(2)]),
        lambda: nccl.reduce_scatter([torch.ones(2)], [torch.ones(2)]),
        lambda: nccl.init_rank(1, b"x" * 128, 0),
    ],
)
def test_without_nccl_every_use_says_what_is_missing(use: Callable[[], Any]) -> None:
    """Not built with it, or the library or a device is not here."""
    reasons = (
        r"built without NCCL|built without CUDA|no NCCL: libnccl.so.2 was not found; install it: pip install nvidia-nccl-cu13"
    )
    with pytest.raises(RuntimeError, match=rf"{reasons}|not on a CUDA device|no driver|finds no device"):
        use()


def test_questions_have_answers() -> None:
    assert nccl.is_available() is HERE and not nccl.is_available([torch.ones(2)])
    with pytest.raises(ValueError, match=r"\[reduce\] root: 1, expected one of 0 to 0"):
        nccl.reduce([torch.ones(1)], root=1)


# --- one device --------------------------------------------------------------------------------------------------------------


@needs_nccl
def test_one_device() -> None:
    assert nccl.version() >= 2000
    x, y = torch.arange(0, 6, device="cuda:0"), torch.empty(6, dtype=torch.int64, device="cuda:0")
    nccl.all_reduce([x], [y])
    assert y.tolist() == x.tolist()
    version = y._version
    nccl.all_gather([x + 1], [y])
    assert y.tolist() == [1, 2, 3, 4, 5, 6] and y._version > version
    nccl.reduce_scatter([x], [y])
    nccl.reduce([x], [y])
    nccl.broadcast([x])
    assert x.tolist() == y.tolist() == [0, 1, 2, 3, 4, 5]
    empty = torch.empty(0, 3, device="cuda:0")
    nccl.all_reduce([empty])
    assert not nccl.is_available([x, x]) and not nccl.is_available([torch.ones(3, 2, device="cuda").t()])


@needs_nccl
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: nccl.all_reduce([x, x]), r"\[all_reduce\] inputs\[1\]: on cuda:0 like one before it"),
        (lambda x: nccl.all_reduce([x.cpu()]), r"\[all_reduce\] inputs\[0\]: not on a CUDA device"),
        (lambda x: nccl.all_reduce([x.t()]), r"\[all_reduce\] inputs\[0\]: not contiguous"),
        (lambda x: nccl.all_reduce([x], [x[0]]), r"\[all_reduce\] outputs\[0\]: 3 elements of Float, expected 6 of Float"),
        (lambda x: nccl.all_reduce([x], [x.double()]), r"outputs\[0\]: 6 elements of Double, expected 6 of Float"),
        (lambda x: nccl.all_reduce([x], [x.cpu()]), r"\[all_reduce\] outputs\[0\]: not on a CUDA device"),
        (lambda x: nccl.all_reduce([x.short()]), r"\[all_reduce\] NCCL does not reduce Short"),
        (lambda x: nccl.all_reduce([x], op=5), r"\[all_reduce\] op: 5, expected 0 \(sum\)"),
        (lambda x: nccl.broadcast([x], root=-1), r"\[broadcast\] root: -1, expected one of 0 to 0"),
        (lambda x: nccl.all_gather([], []), r"\[all_gather\] inputs: 0 tensors, expected 1 to 64"),
        (lambda x: nccl.reduce([]), r"\[reduce\] inputs: 0 tensors, expected 1 to 64"),
        (lambda x: nccl.reduce([x], []), r"\[reduce\] output, NULL: must be given"),
        (lambda x: nccl.init_rank(2, nccl.unique_id(), 2), r"\[nccl.init_rank\] rank: 2 of 2, expected one of 0 to 1"),
    ],
)
def test_wrong_arguments_are_named(call: Callable[[torch.Tensor], Any], message: str) -> None:
    with pytest.raises((RuntimeError, ValueError, IndexError, TypeError), match=message):
        call(torch.ones(2, 3, device="cuda:0"))
    with pytest.raises((TypeError, ValueError), match="expected"):
        nccl.all_gather([torch.ones(1)], [1])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="an id of 3 bytes, expected what unique_id"):
        nccl.init_rank(1, b"abc", 0)
    assert call is not None and torch.ones(2, device="cuda").tolist() == [1, 1]  # and the process goes on


WAIT = "def wait():\n    os._exit(os.waitstatus_to_exitcode(os.wait()[1]))"


@pytest.mark.skipif("built without" in REASON, reason="built without NCCL")
@pytest.mark.parametrize(
    ("use", "code", "said"),
    [
        ("alarm(0.5, 'time is over'); ctypes.PyDLL(None).sleep(20)", 1, "time is over\n"),  # with the interpreter's lock held
        ("alarm(9, 'late'); alarm(0.5, 'soon'); time.sleep(20)", 1, "soon\n"),
        ("alarm(0.3, 'over'); alarm(0, ''); time.sleep(0.6)", 0, ""),
        ("for _ in range(4):\n    alarm(0.4, 'over'); time.sleep(0.2)\nalarm(-1, '')", 0, ""),
        ("alarm(0.4, 'over')\nif os.fork() == 0:\n    time.sleep(0.8); os._exit(3)\nalarm(0, ''); wait()", 3, ""),
    ],
)
def test_an_alarm_ends_the_process(use: str, code: int, said: str) -> None:
    program = f"import ctypes, os, time\nfrom torch import _C\nalarm = _C.nccl.set_alarm\n{WAIT}\n{use}\n"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-W", "ignore", "-c", program]  # of Python about forks beside threads
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (code, said)


@needs_nccl
def test_a_group_of_one_process() -> None:
    with nccl.init_rank(1, nccl.unique_id(), 0) as group:
        assert (group.rank, group.size, group.device_index) == (0, 1, torch.cuda.current_device())
        x = torch.arange(0, 4, device="cuda")
        y = torch.empty_like(x)
        group.all_gather(x, y)
        group.all_reduce(y)
        group.broadcast(y)
        group.reduce(y)
        group.reduce_scatter(x, y)
        assert y.tolist() == [0, 1, 2, 3]
        with pytest.raises(RuntimeError, match=r"\[all_reduce\] inputs\[0\]: not on a CUDA device"):
            group.all_reduce(torch.ones(2))
    with pytest.raises(RuntimeError, match="the communicator is closed"):
        group.all_reduce(x)
    group.close()


@needs_nccl
def test_messages_of_a_group_of_one_and_its_end() -> None:
    group = nccl.init_rank(1, nccl.unique_id(), 0)
    x, y = torch.arange(0, 4, device="cuda"), torch.zeros(4, dtype=torch.int64, device="cuda")
    group.gather(x, [y])
    assert y.tolist() == [0, 1, 2, 3]
    group.scatter(y, [x + 1])
    assert y.tolist() == [1, 2, 3, 4]
    for call, message in (
        (lambda: group.send(x, 0), r"\[send\] rank: 0, expected another of 0 to 0 than 0"),
        (lambda: group.recv(x, 1), r"\[recv\] rank: 1, expected another"),
        (lambda: group.gather(x), r"\[gather\] outputs, NULL: must be given"),
        (lambda: group.gather(x, [y[:2]]), r"\[gather\] outputs\[0\]: 2 elements of Long, expected 4 of Long"),
        (lambda: group.scatter(x, [y, y]), "2 tensors, expected one for each rank, 1"),
        (lambda: group.scatter(x, [y], root=1), r"\[scatter\] root: 1, expected one of 0 to 0"),
        (lambda: group.all_reduce([x, x]), "2 tensors, expected one for each device of the communicator in this process, 1"),
    ):
        with pytest.raises((RuntimeError, ValueError, IndexError), match=message):
            call()
    group.abort()
    group.abort()
    with pytest.raises(RuntimeError, match=r"\[all_reduce\] the communicator was aborted"):
        group.all_reduce(x)
    group.close()
    for devices, message in (([0, 0], r"cuda:0 like devices\[0\]"), ([], "devices: 0, expected 1 to"), ([0, 1], "at most 1")):
        with pytest.raises((RuntimeError, ValueError, IndexError), match=message):
            nccl.Communicator(2 if devices == [0, 0] else 1, nccl.unique_id(), 0, devices)


# --- two devices -------------------------------------------------------------------------------------------------------------


@needs_two
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", OPERATIONS)
def test_reductions_over_two(op: int, dtype: torch.dtype) -> None:
    x, y = torch.randint(0, 7, (5, 4)).to(dtype), torch.randint(0, 7, (5, 4)).to(dtype)
    expected = OPERATIONS[op](x, y).tolist()
    inputs, outputs = placed(x, y), placed(torch.zeros_like(x), torch.zeros_like(x))
    nccl.all_reduce(inputs, outputs, op)
    assert lists(outputs) == [expected] * 2 and lists(inputs) == lists([x, y])
    for root in (0, 1):
        targets = placed(torch.zeros_like(x), torch.zeros_like(x))
        nccl.reduce(inputs, targets, root, op)
        assert targets[root].tolist() == expected and not targets[1 - root].cpu().float().abs().sum()
    halves = placed(torch.zeros(10).to(dtype), torch.zeros(10).to(dtype))
    nccl.reduce_scatter(inputs, halves, op)
    assert halves[0].tolist() + halves[1].tolist() == [item for row in expected for item in row]
    if dtype.is_floating_point:
        means = placed(torch.zeros_like(x), torch.zeros_like(x))
        nccl.all_reduce(inputs, means, nccl.AVG)
        assert lists(means) == [((x.float() + y.float()) / 2).tolist()] * 2
    nccl.all_reduce(inputs, op=op)  # in place
    assert lists(inputs) == [expected] * 2


@needs_two
@pytest.mark.parametrize("dtype", [*DTYPES, torch.int16])
def test_moves_over_two(dtype: torch.dtype) -> None:
    x, y = torch.randint(0, 100, (3, 2)).to(dtype), torch.randint(0, 100, (3, 2)).to(dtype)
    gathered = placed(torch.zeros(6, 2).to(dtype), torch.zeros(6, 2).to(dtype))
    nccl.all_gather(placed(x, y), gathered)
    assert lists(gathered) == [x.tolist() + y.tolist()] * 2
    for root in (0, 1):
        tensors = placed(x, y)
        versions = [tensor._version for tensor in tensors]
        nccl.broadcast(tensors, root)
        assert lists(tensors) == [(x, y)[root].tolist()] * 2
        assert tensors[root]._version == versions[root] and tensors[1 - root]._version > versions[1 - root]


@needs_two
def test_order_with_streams() -> None:
    """Behind what was asked of each device's current stream, and what is asked next waits for it."""
    streams = [torch.cuda.Stream(i) for i in range(2)]
    inputs = [torch.zeros(1 << 22, device=f"cuda:{i}") for i in range(2)]
    for i, stream in enumerate(streams):
        stream.wait_stream(torch.cuda.default_stream(i))
    with torch.cuda.stream(streams[0]), torch.cuda.stream(streams[1]):
        for _ in range(50):
            for x in inputs:
                x.add_(1)
            nccl.all_reduce(inputs)
            for x in inputs:
                x.mul_(0.5)
    for stream in streams:
        stream.synchronize()
    assert all(x.min().item() == x.max().item() == 50 for x in inputs)


@needs_two
def test_another_order_of_devices() -> None:
    x, y = torch.full((4,), 2.0, device="cuda:1"), torch.full((4,), 3.0, device="cuda:0")
    nccl.broadcast([x, y])
    assert y.tolist() == [2.0] * 4 and torch.cuda.current_device() == 0
    with pytest.raises((RuntimeError, ValueError), match=r"inputs\[1\]: 2 elements of Float, expected 4 of Float"):
        nccl.all_reduce([x, y[:2]])


@needs_two
def test_comm_goes_through_nccl(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    for name in ("broadcast", "reduce"):
        real = getattr(nccl, name)
        monkeypatch.setattr(nccl, name, lambda *a, name=name, real=real, **k: (calls.append(name), real(*a, **k)))
    x = torch.rand(1000, device="cuda:0")
    version = x._version
    copies = comm.broadcast(x, [0, 1])
    assert copies[0] is x and copies[1].equal(x.to("cuda:1")) and x._version == version
    total = comm.reduce_add([x, copies[1]], destination=1)
    assert total.device.index == 1 and total.equal(copies[1] * 2)
    assert calls == ["broadcast", "reduce"]
    assert comm.reduce_add([x, copies[1]], "cpu").equal(x.cpu() * 2)  # copies: the sum's place is no device of theirs
    assert comm.broadcast(x.view(10, 100).t(), [0, 1])[1].equal(x.view(10, 100).t().to("cuda:1"))
    assert calls == ["broadcast", "reduce"]


@needs_two
def test_one_process_with_two_places() -> None:
    group = nccl.Communicator(2, nccl.unique_id(), 0, [1, 0])
    x = [torch.full((3,), i + 1.0, device=f"cuda:{1 - i}") for i in range(2)]
    group.all_reduce(x)
    assert lists(x) == [[3.0] * 3] * 2 and (group.size, group.rank, group.device_index) == (2, 0, 1)
    y = [torch.full((3,), i + 1.0, device=f"cuda:{1 - i}") for i in range(2)]
    group.reduce(y, root=1)
    assert lists(y) == [[1.0] * 3, [3.0] * 3]
    group.broadcast(y, root=1)
    assert lists(y) == [[3.0] * 3] * 2
    with pytest.raises((RuntimeError, ValueError), match=r"inputs\[0\]: on cuda:0, expected the communicator's cuda:1"):
        group.all_reduce(y[::-1])
    with pytest.raises(RuntimeError, match="the communicator has 2 devices in this process, expected one"):
        group.send(y[0], 1)
    group.close()


# --- processes ---------------------------------------------------------------------------------------------------------------

PROGRAM = """
import sys, torch
from torch.cuda import nccl
path, rank, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.cuda.set_device(rank)
with open(path, "rb") as file:
    group = nccl.init_rank(size, file.read(), rank)
x = torch.arange(0, 6, dtype=torch.float32, device="cuda") + rank
group.all_reduce(x)
assert x.tolist() == [size * i + sum(range(size)) for i in range(6)], x
top = x + rank
group.reduce(top, root=size - 1, op=nccl.MAX)
assert top.tolist() == (x + (size - 1 if rank == size - 1 else rank)).tolist(), top
name = torch.full((3,), rank, dtype=torch.int16, device="cuda")
group.broadcast(name, root=1)
assert name.tolist() == [1, 1, 1], name
every = torch.empty(2 * size, dtype=torch.int64, device="cuda")
group.all_gather(torch.tensor([rank, -rank], device="cuda"), every)
assert every.tolist() == [value for r in range(size) for value in (r, -r)], every
piece = torch.empty(3, device="cuda")
group.reduce_scatter(torch.arange(0, 3.0 * size, device="cuda"), piece)
assert piece.tolist() == [size * (3.0 * rank + i) for i in range(3)], piece
if rank == 0:
    group.send(x, 1)
else:
    other = torch.empty_like(x)
    group.recv(other, 0)
    assert other.tolist() == x.tolist(), other
parts = [torch.empty(2, device="cuda") for _ in range(size)] if rank == 1 else None
group.gather(torch.full((2,), float(rank), device="cuda"), parts, root=1)
assert rank == 0 or [part.tolist() for part in parts] == [[r, r] for r in range(size)], parts
group.scatter(piece, [torch.full((3,), r + 5.0, device="cuda") for r in range(size)] if rank == 0 else None)
assert piece.tolist() == [rank + 5.0] * 3, piece
END
print("rank", rank, "ends")
"""


def processes(path: Any, end: str) -> list[subprocess.CompletedProcess[str]]:
    """What the two ended with; the folder of the id is theirs."""
    place = path / "id"
    place.write_bytes(nccl.unique_id())
    program = PROGRAM.replace("END", end)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", program, str(place)]
    running = [
        subprocess.Popen([*command, str(rank), "2"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for rank in range(2)
    ]
    done = []
    for process in running:
        try:
            out, error = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            out, error = process.communicate()
        done.append(subprocess.CompletedProcess(command, process.returncode, out, error))
    return done


@needs_two
@pytest.mark.parametrize("end", ["group.close()", "torch.cuda.synchronize(); group.abort()", "torch.cuda.synchronize()"])
def test_two_processes(tmp_path: Any, end: str) -> None:
    """Ended by all, and, as a killed process does it, by none."""
    for rank, process in enumerate(processes(tmp_path, end)):
        assert process.returncode == 0, process.stderr
        assert process.stdout == f"rank {rank} ends\n"


@pytest.mark.skipif("built without" in REASON, reason="built without NCCL")
def test_a_broken_library_is_told_apart_from_none(tmp_path: Any) -> None:
    folder = tmp_path / "a place"
    folder.mkdir()
    (folder / "libnccl.so.2").write_bytes(b"not a library")
    program = "from torch.cuda import nccl\nnccl.version()"
    environment = {**os.environ, "LD_LIBRARY_PATH": str(folder), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    if HERE:  # a good one among the Python packages
        assert done.returncode == 0, done.stderr
    else:
        assert "[nccl.version] no NCCL: " in done.stderr and f"{folder}/libnccl.so.2: file too short" in done.stderr
