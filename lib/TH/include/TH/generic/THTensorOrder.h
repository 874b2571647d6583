/* THFloatTensor_*: sorting, selecting, running results, parts of matrices; see TH/THTyped.h, TH/THTensorOrder.h,
 * TH/THTensorScan.h and TH/THTensorArrange.h. Indices are Long. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
/* Torch: equal elements come in any order; an output that lies over the input is not refused. */
TH_API THStatus THTensor_(sort)(THTensor *rt_, THTensor *ri_, const THTensor *t, int dimension, int descendingOrder);
/* Torch: an output that lies over an input is not refused. */
/* dir: 1 for the greatest, 0 for the least. */
TH_API THStatus THTensor_(topk)(THTensor *rt_, THTensor *ri_, const THTensor *t, int64_t k, int dim, int dir, int sorted);
TH_API THStatus THTensor_(kthvalue)(THTensor *values_, THTensor *indices_, const THTensor *t, int64_t k, int dimension,
                                    int keepdim);
TH_API THStatus THTensor_(median)(THTensor *values_, THTensor *indices_, const THTensor *t, int dimension, int keepdim);
TH_API THStatus THTensor_(mode)(THTensor *values_, THTensor *indices_, const THTensor *t, int dimension, int keepdim);
/* Torch: the same. */
TH_API real THTensor_(medianall)(const THTensor *t);
/* Torch: an output that lies over a part of the input is not refused. */
/* Of t's dtype: integers wrap. */
TH_API THStatus THTensor_(cumsum)(THTensor *r_, const THTensor *t, int dimension);
TH_API THStatus THTensor_(cumprod)(THTensor *r_, const THTensor *t, int dimension);

/* Torch: the same. */
TH_API THStatus THTensor_(tril)(THTensor *r_, const THTensor *t, int64_t k);
TH_API THStatus THTensor_(triu)(THTensor *r_, const THTensor *t, int64_t k);
TH_API THStatus THTensor_(diag)(THTensor *r_, const THTensor *t, int64_t k);
TH_API accreal THTensor_(trace)(const THTensor *t);
/* Torch: an output that lies over an input is not refused. */
/* dimension < 0: the first one of size 3. */
TH_API THStatus THTensor_(cross)(THTensor *r_, const THTensor *a, const THTensor *b, int dimension);
#endif
