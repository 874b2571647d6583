/* The classic typed names of Torch for layers on CUDA: THNN_CudaThreshold_updateOutput (of floats), THNN_CudaHalf*,
 * THNN_CudaDouble*. They are to THCUNN_Threshold_updateOutput what THNN/generic/THNN.h's are to THNN's, with the same arguments
 * and rules (`state` and buffers are not used and may be NULL), and their tensors lie on one device. */
#ifndef THCUNN_TYPED_H
#define THCUNN_TYPED_H

#include "THCUNN/THCUNN.h"

TH_BEGIN_DECLS

#define THNN_REAL CudaHalf
#include "THNN/generic/THNN.h"
#undef THNN_REAL
#define THNN_REAL Cuda
#include "THNN/generic/THNN.h"
#undef THNN_REAL
#define THNN_REAL CudaDouble
#include "THNN/generic/THNN.h"
#undef THNN_REAL

TH_END_DECLS

#endif
