/* The classic typed names of Torch on CUDA: THCudaTensor_add (of floats), THCudaDoubleTensor_add, THCudaHalfTensor_add,
 * THCudaLongStorage_set, ...
 * They are to THCTensor_add what TH/THTyped.h's are to THTensor_add: TH's own generic headers, read for CUDA, with the same
 * rules for statuses, values, dtypes and macros, and these differences from Torch's:
 *   - there is no THCState: devices, streams and generators are the calling thread's and the library's own;
 *   - new tensors and storages lie on the thread's current device; `data` is an address of the device, sizes and strides are
 *     THLongStorages of the host, indices THCudaLongTensors, masks THCudaByteTensors;
 *   - a function that returns a value, set1d and get1d among them, waits for the device;
 *   - newWithData takes over memory of THCudaMalloc; an allocator is one of device memory; newWithMapping copies a file to the
 *     device, so that a shared mapping is TH_ERR_UNSUPPORTED.
 * Half computes, too: its numbers are the 16 bits as uint16_t, what accreal stands for is double. Of dtypes that a tagged
 * function does not take its typed name is TH_ERR_UNSUPPORTED. */
#ifndef THC_TYPED_H
#define THC_TYPED_H

#include "TH/THTyped.h"
#include "THC/THCRawBlas.h"
#include "THC/THCState.h"
#include "THC/THCTensor.h"
#include "THC/THCTensorConv.h"
#include "THC/THCTensorTable.h"

/* TH_TYPED_FLOATING 2 (Half): without equations and decompositions. TH_TYPED_HOST: the dtype's name on the host. */
#define THC_TO_HOST_(Name, NAME) TH_TYPED_CONCAT(TH##Name##NAME, TH_TYPED_HOST, , )
#define THC_HOST_(NAME) TH_TYPED_CONCAT(TH, TH_TYPED_HOST, NAME, )

typedef THTensor THCudaByteTensor;
typedef THStorage THCudaByteStorage;
typedef THTensor THCudaCharTensor;
typedef THStorage THCudaCharStorage;
typedef THTensor THCudaShortTensor;
typedef THStorage THCudaShortStorage;
typedef THTensor THCudaIntTensor;
typedef THStorage THCudaIntStorage;
typedef THTensor THCudaLongTensor;
typedef THStorage THCudaLongStorage;
typedef THTensor THCudaHalfTensor;
typedef THStorage THCudaHalfStorage;
typedef THTensor THCudaTensor;
typedef THStorage THCudaStorage;
typedef THTensor THCudaDoubleTensor;
typedef THStorage THCudaDoubleStorage;

#define TH_TYPED_NAME CudaByte
#define TH_TYPED_HOST Byte
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL uint8_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaChar
#define TH_TYPED_HOST Char
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int8_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaShort
#define TH_TYPED_HOST Short
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int16_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaInt
#define TH_TYPED_HOST Int
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int32_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaLong
#define TH_TYPED_HOST Long
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int64_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaHalf
#define TH_TYPED_HOST Half
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL uint16_t
#define TH_TYPED_ACCREAL double
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 2
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME Cuda
#define TH_TYPED_HOST Float
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL float
#define TH_TYPED_ACCREAL double
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 1
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaDouble
#define TH_TYPED_HOST Double
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL double
#define TH_TYPED_ACCREAL double
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 1
#include "THC/generic/THCGenerateType.h"

#endif
