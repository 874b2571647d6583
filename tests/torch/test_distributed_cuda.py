"""torch.distributed and DistributedDataParallel over NCCL: a process for each CUDA device."""

from __future__ import annotations

import cuda_ranks as bodies
import distributed_ranks as ranks
import numpy as np
import pytest
import training_ranks

import torch

DEVICES = torch.cuda.device_count() if torch.cuda.nccl.is_available() else 0

pytestmark = pytest.mark.skipif(DEVICES == 0, reason="no CUDA device, or no NCCL")

SIZES = [pytest.param(size, marks=pytest.mark.skipif(size > DEVICES, reason=f"fewer than {size} devices")) for size in (1, 2)]


needs_two = pytest.mark.skipif(DEVICES < 2, reason="fewer than two devices")


def job(size: int, **more: object) -> list[dict[str, object]]:
    method = f"tcp://127.0.0.1:{ranks.free_port()}"
    return [{"backend": "nccl", "init_method": method, "world_size": size, "rank": rank, **more} for rank in range(size)]


@pytest.mark.parametrize("size", SIZES)
def test_collective_calls(size: int) -> None:
    assert ranks.run(size, bodies.collectives, size, ranks=job(size)) == [[]] * size


@pytest.mark.parametrize("bucket", [4.0, 0.001])
@pytest.mark.parametrize("size", SIZES)
def test_the_same_as_one_device_with_the_whole_batch(size: int, bucket: float) -> None:
    alone = training_ranks.train(training_ranks.network(0).cuda(), 0, 1, "cuda")
    answers = ranks.run(size, bodies.joined, size, bucket, ranks=job(size))
    for parameters in zip(*answers, strict=True):
        assert len({each.tobytes() for each in parameters}) == 1, "ranks differ"
    for ours, whole in zip(answers[0], alone, strict=True):
        np.testing.assert_allclose(ours, whole.cpu().numpy(), rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("size", SIZES)
def test_calls_beside_others(size: int) -> None:
    for early, mean, late, sums in ranks.run(size, bodies.beside, size, ranks=job(size)):
        assert not early and late and mean == size**3 and sums == [6.0 * (rank + 1) for rank in range(size)]


@needs_two
def test_groups() -> None:
    first, second = ranks.run(2, bodies.in_groups, ranks=job(2))
    assert first == [3, 3, [1, 0], 1] and second == [3, 3, [1, 0], 0]


@needs_two
def test_messages() -> None:
    answers = ranks.run(2, bodies.messages, ranks=job(2))
    assert all(isinstance(answer, list) for answer in answers), answers
    for rank, (values, heard, strided, texts) in enumerate(answers):
        assert values == [2.0 - rank, 2.0 - rank, 2.0 - rank, 1 - rank] and heard
        columns = [[4.0 * column + row if rank else 0.0 for column in range(3)] for row in range(4)]
        assert strided == [[value for each in row for value in (each, 0.0)] for row in columns]
        said = (
            "give src",
            f"rank {rank}, expected another",
            "rank 2, expected another",
            "carries dense tensors of CUDA devices",
        )
        for text, part in zip(texts, said, strict=True):
            assert part in text


@pytest.mark.parametrize(("size", "count"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_several_devices_in_each_process(size: int, count: int) -> None:
    if size * count > DEVICES:
        pytest.skip(f"fewer than {size * count} devices")
    assert ranks.run(size, bodies.several_devices, size, count, ranks=job(size)) == [[]] * size


@needs_two
@pytest.mark.parametrize("bucket", [0.0001, 4.0])
def test_parameters_that_nobody_or_somebody_used(bucket: float) -> None:
    first, second = ranks.run(2, training_ranks.unused, "cuda", bucket, ranks=job(2))
    for gone, half, (right, left, kept), _, _ in (first, second):
        assert gone == [False, False, False, True, True] and half and right == 0 and left and kept
    assert first[3:] == second[3:]


@needs_two
def test_gradients_of_several_dtypes_and_passes() -> None:
    assert ranks.run(2, training_ranks.dtypes, "cuda", ranks=job(2)) == [[3, 3, 3, 2, 4.5, 3.5, 1.5]] * 2
    assert ranks.run(2, training_ranks.accumulated, "cuda", ranks=job(2)) == [[1, 16.5], [2, 16.5]]


# --- failures -----------------------------------------------------------------------------------------------------------


@needs_two
def test_a_rank_that_dies_is_named() -> None:
    answer, nothing = ranks.run(2, bodies.killed, ranks=job(2))
    assert nothing is None
    first, second, barrier, soon, usable = answer
    assert first == second and soon and usable
    assert first.startswith("[all_reduce] rank 1 (process ") and "is gone" in first
    assert "here call 1 of the group, all_reduce of 16777216 elements of torch.float32 with sum has not ended" in first
    assert "rank 1" in barrier


@needs_two
def test_a_rank_that_does_not_come_is_named() -> None:
    first, second = ranks.run(2, bodies.impatience, ranks=job(2, timeout=2))
    text, again, soon = first
    assert text == again and soon
    assert text.startswith("[all_reduce] timed out after 2 s") and "rank 1 waits for no call of the group" in text
    for text in second:
        assert "rank 0 has given up call 1 of the group, all_reduce of 16777216 elements" in text
        assert text.endswith("rank 1 was in no call of the group")


@needs_two
def test_ranks_that_disagree_are_told_how() -> None:
    settings = job(2, environment={"TORCH_DISTRIBUTED_DEBUG": "DETAIL"})
    for rank, (text, again, other) in enumerate(ranks.run(2, bodies.disagreement, ranks=settings)):
        assert "ranks disagree in call 0 of the group" in text and again == text and other == "[2.0, 2.0, 2.0]"
        assert f"rank {1 - rank} is in call 0, all_reduce of {5 - rank} elements" in text


def test_other_devices_and_groups_that_have_ended() -> None:
    (*wrong, gone, old, values) = ranks.run(1, bodies.elsewhere, ranks=job(1))[0]
    assert all("first call in the group had one on cuda:0" in text for text in wrong)
    assert "joined no process group" in gone and "rank 0 has left its process group" in old and values == "[1.0, 1.0]"
