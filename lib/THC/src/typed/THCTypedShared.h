/* Read before each source that is TH's: TH's functions that touch elements are THC's here (THCNames.h, which the build makes of
 * THCTensor.h), and each dtype has its name on CUDA. */
#ifndef THC_TYPED_SHARED_H
#define THC_TYPED_SHARED_H

#include "TH/THKernel.h"
#include "THC/THC.h"
#include "THC/THCTyped.h"
#include "THCNames.h"

#define TH_TYPED_SHARED
#define TH_TYPED_HOST TH_DTYPE
#if TH_DTYPE_IS(Float)
#define TH_TYPED_BODY_NAME Cuda
#else
#define TH_TYPED_BODY_NAME TH_TYPED_CONCAT(Cuda, TH_DTYPE, , )
#endif

#endif
