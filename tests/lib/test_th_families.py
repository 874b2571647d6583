"""Every function of Torch's TH is declared and exported for its dtypes, or stands below with the reason why not."""

from __future__ import annotations

import pytest
from prototypes import DTYPES, exported

COMPUTING = [name for name in DTYPES if name != "Half"]
FLOATING = ["Float", "Double"]

COPIES = " ".join(f"copy{name}" for name in DTYPES)
ORDERS = ("lt", "le", "gt", "ge", "ne", "eq")
COMPARISONS = " ".join(f"{name}{form}" for name in ORDERS for form in ("Value", "ValueT", "Tensor", "TensorT"))

# (kind, dtypes, how many there are in Torch's headers, names)
FAMILIES: dict[str, tuple[str, list[str], int, str]] = {
    "storages": ("Storage", DTYPES, 22, """
        data size elementSize set get new newWithSize newWithSize1 newWithSize2 newWithSize3 newWithSize4 newWithMapping
        newWithData newWithAllocator newWithDataAndAllocator setFlag clearFlag retain swap free resize fill"""),
    "copies of storages": ("Storage", DTYPES, 10, f"rawCopy copy {COPIES}"),
    "tensors": ("Tensor", DTYPES, 72, """
        storage storageOffset nDimension size stride newSizeOf newStrideOf data setFlag clearFlag
        new newWithTensor newWithStorage newWithStorage1d newWithStorage2d newWithStorage3d newWithStorage4d
        newWithSize newWithSize1d newWithSize2d newWithSize3d newWithSize4d newClone newContiguous newSelect newNarrow
        newTranspose newUnfold newView newExpand expand expandNd
        resize resizeAs resizeNd resize1d resize2d resize3d resize4d resize5d
        set setStorage setStorageNd setStorage1d setStorage2d setStorage3d setStorage4d
        narrow select transpose unfold squeeze squeeze1d unsqueeze1d
        isContiguous isSameSizeAs isSetTo isSize nElement retain free freeCopyTo
        set1d set2d set3d set4d get1d get2d get3d get4d desc sizeDesc"""),
    "copies of tensors": ("Tensor", DTYPES, 9, f"copy {COPIES}"),
    "mathematics": ("Tensor", COMPUTING, 112, f"""
        fill zero maskedFill maskedCopy maskedSelect nonzero indexSelect indexCopy indexAdd indexFill
        gather scatter scatterAdd scatterFill dot minall maxall medianall sumall prodall neg cinv
        add sub mul div lshift rshift fmod remainder clamp bitand bitor bitxor
        cadd csub cmul cpow cdiv clshift crshift cfmod cremainder cbitand cbitor cbitxor addcmul addcdiv
        addmv addmm addr addbmm baddbmm match numel max min kthvalue mode median sum prod cumsum cumprod sign trace cross
        cmax cmin cmaxValue cminValue zeros zerosLike ones onesLike diag eye arange range randperm reshape sort topk tril triu
        cat catArray equal {COMPARISONS}"""),
    "mathematics of Float and Double": ("Tensor", FLOATING, 42, """
        sigmoid log lgamma log1p exp cos acos cosh sin asin sinh tan atan atan2 tanh pow tpow sqrt rsqrt ceil
        floor round abs trunc frac lerp mean std var norm renorm dist histc bhistc meanall varall stdall normall linspace
        logspace rand randn"""),
    "absolute values": ("Tensor", ["Short", "Int", "Long"], 1, "abs"),
    "truth": ("Tensor", ["Byte"], 2, "logicalall logicalany"),
    "convolutions": ("Tensor", COMPUTING, 22, """
        validXCorr2Dptr validConv2Dptr fullXCorr2Dptr fullConv2Dptr validXCorr2DRevptr conv2DRevger conv2DRevgerm conv2Dger
        conv2Dmv conv2Dmm conv2Dmul conv2Dcmul validXCorr3Dptr validConv3Dptr fullXCorr3Dptr fullConv3Dptr validXCorr3DRevptr
        conv3DRevger conv3Dger conv3Dmv conv3Dmul conv3Dcmul"""),
    "linear algebra": ("Tensor", FLOATING, 18, """
        gesv trtrs gels syev geev gesvd gesvd2 getri potrf potrs potri qr geqrf orgqr ormqr pstrf btrifact btrisolve"""),
    "random numbers": ("Tensor", COMPUTING, 7, """
        random clampedRandom cappedRandom geometric bernoulli bernoulli_FloatTensor bernoulli_DoubleTensor"""),
    "random numbers of Float and Double": ("Tensor", FLOATING, 11, """
        uniform normal normal_means normal_stddevs normal_means_stddevs exponential cauchy logNormal multinomial
        multinomialAliasSetup multinomialAliasDraw"""),
    "states of generators": ("Tensor", ["Byte"], 2, "getRNGState setRNGState"),
    "BLAS": ("Blas", COMPUTING, 8, "swap scal copy axpy dot gemv ger gemm"),
    "LAPACK": ("Lapack", FLOATING, 16, """
        gesv trtrs gels syev geev gesvd getrf getrs getri geqrf orgqr ormqr potrf potri potrs pstrf"""),
    "vectors": ("Vector", COMPUTING, 9, "fill cadd adds cmul muls cdiv divs copy vectorDispatchInit"),
}  # fmt: skip

# What is not there, of which inventory, and why.
ABSENT = {
    "THRefcountedMapAllocator": "THStorage_share gives memory that forked processes share, and it goes with its last user",
    "THAtomic": "the compiler's __atomic functions, and THRefcount.h",
    "TH_TENSOR_APPLY, TH_TENSOR_DIM_APPLY": "THIter.h walks any number of tensors, in threads",
    "THSize": "THTensor_isSameSizeAs, and `numel` of a tensor",
    "THLongStorage_newInferSize, THLongStorage_inferSize2, THLongStorage_inferSizeN, THLongStorage_inferExpandGeometry": (
        "views infer a size of -1, and every function broadcasts"
    ),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_declared_and_exported(family: str) -> None:
    kind, dtypes, count, names = FAMILIES[family]
    assert len(set(names.split())) == count
    missing = [f"TH{dtype}{kind}_{name}" for name in names.split() for dtype in dtypes]
    assert [name for name in missing if name not in exported()] == []


FILES = """
    isOpened isQuiet isReadable isWritable isBinary isAutoSpacing hasError binary ascii autoSpacing noAutoSpacing quiet pedantic
    clearError synchronize seek seekEnd position close free readStringRaw writeStringRaw
"""


def test_files() -> None:
    """70 functions of THFile, and those of disk, pipes and memory."""
    moves = [f"{move}{name}{form}" for move in ("read", "write") for name in DTYPES for form in ("Scalar", "", "Raw")]
    wanted = [f"THFile_{name}" for name in (*FILES.split(), *moves)]
    assert len(wanted) == 70
    orders = ["isLittleEndianCPU", "isBigEndianCPU", "nativeEndianEncoding", "littleEndianEncoding", "bigEndianEncoding"]
    wanted += [f"THDiskFile_{name}" for name in ("new", "name", *orders, "longSize", "noBuffer")] + ["THPipeFile_new"]
    wanted += [f"THMemoryFile_{name}" for name in ("new", "newWithStorage", "storage", "longSize")]
    assert [name for name in wanted if name not in exported()] == []


NUMBERS = """
    THGenerator_new THGenerator_copy THGenerator_free THRandom_seed THRandom_manualSeed THRandom_initialSeed THRandom_random
    THRandom_uniform THRandom_normal THRandom_exponential THRandom_cauchy THRandom_logNormal THRandom_geometric
    THRandom_bernoulli TH_float2half TH_half2float TH_float2halfbits TH_halfbits2float THLogAdd THLogSub THExpMinusApprox
"""


def test_numbers() -> None:
    """Draws from a generator, float16, logarithms of sums."""
    assert [name for name in NUMBERS.split() if name not in exported()] == []


@pytest.mark.parametrize("group", ABSENT)
def test_what_is_absent_is_absent(group: str) -> None:
    """Whoever adds it takes it from the list."""
    for prefix in group.split(", "):
        assert not [name for name in exported() if name == prefix or name.startswith(f"{prefix}_")]
