"""Optimisers: they change parameters along their gradients."""

from torch.optim.adam import Adam
from torch.optim.optimizer import Optimizer
from torch.optim.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer"]
