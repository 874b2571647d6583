/* Reads the generic headers for one dtype, as TH/generic/THGenerateType.h does. No include guard. */
#ifndef TH_TYPED_NAME
#include "THC/THCTyped.h" /* read by itself: the names of all dtypes */
#else
#include "TH/generic/THTypedMacros.h"
#include "THC/generic/THCTypedLists.h"

TH_BEGIN_DECLS

#include "TH/generic/THTensorCopy.h"
#include "THC/generic/THCStorage.h"
#include "THC/generic/THCTensor.h"
#if TH_TYPED_COMPUTES
#include "TH/generic/THTensorOrder.h"
#include "THC/generic/THCTensorMath.h"
#include "THC/generic/THCTensorRandom.h"
#endif

TH_END_DECLS

#include "TH/generic/THTypedMacrosEnd.h"
#endif
