"""Every module of torch.nn on a CUDA device against the host: results, gradients, dtypes, batches, sizes, bad input."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from every_layer import LAYERS, LOSSES, Layer, tensors

import torch
from torch import nn
from torch.nn import functional as F

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason=f"no CUDA device: {torch.cuda.unavailable_reason()}")

# Relative to 1 + |value|. Halves are compared with what the host makes of the same numbers in float.
TOLERANCE = {torch.float16: 3e-2, torch.float32: 3e-5, torch.float64: 1e-9}
# A seed gives other numbers in another dtype.
RANDOM = {"Dropout", "AlphaDropout", "Dropout2d", "Dropout3d", "RReLU", "FractionalMaxPool2d"}


def assert_close(got: torch.Tensor, want: torch.Tensor, tolerance: float) -> None:
    assert got.is_cuda and got.shape == want.shape
    a, b = got.cpu().double(), want.double()
    wrong = (a - b).abs() > tolerance * (1 + b.abs())
    wrong |= (a != a) != (b != b)
    assert not bool(wrong.any()), f"{a.masked_select(wrong)[:5]} is not {b.masked_select(wrong)[:5]}"


def moved(value: Any, device: str, dtype: torch.dtype) -> Any:
    """Tensors of floating dtypes in another dtype, all at another place."""
    if not isinstance(value, torch.Tensor):
        return value
    return value.detach().to(device, dtype if value.is_floating_point() else value.dtype)


def results(module: Callable[..., Any], leaves: list[torch.Tensor], inputs: list[Any]) -> list[torch.Tensor]:
    """Outputs, and gradients of their weighted sums along `leaves`."""
    torch.manual_seed(4)
    outputs = list(tensors(module(*inputs)))
    roots = [out for out in outputs if out.requires_grad]
    weights = [
        (torch.arange(1.0, out.numel() + 1) / max(1, out.numel())).view(out.shape).to(out.device, out.dtype) for out in roots
    ]
    grads = torch.autograd.grad(roots, leaves, weights, allow_unused=True) if roots and leaves else ()
    return [out.detach() for out in outputs] + [g for g in grads if g is not None]


def run(layer: Layer, n: int, device: str, dtype: torch.dtype, rounded: torch.dtype) -> list[torch.Tensor]:
    """The module's results with numbers that are exact in `rounded`."""
    module = copy.deepcopy(layer.module()).to(rounded).to(dtype).to(device)
    inputs = [moved(moved(x, "cpu", rounded), device, dtype) for x in layer.inputs(n)]
    differentiable = inputs[:1] if type(module).__name__ in LOSSES else inputs
    leaves = [x.requires_grad_() for x in differentiable if isinstance(x, torch.Tensor) and x.is_floating_point()]
    return results(module, leaves + list(module.parameters()), inputs)


@pytest.mark.parametrize("n", [3, 0])
@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_modules_agree_with_the_host(name: str, dtype: torch.dtype, n: int) -> None:
    on_host = torch.float32 if dtype == torch.float16 else dtype
    if dtype == torch.float16 and name in RANDOM:
        pytest.skip("its random numbers depend on the dtype")
    try:
        want = run(LAYERS[name], n, "cpu", on_host, dtype)
    except RuntimeError as error:
        assert n == 0
        with pytest.raises(RuntimeError) as refused:
            run(LAYERS[name], n, "cuda", dtype, dtype)
        assert str(refused.value)[:20] == str(error)[:20]
        return
    got = run(LAYERS[name], n, "cuda", dtype, dtype)
    assert len(got) == len(want)
    for one, other in zip(got, want, strict=True):
        assert one.dtype == (dtype if other.is_floating_point() else other.dtype)
        assert_close(one, other, TOLERANCE[dtype])


def pooled(x: torch.Tensor) -> Any:
    """Large windows, overlapping ones and gaps."""
    return [
        F.adaptive_avg_pool2d(x, 1), F.adaptive_avg_pool2d(x, (7, 5)), F.adaptive_max_pool2d(x, 1), F.adaptive_max_pool2d(x, 6),
        F.max_pool2d(x, 2), F.max_pool2d(x, 3, 2, 1), F.max_pool2d(x, 3, 1, 1, 2), F.avg_pool2d(x, 3, 2, 1),
        F.max_pool2d(x, (3, 2), (2, 3), (1, 0), ceil_mode=True),
    ]  # fmt: skip


def resampled(x: torch.Tensor) -> Any:
    return [
        F.interpolate(x, scale_factor=2), F.interpolate(x, size=(9, 70), mode="bilinear", align_corners=False),
        F.interpolate(x, size=(90, 31), mode="bilinear", align_corners=True), F.pad(x, (30, 7, 3, 35), mode="reflect"),
        F.pad(x, (-3, 7, 50, -1), mode="replicate"), F.pad(x, (1, -2, 3, 4), value=2),
    ]  # fmt: skip


def normalized(x: torch.Tensor) -> Any:
    """Rows and channels that one block holds, and that it does not."""
    w = torch.linspace(-1, 1, x.size(1)).to(x.device, x.dtype)
    rows = x.reshape(-1, x.size(2) * x.size(3))
    return [
        F.batch_norm(x, None, None, w, w, training=True), F.batch_norm(x[:, :, :3, :5].contiguous(), None, None, w, w, True),
        F.batch_norm(x[:, :, 0, 0], None, None, training=True), F.layer_norm(x, x.shape[2:]), F.layer_norm(x, x.shape[3:]),
        F.batch_norm(x, w, w * w + 1), F.layer_norm(rows.t().contiguous(), (rows.size(0),)),
        F.group_norm(x, 2, w, w), F.instance_norm(x), F.prelu(x, w), F.glu(x, 2), F.glu(x, 3), F.softmax(rows, 1),
    ]  # fmt: skip


def softened(x: torch.Tensor) -> Any:
    """Rows that some threads of a warp keep, that a block keeps, longer ones, and such as are not whole packs; columns, few and
    many."""
    found = [F.softmax(x.reshape(-1, 6), 0), F.log_softmax(x, 2)]
    for n in (1, 2, 3, 4, 5, 7, 8, 9, 10, 16, 17, 24, 31, 33, 64, 65, 100, 127, 130, 300, 512, 514):
        rows = x.reshape(-1)[: x.numel() // n * n].reshape(-1, n)
        found += [F.softmax(rows, 1), F.log_softmax(rows[: -(-len(rows) // 2)], 1)]
    for y in (x, x[..., :37], x.reshape(30, -1), x.reshape(3, -1), x.reshape(2, -1), x.reshape(2, -1)[:, 1:], x[..., :8]):
        found += [F.softmax(y, -1), F.log_softmax(y, -1), F.softmax(y, 0)]
    return found


def grouped(x: torch.Tensor) -> Any:
    """Groups that a block keeps, and longer ones; channels that a thread, a warp, a block and several blocks add up."""
    w, b = x[0, :, 0, 0], x[1, :, 1, 1]  # they have gradients as well
    few, whole = x.reshape(1, 2, -1), x.reshape(3, 6, -1)[:, :, 3:-2]
    return [
        F.group_norm(x, 2, w, b), F.group_norm(x, 6, w), F.group_norm(x, 1, None, b), F.group_norm(x[:, :, :3, :5], 3, w, b),
        F.group_norm(few, 1, w[:2], b[:2]), F.group_norm(few, 2, w[:2], b[:2]), F.group_norm(whole, 3, w, b),
        F.group_norm(x[:, :, 0, 0], 2, w, b), F.group_norm(x[:, :, 0, 0], 6, w, b), F.instance_norm(x, None, None, w, b),
        F.group_norm(x.reshape(-1, 6, 8), 2, w, b), F.group_norm(x.reshape(-1, 1200, 6), 1),
    ]  # fmt: skip


def sampled(x: torch.Tensor) -> Any:
    grid = torch.linspace(-1.3, 1.3, x.size(0) * 300).view(x.size(0), 10, 15, 2).to(x.device, x.dtype) + x[0, 0, 0, 0]
    return [F.grid_sample(x, grid), F.grid_sample(x, grid, padding_mode="border"), F.unfold(x, 3, 2, 1, 2)]


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("use", [pooled, resampled, normalized, softened, grouped, sampled])
def test_larger_planes_agree_with_the_host(use: Callable[[torch.Tensor], Any], turned: bool, dtype: torch.dtype) -> None:
    def used(x: torch.Tensor) -> Any:
        return use(x.transpose(2, 3) if turned else x)

    torch.manual_seed(7)
    x = (torch.rand(5, 6, 36, 40, dtype=torch.float64) * 4 - 1).to(dtype)
    host = x.to(torch.float32 if dtype == torch.float16 else dtype).clone().requires_grad_()
    device = x.cuda().requires_grad_()
    want, got = results(used, [host], [host]), results(used, [device], [device])
    assert len(got) == len(want)
    for one, other in zip(got[:-1], want[:-1], strict=True):
        assert_close(one, other, TOLERANCE[dtype])
    assert_close(got[-1], want[-1], 10 * TOLERANCE[dtype])  # the sum of all gradients


# Channels by themselves, elements by themselves, both, and windows that are neither.
CONVOLUTIONS: dict[str, Callable[[], nn.Module]] = {
    "depthwise": lambda: nn.Conv2d(6, 6, 3, padding=1, groups=6),
    "depthwise, more outputs": lambda: nn.Conv2d(6, 12, (3, 2), stride=2, padding=1, dilation=2, groups=6, bias=False),
    "depthwise, transposed": lambda: nn.ConvTranspose2d(6, 6, 3, stride=2, padding=1, output_padding=1, groups=6),
    "pointwise": lambda: nn.Conv2d(6, 8, 1),
    "pointwise, groups": lambda: nn.Conv2d(6, 4, 1, groups=2, bias=False),
    "pointwise, transposed": lambda: nn.ConvTranspose2d(6, 4, 1, groups=2),
    "pointwise, transposed, wider": lambda: nn.ConvTranspose2d(6, 2, 1, output_padding=1, dilation=2),
    "pointwise, steps": lambda: nn.Conv2d(6, 4, 1, stride=2),
    "both": lambda: nn.Conv2d(6, 6, 1, groups=6),
    "neither": lambda: nn.Conv2d(6, 4, 3, groups=2),
}


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("name", CONVOLUTIONS)
@pytest.mark.parametrize("cudnn", [False, True])
def test_convolutions_agree_with_the_host(cudnn: bool, name: str, dtype: torch.dtype) -> None:
    torch.manual_seed(7)
    exact = torch.float32 if dtype == torch.float16 else dtype
    module = CONVOLUTIONS[name]().to(dtype).to(exact)
    x = (torch.rand(5, 6, 13, 40, dtype=torch.float64) - 0.5).to(dtype)
    there, y = copy.deepcopy(module).cuda().to(dtype), x.cuda().requires_grad_()
    x = x.to(exact).clone().requires_grad_()
    want = results(module, [x, *module.parameters()], [x])
    with torch.backends.cudnn.flags(enabled=cudnn):
        got = results(there, [y, *there.parameters()], [y])
    assert len(got) == len(want)
    for one, other in zip(got, want, strict=True):
        assert_close(one, other, TOLERANCE[dtype])


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("options", [{}, {"bidirectional": True}, {"num_layers": 2, "bias": False}])
def test_recurrent_layers_agree_with_the_host(kind: type[nn.Module], options: dict[str, Any]) -> None:
    torch.manual_seed(2)
    module = kind(37, 50, **options)
    x, there = torch.randn(11, 9, 37, requires_grad=True), copy.deepcopy(module).cuda()
    y = x.detach().cuda().requires_grad_()
    want, got = results(module, [x, *module.parameters()], [x]), results(there, [y, *there.parameters()], [y])
    for one, other in zip(got, want, strict=True):
        assert_close(one, other, 1e-4)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("lengths", [[7, 7, 4, 1], [3, 3, 3, 3], [7, 1, 1, 1]])
@pytest.mark.parametrize("kind", [nn.RNN, lambda *a, **k: nn.RNN(*a, nonlinearity="relu", **k), nn.LSTM, nn.GRU])
def test_packed_sequences(kind: Callable[..., nn.Module], lengths: list[int], dtype: torch.dtype) -> None:
    torch.manual_seed(2)
    exact = torch.float32 if dtype == torch.float16 else dtype
    module = kind(5, 35, bidirectional=True).to(dtype).to(exact)
    x = torch.randn(sum(lengths), 5).to(dtype)
    sizes = torch.tensor([sum(length > t for length in lengths) for t in range(lengths[0])])
    there, y = copy.deepcopy(module).cuda().to(dtype), x.cuda().requires_grad_()
    x = x.to(exact).clone().requires_grad_()

    def run(layer: nn.Module, rows: torch.Tensor) -> list[torch.Tensor]:
        output, state = layer(nn.utils.rnn.PackedSequence(rows, sizes))
        return [output.data, *(state if isinstance(state, tuple) else [state])]

    def measured(layer: nn.Module, rows: torch.Tensor) -> list[torch.Tensor]:
        found = run(layer, rows)
        weights = [(torch.arange(1.0, out.numel() + 1).view(out.shape) / out.numel()).to(out) for out in found]
        grads = torch.autograd.grad(found, [rows, *layer.parameters()], weights)
        return [out.detach() for out in (*found, *grads)]

    for one, other in zip(measured(there, y), measured(module, x), strict=True):
        assert_close(one, other, TOLERANCE[dtype])


def test_a_table_within_a_norm() -> None:
    for p in (1.0, 2.0, 3.0, float("inf")):
        torch.manual_seed(1)
        table, indices = torch.randn(50, 70) * 3, torch.tensor([[3, 49, 3], [0, 3, 7]])
        there = torch._C.nn.embedding_renorm(table.cuda(), indices.cuda(), 2.0, p)
        assert_close(there, torch._C.nn.embedding_renorm(table.clone(), indices, 2.0, p), 1e-5)


def test_helpers_make_what_they_need_on_the_device() -> None:
    theta = torch.tensor([[[0.5, -1.0, 0.1], [1.0, 0.2, 0.0]]])
    assert_close(F.affine_grid(theta.cuda(), [1, 1, 3, 4]), F.affine_grid(theta, [1, 1, 3, 4]), 1e-6)
    table, indices, offsets = torch.rand(5, 3), torch.tensor([0, 4, 2, 2]), torch.tensor([0, 1, 1])
    for mode in ("sum", "mean", "max"):
        there = F.embedding_bag(indices.cuda(), table.cuda(), offsets.cuda(), mode=mode)
        assert_close(there, F.embedding_bag(indices, table, offsets, mode=mode), 1e-6)
    assert int((nn.init.sparse_(torch.empty(10, 3, device="cuda"), 0.3) == 0).sum().item()) == 9
    assert F.gumbel_softmax(torch.zeros(4, 3, device="cuda"), hard=True).sum().item() == 4


def test_more_elements_than_31_bits_count() -> None:
    x = torch.zeros(2100, 1, 1024, 1024, dtype=torch.float16, device="cuda")  # 4.1 GiB
    x[2099, 0, 1023, 1023], x[2048, 0, 0, 0] = 3, 2
    y = F.max_pool2d(x, 2)
    assert y[2099, 0, 511, 511].item() == 3 and y[2048, 0, 0, 0].item() == 2
    z = F.batch_norm(x, None, None, training=True)  # the variance is next to nothing beside eps
    assert abs(z[2099, 0, 1023, 1023].item() - 3 / 1e-5**0.5) < 2 and abs(z[0, 0, 0, 0].item()) < 1e-3


def test_bad_input_is_refused_and_the_device_lives_on() -> None:
    x, two = torch.rand(2, 3, device="cuda"), torch.tensor([0, 5], device="cuda")
    with pytest.raises(IndexError, match="target holds 5"):
        F.multi_margin_loss(x, two)
    with pytest.raises(IndexError, match="target holds 5"):
        F.multilabel_margin_loss(x, torch.tensor([[0, -1, 5], [1, 2, 0]], device="cuda"))
    with pytest.raises(IndexError, match="indices hold 7"):
        F.max_unpool1d(x.view(1, 2, 3), torch.tensor([[[0, 2, 4], [1, 3, 7]]], device="cuda"), 2)
    with pytest.raises(IndexError, match="input holds 5"):
        torch._C.nn.embedding_renorm(x, two, 1.0, 2.0)
    for index in (-1, 2, -3):
        with pytest.raises(IndexError, match=rf"\[embedding\] index {index} at place 1 is out of range"):
            F.embedding(torch.tensor([[0], [index]], device="cuda"), x)
    assert torch.equal(F.embedding(torch.tensor([[1], [0]], device="cuda"), x), x.flip(0).view(2, 1, 3))
    with pytest.raises(RuntimeError, match="even"):
        F.glu(x)
    with pytest.raises(RuntimeError, match="Padding size should be less"):
        F.pad(x.view(1, 2, 3), (3, 0), mode="reflect")
    with pytest.raises(RuntimeError, match="cuda:0 and cpu|cpu and cuda:0"):
        F.prelu(x, torch.ones(1))
    assert (x + 1).sum().item() > 0
