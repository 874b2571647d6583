/* Reads the generic headers for one dtype, as TH/generic/THGenerateType.h does: TH's own, and what only devices have. No
 * include guard. */
#ifndef TH_TYPED_NAME
#include "THC/THCTyped.h" /* read by itself: the names of all dtypes */
#else
#include "TH/generic/THTypedMacros.h"

TH_BEGIN_DECLS

#include "TH/generic/THStorage.h"
#include "TH/generic/THTensor.h"
#include "TH/generic/THTensorCopy.h"
#include "TH/generic/THTensorMath.h"
#include "TH/generic/THTensorOrder.h"
#include "TH/generic/THTensorRandom.h"
#include "THC/generic/THCStorage.h"
#include "THC/generic/THCTensor.h"
#include "THC/generic/THCTensorMath.h"
#if TH_TYPED_FLOATING == 1
#include "TH/generic/THTensorLapack.h"
#endif

TH_END_DECLS

#include "TH/generic/THTypedMacrosEnd.h"
#undef TH_TYPED_HOST
#endif
