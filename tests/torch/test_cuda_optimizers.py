"""Steps of optimisers on a CUDA device, where many parameters are changed together: the host's numbers to the bit."""

from __future__ import annotations

from typing import Any

import pytest

import torch

from .test_cuda import needs_gpu, same

FLOATING = [torch.float16, torch.float32, torch.float64]
SIZES = [(3, 5), (1,), (), (0, 4), (2, 4096), (130, 129), (7,)] + [(n,) for n in range(60)]  # more than one launch takes
KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "SGD": (torch.optim.SGD, {"lr": 0.1}),
    "SGD, momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "dampening": 0.25}),
    "SGD, Nesterov": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "SGD, decay": (torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.3}),
    "Adam": (torch.optim.Adam, {"lr": 0.01, "eps": 1e-4}),
    "Adam, AMSGrad": (torch.optim.Adam, {"lr": 0.01, "eps": 1e-3, "amsgrad": True, "weight_decay": 0.1, "betas": (0.5, 0.6)}),
}


def start(dtypes: list[torch.dtype], place: str) -> list[torch.Tensor]:
    """Leaves, two of which have gaps."""
    torch.manual_seed(5)
    whole = [(torch.rand(size) - 0.5).to(dtype).to(place) for dtype in dtypes for size in SIZES]
    views = [torch.rand(9, 4).to(dtypes[0]).to(place).t(), torch.rand(70, 2).to(dtypes[0]).to(place)[:, 1]]
    return [x.detach().requires_grad_() for x in (*whole, *views)]


def trained(kind: str, dtypes: list[torch.dtype], place: str) -> list[torch.Tensor]:
    """Parameters and state after steps, in the first of which one parameter has no gradient."""
    make, options = KINDS[kind]
    params = start(dtypes, place)
    optimizer = make(params, **options)
    for step in range(4):
        for number, p in enumerate(params):
            if number != 4 or step > 1:
                p.grad = p.detach() * (number % 7) - 0.25 * step
        optimizer.step()
    states = [optimizer.state[p] for p in params]
    return [x.detach() for x in (*params, *[s[name] for s in states for name in sorted(s) if name != "step"])]


@needs_gpu
@pytest.mark.parametrize("dtypes", [*[[dtype] for dtype in FLOATING], FLOATING], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_the_hosts(kind: str, dtypes: list[torch.dtype]) -> None:
    want, got = trained(kind, dtypes, "cpu"), trained(kind, dtypes, "cuda")
    assert len(got) == len(want)
    for one, other in zip(got, want, strict=True):
        assert one.is_cuda and same(one.cpu(), other)


@needs_gpu
@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_changes_in_place(kind: str) -> None:
    make, options = KINDS[kind]
    p = torch.ones(3, device="cuda", requires_grad=True)
    optimizer = make([p], **options)
    for _ in range(2):
        loss = (p * p).sum()
        p.grad = torch.ones(3, device="cuda")
        optimizer.step()
        with pytest.raises(RuntimeError, match="modified"):
            loss.backward()


@needs_gpu
def test_parameters_in_several_places() -> None:
    params = [torch.ones(3, requires_grad=True), torch.ones(3, device="cuda", requires_grad=True)]
    optimizer = torch.optim.SGD(params, lr=0.5)
    for p in params:
        p.grad = torch.full_like(p, 0.5).detach()
    optimizer.step()
    assert [p.tolist() for p in params] == [[0.75] * 3] * 2


@needs_gpu
def test_lists_that_do_not_fit_are_refused() -> None:
    x, step = torch.ones(3, device="cuda"), torch._C.cuda.sgd_step
    rest = (0.1, 0.0, 0.0, 0.0, False)
    with pytest.raises(RuntimeError, match="differ in size"):
        step([[x], [x[:2]]], *rest)
    with pytest.raises(RuntimeError, match="one dtype"):
        step([[x], [x.double()]], *rest)
    with pytest.raises(RuntimeError, match="all on one device"):
        step([[x], [x.cpu()]], *rest)
    with pytest.raises(RuntimeError, match="must be floating"):
        step([[x.long()], [x.long()]], *rest)
    with pytest.raises(RuntimeError, match="is expanded along dimension 0"):
        step([[x[:1].expand(4)], [x[:1].expand(4)]], *rest)
    with pytest.raises(ValueError, match="differ in length"):
        step([[x], []], *rest)
    step([[], []], *rest)


@needs_gpu
@pytest.mark.parametrize("order", [1, 2, 3.5, float("inf")])
def test_gradients_are_kept_within_bounds(order: float) -> None:
    for dtypes in ([torch.float32], [torch.float64, torch.float32], [torch.float16]):
        on_host, there = start(dtypes, "cpu"), start(dtypes, "cuda")
        for p, q in zip(on_host, there, strict=True):
            p.grad, q.grad = p.detach() * 3, q.detach() * 3
        want = torch.nn.utils.clip_grad_norm_(on_host, 0.5, order)
        assert torch.nn.utils.clip_grad_norm_(there, 0.5, order) == pytest.approx(want, rel=1e-3)
        for p, q in zip(on_host, there, strict=True):
            assert p.grad is not None and q.grad is not None
            got, wanted = q.grad.cpu().reshape(-1).tolist(), p.grad.reshape(-1).tolist()
            assert got == pytest.approx(wanted, rel=2e-3, abs=1e-6)
