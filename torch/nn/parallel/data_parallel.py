"""`DataParallel`: a batch split over CUDA devices, each with a replica of the module."""

from __future__ import annotations

from torch.nn.modules.module import Module
from torch.nn.parallel.parallel_apply import parallel_apply
from torch.nn.parallel.replicate import replicate
from torch.nn.parallel.scatter_gather import gather, scatter_kwargs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def _devices(device_ids: Sequence[Any] | None) -> list[int]:
    """The numbers of the devices, all there are if None; RuntimeError for one that there is not."""
    from torch import cuda

    if device_ids is None:
        return list(range(cuda.device_count()))
    if device_ids and not cuda.is_available():
        raise RuntimeError(
            f"[DataParallel] device_ids: {list(device_ids)} name CUDA devices, and there are none "
            f"({cuda.unavailable_reason()}); leave them out to run on the CPU"
        )
    return [cuda._ordinal(device) for device in device_ids]


def _output(device: Any, devices: Sequence[int]) -> Any:
    """Where outputs go."""
    if device is not None and not devices:
        raise RuntimeError(f"[DataParallel] output_device: {device}, and the module runs on no CUDA device; leave it out")
    return devices[0] if device is None and devices else device


class DataParallel(Module):
    """Splits each batch along `dim` over the devices, runs a replica of the module on each, and puts the outputs together.

    The wrapped module is `module`, which has to lie on the first of `device_ids` (all devices if None); its state is under
    "module.". Outputs come to `output_device` (the first if None); gradients add up in the module's own parameters. Without
    CUDA devices the module is called as it is.

    >>> model = nn.DataParallel(nn.Linear(4, 2))
    >>> if torch.cuda.is_available():
    ...     model = model.cuda()
    >>> x = torch.zeros(8, 4, device=model.module.weight.device)
    >>> model(x).size(), list(model.state_dict())
    (torch.Size([8, 2]), ['module.weight', 'module.bias'])
    """

    module: Module

    def __init__(
        self, module: Module, device_ids: Sequence[Any] | None = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.dim = dim
        self.module = module
        self.device_ids = _devices(device_ids)
        self.output_device = _output(output_device, self.device_ids)
        if len(self.device_ids) == 1:
            module.cuda(self.device_ids[0])

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return _run(self.module, inputs, kwargs, self.device_ids, self.output_device, self.dim)


def _run(
    module: Module, inputs: tuple[Any, ...], kwargs: dict[str, Any], devices: Sequence[int], output_device: Any, dim: int
) -> Any:
    if not devices:
        return module(*inputs, **kwargs)
    pieces, keywords = scatter_kwargs(inputs, kwargs, devices, dim)
    if len(devices) == 1 or not pieces:
        return module(*(pieces[0] if pieces else ()), **(keywords[0] if keywords else {}))
    used = devices[: len(pieces)]
    outputs = parallel_apply(replicate(module, used), pieces, keywords, used)
    return gather(outputs, output_device, dim)


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Sequence[Any] | None = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: dict[str, Any] | None = None,
) -> Any:
    """`DataParallel` as a function: `module` on `inputs`, one argument or a tuple of them.

    >>> layer = nn.Linear(4, 2).to("cuda" if torch.cuda.is_available() else "cpu")
    >>> nn.parallel.data_parallel(layer, torch.zeros(8, 4, device=layer.weight.device)).size()
    torch.Size([8, 2])
    """
    arguments = inputs if isinstance(inputs, tuple) else (inputs,)
    devices = _devices(device_ids)
    return _run(module, arguments, module_kwargs or {}, devices, _output(output_device, devices), dim)
