"""torch.distributed between real processes: every call against its definition, and what happens when ranks die or disagree."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import distributed_ranks as ranks
import nccl_ranks
import pytest

import torch
import torch.distributed as dist


@pytest.mark.parametrize("size", [2, 3])
def test_reductions_of_every_dtype(size: int) -> None:
    assert ranks.run(size, ranks.reductions, size) == [[]] * size


@pytest.mark.parametrize("size", [2, 4])
def test_broadcast_gather_scatter(size: int) -> None:
    assert ranks.run(size, ranks.movements, size) == [[]] * size


def test_any_strides() -> None:
    assert ranks.run(2, ranks.strided) == [[True] * 3] * 2


def test_every_rank_has_the_same_bits() -> None:
    answers = ranks.run(3, ranks.same_bits)
    assert answers[0] == answers[1] == answers[2]
    assert [len(part) for part in answers[0]] == [12, 4000, 400012]


def test_groups_at_once() -> None:
    answers = ranks.run(4, ranks.several_groups, 4)
    assert answers == [[4, 10, 2, 0, -1, 2], [6, 10, 2, 0, -1, 2], [4, 10, 2, 1, -1, 2], [6, 10, 2, 1, -1, 2]]


@pytest.mark.parametrize("size", [2, 3])
def test_messages(size: int) -> None:
    answers = ranks.run(size, ranks.ring_of_messages, size)
    for rank, (values, heard, done) in enumerate(answers):
        assert values == ([1 - rank] * 2 if size == 2 else sorted({0, 1, 2} - {rank}))
        assert heard == ([(other, 10 * other) for other in range(1, size)] if rank == 0 else [])
        assert all(done) and len(done) == 4


def test_messages_go_on_without_being_waited_for() -> None:
    assert ranks.run(2, ranks.without_waiting) == [True, True]


# --- failures -----------------------------------------------------------------------------------------------------------


def test_a_killed_rank_is_named() -> None:
    answers = ranks.run(3, ranks.killed, 1)
    assert answers[1] is None
    for call, message, later in (answers[0], answers[2]):
        assert call.startswith("[all_reduce]") and "rank 1 (process " in call and "127.0.0.1" in call
        assert message.startswith("[recv] rank 1 (process ") and "without a goodbye" in message
        assert later.startswith("[barrier] this group can make no more calls, one has failed: ") and "rank 1 (process" in later


def test_ranks_that_disagree_are_told_how() -> None:
    for rank, (lengths, dtypes, message) in enumerate(ranks.run(2, ranks.disagreement)):
        assert "ranks disagree in call 0 of the group" in lengths
        assert "all_reduce of 4 elements of float32 with sum" in lengths and "all_reduce of 5 elements" in lengths
        assert "broadcast of 3 elements of float32, root 0" in dtypes and "of float64" in dtypes
        assert f"[recv] rank {1 - rank} (process " in message
        assert "sent 3 elements of float32, but the tensor has 3 of int32" in message


def test_waiting_has_an_end() -> None:
    message, call, soon = ranks.run(2, ranks.impatience, timeout=0.5)[0]
    assert message.startswith("[recv] timed out: rank 1 (process ") and "within 0.5 s" in message
    assert call.startswith("[barrier] timed out after 0.5 s: rank 1 (process ")
    assert soon == "True"


def test_a_forked_child_has_no_part() -> None:
    for said, total in ranks.run(2, ranks.forked):
        assert said.startswith("False [barrier] this process is a fork of rank ")
        assert total == 28


def test_keyboard_interrupt_ends_waiting() -> None:
    code = """
        import signal, torch, torch.distributed as dist
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin without it
        dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
        print("waiting", flush=True)
        dist.recv(torch.ones(1), 0)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "waiting\n"
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert errors.rstrip().endswith("KeyboardInterrupt")


# --- how processes meet -------------------------------------------------------------------------------------------------


def _settings(count: int, **each: Any) -> list[dict[str, Any]]:
    return [{"backend": "tcp", "timeout": 20, **each} for _ in range(count)]


def test_environment() -> None:
    port = str(ranks.free_port())
    environments = [
        {"MASTER_ADDR": "localhost", "MASTER_PORT": port, "WORLD_SIZE": "2", "RANK": str(rank)} for rank in range(2)
    ]
    settings = [each | {"environment": environment} for each, environment in zip(_settings(2), environments, strict=True)]
    assert ranks.run(2, ranks.name_of_job, 3.0, ranks=settings) == [6, 6]


def test_shared_file_with_a_space_twice_and_without_ranks(tmp_path: Path) -> None:
    method = f"file://{tmp_path / 'a job'}"
    for job in (1.0, 2.0):
        assert ranks.run(3, ranks.name_of_job, job, ranks=_settings(3, init_method=method, world_size=3)) == [3 * job] * 3


def test_shared_file_of_a_job_that_died(tmp_path: Path) -> None:
    path = tmp_path / "job"
    path.write_text(f'{{"rank": 0, "host": "127.0.0.1", "port": {ranks.free_port()}}}\n')
    settings = _settings(2, init_method=f"file://{path}", world_size=2)
    settings = [each | {"rank": rank} for rank, each in enumerate(settings)]
    assert ranks.run(2, ranks.name_of_job, 1.0, ranks=settings) == [2, 2]


def test_two_jobs_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(ranks.run, 2, ranks.name_of_job, name) for name in (1.0, 10.0)]
        assert [job.result() for job in jobs] == [[2, 2], [20, 20]]


def _init(**settings: Any) -> None:
    try:
        dist.init_process_group("gloo", **settings)
    finally:
        dist.destroy_process_group()


def test_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        method = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(RuntimeError, match=r"cannot listen at 127\.0\.0\.1 port \d+.*another process listens there"):
            _init(init_method=method, rank=0, world_size=2)
        with pytest.raises(RuntimeError, match=r"rank 1 has waited for rank 0 at 127\.0\.0\.1 port"):
            _init(init_method=method, rank=1, world_size=2, timeout=0.3)


def test_strangers_at_the_port_change_nothing() -> None:
    """One that says nothing, one that says nonsense, one that goes."""
    port = ranks.free_port()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    settings = {"backend": "gloo", "init_method": f"tcp://127.0.0.1:{port}", "world_size": 2, "timeout": 20}
    arguments = [(there, rank, {**settings, "rank": rank}, ranks.name_of_job, (4.0,)) for rank in range(2)]
    first, second = (context.Process(target=ranks._be_rank, args=each) for each in arguments)
    first.start()
    strangers: list[socket.socket] = []
    while len(strangers) < 3:
        try:
            strangers.append(socket.create_connection(("127.0.0.1", port), timeout=5))
        except ConnectionRefusedError:
            time.sleep(0.01)
    strangers[1].sendall(b"GET / HTTP/1.1\r\n\r\n" * 40)
    strangers[2].close()
    second.start()
    for process in (first, second):
        process.join(ranks.PATIENCE)
    assert [here.recv(), here.recv()] == [8, 8]
    for stranger in strangers:
        stranger.close()


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"backend": "mpi"}, RuntimeError, "backend 'mpi' is not supported: use 'gloo', 'tcp' or 'nccl'"),
        ({"backend": "smoke"}, ValueError, "backend 'smoke', must be 'gloo', 'tcp' or 'nccl'"),
        ({"init_method": "udp://x"}, ValueError, "init_method 'udp://x', must be env://, tcp://HOST:PORT or file://PATH"),
        ({"init_method": "tcp://host"}, ValueError, "init_method tcp://host, must be tcp://HOST:PORT"),
        ({"init_method": "tcp://127.0.0.1:x", "rank": 0, "world_size": 1}, ValueError, "port 'x', must be a whole number"),
        ({"init_method": "tcp://127.0.0.1:1", "world_size": 1}, ValueError, "rank is missing: with tcp://"),
        ({"init_method": "file:///no/such/folder/job", "world_size": 1}, RuntimeError, "cannot be opened"),
        ({"init_method": "file://job"}, ValueError, "world_size is missing"),
        ({"init_method": "tcp://127.0.0.1:0", "rank": 2, "world_size": 2}, RuntimeError, "rank 2, must be 0 .. 1"),
        ({"init_method": "tcp://127.0.0.1:0", "rank": 0, "world_size": 1, "timeout": 0}, RuntimeError, "timeout 0 s"),
        ({}, ValueError, "init_method env:// needs the environment variable RANK, which is not set"),
    ],
)
def test_wrong_settings(monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], error: type[Exception], says: str) -> None:
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(error) as caught:
        dist.init_process_group(**{"backend": "gloo", **settings})
    assert says in str(caught.value)
    assert not dist.is_initialized()


def test_one_process_alone() -> None:
    with pytest.raises(RuntimeError, match=r"\[all_reduce\] this process has joined no process group"):
        dist.all_reduce(torch.ones(1))
    dist.init_process_group("TCP", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    try:
        with pytest.raises(RuntimeError, match="this process is rank 0 of a process group already"):
            dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
        with pytest.raises(TypeError, match="broadcast: expected a dense Tensor, not list"):
            dist.broadcast([1, 2], 0)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="there is no 'mean'"):
            dist.all_reduce(torch.ones(1), op="mean")
        with pytest.raises(RuntimeError, match=r"\[broadcast\] root is rank 3"):
            dist.broadcast(torch.ones(1), 3)
        with pytest.raises(RuntimeError, match=r"\[new_group\] rank 1, must be 0 \.\. 0"):
            dist.new_group([1])
        with pytest.raises(RuntimeError, match="is for CUDA tensors and the backend 'nccl'"):
            dist.all_reduce_multigpu([torch.ones(1)])
        with pytest.raises(ValueError, match="rank -1, must be 0 or above"):
            dist.recv(torch.ones(1), -1)
        old = dist.new_group()
    finally:
        dist.destroy_process_group()
    dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    try:
        with pytest.raises(RuntimeError, match="rank 0 has left its process group"):
            dist.barrier(old)
    finally:
        dist.destroy_process_group()


def test_groups_over_a_communicator() -> None:
    answers = ranks.run(2, nccl_ranks.through_a_communicator)
    for rank, (x, y, z, parts, collected, dealt, texts) in enumerate(answers):
        assert x == [[1, 4], [2, 5], [3, 6]]
        assert y == ([3, 3] if rank == 1 else [1, 1])
        assert z == [8, 8] and parts == [[1, 1], [0, 0]]
        assert collected == ([0] * 6 + [1] * 6 if rank == 0 else [0] * 12)
        assert dealt == [[10.0 * rank + i for i in row] for row in ((0, 1, 2), (3, 4, 5))]
        said = (
            "carries dense tensors of CUDA devices",
            "carries dense tensors of CUDA devices",
            "does not receive from just any rank: give src",
            "root is rank 3",
            "list has 1 tensors",
            "[broadcast_multigpu] tensor_list[0]: expected a dense tensor of a CUDA device",
            "[all_reduce_multigpu] no tensors",
            "ranks disagree in call 3 of the group",
            "ranks disagree in call 3 of the group",
        )
        for text, part in zip(texts, said, strict=True):
            assert part in text
        assert f"rank {1 - rank} is in call 3, all_reduce of {4 - rank} elements of torch.float32" in texts[-1]


@pytest.mark.parametrize("how", ["disagree", "absent", "mute", "idle", "killed", "left"])
def test_calls_on_devices_do_not_wait_for_ever(how: str) -> None:
    first, second = ranks.run(2, nccl_ranks.watched, how)
    text, soon, later = first
    assert soon and later == text  # the first reason stays
    here = "here call 0 of the group, all_reduce of 4 elements of torch.float32 has not ended"
    assert text.startswith("[all_reduce] ") and here in text
    if how == "disagree":  # whoever is late first tells the other, which answers
        texts = [text, second[0]]
        assert any("timed out after 1 s" in each for each in texts)
        assert "all_reduce of 5 elements" in text and "all_reduce of 4 elements" in second[0]
    elif how in ("absent", "mute"):  # mute: the device does not even answer whether the call has ended
        assert "timed out after 1 s" in text and "rank 1 waits for no call of the group" in text
        assert second[0].startswith("[broadcast] rank 0 has given up call 0 of the group, all_reduce of 4 elements")
    elif how == "idle":
        assert second[0].startswith("rank 0 has given up call 0 of the group, all_reduce of 4 elements")
        assert second[0].endswith("rank 1 was in no call of the group")
    else:
        assert "rank 1" in text and ("is gone" in text if how == "killed" else "left" in text)
    if second is not None:
        assert "rank 1 has left its process group" in second[2] or second[2] == second[0]


@pytest.mark.skipif(torch.cuda.is_available() and torch.cuda.nccl.is_available(), reason="there is NCCL")
def test_nccl_says_what_is_missing() -> None:
    with pytest.raises(RuntimeError, match="NCCL|nccl"):
        dist.init_process_group("nccl", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    assert not dist.is_initialized()


# --- the launcher -------------------------------------------------------------------------------------------------------


def _launch(folder: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = folder / "a program.py"
    script.write_text(textwrap.dedent(program))
    command = [sys.executable, "-m", "torch.distributed.launch", "--nproc_per_node=2", f"--master_port={ranks.free_port()}"]
    return subprocess.run(
        [*command, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def test_launch(tmp_path: Path) -> None:
    done = _launch(
        tmp_path,
        """
        import sys, torch, torch.distributed as dist
        dist.init_process_group("gloo")
        x = torch.tensor([dist.get_rank() + 1.])
        dist.all_reduce(x)
        sys.stdout.write(f"{sys.argv[1:]} {x.item()}\\n")  # whole, at once: both processes share one pipe, unbuffered
        """,
        "--lr=1",
    )
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == ["['--local_rank=0', '--lr=1'] 3.0", "['--local_rank=1', '--lr=1'] 3.0"]


def test_launch_ends_all_when_one_fails(tmp_path: Path) -> None:
    started = time.monotonic()
    done = _launch(tmp_path, "import sys, time\nif sys.argv[1] == '--local_rank=1': sys.exit(7)\ntime.sleep(100)\n")
    assert done.returncode == 7 and time.monotonic() - started < 30
    assert "process 1 of this machine ended with code 7; the others are stopped" in done.stderr
