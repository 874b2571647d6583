/* THCudaTensor_*: computing; see THC/THCTyped.h. Results go to the first argument, which is resized. Masks are Byte, indices
 * Long. */
#ifndef TH_TYPED_NAME
#include "THC/THCTyped.h" /* read by itself: the names of all dtypes */
#else
#define X(name) THC_API THStatus THTensor_(name)(THTensor * r_, const THTensor *t, real value);
THC_TYPED_VALUE(X)
#undef X
#define X(name) THC_API THStatus THTensor_(name)(THTensor * r_, const THTensor *t, const THTensor *source);
THC_TYPED_TWO(X)
#undef X
#define X(name) THC_API THStatus THTensor_(name)(THTensor * r_, const THTensor *t, real value, const THTensor *source);
THC_TYPED_SCALED(X)
#undef X
#define X(name)                                                                                                                \
    THC_API THStatus THTensor_(name)(THTensor * r_, const THTensor *t, real value, const THTensor *source1,                    \
                                     const THTensor *source2);
THC_TYPED_THREE(X)
#undef X
#define X(name) THC_API THStatus THTensor_(name)(THTensor * r_, const THTensor *t);
THC_TYPED_ONE(X)
#if TH_TYPED_FLOATING
THC_TYPED_ONE_FLOATING(X)
THC_TYPED_MATRIX(X)
#endif
#undef X
#define X(name)                                                                                                                \
    THC_API THStatus THTensor_(name##Value)(THTensor * r_, const THTensor *t, real value);                                     \
    THC_API THStatus THTensor_(name##Tensor)(THTensor * r_, const THTensor *ta, const THTensor *tb);
THC_TYPED_COMPARE(X)
#undef X
#define X(name)                                                                                                                \
    THC_API THStatus THTensor_(name)(THTensor * r_, real beta, const THTensor *t, real alpha, const THTensor *a,               \
                                     const THTensor *b);
THC_TYPED_PRODUCT(X)
#undef X
#define X(name) THC_API THStatus THTensor_(name)(THTensor * r_, const THTensor *t, int dim, int keepdim);
THC_TYPED_SUM(X)
#undef X
#define X(name)                                                                                                                \
    THC_API THStatus THTensor_(name)(THTensor * values_, THTensor * indices_, const THTensor *t, int dim, int keepdim);
THC_TYPED_EXTREMUM(X)
#undef X

THC_API THStatus THTensor_(fill)(THTensor *r_, real value);
THC_API THStatus THTensor_(zero)(THTensor *r_);
THC_API THStatus THTensor_(add)(THTensor *r_, const THTensor *t, real value);
THC_API THStatus THTensor_(sub)(THTensor *r_, const THTensor *t, real value);
THC_API THStatus THTensor_(clamp)(THTensor *r_, const THTensor *t, real min_value, real max_value);
THC_API THStatus THTensor_(tpow)(THTensor *r_, real value, const THTensor *t);
THC_API THStatus THTensor_(cinv)(THTensor *r_, const THTensor *t); /* 1 / t */
THC_API int THTensor_(equal)(const THTensor *ta, const THTensor *tb);
THC_API accreal THTensor_(dot)(const THTensor *t, const THTensor *source);
THC_API accreal THTensor_(sumall)(const THTensor *t);
THC_API accreal THTensor_(prodall)(const THTensor *t);
THC_API real THTensor_(maxall)(const THTensor *t);
THC_API real THTensor_(minall)(const THTensor *t);

THC_API THStatus THTensor_(maskedFill)(THTensor *tensor, const THTensor *mask, real value);
THC_API THStatus THTensor_(maskedCopy)(THTensor *tensor, const THTensor *mask, const THTensor *source);
THC_API THStatus THTensor_(maskedSelect)(THTensor *tensor, const THTensor *source, const THTensor *mask);
THC_API THStatus THTensor_(nonzero)(THTensor *subscript, const THTensor *tensor);
THC_API THStatus THTensor_(indexSelect)(THTensor *tensor, const THTensor *source, int dim, const THTensor *index);
THC_API THStatus THTensor_(indexCopy)(THTensor *tensor, int dim, const THTensor *index, const THTensor *source);
THC_API THStatus THTensor_(indexAdd)(THTensor *tensor, int dim, const THTensor *index, const THTensor *source);
THC_API THStatus THTensor_(indexFill)(THTensor *tensor, int dim, const THTensor *index, real value);
THC_API THStatus THTensor_(gather)(THTensor *tensor, const THTensor *source, int dim, const THTensor *index);
THC_API THStatus THTensor_(scatter)(THTensor *tensor, int dim, const THTensor *index, const THTensor *source);
THC_API THStatus THTensor_(scatterAdd)(THTensor *tensor, int dim, const THTensor *index, const THTensor *source);
THC_API THStatus THTensor_(catArray)(THTensor *result, THTensor **inputs, int num_inputs, int dim);

#if TH_TYPED_FLOATING
THC_API THStatus THTensor_(lerp)(THTensor *r_, const THTensor *a, const THTensor *b, real weight);
THC_API THStatus THTensor_(atan2)(THTensor *r_, const THTensor *tx, const THTensor *ty);
THC_API THStatus THTensor_(mean)(THTensor *r_, const THTensor *t, int dim, int keepdim);
THC_API THStatus THTensor_(std)(THTensor *r_, const THTensor *t, int dim, int biased, int keepdim);
THC_API THStatus THTensor_(var)(THTensor *r_, const THTensor *t, int dim, int biased, int keepdim);
THC_API THStatus THTensor_(norm)(THTensor *r_, const THTensor *t, real value, int dim, int keepdim);
THC_API accreal THTensor_(meanall)(const THTensor *t);
THC_API accreal THTensor_(stdall)(const THTensor *t, int biased);
THC_API accreal THTensor_(varall)(const THTensor *t, int biased);
THC_API accreal THTensor_(normall)(const THTensor *t, real value);
THC_API THStatus THTensor_(gesv)(THTensor *rb_, THTensor *ra_, const THTensor *b, const THTensor *a);
THC_API THStatus THTensor_(gels)(THTensor *rb_, THTensor *ra_, const THTensor *b, const THTensor *a);
THC_API THStatus THTensor_(qr)(THTensor *rq_, THTensor *rr_, const THTensor *a);
#endif
#endif
