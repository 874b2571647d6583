"""Adam for sparse gradients."""

from __future__ import annotations

from torch.optim.optimizer import Optimizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torch.optim.optimizer import Params


class SparseAdam(Optimizer):
    """Adam that changes only the elements which a sparse gradient holds: an error, as gradients are dense here."""

    def __init__(self, params: Params, lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8) -> None:
        raise NotImplementedError("SparseAdam takes sparse gradients, and all gradients here are dense: use torch.optim.Adam")
