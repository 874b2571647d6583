"""A program that uses the interface as users write it, for type checkers; nobody runs it."""

from collections.abc import Callable
from typing import Any, assert_type

import numpy as np

import torch
import torch.nn.functional as F
from torch import Tensor, nn, optim
from torch.autograd import Function, Variable
from torch.utils.data import DataLoader, TensorDataset


def creation() -> None:
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64, device="cpu", requires_grad=True)
    assert_type(x, Tensor)
    assert_type(x.size(), torch.Size)
    assert_type(x.size(0), int)
    assert_type(x.shape[0], int)
    assert_type(x.dim(), int)
    assert_type(x.numel(), int)
    assert_type(x.dtype, torch.dtype)
    assert_type(x.device, torch.device)
    assert_type(x.layout, torch.layout)
    assert_type(x.requires_grad, bool)
    assert_type(x.type(), str)
    assert_type(torch.zeros(2, 3), Tensor)
    assert_type(torch.zeros((2, 3), dtype=torch.int), Tensor)
    assert_type(torch.randint(5, (2, 3)), Tensor)
    assert_type(torch.arange(2, 6), Tensor)
    assert_type(torch.full((2,), 7), Tensor)
    assert_type(torch.zeros_like(x, dtype=torch.int), Tensor)
    assert_type(x.new_ones(2), Tensor)
    assert_type(x.new_tensor([1, 2]), Tensor)
    assert_type(torch.from_numpy(np.ones(3)), Tensor)
    assert_type(torch.FloatTensor([1, 2]), Tensor)
    assert_type(torch.is_tensor(x), bool)


def arithmetic(x: Tensor, y: Tensor) -> None:
    assert_type(x + y, Tensor)
    assert_type(2 * x - y / 3, Tensor)
    assert_type(x**2, Tensor)
    assert_type(x @ y, Tensor)
    assert_type(x == y, Tensor)
    assert_type(-x, Tensor)
    assert_type(x[0], Tensor)
    assert_type(x[1:, None, ..., -1], Tensor)
    assert_type(x[x > 0], Tensor)
    x[0] = 1
    x[y > 0] = y
    x += 1
    assert_type(torch.max(x), Tensor)
    values, indices = torch.max(x, 1)
    assert_type(values, Tensor)
    values, indices = x.max(1, keepdim=True)
    values, order = x.sort(0, descending=True)
    values, order = torch.topk(x, 3)
    assert_type(x.sum(), Tensor)
    assert_type(x.sum(1, keepdim=True), Tensor)
    assert_type(x.mean(), Tensor)
    assert_type(torch.cat([x, y], 0), Tensor)
    assert_type(torch.stack((x, y), dim=1), Tensor)
    assert_type(x.view(-1, 2).t().contiguous(), Tensor)
    assert_type(x.permute(1, 0), Tensor)
    assert_type(x.add_(y), Tensor)
    assert_type(torch.add(x, y, alpha=2), Tensor)
    torch.mm(x, y, out=x)
    number = x.sum().item()
    print(number + 1, float(x), int(y), len(x), x.tolist())
    for part in x.split(2):
        assert_type(part, Tensor)
    for row in x:
        assert_type(row, Tensor)
    assert_type(x.to(torch.float64), Tensor)
    assert_type(x.to("cpu"), Tensor)
    assert_type(x.float().double().long(), Tensor)
    assert_type(x.numpy(), Any)
    assert_type(x.clone().detach().cpu(), Tensor)


class Square(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        x: Tensor = ctx.saved_tensors[0]
        return 2 * x * grad


def gradients(x: Tensor) -> None:
    y = Variable(x).requires_grad_()
    y.sum().backward(retain_graph=True)
    if y.grad is not None:
        y.grad.zero_()
    (g,) = torch.autograd.grad(y.sum(), [y], create_graph=True)
    assert_type(g, Tensor)
    handle = y.register_hook(lambda grad: grad * 2)
    handle.remove()
    with torch.no_grad():
        y.data.add_(1)
    with torch.set_grad_enabled(False), torch.enable_grad():
        print(Square.apply(x))


class Net(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Dropout(0.5))
        self.out = nn.Linear(width, 2)
        self.scale = nn.Parameter(torch.ones(1))
        self.register_buffer("steps", torch.zeros(1))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        hidden: Tensor = self.out(F.relu(self.layers(x)))
        return hidden * self.scale if mask is None else hidden * mask


def training(activation: Callable[[Tensor], Tensor] = F.relu) -> None:
    model = Net(8).to(torch.device("cuda:0" if torch.cuda.is_available() else "cpu"))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 10)
    loader = DataLoader(TensorDataset(torch.randn(8, 4), torch.zeros(8).long()), batch_size=4, shuffle=True)
    criterion = nn.CrossEntropyLoss()
    total = 0.0
    for inputs, target in loader:
        optimizer.zero_grad()
        loss = criterion(activation(model(inputs)), target)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
    scheduler.step()
    torch.save(model.state_dict(), "model.pt")
    model.load_state_dict(torch.load("model.pt", map_location="cpu"))
    model.train().eval()
    for name, parameter in model.named_parameters():
        assert_type(name, str)
        assert_type(parameter.size(), torch.Size)
    i = torch.tensor([[0, 1], [1, 0]])
    print(torch.sparse_coo_tensor(i, torch.ones(2), (2, 2)).to_dense(), total)
