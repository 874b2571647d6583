/* THFloatTensor_copy*: element by element in row-major order, converted; the source may have any shape of as many elements. See
 * TH/THTyped.h. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
TH_API THStatus THTensor_(copy)(THTensor *self, const THTensor *source); /* any dtype */
TH_API THStatus THTensor_(copyByte)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(copyChar)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(copyShort)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(copyInt)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(copyLong)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(copyHalf)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(copyFloat)(THTensor *self, const THTensor *source);
TH_API THStatus THTensor_(copyDouble)(THTensor *self, const THTensor *source);
#endif
