/* The macros of Torch's generic sources, for the dtype that TH_TYPED_NAME, _REAL and _ACCREAL name. A user's macros of the same
 * names are put aside; THTypedMacrosEnd.h brings them back. No include guard. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
#pragma push_macro("Real")
#pragma push_macro("real")
#pragma push_macro("accreal")
#pragma push_macro("THStorage_")
#pragma push_macro("THTensor_")
#pragma push_macro("THBlas_")
#pragma push_macro("THLapack_")
#pragma push_macro("THVector_")
#undef Real
#undef real
#undef accreal
#undef THStorage_
#undef THTensor_
#undef THBlas_
#undef THLapack_
#undef THVector_

#ifndef TH_TYPED_CONCAT
#define TH_TYPED_CONCAT_(a, b, c, d) a##b##c##d
#define TH_TYPED_CONCAT(a, b, c, d) TH_TYPED_CONCAT_(a, b, c, d)
#endif

#define Real TH_TYPED_NAME
#define real TH_TYPED_REAL
#define accreal TH_TYPED_ACCREAL
#define THStorage_(NAME) TH_TYPED_CONCAT(TH, Real, Storage_, NAME)
#define THTensor_(NAME) TH_TYPED_CONCAT(TH, Real, Tensor_, NAME)
#define THBlas_(NAME) TH_TYPED_CONCAT(TH, Real, Blas_, NAME)
#define THLapack_(NAME) TH_TYPED_CONCAT(TH, Real, Lapack_, NAME)
#define THVector_(NAME) TH_TYPED_CONCAT(TH, Real, Vector_, NAME)
#endif
