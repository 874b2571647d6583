"""CUDA devices: none in this build. What asks whether there are any works; what needs one raises a clear error."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

__all__ = ["current_device", "device_count", "empty_cache", "is_available", "manual_seed", "manual_seed_all", "synchronize"]


def __dir__() -> list[str]:
    return sorted(__all__)


def _unavailable(what: str) -> NoReturn:
    raise RuntimeError(
        f"torch.cuda.{what}: this torch is built without CUDA, so there is no CUDA device. Use device 'cpu', or choose with\n"
        'torch.device("cuda:0" if torch.cuda.is_available() else "cpu"). torch.__config__.show() says what was built and why.'
    )


class _CudaType(type):
    """What `torch.cuda.FloatTensor` and its kin are: no tensor is of them, and none can be made."""

    def __instancecheck__(cls, instance: object) -> bool:
        return False

    def __call__(cls, *args: object) -> NoReturn:
        _unavailable(cls.__name__)

    def __repr__(cls) -> str:
        return f"<class 'torch.cuda.{cls.__name__}'>"


def __getattr__(name: str) -> Any:
    from torch import _legacy_types

    if not name.endswith("Tensor") or name not in _legacy_types.__all__:
        raise AttributeError(f"module 'torch.cuda' has no attribute '{name}'")
    globals()[name] = _CudaType(name, (), {"__module__": "torch.cuda", "__slots__": ()})
    return globals()[name]


def is_available() -> bool:
    """Whether tensors can live on a CUDA device.

    >>> torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device(type='cpu')
    """
    return False


def device_count() -> int:
    """The number of CUDA devices.

    >>> torch.cuda.device_count()
    0
    """
    return 0


def current_device() -> int:
    """The index of the current CUDA device.

    >>> torch.cuda.current_device() if torch.cuda.is_available() else None
    """
    _unavailable("current_device")


def synchronize() -> None:
    """Waits for the work on the current CUDA device.

    >>> if torch.cuda.is_available():
    ...     torch.cuda.synchronize()
    """
    _unavailable("synchronize")


def empty_cache() -> None:
    """Gives cached device memory back: there is none.

    >>> torch.cuda.empty_cache()
    """


def manual_seed(seed: int) -> None:
    """Seeds the current device's generator; without a device, nothing.

    >>> torch.cuda.manual_seed(0)
    """


def manual_seed_all(seed: int) -> None:
    """Seeds the generators of all devices; without a device, nothing.

    >>> torch.cuda.manual_seed_all(0)
    """
