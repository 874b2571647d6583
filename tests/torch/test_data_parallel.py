"""Tensors and modules over several devices: two of CUDA, one that stands there twice, and the host in their place."""

from __future__ import annotations

import threading
from collections import OrderedDict, namedtuple
from typing import Any

import pytest

import torch
from torch import nn
from torch.cuda import comm
from torch.nn import parallel
from torch.nn.parallel.scatter_gather import scatter_kwargs

from .test_cuda import HAS_GPU, needs_gpu
from .test_cuda_devices import needs_two

PLACES = [
    pytest.param(["cpu", "cpu"], id="host"),
    pytest.param([0, 0], id="one", marks=needs_gpu),
    pytest.param([0, 1], id="two", marks=needs_two),
]
over_places = pytest.mark.parametrize("places", PLACES)


def devices_of(places: list[Any]) -> list[torch.device]:
    return [torch.device("cuda", place) if isinstance(place, int) else torch.device(place) for place in places]


# --- torch.cuda.comm ---------------------------------------------------------------------------------------------------------


@over_places
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int64, torch.float16, torch.float64])
def test_broadcast(places: list[Any], dtype: torch.dtype) -> None:
    first, second = devices_of(places)
    x = torch.arange(0, 24).view(4, 6).to(first, dtype)
    copies = comm.broadcast(x, places)
    assert copies[0] is x and [copy.device for copy in copies] == [first, second]
    assert copies[1].tolist() == x.tolist() and copies[1].data_ptr() != x.data_ptr()
    from_host = comm.broadcast(torch.arange(0, 3), places)
    assert [copy.tolist() for copy in from_host] == [[0, 1, 2]] * 2 and from_host[0].device == first
    strided = comm.broadcast(x.t(), places)
    assert strided[1].tolist() == x.t().tolist()
    empty = comm.broadcast(torch.empty(0, 3, device=first), places)
    assert empty[1].size() == (0, 3) and empty[1].device == second


@over_places
def test_broadcast_coalesced(places: list[Any]) -> None:
    first, second = devices_of(places)
    sizes = [(3,), (), (0, 2), (5, 7), (1000, 3), (2,)]
    tensors = [torch.rand(size).to(first) for size in sizes] + [torch.arange(0, 6).view(2, 3).t().to(first)]
    for room in (1 << 20, 200, 1):  # all in one, several, each of its own
        copies = comm.broadcast_coalesced(tensors, places, room)
        assert [len(row) for row in copies] == [7, 7]
        assert all(copy is tensor for copy, tensor in zip(copies[0], tensors, strict=True))
        for copy, tensor in zip(copies[1], tensors, strict=True):
            assert copy.device == second and copy.dtype == tensor.dtype and copy.size() == tensor.size()
            assert copy.tolist() == tensor.tolist()
    assert comm.broadcast_coalesced([], places) == ((), ())


@over_places
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float16, torch.int32, torch.float64])
def test_many_small_tensors_become_one(places: list[Any], dtype: torch.dtype) -> None:
    device = devices_of(places)[1]
    pool = torch.arange(0, 4000).remainder(251).to(dtype)
    for lengths in ([i % 23 for i in range(300)], [0, 0], [0, 1], [1000, 3, 70], [97] * 97):
        begins = [7 * i % 1000 for i in range(len(lengths))]  # aligned in every way
        on_host = [pool[begin : begin + length] for begin, length in zip(begins, lengths, strict=True)]
        there = pool.to(device)
        flat = torch.cat([there[begin : begin + length] for begin, length in zip(begins, lengths, strict=True)])
        assert flat.dtype == dtype and flat.device == device and flat.tolist() == torch.cat(on_host).tolist()
        rows = [item.view(1, -1, 1).to(device) for item in on_host if item.numel()]
        if rows:
            assert torch.cat(rows, 1).view(-1).tolist() == torch.cat(on_host).tolist()
            outer = torch.cat([row.expand(2, -1, 1).contiguous() for row in rows], 1)
            assert outer[1].view(-1).tolist() == torch.cat(on_host).tolist()
            target = torch.zeros(sum(lengths) * 2, dtype=dtype, device=device)[::2]
            torch.cat([row.view(-1) for row in rows], out=target)  # with gaps
            assert target.tolist() == torch.cat(on_host).tolist()


@over_places
def test_reduce_add(places: list[Any]) -> None:
    first, second = devices_of(places)
    x, y = torch.rand(5, 3).to(first), torch.rand(5, 3).to(second)
    expected = (x.cpu() + y.cpu()).tolist()
    for destination in places:
        total = comm.reduce_add([x, y], destination)
        assert total.device == devices_of([destination])[0] and total.tolist() == expected
    assert comm.reduce_add([x, y], "cpu").tolist() == expected
    assert comm.reduce_add([x, y]).device == first  # the current device, or the host
    assert comm.reduce_add([x]).tolist() == x.tolist()
    x_before = x.tolist()
    assert comm.reduce_add([x, y, x]).size() == (5, 3) and x.tolist() == x_before
    totals = comm.reduce_add_coalesced([[x, x[0]], [y, y[0]]], places[0], 4)
    assert totals[0].tolist() == expected and totals[1].tolist() == expected[0]


@over_places
def test_scatter_and_gather(places: list[Any]) -> None:
    first, second = devices_of(places)
    x = torch.arange(0, 35).view(5, 7).to(first)
    pieces = comm.scatter(x, places)
    assert [piece.device for piece in pieces] == [first, second] and [piece.size(0) for piece in pieces] == [3, 2]
    assert comm.gather(pieces, destination=places[1]).tolist() == x.tolist()
    by_size = comm.scatter(x.cpu(), places, chunk_sizes=[1, 6], dim=1)
    assert [piece.size(1) for piece in by_size] == [1, 6] and by_size[1].device == second
    assert comm.gather(by_size, dim=-1, destination="cpu").tolist() == x.tolist()
    assert comm.gather(by_size, dim=1, destination=-1).device.type == "cpu"
    assert len(comm.scatter(x[:1], places)) == 1
    with_nothing = comm.scatter(x, places, chunk_sizes=[5, 0])
    assert with_nothing[1].size() == (0, 7) and comm.gather(with_nothing, 0, places[0]).tolist() == x.tolist()


def test_wrong_arguments_are_named() -> None:
    x = torch.ones(2, 3)
    with pytest.raises(ValueError, match=r"\[broadcast\] devices: none is given"):
        comm.broadcast(x, [])
    with pytest.raises(ValueError, match=r"\[reduce_add\] inputs\[1\]: torch.float32 of size \(3,\), expected .* \(2, 3\)"):
        comm.reduce_add([x, x[0]])
    with pytest.raises(ValueError, match=r"\[reduce_add\] inputs: none"):
        comm.reduce_add([])
    with pytest.raises(ValueError, match=r"\[scatter\] chunk_sizes: \[1, 2\] for 2 devices and 2 elements of dimension 0"):
        comm.scatter(x, ["cpu", "cpu"], chunk_sizes=[1, 2])
    with pytest.raises(ValueError, match=r"\[gather\] tensors\[1\]: torch.int64 of size \(2, 3\), expected torch.float32"):
        comm.gather([x, x.long()])
    with pytest.raises(ValueError, match=r"\[gather\] tensors: scalars"):
        comm.gather([x.sum(), x.sum()])


@needs_two
def test_the_source_comes_first() -> None:
    with pytest.raises(ValueError, match=r"\[broadcast\] tensor: on cuda:1, expected on the first of devices, cuda:0"):
        comm.broadcast(torch.ones(2, device="cuda:1"), [0, 1])


@needs_gpu
def test_scatter_on_streams() -> None:
    side = torch.cuda.Stream()
    x = torch.arange(0, 1 << 20).pin_memory()
    first, second = comm.scatter(x, [0, 0], streams=[None, side])
    torch.cuda.current_stream().wait_stream(side)
    assert torch.cat([first, second]).cpu().equal(x)
    with pytest.raises(ValueError, match=r"\[scatter\] streams: 1 for 2 devices"):
        comm.scatter(x, [0, 0], streams=[side])


# --- gradients through moves -------------------------------------------------------------------------------------------------


@over_places
def test_gradients_of_moves(places: list[Any]) -> None:
    first, second = devices_of(places)
    x = torch.rand(5, 3, dtype=torch.float64).to(first).requires_grad_()
    pieces = parallel.scatter(x, places)
    y = parallel.gather([pieces[0] * 2, pieces[1] ** 2], places[1])
    assert y.device == second
    y.sum().backward()
    expected = torch.cat([torch.full((3, 3), 2.0, dtype=torch.float64), 2 * x[3:].detach().cpu()])
    assert x.grad.device == first
    assert bool(((x.grad.cpu() - expected).abs() <= 1e-15 * expected).all())  # a device's power may be off by 2 ulp

    def moved(t: torch.Tensor) -> torch.Tensor:
        one, other = parallel.scatter(t, places)
        return parallel.gather([one**3, other**2], places[0])

    assert torch.autograd.gradcheck(moved, (x,)) and torch.autograd.gradgradcheck(moved, (x,))


@over_places
def test_gathered_scalars_are_a_vector(places: list[Any]) -> None:
    losses = [torch.tensor(2.0 + i, device=device, requires_grad=True) for i, device in enumerate(devices_of(places))]
    total = parallel.gather(losses, places[0])
    assert total.tolist() == [2.0, 3.0]
    (total * torch.tensor([1.0, 5.0]).to(total.device)).sum().backward()
    assert [loss.grad.item() for loss in losses] == [1.0, 5.0]


@over_places
def test_lists_and_dicts_are_split_and_joined(places: list[Any]) -> None:
    first = devices_of(places)[0]
    Pair = namedtuple("Pair", "x y")
    x = torch.arange(0, 4, device=first)
    given = {"a": [x, "name"], "b": Pair(x + 1, None), "c": OrderedDict(z=x + 2), "empty": []}
    one, other = parallel.scatter(given, places)
    assert one["a"][0].tolist() == [0, 1] and other["a"][1] == "name" and other["empty"] == []
    assert isinstance(other["b"], Pair) and other["b"].x.tolist() == [3, 4] and other["b"].y is None
    assert isinstance(one["c"], OrderedDict) and one["c"]["z"].tolist() == [2, 3]
    back = parallel.gather([{"b": one["b"], "c": one["c"]}, {"b": other["b"], "c": other["c"]}], places[0])
    assert back["b"].x.tolist() == [1, 2, 3, 4] and back["b"].y is None and back["c"]["z"].tolist() == [2, 3, 4, 5]
    with pytest.raises(TypeError, match=r"\[gather\] outputs: a str, expected tensors"):
        parallel.gather(["a", "b"], places[0])
    with pytest.raises(ValueError, match=r"\[gather\] outputs: of \[1, 2\] entries"):
        parallel.gather([[x], [x, x]], places[0])
    positional, named = scatter_kwargs((x,), {"scale": 2}, places)
    assert [len(item) for item in positional] == [1, 1] and named == [{"scale": 2}] * 2
    assert scatter_kwargs((), {"x": x}, places)[0] == [(), ()]


# --- modules -----------------------------------------------------------------------------------------------------------------


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
        self.head = nn.Linear(4, 2)
        self.tied = self.head  # one module, two names
        self.register_parameter("nothing", None)

    def forward(self, x: torch.Tensor, scale: float = 1.0) -> dict[str, torch.Tensor]:
        y = self.body(x).mean(3).mean(2)
        return {"out": self.tied(self.head(torch.cat([y, y], 1)[:, :4])[:, :1].expand(-1, 4)) * scale, "mean": y.mean()}


@over_places
def test_replicas(places: list[Any]) -> None:
    first, second = devices_of(places)
    net = Net().to(first)
    replicas = parallel.replicate(net, places)
    for replica, device in zip(replicas, (first, second), strict=True):
        assert type(replica) is Net and replica.tied is replica.head and replica.nothing is None
        assert replica.body[0].weight.device == device and replica.body[0].weight.tolist() == net.body[0].weight.tolist()
        assert replica.body[1].running_mean.device == device
    assert replicas[0].body[1].running_mean.data_ptr() == net.body[1].running_mean.data_ptr()
    assert replicas[1].body[1].running_mean.data_ptr() != net.body[1].running_mean.data_ptr()
    sum(replica.head.weight.sum().to(first) * (i + 1) for i, replica in enumerate(replicas)).backward()
    assert net.head.weight.grad.tolist() == [[3.0] * 4] * 2
    assert net.head.bias.grad is None or not net.head.bias.grad.any()
    assert list(net.state_dict()) == list(Net().state_dict())
    for replica in parallel.replicate(net, places, detach=True):
        assert not replica.head.weight.requires_grad
    replicas[0].own = 1
    assert not hasattr(net, "own")


@over_places
def test_data_parallel_matches_one_device(places: list[Any]) -> None:
    first = devices_of(places)[0]
    net = Net().to(first).double().eval()  # one batch's statistics are not those of its pieces
    x = torch.rand(6, 3, 5, 5, dtype=torch.float64).to(first)
    expected = net(x, scale=2.0)["out"]
    expected.pow(2).sum().backward()
    grads = {name: parameter.grad.clone() for name, parameter in net.named_parameters()}
    net.zero_grad()
    replicas = parallel.replicate(net, places)
    inputs, keywords = scatter_kwargs((x,), {"scale": 2.0}, places)
    out = parallel.gather(parallel.parallel_apply(replicas, inputs, keywords, places), places[0])
    assert out["mean"].size() == (2,) and torch.max(torch.abs(out["out"] - expected)).item() < 1e-12
    out["out"].pow(2).sum().backward()
    for name, parameter in net.named_parameters():
        assert torch.max(torch.abs(parameter.grad - grads[name])).item() < 1e-10, name


@needs_two
@pytest.mark.parametrize("output", [None, 1])
def test_data_parallel_trains(output: int | None) -> None:
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 1)).cuda()
    model = nn.DataParallel(net, output_device=output)
    assert model.device_ids == list(range(torch.cuda.device_count()))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.randn(64, 8)
    target = x[:, :1].sin()
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        y = model(x)  # the host's batch is split, too
        assert y.device.index == (output or 0)
        loss = (y - target.to(y.device)).pow(2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    assert all(parameter.device.index == 0 for parameter in net.parameters())
    with torch.no_grad():
        assert not model(x).requires_grad
    assert model(x[:1]).size() == (1, 1)  # one device gets all
    assert nn.parallel.data_parallel(net, x, [0, 1]).size() == (64, 1)


@needs_gpu
def test_modules_elsewhere_are_named() -> None:
    with pytest.raises(RuntimeError, match=r"\[replicate\] parameter 'weight': on cpu, expected on the first device, cuda:0"):
        parallel.replicate(nn.Linear(2, 2), [0, 0])
    assert nn.DataParallel(nn.Linear(2, 2), device_ids=[0]).module.weight.is_cuda


@pytest.mark.skipif(HAS_GPU, reason="there is a CUDA device")
def test_without_devices_data_parallel_says_why() -> None:
    with pytest.raises(
        RuntimeError, match=r"\[DataParallel\] device_ids: \[0, 1\] name CUDA devices, and there are none \(.+\)"
    ):
        nn.DataParallel(nn.Linear(2, 2), device_ids=[0, 1])
    with pytest.raises(RuntimeError, match=r"\[DataParallel\] output_device: 0, and the module runs on no CUDA device"):
        nn.DataParallel(nn.Linear(2, 2), output_device=0)


def test_the_first_failing_replica_is_named() -> None:
    class Picky(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if x[0].item() > 1:
                raise ValueError(f"refused {x[0].item():.0f}")
            return x

    inputs = [(torch.tensor([float(i)]),) for i in range(4)]
    with pytest.raises(ValueError, match="refused 2") as error:
        parallel.parallel_apply([Picky()] * 4, inputs)
    assert "in replica 2 of 4 of parallel_apply" in error.value.__notes__
    with pytest.raises(ValueError, match="4 modules, 3 inputs"):
        parallel.parallel_apply([Picky()] * 4, inputs[:3])


def test_replicas_run_at_the_same_time_in_the_callers_mode() -> None:
    meeting = threading.Barrier(3, timeout=30)

    class Meet(nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[int, bool]:
            meeting.wait()  # only if all three are here
            return threading.get_ident(), torch.autograd.is_grad_enabled()

    with torch.no_grad():
        seen = parallel.parallel_apply([Meet()] * 3, [torch.ones(1)] * 3)
    assert len({ident for ident, _ in seen}) == 3 and not any(recorded for _, recorded in seen)
