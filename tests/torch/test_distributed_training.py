"""DistributedDataParallel in real processes: the same training as one process with the whole batch."""

from __future__ import annotations

import copy
import io
from typing import Any

import distributed_ranks as ranks
import numpy as np
import pytest
import training_ranks as bodies

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel


@pytest.mark.parametrize(("size", "bucket"), [(2, 4.0), (3, 0.001)])
def test_the_same_as_one_process_with_the_whole_batch(size: int, bucket: float) -> None:
    alone = bodies.train(bodies.network(0), 0, 1)
    answers = ranks.run(size, bodies.joined, size, bucket)
    for parameters in zip(*answers, strict=True):
        assert len({each.tobytes() for each in parameters}) == 1, "ranks differ"
    for ours, whole in zip(answers[0], alone, strict=True):
        np.testing.assert_allclose(ours, whole.numpy(), rtol=2e-5, atol=2e-6)
    assert any(
        not np.array_equal(ours, start.detach().numpy())
        for ours, start in zip(answers[0], bodies.network(0).parameters(), strict=True)
    )


@pytest.mark.parametrize("bucket", [0.0001, 4.0])
def test_parameters_that_nobody_or_somebody_used(bucket: float) -> None:
    first, second = ranks.run(2, bodies.unused, "cpu", bucket)
    for gone, half, (right, left, kept), _, _ in (first, second):
        assert gone == [False, False, False, True, True]
        assert half, "one of two ranks used it: half of its gradient"
        assert right == 0 and left, "a gradient that zero_grad cleared, and one that both ranks have"
        assert kept, "what nobody used"
    assert first[3:] == second[3:]


def test_gradients_that_add_up_before_they_are_averaged() -> None:
    # 1 + 10 and 2 + 20
    assert ranks.run(2, bodies.accumulated) == [[1, 16.5], [2, 16.5]]


def test_buffers_and_state() -> None:
    (first, names), (second, _) = ranks.run(2, bodies.buffers)
    assert first == second
    assert names[0] == "module.0.bias" and all(name.startswith("module.") for name in names)


def test_dtypes_and_calls_between() -> None:
    # 1.5 and 1.5 more; then b has 0 and 4 before 1 and 2 come, and c begins anew
    assert ranks.run(2, bodies.dtypes) == [[3, 3, 3, 2, 4.5, 3.5, 1.5]] * 2


def test_gradients_that_are_recorded() -> None:
    for found, grad, weight in ranks.run(2, bodies.recorded):
        assert found and grad == pytest.approx([sum(2 * sum(weight) * x * x for x in (1, 2)) / 2] * 2)


def test_what_cannot_be_averaged_is_named() -> None:
    for sparse, nothing, devices, shapes in ranks.run(2, bodies.refusals):
        assert "[DistributedDataParallel] the gradient of weight is sparse" in sparse
        assert "module has no parameter that requires a gradient" in nothing
        assert "device_ids [0] and output_device None, but the module is on cpu" in devices
        assert "parameter weight has 1 elements on one rank and 2 on another" in shapes


def test_a_rank_that_dies_is_named_by_backward() -> None:
    assert "rank 1 (process " in ranks.run(2, bodies.killed_in_backward)[0]


def test_copies_and_files() -> None:
    with pytest.raises(RuntimeError, match=r"\[new_group\] this process has joined no process group"):
        DistributedDataParallel(nn.Linear(2, 2))
    dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    try:
        model = DistributedDataParallel(nn.Linear(2, 2))
        file = io.BytesIO()
        torch.save(model, file)
        file.seek(0)
        for other in (copy.deepcopy(model), torch.load(file, weights_only=False)):
            assert torch.equal(other.module.weight, model.module.weight)
            other(torch.ones(1, 2)).sum().backward()
            assert torch.equal(other.module.bias.grad, torch.ones(2)) and model.module.bias.grad is None
    finally:
        dist.destroy_process_group()


def test_after_a_backward_pass_that_failed() -> None:
    dist.init_process_group("gloo", init_method="tcp://127.0.0.1:0", rank=0, world_size=1)
    try:
        model = DistributedDataParallel(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2)), bucket_cap_mb=0.00001)
        x = torch.ones(1, 2, requires_grad=True)

        def fail(grad: Any) -> None:
            raise ZeroDivisionError

        x.register_hook(fail)
        with pytest.raises(ZeroDivisionError):
            model(x).sum().backward()
        model.zero_grad()
        model(torch.ones(1, 2)).sum().backward()
        assert torch.equal(model.module[1].bias.grad, torch.ones(2))
    finally:
        dist.destroy_process_group()


def test_callbacks_after_backward() -> None:
    """In order, once, after everything; those of a pass that failed are never called."""
    seen: list[str] = []
    queue = torch._C.autograd.queue_callback
    with pytest.raises(RuntimeError, match="no backward pass runs in this thread"):
        queue(lambda: None)
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.register_hook(lambda _: queue(lambda: seen.append("end")) or queue(lambda: seen.append("last")))
    x.register_hook(lambda _: seen.append("x"))
    y.sum().backward()
    assert seen == ["x", "end", "last"]

    def fail() -> None:
        raise KeyError("callback")

    z = x * 3
    z.register_hook(lambda _: queue(fail))
    with pytest.raises(KeyError, match="callback"):
        z.sum().backward()
    with pytest.raises(TypeError, match="argument must be callable, not int"):
        queue(3)  # type: ignore[arg-type]
