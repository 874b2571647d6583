/* Takes the macros of THTypedMacros.h back, and gives a user's own of the same names. No include guard. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
#undef Real
#undef real
#undef accreal
#undef THStorage_
#undef THTensor_
#undef THBlas_
#undef THLapack_
#undef THVector_
#pragma pop_macro("Real")
#pragma pop_macro("real")
#pragma pop_macro("accreal")
#pragma pop_macro("THStorage_")
#pragma pop_macro("THTensor_")
#pragma pop_macro("THBlas_")
#pragma pop_macro("THLapack_")
#pragma pop_macro("THVector_")
#undef TH_TYPED_NAME
#undef TH_TYPED_BYTES
#undef TH_TYPED_REAL
#undef TH_TYPED_ACCREAL
#undef TH_TYPED_COMPUTES
#undef TH_TYPED_FLOATING
#endif
