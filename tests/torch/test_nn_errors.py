"""Bad shapes, ranges, modes and dtypes: the error begins with the layer and speaks of its own settings."""

from __future__ import annotations

import pytest
from every_layer import LAYERS

import torch
from torch import nn

# What is done: how the error begins.
CASES = {
    "nn.Linear(3, 2)(x(2, 4))": (
        "Linear(3, 2): input has 4 features, weight expects 3: size mismatch, m1: [2 x 4], m2: [3 x 2]"
    ),
    "nn.Linear(3, 2)(x(2, 3).double())": (
        "Linear(3, 2): input is a Double tensor, weight a Float tensor: must have one dtype; convert one of them"
    ),
    "nn.Linear(3, 2)(L(2, 3))": (
        "Linear(3, 2): input is a Long tensor, weight a Float tensor: must have one dtype; convert one of them"
    ),
    "nn.Linear(-1, 2)": "Linear: in_features is -1, expected 0 or more",
    "nn.Linear(3, 2)(torch.tensor(1.))": "Linear(3, 2): input has 0 dimensions, expected 1 or more (* x in_features)",
    'nn.Linear("a", 2)': "Linear: in_features is 'a', expected an integer or several",
    "nn.Bilinear(3, 4, 2)(x(2, 3), x(2, 5))": "Bilinear(3, 4, 2): inputs have 3 and 5 features, weight expects 3 and 4",
    "nn.Bilinear(3, 4, 2)(x(2, 3), x(3, 4))": "Bilinear(3, 4, 2): inputs of sizes (2, 3) and (3, 4) differ before the last",
    "nn.Conv1d(2, 3, 2)(x(1, 3, 5))": "Conv1d(2, 3, 2): input has 3 channels, weight expects 2",
    "nn.Conv1d(2, 3, 2)(x(1, 2, 1))": (
        "Conv1d(2, 3, 2): input has W 1, with padding 1: smaller than the window of 2; output would be too small"
    ),
    "nn.Conv1d(2, 3, 2, padding=2)(x(1, 2, 0))": "Conv1d(2, 3, 2, padding=2): input has W 0, expected 1 or more before padding",
    "nn.Conv1d(2, 3, 2)(x(2, 5))": "Conv1d(2, 3, 2): input has 2 dimensions, expected 3 (N x C x W)",
    "nn.Conv2d(3, 8, 3)(x(1, 4, 5, 5))": "Conv2d(3, 8, 3): input has 4 channels, weight expects 3",
    "nn.Conv2d(3, 8, 3).double()(x(1, 3, 5, 5))": "Conv2d(3, 8, 3): weight is a Double tensor, expected Float",
    "nn.Conv2d(3, 8, 3)(L(1, 3, 5, 5))": "Conv2d(3, 8, 3): input is a Long tensor, Float or Double are implemented",
    "nn.Conv2d(3, 8, 0)": "Conv2d: kernel_size is 0, expected 1 or more",
    "nn.Conv2d(3, 8, -1)": "Conv2d: kernel_size is -1, expected 1 or more",
    "nn.Conv2d(3, 8, (3, 3, 3))": "Conv2d: kernel_size (3, 3, 3) has 3 numbers, expected 2, or one for all dimensions",
    "nn.Conv2d(3, 8, 3, stride=0)": "Conv2d: stride is 0, expected 1 or more",
    "nn.Conv2d(3, 8, 3, padding=-1)": "Conv2d: padding is -1, expected 0 or more",
    "nn.Conv2d(3, 8, 3, dilation=0)": "Conv2d: dilation is 0, expected 1 or more",
    "nn.Conv2d(3, 8, 3, groups=2)": "Conv2d: groups (2) must divide in_channels (3) and out_channels (8)",
    "nn.Conv2d(3, 8, 2.5)": "Conv2d: kernel_size is 2.5, expected an integer or several",
    "nn.Conv3d(2, 3, 2)(x(1, 2, 3, 3))": "Conv3d(2, 3, 2): input has 4 dimensions, expected 5 (N x C x D x H x W)",
    "nn.ConvTranspose1d(2, 3, 2)(x(1, 3, 3))": "ConvTranspose1d(2, 3, 2): input has 3 channels, weight expects 2",
    "nn.ConvTranspose2d(2, 3, 2, output_padding=2)(x(1, 2, 3, 3))": (
        "ConvTranspose2d(2, 3, 2, output_padding=2): output_padding is 2: output padding must be smaller than "
        "either stride or dilation, which are 1 and 1"
    ),
    "nn.ConvTranspose2d(2, 3, 2, stride=2)(x(1, 2, 3, 3), output_size=[20, 20])": (
        "ConvTranspose2d(2, 3, 2, stride=2): requested an output size of (20, 20), but valid sizes of dimension "
        "0 range from 6 to 7 (for an input of (3, 3))"
    ),
    "nn.Unfold(3)(x(1, 2, 2, 2))": (
        "Unfold(3): input has H 2, with padding 2: smaller than the window of 3; output would be too small"
    ),
    "nn.Unfold(2)(x(2, 2, 2))": "Unfold(2): input has 3 dimensions, expected 4 (N x C x H x W)",
    "nn.Fold((3, 3), 2)(x(1, 4, 5))": "Fold(3, 2): input has 5 columns, expected 4 sliding blocks",
    "nn.Fold((3, 3), 2)(x(1, 3, 4))": (
        "Fold(3, 2): Expected size of input's dimension 1 to be divisible by the product of kernel_size, which is 4, but got 3"
    ),
    "nn.MaxPool2d(0)": "MaxPool2d: kernel_size is 0, expected 1 or more",
    "nn.MaxPool2d(5)(x(1, 2, 3, 3))": (
        "MaxPool2d(5, stride=5): input has H 3, with padding 3: smaller than the window of 5; output would be too small"
    ),
    "nn.MaxPool2d(2, padding=2)(x(1, 2, 3, 3))": (
        "MaxPool2d(2, stride=2, padding=2): padding is 2, expected at most half of kernel_size, which is 2"
    ),
    "nn.MaxPool1d(2)(x(3, ))": "MaxPool1d(2, stride=2): input has 1 dimensions, expected 3 (N x C x W) or 2 (C x W)",
    "nn.MaxPool3d(2)(x(2, 3, 4, 4).long())": "MaxPool3d(2, stride=2): input is a Long tensor, Float or Double are implemented",
    "nn.AvgPool2d(2)(x(3, 3))": "AvgPool2d(2, stride=2): input has 2 dimensions, expected 4 (N x C x H x W) or 3 (C x H x W)",
    "nn.AvgPool1d(2, padding=2)(x(1, 2, 3))": (
        "AvgPool1d(2, stride=2, padding=2): padding is 2, expected at most half of kernel_size, which is 2"
    ),
    "nn.AdaptiveAvgPool2d(-1)(x(1, 2, 3, 3))": "AdaptiveAvgPool2d(-1): output size is -1, expected 0 to 2147483647",
    "nn.AdaptiveMaxPool2d((2, 2, 2))(x(1, 2, 3, 3))": (
        "AdaptiveMaxPool2d(2): output_size (2, 2, 2) has 3 numbers, expected 2, or one for all"
    ),
    "nn.AdaptiveMaxPool1d(2)(x(3, 3, 3, 3))": (
        "AdaptiveMaxPool1d(2): input has 4 dimensions, expected 3 (N x C x W) or 2 (C x W)"
    ),
    "nn.LPPool1d(2, 9)(x(1, 2, 3))": (
        "LPPool1d(2, 9): input has W 3, with padding 3: smaller than the window of 9; output would be too small"
    ),
    "nn.FractionalMaxPool2d(2)": "FractionalMaxPool2d requires one of output_size and output_ratio",
    "nn.FractionalMaxPool2d(2, output_size=9)(x(1, 2, 3, 3))": (
        "FractionalMaxPool2d(2, output_size=9): pool of 2 and output of 9 are too large for an input of 3 along H"
    ),
    "nn.FractionalMaxPool2d(2, output_ratio=1.5)": "FractionalMaxPool2d: output_ratio must be between 0 and 1 (got 1.5)",
    "nn.MaxUnpool2d(2)(x(1, 2, 2, 2), L(1, 2, 3, 3))": (
        "MaxUnpool2d(2, stride=2): indices has shape (1, 2, 3, 3), expected (1, 2, 2, 2)"
    ),
    "nn.MaxUnpool2d(2)(x(1, 2, 2, 2), L(1, 2, 2, 2)+99)": (
        "MaxUnpool2d(2, stride=2): indices hold 99, expected positions in [0, 16)"
    ),
    "nn.MaxUnpool2d(2)(x(1, 2, 2, 2), L(1, 2, 2, 2), output_size=[9, 9])": (
        "MaxUnpool2d(2, stride=2): invalid output_size (9, 9): expected less than (2, 2) away from (4, 4)"
    ),
    "nn.BatchNorm1d(3)(x(2, 4))": "BatchNorm1d(3): input has 4 channels, expected 3",
    "nn.BatchNorm1d(3)(x(1, 3))": "BatchNorm1d(3): Expected more than 1 value per channel when training, input has 1",
    "nn.BatchNorm2d(3)(x(2, 3))": "BatchNorm2d(3): expected 4D input (got 2D input)",
    "nn.BatchNorm2d(3)(x(2, 3, 2, 2).double())": "BatchNorm2d(3): weight is a Float tensor, expected Double",
    "nn.InstanceNorm2d(3)(x(2, 3))": "InstanceNorm2d(3): expected 4D input (got 2D input)",
    "nn.InstanceNorm2d(3, affine=True)(x(2, 4, 2, 2))": "InstanceNorm2d(3): input has 4 channels, expected 3",
    "nn.GroupNorm(2, 3)": "GroupNorm: num_channels (3) must be divisible by num_groups (2)",
    "nn.GroupNorm(1, 3)(x(2, 4, 2))": "GroupNorm(1, 3): weight has 3 elements, expected one for each of 4 channels",
    "nn.LayerNorm(5)(x(2, 4))": (
        "LayerNorm(5): input does not end in normalized_shape: expected input with shape [*, 5], but got input "
        "of size 2 dimensions"
    ),
    "nn.LayerNorm((2, 5))(x(5))": (
        "LayerNorm((2, 5)): input does not end in normalized_shape: expected input with shape [*, 2, 5], but got "
        "input of size 1 dimensions"
    ),
    "nn.LocalResponseNorm(2)(x(2, 3))": "LocalResponseNorm(2): Expected 3D or higher dimensionality input (got 2 dimensions)",
    "nn.Dropout(2)": "Dropout: dropout probability has to be between 0 and 1, but got 2",
    "nn.Dropout(-0.1)": "Dropout: dropout probability has to be between 0 and 1, but got -0.1",
    "nn.Dropout2d()(x(3))": "Dropout2d(): input has 1 dimensions, expected 2 or more (N x C x *)",
    "nn.AlphaDropout(1.5)": "AlphaDropout: dropout probability has to be between 0 and 1, but got 1.5",
    "nn.Embedding(5, 2)(L(2)+7)": "Embedding(5, 2): index 7 at place 0 is out of range for a dimension of size 5",
    "nn.Embedding(5, 2)(L(2)-7)": "Embedding(5, 2): index -7 at place 0 is out of range for 5 rows",
    "nn.Embedding(5, 2)(L(3, 2).t()[:, :2].index_fill_(0, L(1) + 1, -1))": (
        "Embedding(5, 2): index -1 at place 2 is out of range for 5 rows"
    ),
    "nn.Embedding(5, 2, sparse=True)(L(2)-1)": "Embedding(5, 2, sparse=True): index -1 at place 0 is out of range for 5 rows",
    "nn.Embedding(5, 2)(x(2))": "Embedding(5, 2): index is Float, expected Long",
    "nn.Embedding(5, 2, padding_idx=9)": "Embedding: padding_idx (9) must be within num_embeddings (5)",
    "nn.EmbeddingBag(5, 2)(L(2))": "EmbeddingBag(5, 2): input has 1 dimensions; expected 2, or 1 and offsets of 1 dimension",
    "nn.EmbeddingBag(5, 2)(L(2), L(1)+1)": (
        "EmbeddingBag(5, 2): offsets have to begin with 0 and grow up to the 2 indices, not [1]"
    ),
    "nn.EmbeddingBag(5, 2)(L(2, 2)-1)": "EmbeddingBag(5, 2): index -1 at place 0 is out of range for 5 rows",
    "nn.EmbeddingBag(5, 2)(L(2, 2)+7)": "EmbeddingBag(5, 2): index 7 at place 0 is out of range for a dimension of size 5",
    'nn.EmbeddingBag(5, 2, mode="median")': "EmbeddingBag: mode has to be one of sum, mean or max, not 'median'",
    "nn.RNN(3, 2)(x(4, 2, 5))": "RNN(3, 2): input has 5 features, expected 3",
    "nn.LSTM(3, 2)(x(4, 2, 3), x(1, 2, 2))": "LSTM(3, 2): hx has 1 states, expected 2",
    "nn.LSTM(3, 2)(x(4, 2, 3), (x(1, 1, 2), x(1, 1, 2)))": "LSTM(3, 2): Expected hidden size (1, 2, 2), got (1, 1, 2)",
    "nn.GRU(3, 2, num_layers=0)": "GRU: num_layers is 0, expected 1 or more",
    "nn.GRU(3, 2, dropout=2)": "GRU: dropout should be a number in range [0, 1] representing the probability, not 2",
    "nn.GRU(3, 2)(x(4, 2, 3).double())": (
        "GRU(3, 2): input is a Double tensor, weight a Float tensor: must have one dtype; convert one of them"
    ),
    'nn.RNN(3, 2, nonlinearity="selu")': "RNN: Unknown nonlinearity 'selu': 'tanh' and 'relu' are known",
    "nn.RNNCell(3, 2)(x(2, 4))": "RNNCell(3, 2): input has size (2, 4), expected (N, 3)",
    "nn.LSTMCell(3, 2)(x(2, 3), (x(1, 2), x(1, 2)))": "LSTMCell(3, 2): hidden state has size (1, 2), expected (2, 2)",
    "nn.LSTMCell(3, 2)(x(2, 3), x(2, 2))": "LSTMCell(3, 2): hx is not a tuple of 2 states (N, 2)",
    "nn.GRUCell(3, 2)(x(2, 3), x(2, 9))": "GRUCell(3, 2): hidden state has size (2, 9), expected (2, 2)",
    "nn.Softmax(5)(x(2, 3))": "Softmax(dim=5): dimension out of range (expected to be in range of [-2, 1], but got 5)",
    "nn.LogSoftmax(1)(L(2, 3))": "LogSoftmax(dim=1): input is a Long tensor, Float or Double are implemented",
    "nn.Softmax2d()(x(2, 3))": "Softmax2d(): input has 2 dimensions, expected 4 (N x C x H x W)",
    "nn.GLU()(x(2, 3))": "GLU(): Halving dimension must be even, but dimension 1 is size 3",
    "nn.PReLU(3)(x(2, 4))": "PReLU(num_parameters=3): weight has 3 elements, expected 1, or 4 for the input's channels",
    "nn.Threshold(1, 2)(L(2))": "Threshold(1, 2): input is a Long tensor, Float or Double are implemented",
    "nn.ELU()(L(2))": "ELU(): input is a Long tensor, Float or Double are implemented",
    "nn.Hardtanh(2, 1)": "Hardtanh: max_val (1) must be above min_val (2)",
    "nn.RReLU(0.5, 0.1)(x(2))": "RReLU(lower=0.5, upper=0.1): lower is 0.5, expected at most upper, which is 0.1",
    "nn.ReflectionPad1d(5)(x(1, 2, 3))": (
        "ReflectionPad1d(5): Padding size should be less than the corresponding input dimension, but got: "
        "padding (5, 5) at dimension 2 of size 3"
    ),
    "nn.ReflectionPad2d(1)(x(2, 3))": "ReflectionPad2d(1): reflect of 2 dimensions: input has 2, expected 4 (N x C x spatial)",
    "nn.ReplicationPad2d(-4)(x(1, 2, 3, 3))": (
        "ReplicationPad2d(-4): input size 3 and padding (-4, -4) give -5: expected 1 to 2147483647"
    ),
    "nn.ReplicationPad3d(1)(x(2, 3))": "ReplicationPad3d(1): pad speaks of 3 dimensions, the input has 2",
    "nn.ConstantPad1d((1, 2, 3), 0)": "ConstantPad1d: padding (1, 2, 3) has 3 numbers, expected 2, or one for all",
    "nn.ConstantPad2d(-4, 0)(x(1, 2, 3, 3))": "ConstantPad2d(-4, 0): padding (-4, -4) takes more than there is in dimension 3",
    'nn.Upsample(scale_factor=2, mode="cubic")(x(1, 2, 3))': (
        "Upsample(scale_factor=2, mode='cubic'): mode must be one of nearest, linear, bilinear, trilinear, bicubic, not 'cubic'"
    ),
    "nn.Upsample()(x(1, 2, 3))": "Upsample(): exactly one of size and scale_factor should be defined",
    "nn.Upsample(size=4, scale_factor=2)(x(1, 2, 3))": (
        "Upsample(size=4, scale_factor=2): exactly one of size and scale_factor should be defined"
    ),
    'nn.Upsample(scale_factor=2, mode="bilinear")(x(1, 2, 3))': (
        "Upsample(scale_factor=2, mode='bilinear'): mode 'bilinear' takes inputs of 4 dimensions, got 3"
    ),
    "nn.UpsamplingBilinear2d(scale_factor=2)(x(2, 3))": (
        "UpsamplingBilinear2d(scale_factor=2): mode 'bilinear' takes inputs of 4 dimensions, got 2"
    ),
    "nn.PixelShuffle(2)(x(1, 3, 2, 2))": "PixelShuffle(2): 3 channels cannot be divided by the square of upscale_factor 2",
    "nn.PixelShuffle(2)(x(4, 2, 2))": "PixelShuffle(2): input has 3 dimensions, expected 4 (N x C x H x W)",
    "nn.CosineSimilarity()(x(2, 3), x(2, 4))": (
        "CosineSimilarity(): shapes (2, 3) and (2, 4): The size of tensor a (3) must match the size of tensor b "
        "(4) at non-singleton dimension 1"
    ),
    "nn.CosineSimilarity(dim=5)(x(2, 3), x(2, 3))": (
        "CosineSimilarity(dim=5): dimension out of range (expected to be in range of [-2, 1], but got 5)"
    ),
    "nn.PairwiseDistance()(x(2, 3), x(2, 4))": (
        "PairwiseDistance(): shapes (2, 3) and (2, 4): The size of tensor a (3) must match the size of tensor b "
        "(4) at non-singleton dimension 1"
    ),
    "nn.L1Loss()(x(2, 3), x(2, 4))": "L1Loss(): target has shape (2, 4), expected (2, 3)",
    "nn.MSELoss()(x(2, 3), x(3, 2))": "MSELoss(): target has shape (3, 2), expected (2, 3)",
    "nn.MSELoss()(x(2, 3), L(2, 3))": "MSELoss(): target is a Long tensor, expected Float",
    "nn.SmoothL1Loss()(x(2, 3), x(2))": "SmoothL1Loss(): target has shape (2,), expected (2, 3)",
    "nn.KLDivLoss()(x(2, 3), x(2, 4))": "KLDivLoss(): target has shape (2, 4), expected (2, 3)",
    "nn.BCELoss()(x(2, 3)+2, x(2, 3))": "BCELoss(): input value should be between 0~1: probabilities are expected",
    "nn.BCELoss()(x(2, 3), x(2, 4))": "BCELoss(): target has shape (2, 4), expected (2, 3)",
    "nn.BCELoss(weight=x(5))(x(2, 3), x(2, 3))": (
        "BCELoss(): shapes (2, 3) and (5,): The size of tensor a (3) must match the size of tensor b (5) at "
        "non-singleton dimension 1"
    ),
    "nn.BCEWithLogitsLoss()(x(2, 3), x(2, 4))": "BCEWithLogitsLoss(): target has shape (2, 4), expected (2, 3)",
    "nn.NLLLoss()(x(2, 3), L(3))": "NLLLoss(): target has shape (3,), expected (2,)",
    "nn.NLLLoss()(x(2, 3), L(2)+3)": "NLLLoss(): Expected targets in [0, 3) or ignore_index -100, target 3 is out of bounds",
    "nn.NLLLoss()(x(2, 3), L(2)-1)": "NLLLoss(): Expected targets in [0, 3) or ignore_index -100, target -1 is out of bounds",
    "nn.NLLLoss()(x(2, 3), x(2))": "NLLLoss(): target is a Float tensor, expected Long",
    "nn.NLLLoss(weight=x(4))(x(2, 3), L(2))": "NLLLoss(): weights has shape (4,), expected (3,)",
    "nn.CrossEntropyLoss()(x(2, 3), L(2)+3)": (
        "CrossEntropyLoss(): Expected targets in [0, 3) or ignore_index -100, target 3 is out of bounds"
    ),
    "nn.CrossEntropyLoss()(x(2, 3, 4), L(2, 5))": "CrossEntropyLoss(): target has shape (2, 5), expected (2, 4)",
    "nn.PoissonNLLLoss()(x(2, 3), x(2, 4))": (
        "PoissonNLLLoss(): shapes (2, 4) and (2, 3): The size of tensor a (4) must match the size of tensor b "
        "(3) at non-singleton dimension 1"
    ),
    "nn.MarginRankingLoss()(x(2), x(3), x(2))": (
        "MarginRankingLoss(margin=0.0): shapes (2,) and (3,): The size of tensor a (2) must match the size of "
        "tensor b (3) at non-singleton dimension 0"
    ),
    "nn.CosineEmbeddingLoss()(x(2, 3), x(2, 4), x(2))": (
        "CosineEmbeddingLoss(margin=0.0): shapes (2, 3) and (2, 4): The size of tensor a (3) must match the size "
        "of tensor b (4) at non-singleton dimension 1"
    ),
    "nn.HingeEmbeddingLoss()(x(2, 3), x(2, 4))": (
        "HingeEmbeddingLoss(margin=1.0): shapes (2, 3) and (2, 4): The size of tensor a (3) must match the size "
        "of tensor b (4) at non-singleton dimension 1"
    ),
    "nn.MultiMarginLoss(p=3)": "MultiMarginLoss: only p == 1 and p == 2 supported, not 3",
    "nn.MultiMarginLoss()(x(2, 3), L(2)+3)": "MultiMarginLoss(): target holds 3, expected classes in [0, 3)",
    "nn.MultiMarginLoss()(x(2, 3), L(3))": "MultiMarginLoss(): target has 3 elements, expected 2",
    "nn.MultiLabelMarginLoss()(x(2, 3), L(2, 4))": "MultiLabelMarginLoss(): target has shape (2, 4), expected (2, 3)",
    "nn.MultiLabelMarginLoss()(x(2, 3), L(2, 3)+3)": (
        "MultiLabelMarginLoss(): target holds 3, expected classes in [0, 3), or -1"
    ),
    "nn.MultiLabelSoftMarginLoss()(x(2, 3), x(2, 4))": "MultiLabelSoftMarginLoss(): target has shape (2, 4), expected (2, 3)",
    "nn.SoftMarginLoss()(x(2, 3), x(2, 4))": "SoftMarginLoss(): target has shape (2, 4), expected (2, 3)",
    "nn.TripletMarginLoss()(x(2, 3), x(2, 4), x(2, 3))": (
        "TripletMarginLoss(): shapes (2, 3) and (2, 4): The size of tensor a (3) must match the size of tensor b "
        "(4) at non-singleton dimension 1"
    ),
    'nn.MSELoss(reduction="median")': "MSELoss: reduction must be 'none', 'elementwise_mean' or 'sum', not 'median'",
    "nn.AdaptiveLogSoftmaxWithLoss(8, 6, [2, 4])(x(2, 7), L(2))": (
        "AdaptiveLogSoftmaxWithLoss(8, 6, [2, 4, 6]): input has shape (2, 7), expected (N, 8)"
    ),
    "nn.AdaptiveLogSoftmaxWithLoss(8, 6, [2, 4])(x(2, 8), L(3))": (
        "AdaptiveLogSoftmaxWithLoss(8, 6, [2, 4, 6]): Input and target should have the same size in the batch "
        "dimension: 2 and 3"
    ),
    "nn.AdaptiveLogSoftmaxWithLoss(8, 6, [2, 4])(x(2, 8), L(2)+9)": (
        "AdaptiveLogSoftmaxWithLoss(8, 6, [2, 4, 6]): Target values should be in [0, 5], but values in range [9, 9] were found."
    ),
    "nn.AdaptiveLogSoftmaxWithLoss(8, 6, [4, 2])": (
        "AdaptiveLogSoftmaxWithLoss: cutoffs should be a sequence of unique, positive integers sorted in an "
        "increasing order, where each value is between 1 and n_classes-1, not [4, 2]"
    ),
    "nn.LPPool2d(0, 2)": "LPPool2d: norm_type is 0, expected another power",
    "nn.MaxPool2d(2, stride=0)": "MaxPool2d: stride is 0, expected 1 or more",
    "nn.PixelShuffle(0)": "PixelShuffle: upscale_factor is 0, expected 1 or more",
    "nn.Upsample((2**31, 1))(x(1, 1, 2, 2))": (
        "Upsample(size=(2147483648, 1)): Input and output sizes should be greater than 0 and within 32 bits, but got input 2 "
        "and output 2147483648"
    ),
    "nn.LocalResponseNorm(0)": "LocalResponseNorm: size is 0, expected 1 or more",
    "nn.Linear(3, 2)([1, 2])": "Linear(3, 2): argument 'input' (position 1) must be Tensor, not list",
    "nn.Conv1d(2, 3, 2)(x(1, 2, 5), 1, 2)": "Conv1d(2, 3, 2): _ConvNd.forward() takes 2 positional arguments but 4 were given",
    "nn.ConvTranspose3d(2, 3, 2)(x(1, 2, 3, 3))": (
        "ConvTranspose3d(2, 3, 2): input has 4 dimensions, expected 5 (N x C x D x H x W)"
    ),
    "nn.AdaptiveAvgPool1d(2)(x(3))": "AdaptiveAvgPool1d(2): input has 1 dimensions, expected 3 (N x C x W) or 2 (C x W)",
    "nn.AdaptiveAvgPool3d(2)(x(1, 2, 3, 3, 3).long())": (
        "AdaptiveAvgPool3d(2): input is a Long tensor, Float or Double are implemented"
    ),
    "nn.AdaptiveMaxPool3d(2)(x(2, 3))": (
        "AdaptiveMaxPool3d(2): input has 2 dimensions, expected 5 (N x C x D x H x W) or 4 (C x D x H x W)"
    ),
    "nn.AvgPool3d(2, stride=0)": "AvgPool3d: stride is 0, expected 1 or more",
    "nn.MaxUnpool1d(2)(x(1, 2, 2), x(1, 2, 2))": "MaxUnpool1d(2, stride=2): indices is a Float tensor, expected Long",
    "nn.MaxUnpool3d(2)(x(2, 2), L(2, 2))": (
        "MaxUnpool3d(2, stride=2): input has 2 dimensions, expected 5 (N x C x D x H x W) or 4 (C x D x H x W)"
    ),
    "nn.BatchNorm3d(3)(x(2, 3))": "BatchNorm3d(3): expected 5D input (got 2D input)",
    "nn.InstanceNorm1d(3)(x(2, 3))": "InstanceNorm1d(3): expected 3D input (got 2D input)",
    "nn.InstanceNorm3d(3)(x(2, 3))": "InstanceNorm3d(3): expected 5D input (got 2D input)",
    "nn.Dropout3d()(x(3))": "Dropout3d(): input has 1 dimensions, expected 2 or more (N x C x *)",
    "nn.Dropout()(L(3))": "Dropout(): a tensor of dtype Long: must be floating",
    "nn.ConstantPad3d(1, 0)(x(2, 3))": "ConstantPad3d(1, 0): pad speaks of 3 dimensions, the input has 2",
    "nn.ZeroPad2d((1, 2))": "ZeroPad2d: padding (1, 2) has 2 numbers, expected 4, or one for all",
    "nn.ReplicationPad1d(1)(x(2))": (
        "ReplicationPad1d(1): replicate of 1 dimensions: input has 1, expected 3 (N x C x spatial)"
    ),
    "nn.UpsamplingNearest2d()(x(1, 2, 3, 3))": "UpsamplingNearest2d(): exactly one of size and scale_factor should be defined",
    "nn.Softmin(3)(x(2, 3))": "Softmin(dim=3): dimension out of range (expected to be in range of [-2, 1], but got 3)",
    "nn.Tanh()(L(2))": "Tanh(): not implemented for Long",
    "nn.Sigmoid()(L(2))": "Sigmoid(): not implemented for Long",
    "nn.ReLU6()(L(2))": "ReLU6(): input is a Long tensor, Float or Double are implemented",
    "nn.SELU()(L(2))": "SELU(): input is a Long tensor, Float or Double are implemented",
    "nn.LeakyReLU()(L(2))": "LeakyReLU(): input is a Long tensor, Float or Double are implemented",
    "nn.LogSigmoid()(L(2))": "LogSigmoid(): input is a Long tensor, Float or Double are implemented",
    "nn.Hardshrink()(L(2))": "Hardshrink(): input is a Long tensor, Float or Double are implemented",
    "nn.Softplus()(L(2))": "Softplus(): input is a Long tensor, Float or Double are implemented",
    "nn.Softshrink()(L(2))": "Softshrink(): input is a Long tensor, Float or Double are implemented",
    "nn.Softsign()(L(2))": "Softsign(): input is torch.int64: a quotient of integers would be 0",
    "nn.Tanhshrink()(L(2))": "Tanhshrink(): not implemented for Long",
    "nn.ReLU()(torch.ones(2, dtype=torch.float16))": "ReLU(): input is a Half tensor, Float or Double are implemented",
}
NAMES = {"nn": nn, "torch": torch, "x": torch.rand, "L": lambda *size: torch.zeros(*size).long()}


@pytest.mark.parametrize("code", CASES)
def test_the_layer_is_named(code: str) -> None:
    if "float16" in code and torch.zeros(0).is_cuda:
        pytest.skip("halves are computed on devices")
    with pytest.raises((RuntimeError, ValueError, IndexError, TypeError)) as caught:
        eval(code, NAMES)
    if not torch.zeros(0).is_cuda:  # which has words of its own, and other dtypes
        assert str(caught.value).startswith(CASES[code])
    assert str(caught.value).startswith(code[3 : code.index("(")])


def test_every_layer_has_a_case() -> None:
    assert {code[3 : code.index("(")] for code in CASES} == LAYERS.keys()


class Own(nn.Module):
    """A module of a user's, which calls what fails."""

    def __init__(self, inner: nn.Module | None = None) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        if self.inner is not None:
            return self.inner(input)
        raise ValueError("what the user says")


def test_the_innermost_layer_is_named_once() -> None:
    x = torch.rand(2, 4)
    for module in (nn.Sequential(nn.Linear(3, 2)), nn.Sequential(nn.Sequential(nn.Linear(3, 2))), Own(nn.Linear(3, 2))):
        with pytest.raises(RuntimeError, match=r"^Linear\(3, 2\): input has 4 features, weight expects 3"):
            module(x)


def test_what_users_raise_stays_as_it_is() -> None:
    for module in (Own(), nn.Sequential(Own()), nn.DataParallel(Own())):
        with pytest.raises(ValueError, match="^what the user says$"):
            module(torch.rand(2))


def test_an_error_with_other_arguments_stays_as_it_is() -> None:
    class Strange(nn.Linear):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            raise UnicodeDecodeError("utf-8", b"x", 0, 1, "strange")

    with pytest.raises(UnicodeDecodeError) as caught:
        Strange(1, 1)(torch.rand(1))
    assert caught.value.args == ("utf-8", b"x", 0, 1, "strange")
