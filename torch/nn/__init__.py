"""Neural networks: modules, their parameters, and the functions they are made of."""

from torch.nn import functional, init, utils
from torch.nn.modules.activation import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from torch.nn.modules.container import ModuleList, Sequential
from torch.nn.modules.convolution import Conv2d
from torch.nn.modules.dropout import Dropout
from torch.nn.modules.linear import Linear
from torch.nn.modules.loss import CrossEntropyLoss, MSELoss, NLLLoss
from torch.nn.modules.module import Module
from torch.nn.modules.pooling import AvgPool2d, MaxPool2d
from torch.nn.parameter import Parameter

__all__ = [
    "AvgPool2d",
    "Conv2d",
    "CrossEntropyLoss",
    "Dropout",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Module",
    "ModuleList",
    "NLLLoss",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "functional",
    "init",
    "utils",
]
