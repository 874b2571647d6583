/* The classic typed names of Torch on CUDA: THCudaTensor_add (of floats), THCudaDoubleTensor_add, THCudaLongStorage_set, ...
 * They are to THCTensor_add what TH/THTyped.h's are to THTensor_add, with the same rules for statuses, values, dtypes and
 * macros, and these differences from Torch's:
 *   - there is no THCState: devices, streams and generators are the calling thread's and the library's own;
 *   - new tensors and storages lie on the thread's current device;
 *   - a function that returns a value, set1d and get1d among them, waits for the device.
 * Half has storage, tensor and copy functions only. */
#ifndef THC_TYPED_H
#define THC_TYPED_H

#include "TH/THTyped.h"
#include "THC/THCTensor.h"

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
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL uint8_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaChar
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int8_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaShort
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int16_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaInt
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int32_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaLong
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL int64_t
#define TH_TYPED_ACCREAL int64_t
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaHalf
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL uint16_t
#define TH_TYPED_ACCREAL double
#define TH_TYPED_COMPUTES 0
#define TH_TYPED_FLOATING 0
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME Cuda
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL float
#define TH_TYPED_ACCREAL double
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 1
#include "THC/generic/THCGenerateType.h"

#define TH_TYPED_NAME CudaDouble
#define TH_TYPED_BYTES 0
#define TH_TYPED_REAL double
#define TH_TYPED_ACCREAL double
#define TH_TYPED_COMPUTES 1
#define TH_TYPED_FLOATING 1
#include "THC/generic/THCGenerateType.h"

#endif
