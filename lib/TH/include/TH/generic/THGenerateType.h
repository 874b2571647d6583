/* Reads the generic headers for one dtype: TH_TYPED_NAME, _REAL, _ACCREAL, _BYTES, _COMPUTES and _FLOATING say which. No
 * include guard. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
#include "TH/generic/THTypedMacros.h"

TH_BEGIN_DECLS

#include "TH/generic/THStorage.h"
#include "TH/generic/THTensor.h"
#include "TH/generic/THTensorCopy.h"
#if TH_TYPED_COMPUTES
#include "TH/generic/THBlas.h"
#include "TH/generic/THTensorConv.h"
#include "TH/generic/THTensorMath.h"
#include "TH/generic/THTensorOrder.h"
#include "TH/generic/THTensorRandom.h"
#include "TH/generic/THVector.h"
#if TH_TYPED_FLOATING
#include "TH/generic/THLapack.h"
#include "TH/generic/THTensorLapack.h"
#endif
#endif

TH_END_DECLS

#include "TH/generic/THTypedMacrosEnd.h"
#endif
