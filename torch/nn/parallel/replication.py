"""`DataParallel`: a batch split over devices. This build has no CUDA, so the module runs where it is, on the CPU."""

from __future__ import annotations

from torch.nn.modules.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def _check_devices(device_ids: Sequence[Any] | None, output_device: Any) -> None:
    if device_ids or output_device is not None:
        raise RuntimeError(
            f"DataParallel: device_ids {list(device_ids or [])} and output_device {output_device} name CUDA devices, and this "
            "build has none: leave them out to run on the CPU"
        )


class DataParallel(Module):
    """Splits each batch along `dim` over the devices; `module` is then one's own module, and its state is under "module.".

    Without CUDA devices there is nothing to split: the module is called as it is, as in the original.

    >>> model = nn.DataParallel(nn.Linear(4, 2))
    >>> model(torch.zeros(8, 4)).size(), list(model.state_dict())
    (torch.Size([8, 2]), ['module.weight', 'module.bias'])
    """

    module: Module

    def __init__(
        self, module: Module, device_ids: Sequence[Any] | None = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        _check_devices(device_ids, output_device)
        self.dim = dim
        self.module = module
        self.device_ids: list[Any] = []
        self.output_device = None

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Sequence[Any] | None = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: dict[str, Any] | None = None,
) -> Any:
    """`DataParallel` as a function: `module` on `inputs`, one argument or a tuple of them.

    >>> nn.parallel.data_parallel(nn.Linear(4, 2), torch.zeros(8, 4)).size()
    torch.Size([8, 2])
    """
    _check_devices(device_ids, output_device)
    arguments = inputs if isinstance(inputs, tuple) else (inputs,)
    return module(*arguments, **(module_kwargs or {}))
