"""`--device cuda`: the suite on a CUDA device.

Tests are written for the host, and most say nothing of places. With this option what they make is made on the device: tensors
of `torch.zeros`, `torch.tensor` and their kin, parameters and buffers of modules, and what comes from NumPy; what goes to NumPy
is copied. The library itself is not told: what it makes for itself has to be where its arguments are. Tests about the host are
marked `host(reason)` and left out, and so are files that compare the device with the host themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

import torch

# Files that have nothing to say on a device, or say it without this option.
HOST_FILES = {
    "test_api_fuzz.py": "runs programs of its own, with --device too",
    "test_bindings.py": "the C interface of tensors on the host",
    "test_completeness.py": "names only",
    "test_data_loader.py": "workers that are forked, and memory that they share",
    "test_data_memory.py": "memory that workers share",
    "test_data_sets.py": "workers that are forked",
    "test_dlpack.py": "memory that another library shares",
    "test_docstrings.py": "names only",
    "test_every_level.py": "the processor's levels",
    "test_example.py": "has an option of its own",
    "test_guide.py": "what the guide prints, of tensors on the host",
    "test_help.py": "what examples print, of tensors on the host",
    "test_import.py": "the import",
    "test_multiprocessing.py": "memory that processes share",
    "test_numpy_interop.py": "memory that NumPy shares",
    "test_peer_files.py": "files that are compared byte by byte",
    "test_semantics.py": "what the page prints, of tensors on the host",
    "test_sparse.py": "goes over the places itself",
    "test_sparse_files.py": "goes over the places itself",
    "test_sparse_gradients.py": "goes over the places itself",
    "test_storage.py": "memory of the host",
}


@pytest.fixture(params=["cpu", "cuda"])
def device(request: pytest.FixtureRequest) -> str:
    """Each place that tensors can lie in; what needs a GPU is skipped where there is none."""
    name: str = request.param
    if name == "cuda" and not torch.cuda.is_available():
        pytest.skip(f"no CUDA device: {torch.cuda.unavailable_reason()}")
    return name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default="cpu", choices=["cpu", "cuda"], help="where the tensors of tests/torch are made")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "host(reason): is about the host; left out with --device cuda")
    if config.getoption("--device") == "cuda":
        _move_to_the_device()


FACTORIES = (
    "arange", "as_tensor", "bartlett_window", "blackman_window", "empty", "eye", "full", "hamming_window", "hann_window",
    "linspace", "logspace", "ones", "rand", "randint", "randn", "randperm", "range", "tensor", "zeros",
)  # fmt: skip


# The beginnings of the names of further such files.
ABOUT_DEVICES = ("test_cuda", "test_cudnn", "test_data_parallel", "test_distributed", "test_nccl", "test_nvtx")


def _on_the_device(factory: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(factory)
    def made(*args: Any, **options: Any) -> Any:
        if not {"device", "out", "layout"} & options.keys():
            options["device"] = "cuda"
        return factory(*args, **options)

    return made


def _move_to_the_device() -> None:
    """Puts functions that make tensors on the device in the place of those that make them on the host, for this process."""
    from torch import _legacy_types

    if not torch.cuda.is_available():
        raise pytest.UsageError(f"--device cuda: {torch.cuda.unavailable_reason()}")
    module: Any = torch
    for name in FACTORIES:
        setattr(module, name, _on_the_device(getattr(torch, name)))
    from_numpy, numpy, array = torch.from_numpy, torch.Tensor.numpy, torch.Tensor.__array__
    module.from_numpy = lambda ndarray: from_numpy(ndarray).cuda()
    module.Tensor.numpy = lambda self: numpy(self.cpu())
    module.Tensor.__array__ = lambda self, *args, **options: array(self.cpu(), *args, **options)
    del module.Tensor.__array_interface__  # NumPy asks it first, and nobody keeps the copy whose memory it would name

    torch._tensor_str._is_at_home = lambda tensor: True  # what is printed names no place, as on the host
    module.get_rng_state, module.set_rng_state = torch.cuda.get_rng_state, torch.cuda.set_rng_state
    parameter, register = torch.nn.Parameter.__new__, torch.nn.Module.register_buffer
    module.nn.Parameter.__new__ = lambda cls, data=None, requires_grad=True: parameter(
        cls, torch.empty(0) if data is None else data.cuda(), requires_grad
    )
    module.nn.Module.register_buffer = lambda self, name, tensor, *args: register(
        self, name, tensor.cuda() if isinstance(tensor, torch.Tensor) else tensor, *args
    )
    changed: Any = _legacy_types._LegacyType
    legacy = changed.__call__
    changed.__call__ = lambda cls, *args: legacy(cls, *args).cuda()
    changed.__instancecheck__ = lambda cls, instance: isinstance(instance, torch.Tensor) and instance.dtype is cls.dtype


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--device") == "cpu":
        return
    for item in items:
        reason: Any = HOST_FILES.get(item.path.name)
        if item.path.name.startswith(ABOUT_DEVICES):
            reason = "goes to devices itself, and to the host to compare"
        if marker := item.get_closest_marker("host"):
            reason = marker.args[0]
        if reason:
            item.add_marker(pytest.mark.skip(reason=f"about the host: {reason}"))
