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


def job(size: int) -> list[dict[str, object]]:
    method = f"tcp://127.0.0.1:{ranks.free_port()}"
    return [{"backend": "nccl", "init_method": method, "world_size": size, "rank": rank} for rank in range(size)]


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
