/* THCudaTensor_*: what TH/generic/THTensorMath.h has not; see THC/THCTyped.h. */
#ifndef TH_TYPED_NAME
#include "THC/THCTyped.h" /* read by itself: the names of all dtypes */
#else
/* Indices that lie on the host: a Long tensor; a mask that does: a Byte tensor. Otherwise as without the ending. */
THC_API THStatus THTensor_(indexSelect_long)(THTensor *tensor, const THTensor *source, int dim, const THTensor *index);
THC_API THStatus THTensor_(indexCopy_long)(THTensor *tensor, int dim, const THTensor *index, const THTensor *source);
THC_API THStatus THTensor_(indexAdd_long)(THTensor *tensor, int dim, const THTensor *index, const THTensor *source);
THC_API THStatus THTensor_(indexFill_long)(THTensor *tensor, int dim, const THTensor *index, real value);
THC_API THStatus THTensor_(maskedFillByte)(THTensor *tensor, const THTensor *mask, real value);
THC_API THStatus THTensor_(maskedCopyByte)(THTensor *tensor, const THTensor *mask, const THTensor *source);
THC_API THStatus THTensor_(maskedSelectByte)(THTensor *tensor, const THTensor *source, const THTensor *mask);

/* Sorts keys along a dimension, and values (Long, of the same size) with them. dir: descending. */
THC_API THStatus THTensor_(sortKeyValueInplace)(THTensor *keys, THTensor *values, int dim, int dir);

#if !TH_TYPED_FLOATING
/* The sum over the count, rounded towards zero; nothing is TH_ERR_VALUE. */
THC_API THStatus THTensor_(mean)(THTensor *r_, const THTensor *t, int dim, int keepdim);
THC_API accreal THTensor_(meanall)(const THTensor *t);
/* As of Double, then rounded towards zero. */
THC_API accreal THTensor_(dist)(const THTensor *t, const THTensor *src, real value);
#endif
#endif
