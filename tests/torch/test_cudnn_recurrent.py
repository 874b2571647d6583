"""Recurrent networks by cuDNN against the host's in double: every kind and form, gradients, the parameters' memory."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import torch
from torch import nn
from torch.backends import cudnn
from torch.nn.utils.rnn import PackedSequence

pytestmark = pytest.mark.skipif(not cudnn.is_available(), reason=f"no cuDNN: {cudnn.unavailable_reason()}")

KINDS: dict[str, Callable[..., Any]] = {
    "tanh": nn.RNN,
    "relu": lambda *a, **k: nn.RNN(*a, nonlinearity="relu", **k),
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
}
FORMS: list[dict[str, Any]] = [
    {},
    {"bias": False},
    {"bidirectional": True, "batch_first": True},
    {"num_layers": 3, "bidirectional": True},
    {"num_layers": 2, "bias": False, "bidirectional": True},
]
LENGTHS = [[9] * 6, [9, 7, 7, 4, 1, 1], [1], [5]]
# Of the largest value. Half: states and gates of each step are rounded to 2^-11 of themselves, a dozen times in a row here.
TOLERANCE = {torch.float16: 8e-3, torch.float32: 5e-6, torch.float64: 1e-12}
INPUT, HIDDEN = 11, 24


@pytest.fixture(autouse=True)
def switches() -> Iterator[None]:
    before = cudnn.set_flags()
    yield
    cudnn.set_flags(*before)


def worked(use: Callable[[], Any]) -> int:
    """How often cuDNN did a pass."""
    before = cudnn.plans()
    use()
    after = cudnn.plans()
    assert after["refusals"] == before["refusals"]
    return after["hits"] + after["misses"] - before["hits"] - before["misses"]


def sizes_of(lengths: list[int]) -> torch.Tensor:
    return torch.tensor([sum(length > t for length in lengths) for t in range(lengths[0])])


class Problem:
    """A layer, its input and states; all numbers are exact in `dtype`."""

    def __init__(self, kind: str, dtype: torch.dtype, lengths: list[int], size: tuple[int, int] = (INPUT, HIDDEN), **form: Any):
        torch.manual_seed(3)
        self.dtype, self.sizes = dtype, sizes_of(lengths)
        self.layer = KINDS[kind](*size, **form).to(dtype).double()
        self.packed = len(set(lengths)) > 1
        shape = (sum(lengths), size[0]) if self.packed else (lengths[0], len(lengths), size[0])
        if self.layer.batch_first and not self.packed:
            shape = (len(lengths), lengths[0], size[0])
        groups = self.layer.num_layers * (2 if self.layer.bidirectional else 1)
        states = 2 if kind == "LSTM" else 1
        self.inputs = [torch.randn(shape).to(dtype).double()]
        self.inputs += [(torch.randn(groups, len(lengths), size[1]) * 0.5).to(dtype).double() for _ in range(states)]
        if kind == "relu" and dtype == torch.float16:
            self.stay_off_the_edge()

    def stay_off_the_edge(self) -> None:
        """No sums near 0, where rounding decides whether there is a gradient: every other unit is on, the rest is off."""
        self.inputs = [t.abs() for t in self.inputs]
        for parameter in self.layer.parameters():
            value = parameter.data.abs_()
            value[1::2].neg_()
            if value.dim() == 2:  # sums that neither grow nor fade from step to step
                value.div_(value.abs().sum(1, keepdim=True))
            parameter.data = value.to(self.dtype).double()

    def there(self) -> Any:
        return copy.deepcopy(self.layer).to(self.dtype).cuda()

    def outputs(self, layer: Any, x: torch.Tensor, *states: torch.Tensor) -> list[torch.Tensor]:
        data: Any = PackedSequence(x, self.sizes) if self.packed else x
        output, final = layer(data, states if len(states) > 1 else states[0])
        return [output.data if self.packed else output, *(final if isinstance(final, tuple) else [final])]

    def everything(self, layer: Any, place: str, dtype: torch.dtype) -> list[torch.Tensor]:
        """The outputs, then the gradients of input, states and parameters."""
        inputs = [t.detach().to(place, dtype).requires_grad_() for t in self.inputs]
        found = self.outputs(layer, *inputs)
        slopes = [((torch.arange(t.numel()) % 7 - 3).double() / 4).view(t.shape).to(place, dtype) for t in found]
        return [*found, *torch.autograd.grad(found, [*inputs, *layer.parameters()], slopes)]

    def want(self) -> list[torch.Tensor]:
        return self.everything(self.layer, "cpu", torch.float64)

    def got(self, layer: Any) -> list[torch.Tensor]:
        return self.everything(layer, "cuda", self.dtype)


def assert_near(got: torch.Tensor, want: torch.Tensor, tolerance: float) -> None:
    assert got.shape == want.shape
    error = float((got.detach().cpu().double() - want.detach().cpu().double()).abs().max())
    assert error <= tolerance * max(1.0, float(want.detach().abs().max())), error


def assert_all_near(got: list[torch.Tensor], want: list[torch.Tensor], tolerance: float) -> None:
    assert len(got) == len(want)
    for one, other in zip(got, want, strict=True):
        assert_near(one, other, tolerance)


# --- numbers -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", list(TOLERANCE), ids=str)
@pytest.mark.parametrize("lengths", LENGTHS, ids=lambda n: "-".join(map(str, n)))
@pytest.mark.parametrize("kind", KINDS)
def test_every_form_agrees_with_the_host(kind: str, lengths: list[int], dtype: torch.dtype) -> None:
    for form in FORMS:
        problem = Problem(kind, dtype, lengths, **form)
        layer = problem.there()
        found: list[torch.Tensor] = []
        assert worked(lambda layer=layer, found=found, problem=problem: found.extend(problem.got(layer))) == 2
        assert_all_near(found, problem.want(), TOLERANCE[dtype])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("together", [True, False])
def test_a_large_layer(kind: str, together: bool) -> None:
    """Parameters that are neighbours in memory, each with an allocation of its own."""
    problem = Problem(kind, torch.float32, [64] * 64, (512, 512))
    layer = problem.there()
    if not together:
        for parameter in layer.parameters():
            parameter.data = parameter.data.clone()
    assert_all_near(problem.got(layer), problem.want(), 2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_half_is_as_near_as_our_own_kernels(kind: str) -> None:
    """Sums of 512 products, 64 steps: states and gates that half rounds tell no more; our own kernels add up in float, too."""
    problem = Problem(kind, torch.float16, [64] * 64, (512, 512))
    layer, want = problem.there(), problem.want()
    found = problem.got(layer)
    with cudnn.flags(enabled=False):
        own = problem.got(layer)
    for one, other, exact in zip(found, own, want, strict=True):
        errors = [float((t.detach().cpu().double() - exact.detach()).abs().max()) for t in (one, other)]
        assert errors[0] <= 3 * errors[1] + 2e-3 * float(exact.detach().abs().max()), errors


def test_float_means_float_unless_told_otherwise() -> None:
    problem = Problem("LSTM", torch.float32, [12] * 32, (256, 256))
    layer, want = problem.there(), problem.want()
    assert_all_near(problem.got(layer), want, 5e-6)
    cudnn.allow_tf32 = True
    assert_all_near(problem.got(layer), want, 5e-3)


def test_nothing_is_kept_where_no_gradient_is_wanted() -> None:
    problem = Problem("GRU", torch.float32, [9] * 6, num_layers=2)
    layer, want = problem.there(), problem.want()
    with torch.no_grad():
        found = problem.outputs(layer, *(t.to("cuda", torch.float32) for t in problem.inputs))
    assert all(not t.requires_grad for t in found)
    assert_all_near(found, want[:2], 5e-6)
    for parameter in layer.parameters():
        parameter.requires_grad_(False)
    inputs = [t.to("cuda", torch.float32) for t in problem.inputs]
    assert not problem.outputs(layer, *inputs)[0].requires_grad
    state = inputs[1].requires_grad_()
    output, _ = problem.outputs(layer, *inputs)
    assert torch.autograd.grad(output.sum(), state)[0].abs().max().item() > 0


def test_a_state_and_a_result_that_are_left_out() -> None:
    problem = Problem("LSTM", torch.float64, [9, 7, 7, 4, 1, 1])
    layer, host = problem.there(), problem.layer
    for one, place in ((layer, "cuda"), (host, "cpu")):
        output, (_, cell) = one(PackedSequence(problem.inputs[0].to(place), problem.sizes))
        cell.sum().backward()
        assert output.data.requires_grad
    assert_all_near([p.grad for p in layer.parameters()], [p.grad for p in host.parameters()], 1e-12)


def test_strided_inputs_and_gradients() -> None:
    torch.manual_seed(0)
    host = nn.GRU(5, 7).double()
    layer = copy.deepcopy(host).cuda()
    found = []
    for one, place in ((layer, "cuda"), (host, "cpu")):
        x = (torch.arange(2.0 * 4 * 3 * 5).double() / 60 - 1).to(place).view(4, 3, 10).requires_grad_()
        h = torch.ones(1, 1, 7).double().to(place).expand(1, 4, 7)
        output, _ = one(x.transpose(0, 1)[:, :, ::2], h)
        found.append([output, *torch.autograd.grad(output.transpose(0, 2)[::2].sum(), [x, *one.parameters()])])
    assert_all_near(found[0], found[1], 1e-12)


def test_dropout_between_layers_has_the_hosts_numbers() -> None:
    for kind in KINDS:
        problem = Problem(kind, torch.float64, [9, 7, 7, 4, 1, 1], num_layers=3, dropout=0.4, bidirectional=True)
        layer = problem.there()
        torch.manual_seed(8)
        want = problem.want()
        torch.manual_seed(8)
        found: list[torch.Tensor] = []
        assert worked(lambda problem=problem, layer=layer, found=found: found.extend(problem.got(layer))) == 6
        assert_all_near(found, want, 1e-11)
        torch.manual_seed(9)
        other = problem.got(layer)
        assert (other[0] - found[0]).abs().max().item() > 1e-3
        assert worked(lambda problem=problem, layer=layer: problem.got(layer.eval())) == 2
        assert_all_near(problem.got(layer), problem.everything(problem.layer.eval(), "cpu", torch.float64), 1e-11)


# --- gradients again ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_gradients(kind: str) -> None:
    problem = Problem(kind, torch.float64, [3, 2, 1], (3, 2), bidirectional=True)
    layer = problem.there()
    inputs = tuple(t.cuda().requires_grad_() for t in problem.inputs)

    def run(*tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(problem.outputs(layer, *tensors[: len(inputs)]))

    assert torch.autograd.gradcheck(run, (*inputs, *layer.parameters()))
    if kind != "relu":  # differences across its edge
        assert torch.autograd.gradgradcheck(run, inputs)


def test_an_input_that_is_made_from_another_one() -> None:
    """The gradients that are to be differentiated are those of the layer alone."""
    host = nn.GRU(3, 3).double()
    found = []
    for place in ("cuda", "cpu"):
        layer = copy.deepcopy(host).to(place)
        x = torch.linspace(-1, 1, 12).double().view(4, 1, 3).to(place).requires_grad_()
        output, _ = layer(x, x[:1] * 2)
        first = torch.autograd.grad(output.pow(2).sum(), x, create_graph=True)[0]
        found.append([first, *torch.autograd.grad(first.pow(2).sum(), [x, *layer.parameters()])])
    assert_all_near(found[0], found[1], 1e-11)


def test_a_graph_that_is_kept_gives_the_same_gradients_again() -> None:
    problem = Problem("LSTM", torch.float32, [9, 7, 7, 4, 1, 1], num_layers=2)
    layer = problem.there()
    inputs = [t.to("cuda", torch.float32).requires_grad_() for t in problem.inputs]
    output = problem.outputs(layer, *inputs)[0]
    wanted = [*inputs, *layer.parameters()]
    first, second = (torch.autograd.grad(output.sum(), wanted, retain_graph=True) for _ in range(2))
    cudnn.enabled = False
    third = torch.autograd.grad(output.sum(), wanted)
    assert_all_near(list(second), list(first), 1e-6)
    assert_all_near(list(third), list(first), 1e-5)
    with pytest.raises(RuntimeError):
        torch.autograd.grad(output.sum(), wanted)


def test_a_parameter_written_between_forward_and_backward_is_noticed() -> None:
    layer = nn.LSTM(3, 4).cuda()
    output, _ = layer(torch.ones(2, 1, 3).cuda())
    with torch.no_grad():
        layer.weight_hh_l0.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()


# --- switches ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [{"enabled": False}, {"enabled": True, "deterministic": True}])
def test_our_own_kernels_do_it_when_told_to(flags: dict[str, bool]) -> None:
    problem = Problem("GRU", torch.float64, [9, 7, 7, 4, 1, 1], bidirectional=True)
    layer = problem.there()
    with cudnn.flags(**flags):
        assert worked(lambda: assert_all_near(problem.got(layer), problem.want(), 1e-12)) == 0


def test_a_plan_is_found_once_for_each_problem() -> None:
    layer = nn.LSTM(6, 7).cuda()
    x = torch.ones(3, 2, 6).cuda()
    before = cudnn.plans()
    for _ in range(3):
        layer(x)
    layer(x[:2])
    after = cudnn.plans()
    assert (after["misses"] - before["misses"], after["hits"] - before["hits"]) == (2, 2)
    for steps in range(1, 200):  # more than are kept
        layer(x[:1].expand(steps, 2, 6))
    assert_near(layer(x)[0], layer.cpu().double()(x.cpu().double())[0], 5e-6)


@pytest.mark.parametrize("shape", [(0, 2, 6), (3, 0, 6)])
def test_nothing_to_do(shape: tuple[int, ...]) -> None:
    layer = nn.LSTM(6, 7, bidirectional=True).cuda()
    output, (hidden, _) = layer(torch.ones(shape, device="cuda"))
    assert output.size() == (*shape[:2], 14) and hidden.size() == (2, shape[1], 7)


def test_mistakes_are_named() -> None:
    layer, x = nn.GRU(6, 7).cuda(), torch.ones(3, 2, 6).cuda()
    with pytest.raises(RuntimeError, match="input has 5 features, expected 6"):
        layer(x[:, :, :5])
    with pytest.raises(RuntimeError, match=r"hx is Half, expected Float"):
        layer(x, torch.ones(1, 2, 7).cuda().half())
    with pytest.raises(RuntimeError, match=r"hx is on device -1 \(-1: the host\), expected 0"):
        layer(x, torch.ones(1, 2, 7))
    layer.weight_hh_l0.data = layer.weight_hh_l0.data.double()
    with pytest.raises(RuntimeError, match=r"parameters\[1\] is Double, expected Float"):
        layer(x)


# --- the parameters' memory --------------------------------------------------------------------------------------------------


def together(layer: Any) -> bool:
    return len({p.storage().data_ptr() for p in layer.parameters()}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_lie_together_on_a_device(kind: str) -> None:
    problem = Problem(kind, torch.float32, [9] * 6, num_layers=2, bidirectional=True)
    layer, want = problem.there(), problem.want()
    assert together(layer) and [n for n, _ in layer.named_parameters()] == [n for n, _ in problem.layer.named_parameters()]
    for one, other in zip(layer.parameters(), problem.layer.parameters(), strict=True):
        assert torch.equal(one.detach().cpu().double(), other.detach())
    places = [p.data_ptr() for p in layer.parameters()]
    layer.flatten_parameters()
    assert places == [p.data_ptr() for p in layer.parameters()]  # they lay so
    assert_all_near(problem.got(layer), want, 5e-6)
    assert places == [p.data_ptr() for p in layer.parameters()]
    apart = copy.deepcopy(layer)
    assert together(apart) and places[0] not in [p.data_ptr() for p in apart.parameters()]
    for parameter in apart.parameters():
        parameter.data = parameter.data.clone()
    assert not together(apart)
    assert_all_near(problem.got(apart), want, 5e-6)
    apart.flatten_parameters()
    assert together(apart)
    assert not together(layer.cpu()) and together(layer.cuda().half()) and layer.weight_ih_l0.dtype == torch.float16


def test_writing_a_parameter_is_seen() -> None:
    layer, x = nn.RNN(4, 5).cuda(), torch.ones(3, 2, 4).cuda()
    layer(x)[0].sum().backward()
    torch.optim.SGD(layer.parameters(), lr=0.1).step()
    host = nn.RNN(4, 5)
    host.load_state_dict({name: value.cpu() for name, value in layer.state_dict().items()})
    assert_near(layer(x)[0], host(x.cpu())[0], 1e-6)
    layer.weight_hh_l0 = nn.Parameter(torch.zeros(5, 5).cuda())  # somewhere else
    host.weight_hh_l0 = nn.Parameter(torch.zeros(5, 5))
    assert_near(layer(x)[0], host(x.cpu())[0], 1e-6)


def test_shared_and_computed_parameters_stay_as_they_are() -> None:
    layer = nn.LSTM(4, 4, num_layers=2)
    layer.weight_ih_l1 = layer.weight_hh_l0
    layer.cuda()
    assert layer.weight_ih_l1 is layer.weight_hh_l0 and not together(layer)
    x = torch.ones(3, 2, 4)
    layer(x.cuda())[0].sum().backward()
    got = layer.weight_hh_l0.grad.cpu()
    layer.zero_grad()
    layer.cpu()(x)[0].sum().backward()
    assert_near(got, layer.weight_hh_l0.grad, 1e-6)
    normed = nn.utils.weight_norm(nn.LSTM(4, 4), "weight_hh_l0").cuda()
    want = nn.utils.weight_norm(nn.LSTM(4, 4), "weight_hh_l0")
    want.load_state_dict({name: value.cpu() for name, value in normed.state_dict().items()})
    assert_near(normed(x.cuda())[0], want(x)[0], 1e-6)


def test_files_of_layers_on_a_device() -> None:
    layer, file = nn.GRU(4, 5, bidirectional=True).cuda(), io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    again = nn.GRU(4, 5, bidirectional=True)
    again.load_state_dict(torch.load(file, map_location="cpu"))
    for one, other in zip(layer.parameters(), again.parameters(), strict=True):
        assert torch.equal(one.detach().cpu(), other.detach())
