"""Gradients of sparse tensors and sparse gradients, beside the dense computation of the same thing."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref
from typing import Any

import pytest

import torch
from torch import nn

INDEX = torch.tensor([[0, 1, 1, 2, 1], [1, 0, 3, 2, 0]])  # (1, 0) twice
SIZE = (3, 4)


def values(n: int = 5, *more: int) -> torch.Tensor:
    return torch.randn(n, *more, dtype=torch.float64, requires_grad=True)


def sparse(v: torch.Tensor) -> Any:
    kind = torch.cuda.sparse.DoubleTensor if v.is_cuda else torch.sparse.DoubleTensor
    return kind(INDEX.to(v.device), v, torch.Size(SIZE))


DENSE = torch.randn(3, 4, dtype=torch.float64)
OPERATIONS = {
    "to_dense": lambda x, d: x.to_dense(),
    "coalesce": lambda x, d: x.coalesce()._values(),
    "clone": lambda x, d: x.clone().to_dense(),
    "add": lambda x, d: (x + x * 2).to_dense(),
    "sub": lambda x, d: x.sub(x * x, 3).to_dense(),
    "mul": lambda x, d: (x * (x + x)).to_dense(),
    "div": lambda x, d: (-x / 3).to_dense(),
    "pow": lambda x, d: x.pow(2).to_dense(),
    "sum": lambda x, d: torch.sum(x) * x.sum(),
    "narrow": lambda x, d: x.narrow(1, 0, 3).narrow(0, 1, 2).to_dense(),
    "sparse_mask": lambda x, d: d.sparse_mask(x).add(x).to_dense(),
    "t": lambda x, d: x.t().to_dense(),
    "norm": lambda x, d: x.norm(),
    "dense + sparse": lambda x, d: d + x,
    "dense - sparse": lambda x, d: d - x,
    "torch.add": lambda x, d: torch.add(d, 2, x),
    "add_": lambda x, d: d.clone().add_(x, alpha=3),
    "+=": lambda x, d: d.clone().__iadd__(x),
    "sub_, strided": lambda x, d: d.t().clone().t().sub_(x),
    "spadd": lambda x, d: x.spadd(d, 2),
    "mm": lambda x, d: torch.mm(x, d.t()),
    "matmul": lambda x, d: x @ d.t(),
    "spmm": lambda x, d: torch.spmm(x, d.t()),
    "addmm": lambda x, d: torch.addmm(d[:, :3], x, d.t(), beta=2, alpha=3),
    "hspmm": lambda x, d: x.hspmm(d.t()).to_dense(),
    "sspmm": lambda x, d: x.sspmm(d.t()).to_dense(),
    "sspaddmm": lambda x, d: x.sspmm(d.t()).sspaddmm(x, d.t(), 2, 3).to_dense(),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients(name: str, device: str) -> None:
    inputs = [x.detach().to(device).clone().requires_grad_() for x in (values(), DENSE)]
    assert torch.autograd.gradcheck(lambda v, d: OPERATIONS[name](sparse(v), d), inputs)
    assert torch.autograd.gradgradcheck(lambda v, d: OPERATIONS[name](sparse(v), d), inputs)


def test_adding_in_place_touches_the_memory_of_the_dense_tensor(device: str) -> None:
    zeros = torch.zeros(3, 4, device=device)
    for dense in (zeros.clone(), zeros.view(4, 3).clone().t(), zeros.clone()[:, :1].expand(3, 1)):
        size = dense.size()
        x = torch.sparse_coo_tensor([[0, 1, 1], [0, 0, 0]], [1.0, 2.0, 3.0], size, device=device)
        place, want = dense.data_ptr(), dense + x.to_dense()
        before = dense._version
        dense += x
        assert dense.data_ptr() == place and torch.equal(dense, want) and dense._version > before
    rows = torch.sparse_coo_tensor([[1, 1]], [[1.0, 2.0], [3.0, 4.0]], (3, 2), device=device)
    dense = torch.zeros(2, 3, device=device).t()
    assert dense.sub_(rows) is dense and dense.tolist() == [[0, 0], [-4, -6], [0, 0]]


def test_a_sparse_leaf(device: str) -> None:
    x = torch.sparse_coo_tensor(INDEX, torch.ones(5), SIZE, requires_grad=True, device=device)
    assert x.requires_grad and x.is_leaf and x.grad_fn is None and x.grad is None
    weight = torch.randn(4, 2, device=device)
    product = x.mm(weight)
    assert product.requires_grad
    product.sum().backward()
    assert torch.equal(x.grad._indices().cpu(), INDEX) and x.grad.is_sparse
    assert torch.equal(x.grad._values(), weight.sum(1)[INDEX[1].to(device)])
    (again,) = torch.autograd.grad(x.to_dense().sum(), x)
    assert again.is_sparse and again._values().tolist() == [1.0] * 5
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad has been used in an in-place"):
        x.mul_(2)
    assert not x.detach().requires_grad and not x.requires_grad_(False).requires_grad
    y = x.requires_grad_().coalesce()
    assert not y.is_leaf and y.grad_fn is not None and not y.detach_().requires_grad
    x.grad = None
    assert x.grad is None
    with pytest.raises(RuntimeError, match="floating"):
        torch.sparse_coo_tensor([[0]], [1], requires_grad=True)


def test_the_values_given_stay_as_they_are() -> None:
    v = torch.ones(5)
    torch.sparse.FloatTensor(INDEX, v, torch.Size(SIZE)).requires_grad_()
    assert not v.requires_grad


# --- sparse gradients of dense leaves ----------------------------------------------------------------------------------------

WORDS = torch.tensor([[1, 2, 1], [4, 0, 2]])


def tables(device: str = "cpu", **options: Any) -> tuple[nn.Embedding, nn.Embedding]:
    one = nn.Embedding(6, 2, sparse=True, **options).to(device)
    other = nn.Embedding(6, 2, **options).to(device)
    other.load_state_dict(one.state_dict())
    return one, other


@pytest.mark.parametrize("options", [{}, {"padding_idx": 2}, {"max_norm": 0.5}])
def test_an_embedding(options: dict[str, Any], device: str) -> None:
    one, other = tables(device, **options)
    for scale in (1, 2):  # the second adds to the first
        for table in (one, other):
            (table(WORDS.to(device)).pow(2) * scale).sum().backward()
        assert one.weight.grad.is_sparse and one.weight.grad.layout is torch.sparse_coo
        assert one.weight.grad.device == one.weight.device
        assert (one.weight.grad.to_dense() - other.weight.grad).abs().max().item() < 1e-5
    rows = one.weight.grad.coalesce()._indices().tolist()[0]
    assert rows == ([0, 1, 4] if "padding_idx" in options else [0, 1, 2, 4])


def test_an_embedding_without_words_or_only_padding(device: str) -> None:
    one, _ = tables(device, padding_idx=2)
    for words in (torch.zeros(0, dtype=torch.int64), torch.full((3,), 2, dtype=torch.int64), torch.zeros(2, 0).long()):
        one.weight.grad = None
        one(words.to(device)).sum().backward()
        assert one.weight.grad._nnz() == 0 and one.weight.grad.to_dense().tolist() == [[0.0] * 2] * 6


def test_a_table_of_halves(device: str) -> None:
    table = tables(device)[0].half()
    start = table.weight.detach().float()
    (table(WORDS.to(device)) * 2).sum().backward()
    assert table.weight.grad.is_sparse and table.weight.grad.dtype == torch.float16
    want = torch.zeros(6, 2).index_add_(0, WORDS.view(-1), torch.full((6, 2), 2.0)).to(device)
    assert torch.equal(table.weight.grad.to_dense().float(), want)
    torch.optim.SGD(table.parameters(), lr=0.5).step()
    assert (table.weight.detach().float() - (start - 0.5 * want)).abs().max().item() < 1e-2


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_an_embedding_bag(mode: str, device: str) -> None:
    one, other = nn.EmbeddingBag(6, 2, mode=mode, sparse=True).to(device), nn.EmbeddingBag(6, 2, mode=mode).to(device)
    other.load_state_dict(one.state_dict())
    for table in (one, other):
        table(WORDS.to(device)).pow(2).sum().backward()
    assert one.weight.grad.is_sparse and (one.weight.grad.to_dense() - other.weight.grad).abs().max().item() < 1e-5


def test_accumulation_of_sparse_and_dense(device: str) -> None:
    words = WORDS.to(device)
    one, other = tables(device)
    for table in (one, other):  # both in one pass, in either order
        (table(words).sum() + table.weight.pow(2).sum() + table(words).sum()).backward()
    assert not one.weight.grad.is_sparse and (one.weight.grad - other.weight.grad).abs().max().item() < 1e-5
    first = one.weight.grad
    one(words).sum().backward()  # sparse onto dense, in place
    other(words).sum().backward()
    assert one.weight.grad is first and (first - other.weight.grad).abs().max().item() < 1e-5
    one, other = tables(device)
    for table in (one, other):  # dense onto sparse
        table(words).sum().backward()
        table.weight.sum().backward()
    assert (one.weight.grad - other.weight.grad).abs().max().item() < 1e-5


def test_grad_is_one_object_and_can_be_cleared_and_scaled(device: str) -> None:
    words = WORDS.to(device)
    one, other = tables(device)
    one(words).sum().backward()
    other(words).sum().backward()
    grad = one.weight.grad
    assert one.weight.grad is grad
    norm = torch.nn.utils.clip_grad_norm_([one.weight], 0.5)
    assert abs(norm - torch.nn.utils.clip_grad_norm_([other.weight], 0.5)) < 1e-6
    assert (grad.to_dense() - other.weight.grad).abs().max().item() < 1e-6
    one(words).sum().backward()
    assert one.weight.grad is grad
    one.zero_grad()
    assert one.weight.grad is grad and grad._nnz() == 0
    one.weight.grad = torch.sparse_coo_tensor([[0]], [[1.0, 2.0]], (6, 2), device=device)
    assert one.weight.grad.to_dense()[0].tolist() == [1, 2]
    for wrong, kind in ((torch.sparse.FloatTensor(6, 3), "size"), (torch.sparse.DoubleTensor(6, 2), "type"), ("a", "Tensor")):
        with pytest.raises((RuntimeError, TypeError), match=kind):
            one.weight.grad = wrong


def test_a_table_that_is_no_leaf_gets_the_dense_gradient(device: str) -> None:
    weight = torch.randn(6, 2, dtype=torch.float64, requires_grad=True, device=device)
    words = WORDS.to(device)
    assert torch.autograd.gradcheck(lambda w: nn.functional.embedding(words, w * w, sparse=True), (weight,))
    assert torch.autograd.gradgradcheck(lambda w: nn.functional.embedding(words, w * w, sparse=True).pow(2), (weight,))
    with torch.autograd.detect_anomaly():
        nn.functional.embedding(words, weight * 1, sparse=True).sum().backward()
        with pytest.raises(RuntimeError, match="returned nan values"):
            nn.functional.embedding(words, weight, sparse=True).mul(float("nan")).sum().backward()


def test_hooks_and_grad_see_the_sparse_gradient(device: str) -> None:
    words = WORDS.to(device)
    one, _ = tables(device)
    seen: list[Any] = []

    def halve(grad: Any) -> Any:
        seen.append(grad)
        return grad * 0.5

    handle = one.weight.register_hook(halve)
    one(words).sum().backward()
    handle.remove()
    assert seen[0].is_sparse and torch.equal(one.weight.grad.to_dense(), seen[0].to_dense() / 2)
    (grad,) = torch.autograd.grad(one(words).sum(), one.weight)
    assert grad.is_sparse and torch.equal(grad.to_dense(), seen[0].to_dense())
    out = one(words)
    assert [node.name() for node, _ in out.grad_fn.next_functions if node] == ["AccumulateGrad"]
    out.grad_fn.register_hook(lambda inputs, outputs: seen.append((inputs, outputs)))
    out.sum().backward()
    assert seen[1][0][0].is_sparse and not seen[1][1][0].is_sparse
    (grad,) = torch.autograd.grad(one(words).pow(3).sum(), one.weight, create_graph=True)
    (second,) = torch.autograd.grad(grad.to_dense().sum(), one.weight)
    want = torch.zeros(6, 2, device=device).index_add_(0, words.view(-1), one(words).detach().view(-1, 2) * 6)
    assert (second.to_dense() - want).abs().max().item() < 1e-4


def test_a_function_of_ones_own_may_return_a_sparse_gradient(device: str) -> None:
    class Pick(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return x[1].clone()

        @staticmethod
        def backward(ctx: Any, grad: torch.Tensor) -> Any:
            return torch.sparse_coo_tensor([[1]], grad.view(1), (3,))

    x = torch.zeros(3, requires_grad=True, device=device)
    Pick.apply(x).backward()
    assert x.grad.is_sparse and x.grad.to_dense().tolist() == [0, 1, 0]
    Pick.apply(x * 2).backward()
    assert x.grad.tolist() == [0, 3, 0]


def test_nothing_leaks_and_threads_meet(device: str) -> None:
    words = WORDS.to(device)
    one, other = tables(device)
    other(words).sum().backward()

    def work() -> None:
        for _ in range(50):
            one(words).sum().backward()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert torch.equal(one.weight.grad.to_dense(), other.weight.grad * 200)
    table = nn.Embedding(6, 2, sparse=True).to(device)
    table(words).sum().backward()
    alive = weakref.ref(table.weight)
    del table
    gc.collect()
    assert alive() is None


def test_a_module_moves_with_its_sparse_gradient(device: str) -> None:
    one, _ = tables()
    one(WORDS).sum().backward()
    want = one.weight.grad.to_dense()
    one.to(device).double()
    assert one.weight.grad.is_sparse and one.weight.grad.dtype == torch.float64 and one.weight.grad.device == one.weight.device
    assert torch.equal(one.weight.grad.to_dense(), want.to(device).double())
    torch.optim.SGD(one.parameters(), lr=0.1).step()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gradient_in_another_place_is_refused() -> None:
    one, _ = tables("cuda")
    for grad in (torch.sparse.FloatTensor(6, 2), torch.zeros(6, 2)):
        with pytest.raises(RuntimeError, match=r"\[grad\] tensors on cpu and cuda:0"):
            one.weight.grad = grad


def test_copies(device: str) -> None:
    x = sparse(values().to(device)).detach()
    for other in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert type(other) is type(x) and torch.equal(other.to_dense(), x.to_dense()) and other.size() == x.size()


# --- optimizers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [("SGD", {}), ("SGD", {"momentum": 0.9}), ("Adagrad", {}), ("Adagrad", {"lr_decay": 0.1}), ("LBFGS", {})],
)
def test_a_sparse_gradient_steps_as_the_dense_one(name: str, options: dict[str, Any], device: str) -> None:
    one, other = tables(device)
    for table in (one, other):
        optimizer = getattr(torch.optim, name)(table.parameters(), lr=0.1, **options)
        for words in (WORDS.to(device), WORDS[:1].to(device), torch.tensor([5, 5], device=device)):

            def closure(table: nn.Embedding = table, optimizer: Any = optimizer, words: torch.Tensor = words) -> Any:
                optimizer.zero_grad()
                loss = table(words).pow(2).sum()
                loss.backward()
                return loss

            optimizer.step(closure)
    assert one.weight.grad.is_sparse and (one.weight - other.weight).abs().max().item() < 1e-5


def test_sparse_adam_is_adam_where_every_row_is_used_and_leaves_the_others_alone(device: str) -> None:
    one, other = tables(device)
    start = one.weight.detach().clone()
    steps = [torch.optim.SparseAdam(one.parameters(), lr=0.1), torch.optim.Adam(other.parameters(), lr=0.1)]
    for _ in range(5):
        for table, optimizer in zip((one, other), steps, strict=True):
            optimizer.zero_grad()
            table(WORDS.to(device)).pow(2).sum().backward()
            optimizer.step()
    assert (one.weight - other.weight).abs().max().item() < 1e-5
    assert torch.equal(one.weight[3], start[3]) and not torch.equal(one.weight[1], start[1])
    mean = steps[0].state[one.weight]["exp_avg"].clone()
    optimizer = steps[0]
    optimizer.zero_grad()
    one(torch.tensor([5], device=device)).sum().backward()
    optimizer.step()
    after = optimizer.state[one.weight]["exp_avg"]
    assert torch.equal(after[:5], mean[:5]) and after[5].abs().min().item() > 0  # no decay where there is no gradient
    again = torch.optim.SparseAdam(one.parameters(), lr=0.1)
    again.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
    assert torch.equal(again.state[one.weight]["exp_avg"], after)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda p: torch.optim.Adam(p), "Adam does not support sparse gradients, please consider SparseAdam instead"),
        (lambda p: torch.optim.RMSprop(p), "RMSprop does not support sparse gradients"),
        (lambda p: torch.optim.SGD(p, lr=1, weight_decay=1), "weight_decay, nesterov: not with sparse"),
        (lambda p: torch.optim.SGD(p, lr=1, momentum=1, nesterov=True), "weight_decay, nesterov: not with sparse"),
        (lambda p: torch.optim.Adagrad(p, weight_decay=1), "weight_decay: not with sparse gradients"),
    ],
)
def test_optimizers_that_refuse(make: Any, text: str) -> None:
    one, other = tables()
    one(WORDS).sum().backward()
    before = one.weight.detach().clone()
    with pytest.raises(RuntimeError, match=text):
        make(one.parameters()).step()
    assert torch.equal(one.weight, before)
    other(WORDS).sum().backward()
    with pytest.raises(RuntimeError, match="SparseAdam does not support dense gradients, please consider Adam instead"):
        torch.optim.SparseAdam(other.parameters()).step()
    with pytest.raises(ValueError, match="Invalid beta parameter"):
        torch.optim.SparseAdam(other.parameters(), betas=(1.0, 0.9))


def test_what_sparse_rows_do_not_do() -> None:
    table = nn.Embedding(6, 2, sparse=True, scale_grad_by_freq=True)
    with pytest.raises(RuntimeError, match="scale_grad_by_freq not supported with sparse gradients"):
        table(WORDS)
    with pytest.raises(IndexError):
        nn.Embedding(6, 2, sparse=True)(torch.tensor([6]))
