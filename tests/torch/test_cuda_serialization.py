"""Tensors of a CUDA device in files and pickles: they come back where they were, or where they are told to go."""

from __future__ import annotations

import copy
import io
import pickle
from typing import Any

import pytest

import torch

from .test_cuda import needs_gpu

FORMATS = [False, True]


def saved(value: Any, zipped: bool) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=zipped)
    file.seek(0)
    return file


@needs_gpu
@pytest.mark.parametrize("zipped", FORMATS)
@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float16, torch.float32, torch.float64])
def test_there_and_back(dtype: torch.dtype, zipped: bool) -> None:
    x = torch.arange(24.0).view(4, 6).to(dtype).cuda()
    y, empty, host = torch.load(saved([x.t()[1:, ::2], torch.zeros(0, dtype=dtype).cuda(), x.cpu()], zipped))
    assert y.is_cuda and y.dtype == dtype and y.tolist() == x.t()[1:, ::2].tolist()
    assert empty.is_cuda and empty.numel() == 0
    assert not host.is_cuda and host.tolist() == x.tolist()


@needs_gpu
@pytest.mark.parametrize("zipped", FORMATS)
def test_map_location(zipped: bool) -> None:
    x = torch.arange(5.0).cuda()
    places: list[Any] = ["cpu", torch.device("cpu"), {"cuda:0": "cpu"}, lambda found, place: found]
    for place in places:
        y = torch.load(saved(x, zipped), map_location=place)
        assert not y.is_cuda and y.tolist() == x.tolist()
    stays: list[Any] = [None, "cuda", "cuda:0", torch.device("cuda", 0), {"cuda:7": "cpu"}, lambda found, place: found.cuda()]
    for place in stays:
        y = torch.load(saved(x, zipped), map_location=place)
        assert y.is_cuda and y.tolist() == x.tolist()
    y = torch.load(saved(x.cpu(), zipped), map_location="cuda")
    assert y.is_cuda and y.tolist() == x.tolist()
    with pytest.raises(RuntimeError, match="on CUDA device 63 but torch.cuda.device_count"):
        torch.load(saved(x, zipped), map_location="cuda:63")


@needs_gpu
@pytest.mark.parametrize("zipped", FORMATS)
def test_shared_storages_stay_shared(zipped: bool) -> None:
    x = torch.zeros(4, 4).cuda()
    a, b = torch.load(saved([x, x[1]], zipped))
    a[1, 2] = 5
    assert b[2].item() == 5


@needs_gpu
def test_modules_and_optimizers() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)).cuda()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(torch.ones(2, 3).cuda()).sum().backward()
    optimizer.step()
    state = torch.load(saved({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, False))
    other = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 1)).cuda()
    other.load_state_dict(state["model"])
    assert all(p.is_cuda for p in state["model"].values())
    x = torch.ones(1, 3).cuda()
    assert other(x).item() == model(x).item()


@needs_gpu
def test_pickle_and_copies() -> None:
    x = torch.arange(6.0).view(2, 3).cuda()
    for y in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x), copy.copy(x)):
        assert y.is_cuda and y.tolist() == x.tolist()
    storage = pickle.loads(pickle.dumps(x.storage()))
    assert storage.is_cuda and storage.tolist() == x.storage().tolist()
