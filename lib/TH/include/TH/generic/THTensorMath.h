/* THFloatTensor_*: computing; see TH/THTyped.h. Results go to the first argument, which is resized; it may be an input where
 * the tagged function (TH/THTensorPointwise.h) allows that. Masks are Byte, indices Long. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
TH_API THStatus THTensor_(fill)(THTensor *r_, real value);
TH_API THStatus THTensor_(zero)(THTensor *r_);

/* --- masks and indices ----------------------------------------------------------------------------------------------- */
TH_API THStatus THTensor_(maskedFill)(THTensor *tensor, const THTensor *mask, real value);
TH_API THStatus THTensor_(maskedCopy)(THTensor *tensor, const THTensor *mask, const THTensor *source);
TH_API THStatus THTensor_(maskedSelect)(THTensor *tensor, const THTensor *source, const THTensor *mask);
TH_API THStatus THTensor_(nonzero)(THTensor *subscript, const THTensor *tensor);
TH_API THStatus THTensor_(indexSelect)(THTensor *tensor, const THTensor *source, int dim, const THTensor *index);
TH_API THStatus THTensor_(indexCopy)(THTensor *tensor, int dim, const THTensor *index, const THTensor *source);
TH_API THStatus THTensor_(indexAdd)(THTensor *tensor, int dim, const THTensor *index, const THTensor *source);
TH_API THStatus THTensor_(indexFill)(THTensor *tensor, int dim, const THTensor *index, real val);
/* Torch: an output that lies over an input is not refused. */
TH_API THStatus THTensor_(take)(THTensor *tensor, const THTensor *src, const THTensor *index);
/* Torch: the same. */
TH_API THStatus THTensor_(put)(THTensor *tensor, const THTensor *index, const THTensor *src, int accumulate);
TH_API THStatus THTensor_(gather)(THTensor *tensor, const THTensor *source, int dim, const THTensor *index);
TH_API THStatus THTensor_(scatter)(THTensor *tensor, int dim, const THTensor *index, const THTensor *src);
TH_API THStatus THTensor_(scatterFill)(THTensor *tensor, int dim, const THTensor *index, real val);
TH_API THStatus THTensor_(scatterAdd)(THTensor *tensor, int dim, const THTensor *index, const THTensor *source);
/* Torch: an output that lies over an input is not refused. */
TH_API THStatus THTensor_(cat)(THTensor *r_, THTensor *ta, THTensor *tb, int dim);
TH_API THStatus THTensor_(catArray)(THTensor *result, THTensor **inputs, int num_inputs, int dim);

/* --- products --------------------------------------------------------------------------------------------------------- */
/* Torch: the same. */
TH_API accreal THTensor_(dot)(const THTensor *t, const THTensor *source);
/* r = beta * t + alpha * ... */
TH_API THStatus THTensor_(addmv)(THTensor *r_, real beta, const THTensor *t, real alpha, const THTensor *mat,
                                 const THTensor *vec);
TH_API THStatus THTensor_(addmm)(THTensor *r_, real beta, const THTensor *t, real alpha, const THTensor *mat1,
                                 const THTensor *mat2);
TH_API THStatus THTensor_(addr)(THTensor *r_, real beta, const THTensor *t, real alpha, const THTensor *vec1,
                                const THTensor *vec2);
TH_API THStatus THTensor_(addbmm)(THTensor *r_, real beta, const THTensor *t, real alpha, const THTensor *batch1,
                                  const THTensor *batch2);
TH_API THStatus THTensor_(baddbmm)(THTensor *r_, real beta, const THTensor *t, real alpha, const THTensor *batch1,
                                   const THTensor *batch2);

/* --- a tensor and a number -------------------------------------------------------------------------------------------- */
TH_API THStatus THTensor_(add)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(sub)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(add_scaled)(THTensor *r_, const THTensor *t, real value, real alpha);
TH_API THStatus THTensor_(sub_scaled)(THTensor *r_, const THTensor *t, real value, real alpha);
TH_API THStatus THTensor_(mul)(THTensor *r_, const THTensor *t, real value);
/* Torch: an integer division by 0 ends the process. */
TH_API THStatus THTensor_(div)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(fmod)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(remainder)(THTensor *r_, const THTensor *t, real value);
/* Torch: the same. */
TH_API THStatus THTensor_(lshift)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(rshift)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_ (bitand)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(bitor)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(bitxor)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(clamp)(THTensor *r_, const THTensor *t, real min_value, real max_value);
TH_API THStatus THTensor_(pow)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(tpow)(THTensor *r_, real value, const THTensor *t);
TH_API THStatus THTensor_(cmaxValue)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(cminValue)(THTensor *r_, const THTensor *t, real value);

/* --- tensors ----------------------------------------------------------------------------------------------------------- */
TH_API THStatus THTensor_(cadd)(THTensor *r_, const THTensor *t, real value, const THTensor *source); /* t + value * source */
TH_API THStatus THTensor_(csub)(THTensor *r_, const THTensor *t, real value, const THTensor *source);
TH_API THStatus THTensor_(cmul)(THTensor *r_, const THTensor *t, const THTensor *source);
/* Torch: an integer division by 0 ends the process. */
TH_API THStatus THTensor_(cdiv)(THTensor *r_, const THTensor *t, const THTensor *source);
/* Torch: the same. */
TH_API THStatus THTensor_(cpow)(THTensor *r_, const THTensor *t, const THTensor *source);
/* Torch: an integer division by 0 ends the process. */
TH_API THStatus THTensor_(cfmod)(THTensor *r_, const THTensor *t, const THTensor *source);
TH_API THStatus THTensor_(cremainder)(THTensor *r_, const THTensor *t, const THTensor *source);
/* Torch: the same. */
TH_API THStatus THTensor_(clshift)(THTensor *r_, const THTensor *t, const THTensor *source);
TH_API THStatus THTensor_(crshift)(THTensor *r_, const THTensor *t, const THTensor *source);
TH_API THStatus THTensor_(cbitand)(THTensor *r_, const THTensor *t, const THTensor *source);
TH_API THStatus THTensor_(cbitor)(THTensor *r_, const THTensor *t, const THTensor *source);
TH_API THStatus THTensor_(cbitxor)(THTensor *r_, const THTensor *t, const THTensor *source);
TH_API THStatus THTensor_(cmax)(THTensor *r_, const THTensor *t, const THTensor *source);
TH_API THStatus THTensor_(cmin)(THTensor *r_, const THTensor *t, const THTensor *source);
TH_API THStatus THTensor_(addcmul)(THTensor *r_, const THTensor *t, real value, const THTensor *source1,
                                   const THTensor *source2);
/* Torch: an integer division by 0 ends the process. */
TH_API THStatus THTensor_(addcdiv)(THTensor *r_, const THTensor *t, real value, const THTensor *source1,
                                   const THTensor *source2);
/* Torch: the same. */
TH_API THStatus THTensor_(neg)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(abs)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(sign)(THTensor *r_, const THTensor *t);
/* Torch: an integer division by 0 ends the process. */
TH_API THStatus THTensor_(cinv)(THTensor *r_, const THTensor *t); /* 1 / t */

/* --- comparisons: r_ is Byte; the forms with T put 0 and 1 of the inputs' dtype ------------------------------------------ */
/* Torch: the same. */
TH_API THStatus THTensor_(ltValue)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(leValue)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(gtValue)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(geValue)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(neValue)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(eqValue)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(ltValueT)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(leValueT)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(gtValueT)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(geValueT)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(neValueT)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(eqValueT)(THTensor *r_, const THTensor *t, real value);
TH_API THStatus THTensor_(ltTensor)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(leTensor)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(gtTensor)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(geTensor)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(neTensor)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(eqTensor)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(ltTensorT)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(leTensorT)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(gtTensorT)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(geTensorT)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(neTensorT)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API THStatus THTensor_(eqTensorT)(THTensor *r_, const THTensor *ta, const THTensor *tb);
TH_API int THTensor_(equal)(const THTensor *ta, const THTensor *tb);

/* --- reductions: r_ of the inputs' dtype (integers wrap), indices_ Long -------------------------------------------------- */
TH_API int64_t THTensor_(numel)(const THTensor *t);
/* Torch: an output that lies over an input is not refused. */
TH_API THStatus THTensor_(sum)(THTensor *r_, const THTensor *t, int dim, int keepdim);
TH_API THStatus THTensor_(prod)(THTensor *r_, const THTensor *t, int dim, int keepdim);
TH_API THStatus THTensor_(max)(THTensor *values_, THTensor *indices_, const THTensor *t, int dim, int keepdim);
TH_API THStatus THTensor_(min)(THTensor *values_, THTensor *indices_, const THTensor *t, int dim, int keepdim);
/* Torch: the same. */
TH_API accreal THTensor_(sumall)(const THTensor *t);
TH_API accreal THTensor_(prodall)(const THTensor *t);
TH_API real THTensor_(maxall)(const THTensor *t);
TH_API real THTensor_(minall)(const THTensor *t);
TH_API int THTensor_(logicalall)(const THTensor *t); /* no element is 0 */
TH_API int THTensor_(logicalany)(const THTensor *t); /* an element is not 0 */

/* --- sequences ----------------------------------------------------------------------------------------------------------- */
TH_API THStatus THTensor_(arange)(THTensor *r_, accreal xmin, accreal xmax, accreal step); /* xmax is not included */
/* As arange, up to and with xmax. */
TH_API THStatus THTensor_(range)(THTensor *r_, accreal xmin, accreal xmax, accreal step);
/* Of the sizes in a LongStorage, or of input's. */
TH_API THStatus THTensor_(zeros)(THTensor *r_, const THStorage *size);
TH_API THStatus THTensor_(zerosLike)(THTensor *r_, const THTensor *input);
TH_API THStatus THTensor_(ones)(THTensor *r_, const THStorage *size);
TH_API THStatus THTensor_(onesLike)(THTensor *r_, const THTensor *input);
/* A copy of t with other sizes. */
TH_API THStatus THTensor_(reshape)(THTensor *r_, const THTensor *t, const THStorage *size);
/* r_[i][j] = gain * the squared distance of m1[i] and m2[j]; what follows the first dimension of either is one vector. */
TH_API THStatus THTensor_(match)(THTensor *r_, const THTensor *m1, const THTensor *m2, real gain);
TH_API THStatus THTensor_(eye)(THTensor *r_, int64_t n, int64_t m);

#if TH_TYPED_FLOATING
TH_API THStatus THTensor_(sigmoid)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(log)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(log1p)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(exp)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(cos)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(sin)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(tanh)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(sqrt)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(rsqrt)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(ceil)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(floor)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(round)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(trunc)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(expm1)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(log2)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(log10)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(tan)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(asin)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(acos)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(atan)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(sinh)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(cosh)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(frac)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(erf)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(erfc)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(erfinv)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(lgamma)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(digamma)(THTensor *r_, const THTensor *t);
TH_API THStatus THTensor_(polygamma)(THTensor *r_, int64_t n, const THTensor *t);
TH_API THStatus THTensor_(atan2)(THTensor *r_, const THTensor *tx, const THTensor *ty);
TH_API THStatus THTensor_(lerp)(THTensor *r_, const THTensor *a, const THTensor *b, real weight);
TH_API THStatus THTensor_(linspace)(THTensor *r_, real a, real b, int64_t n);
/* 10 to the power of n numbers from a to b. */
TH_API THStatus THTensor_(logspace)(THTensor *r_, real a, real b, int64_t n);
/* Torch: other numbers: those of a Mersenne Twister. */
/* Uniform in [0, 1), and normal, of the sizes in a LongStorage. */
TH_API THStatus THTensor_(rand)(THTensor *r_, THGenerator *generator, const THStorage *size);
TH_API THStatus THTensor_(randn)(THTensor *r_, THGenerator *generator, const THStorage *size);
/* Torch: an output that lies over an input is not refused. */
TH_API THStatus THTensor_(mean)(THTensor *r_, const THTensor *t, int dim, int keepdim);
TH_API THStatus THTensor_(std)(THTensor *r_, const THTensor *t, int dim, int biased, int keepdim);
TH_API THStatus THTensor_(var)(THTensor *r_, const THTensor *t, int dim, int biased, int keepdim);
TH_API THStatus THTensor_(norm)(THTensor *r_, const THTensor *t, real value, int dim, int keepdim);
/* Torch: the same. */
TH_API accreal THTensor_(meanall)(const THTensor *t);
TH_API accreal THTensor_(stdall)(const THTensor *t, int biased);
TH_API accreal THTensor_(varall)(const THTensor *t, int biased);
TH_API accreal THTensor_(normall)(const THTensor *t, real value);
TH_API accreal THTensor_(dist)(const THTensor *t, const THTensor *src, real value);
TH_API THStatus THTensor_(renorm)(THTensor *r_, const THTensor *t, real value, int dimension, real maxnorm);
/* Torch: an output that lies over an input is not refused. */
TH_API THStatus THTensor_(histc)(THTensor *hist, const THTensor *tensor, int64_t nbins, real minvalue, real maxvalue);
TH_API THStatus THTensor_(bhistc)(THTensor *hist, const THTensor *tensor, int64_t nbins, real minvalue, real maxvalue);
#endif
#endif
