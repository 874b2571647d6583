"""The functions of Torch's THC: 342 for each of eight dtypes, and those of the process, of cuBLAS, streams and generators."""

from __future__ import annotations

from prototypes import DTYPES

FLOATING = ["Half", "Float", "Double"]
SOLVED = ["Float", "Double"]

ORDERS = ("lt", "gt", "le", "ge", "eq", "ne")
_COPIES = " ".join(f"copy{name} copyCuda{name}" for name in DTYPES)

# (kind, dtypes, how many Torch's headers have, names). TH<Name>: functions for tensors and storages of the host.
FAMILIES: dict[str, tuple[str, list[str], int, str]] = {
    "storages": ("Storage", DTYPES, 22, """
        data size elementSize set get new newWithSize newWithSize1 newWithSize2 newWithSize3 newWithSize4 newWithMapping
        newWithData newWithAllocator newWithDataAndAllocator setFlag clearFlag retain free resize fill getDevice"""),
    "copies of storages": ("Storage", DTYPES, 20, f"rawCopy copy copyCuda copyCPU {_COPIES}"),
    "tensors": ("Tensor", DTYPES, 72, """
        storage storageOffset nDimension size stride newSizeOf newStrideOf data setFlag clearFlag
        new newWithTensor newWithStorage newWithStorage1d newWithStorage2d newWithStorage3d newWithStorage4d
        newWithSize newWithSize1d newWithSize2d newWithSize3d newWithSize4d newClone newContiguous newSelect newNarrow
        newTranspose newUnfold newView newExpand expand expandNd
        resize resizeAs resizeNd resize1d resize2d resize3d resize4d resize5d
        set setStorage setStorageNd setStorage1d setStorage2d setStorage3d setStorage4d
        narrow select transpose unfold squeeze squeeze1d unsqueeze1d
        isContiguous isSameSizeAs isSetTo isSize nElement retain free freeCopyTo
        set1d set2d set3d set4d get1d get2d get3d get4d sizeDesc getDevice"""),
    "copies of tensors": ("Tensor", DTYPES, 21, f"copy copyIgnoringOverlaps copyCuda copyCPU copyAsyncCPU {_COPIES}"),
    "indices": ("Tensor", DTYPES, 8, """
        indexCopy indexAdd indexFill indexSelect indexCopy_long indexAdd_long indexFill_long indexSelect_long"""),
    "masks": ("Tensor", DTYPES, 6, "maskedFill maskedFillByte maskedCopy maskedCopyByte maskedSelect maskedSelectByte"),
    "places": ("Tensor", DTYPES, 4, "gather scatter scatterAdd scatterFill"),
    "mathematics": ("Tensor", DTYPES, 17, """
        fill zero zeros zerosLike ones onesLike reshape numel cat catArray nonzero tril triu diag eye trace arange"""),
    "sequences": ("Tensor", FLOATING, 3, "linspace logspace range"),
    "pairs": ("Tensor", DTYPES, 12, "add sub mul div lshift rshift fmod remainder bitand bitor bitxor equal"),
    "element by element": ("Tensor", DTYPES, 23, """
        neg abs sign clamp cross cadd csub cmul cpow cdiv clshift crshift cmax cmin cfmod cremainder cmaxValue cminValue
        cbitand cbitor cbitxor addcmul addcdiv"""),
    "element by element, of floats": ("Tensor", FLOATING, 26, """
        sigmoid log lgamma log1p exp cos acos cosh sin asin sinh tan atan atan2 tanh pow tpow sqrt rsqrt ceil floor round
        trunc frac lerp cinv"""),
    "comparisons": ("Tensor", DTYPES, 24, " ".join(
        f"{name}{form}" for name in ORDERS for form in ("Value", "ValueT", "Tensor", "TensorT"))),
    "reductions": ("Tensor", DTYPES, 13, """
        sum prod mean min max minall maxall medianall sumall prodall meanall median dist"""),
    "reductions of floats": ("Tensor", FLOATING, 7, "renorm std norm var stdall normall varall"),
    "scans, order": ("Tensor", DTYPES, 6, "cumsum cumprod mode sort sortKeyValueInplace topk"),
    "products": ("Tensor", DTYPES, 6, "dot addmv addmm addr addbmm baddbmm"),
    "batches of equations": ("Tensor", SOLVED, 2, "btrifact btrisolve"),
    "linear algebra": ("Tensor", SOLVED, 11, "gesv gels syev geev gesvd gesvd2 getri potri potrf potrs qr"),
    "random numbers": ("Tensor", DTYPES, 4, "random clampedRandom cappedRandom geometric"),
    "random numbers of floats": ("Tensor", FLOATING, 13, """
        uniform rand randn normal normal_means normal_stddevs normal_means_stddevs exponential cauchy logNormal multinomial
        multinomialAliasSetup multinomialAliasDraw"""),
    "random numbers of a probability": ("Tensor", DTYPES, 3, "bernoulli bernoulli_FloatTensor bernoulli_DoubleTensor"),
    "truth": ("Tensor", ["Byte"], 2, "logicalall logicalany"),
}  # fmt: skip


def cuda(dtype: str, kind: str, name: str) -> str:
    return f"THCuda{'' if dtype == 'Float' else dtype}{kind}_{name}"


def to_the_host() -> list[str]:
    """THFloatTensor_copyCudaByte and the like."""
    kinds = [f"TH{to}{kind}_copyCuda" for to in DTYPES for kind in ("Tensor", "Storage")]
    return [f"{one}{ending}" for one in kinds for ending in ("", *DTYPES)] + [f"TH{to}Tensor_copyAsyncCuda" for to in DTYPES]


# What belongs to no dtype.
PROCESS: dict[str, str] = {
    "devices": """
        THCudaInit THCState_getNumDevices THCState_getPeerToPeerAccess THCState_getCurrentDeviceProperties
        THCState_getDeviceProperties""",
    "streams of a process": """
        THCState_reserveStreams THCState_getNumStreams THCState_getStreamOnDevice THCState_getDeviceStream
        THCState_getCurrentStreamOnDevice THCState_getCurrentStream THCState_setStream THCState_setStreamOnDevice
        THCState_getStream THCState_getCurrentStreamIndex THCState_setCurrentStreamIndex THCState_getCurrentBlasHandle""",
    "streams": "THCStream_new THCStream_newWithPriority THCStream_retain THCStream_free",
    "memory": """
        THCudaMalloc THCudaFree THCudaHostAlloc THCudaHostFree THCudaMemGetInfo THCudaMemGetInfoCached
        THCState_getCudaHostAllocator THCState_getCudaUVAAllocator THCState_getDeviceAllocator
        THCState_isCachingAllocatorEnabled THCCachingAllocator_get THCCachingAllocator_getBaseAllocation
        THCCachingAllocator_recordStream THCudaHostRecord THCCachingHostAllocator_recordEvent
        THCCachingHostAllocator_emptyCache""",
    "generators": """
        THCRandom_seed THCRandom_seedAll THCRandom_manualSeed THCRandom_manualSeedAll THCRandom_initialSeed
        THCRandom_getRNGState THCRandom_setRNGState""",
    "float16": """
        THCFloat2Half THCHalf2Float THC_float2half THC_half2float THC_nativeHalfInstructions THC_fastHalfInstructions""",
    "time": "THC_sleep",
    "convolutions": """
        THCudaTensor_conv2Dmv THCudaTensor_conv2Dmm THCudaTensor_conv2DRevger THCudaTensor_conv2DRevgerm""",
    "cuBLAS": """
        THCudaBlas_Sdot THCudaBlas_Ddot THCudaBlas_Hdot THCudaBlas_Sgemv THCudaBlas_Dgemv THCudaBlas_Sger THCudaBlas_Dger
        THCudaBlas_Sgemm THCudaBlas_Dgemm THCudaBlas_Hgemm THCudaBlas_SgemmBatched THCudaBlas_DgemmBatched
        THCudaBlas_SgemmStridedBatched THCudaBlas_DgemmStridedBatched THCudaBlas_HgemmStridedBatched THCudaBlas_Sgetrf
        THCudaBlas_Dgetrf THCudaBlas_Sgetrs THCudaBlas_Dgetrs THCudaBlas_Sgetri THCudaBlas_Dgetri""",
}  # fmt: skip

# What is not there, and why. "*": of every dtype.
ABSENT = {
    "THCState_alloc, THCState_free, THCudaShutdown": (
        "there is no THCState; what the driver holds lives as long as the process"
    ),
    "THCuda*Tensor_getTextureObject": "reading through textures gains nothing since Kepler; kernels take THCTensor's data",
    "THCuda*Tensor_checkGPU": "every function refuses tensors of several devices, and of the host, itself",
    "THCuda*Tensor_calculateAdvancedIndexingOffsets": "the offsets of x[i, j] are the binding's: THCTensor_take, THCTensor_put",
    "THCudaTensor_conv2Dmap": "THNN_CudaSpatialConvolutionMap_updateOutput",
    "THCState_setPeerToPeerAccess, THCState_getKernelPeerToPeerAccessEnabled, THCState_setKernelPeerToPeerAccessEnabled": (
        "copies open the way between two devices when they first need it; kernels work on one device"
    ),
    "THCState_getRngState, THCRandom_init, THCRandom_shutdown, THCRandom_generatorStates": (
        "THC_generator: seed and place in a stream of numbers, no state on the device"
    ),
    "THCState_setDeviceAllocator": "THCuda*Storage_newWithAllocator takes an allocator for one storage",
    "THCMagma_init": "cuSOLVER is opened when it is first needed",
    "THCState_reserveBlasHandles, THCState_getNumBlasHandles, THCState_getDeviceBlasHandle, "
    "THCState_getCurrentBlasHandleIndex, THCState_setCurrentBlasHandleIndex": (
        "each thread has a handle of its own on each device"
    ),
    "THCState_reserveSparseHandles, THCState_getNumSparseHandles, THCState_getDeviceSparseHandle, "
    "THCState_getCurrentSparseHandle, THCState_getCurrentSparseHandleIndex, THCState_setCurrentSparseHandleIndex": (
        "cuSPARSE is not used"
    ),
    "THCState_getCurrentDeviceScratchSpace, THCState_getDeviceScratchSpace, THCState_getCurrentDeviceScratchSpaceSize, "
    "THCState_getDeviceScratchSpaceSize": "THCudaMalloc costs as little, and gives any size",
    "__THCudaCheck, __THCudaCheckWarn, __THCublasCheck, __THCusparseCheck": "a THStatus tells; nothing exits",
    "THCSetGCHandler": "storages are counted; memory that ran short is asked for once more after the cache was emptied",
    "THCCachingAllocator_getCudaFreeMutex": "a std::mutex of C++",
    "THCStream_defaultStream": "NULL is the default stream",
}
