"""Every function of the 77 families of Torch's THNN, and of the ten that came later, is declared and exported."""

from __future__ import annotations

from collections import Counter

import pytest
from thnn import PROTOTYPES, THNN

# Passes of most families; others say theirs below.
TWO = ("updateOutput", "updateGradInput")
THREE = (*TWO, "accGradParameters")

FAMILIES: dict[tuple[str, ...], str] = {
    TWO: """
        Abs ELU GatedLinear HardShrink HardTanh LeakyReLU LogSigmoid LogSoftMax RReLU Sigmoid SoftMax SoftPlus SoftShrink Tanh
        Threshold Sqrt Square
        AbsCriterion BCECriterion ClassNLLCriterion SpatialClassNLLCriterion DistKLDivCriterion L1Cost MarginCriterion
        SoftMarginCriterion MSECriterion MultiLabelMarginCriterion MultiMarginCriterion SmoothL1Criterion
        GRUFused LSTMFused TemporalMaxPooling
        SpatialAdaptiveMaxPooling SpatialAdaptiveAveragePooling SpatialAveragePooling SpatialFractionalMaxPooling
        SpatialMaxPooling SpatialDilatedMaxPooling SpatialMaxUnpooling FeatureLPPooling
        SpatialUpSamplingNearest SpatialUpSamplingBilinear SpatialGridSamplerBilinear SpatialReflectionPadding
        SpatialReplicationPadding
        VolumetricAveragePooling VolumetricMaxPooling VolumetricDilatedMaxPooling VolumetricFractionalMaxPooling
        VolumetricMaxUnpooling VolumetricReplicationPadding VolumetricUpSamplingNearest VolumetricUpSamplingTrilinear
    """,
    THREE: """
        PReLU Linear TemporalConvolution TemporalSubSampling TemporalRowConvolution
        SpatialConvolutionMM SpatialConvolutionMap SpatialConvolutionLocal SpatialDepthWiseConvolution SpatialDilatedConvolution
        SpatialFullConvolution SpatialFullConvolutionMap SpatialFullDilatedConvolution SpatialSubSampling
        VolumetricConvolution VolumetricConvolutionMM VolumetricDilatedConvolution VolumetricFullConvolution
        VolumetricFullDilatedConvolution
    """,
    ("updateOutput", "backward"): "BatchNormalization",
    ("accGradParameters", "renorm"): "LookupTable",
    ("updateOutput", "accGradParameters", "zeroGradParameters", "updateParameters") + (
        "legacy_updateOutput", "legacy_accGradParameters", "legacy_zeroGradParameters", "legacy_updateParameters",
    ): "SparseLinear",
    ("updateOutput", "accGradParameters", "accUpdateGradParameters", "updateParameters"): "IndexLinear",
    ("acc", "copy"): "unfolded",
}  # fmt: skip

LATER = """
    Im2Col Col2Im SpatialUpSamplingBicubic TemporalReflectionPadding TemporalReplicationPadding TemporalUpSamplingLinear
    TemporalUpSamplingNearest VolumetricAdaptiveAveragePooling VolumetricAdaptiveMaxPooling VolumetricGridSamplerBilinear
"""


def expected() -> dict[str, list[str]]:
    """Family -> names of its functions."""
    found = {family: passes for passes, names in FAMILIES.items() for family in names.split()}
    found |= dict.fromkeys(LATER.split(), TWO)
    return {family: [f"{family}_{each}" for each in passes] for family, passes in found.items()}


def test_the_inventory_is_whole() -> None:
    """181 functions of 77 families, 75 of them forward, 72 gradients of inputs, 22 of parameters; then the later ones."""
    later = LATER.split()
    names = [name for family, functions in expected().items() if family not in later for name in functions]
    assert (len(expected()) - len(later), len(later), len(names)) == (77, 10, 181)
    passes = Counter(name.partition("_")[2] for name in names)
    assert (passes["updateOutput"], passes["updateGradInput"], passes["accGradParameters"]) == (75, 72, 22)


@pytest.mark.parametrize("family", expected())
def test_declared_and_exported(family: str) -> None:
    for name in expected()[family]:
        assert name in PROTOTYPES, "not declared in THNN/generic/"
        for real in ("Float", "Double"):
            assert getattr(THNN, f"THNN_{real}{name}")


def test_nothing_else_is_declared() -> None:
    """A new family belongs into the table above."""
    assert set(PROTOTYPES) == {name for functions in expected().values() for name in functions}
