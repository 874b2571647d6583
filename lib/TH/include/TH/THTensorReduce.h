/* Reductions: over all elements (r is a scalar tensor) or along one dimension.
 *
 * Sums and products of integers accumulate and result in int64; of floats in their own dtype, pairwise. keepdim: the reduced
 * dimension stays with size 1. A maximum or minimum of nothing is TH_ERR_SHAPE; nan wins it. Indices are int64, the first of
 * equals. */
#ifndef TH_TENSOR_REDUCE_H
#define TH_TENSOR_REDUCE_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: all. */
TH_API THStatus THTensor_sumall(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_prodall(THTensor *r, const THTensor *a);
/* Dtypes: Half, Float, Double. */
TH_API THStatus THTensor_meanall(THTensor *r, const THTensor *a); /* floating dtypes */
/* Dtypes: all. */
TH_API THStatus THTensor_maxall(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_minall(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_argmaxall(THTensor *r, const THTensor *a); /* index into the row-major order */
TH_API THStatus THTensor_argminall(THTensor *r, const THTensor *a);
/* Dtypes: Half, Float, Double. */
/* (sum |a|^p)^(1/p); p 0 counts the elements that are not 0, p inf is the largest magnitude. Floating dtypes. */
TH_API THStatus THTensor_normall(THTensor *r, const THTensor *a, double p);
/* Mean of squared distances to the mean; divided by n - 1 unless biased. Floating dtypes. */
TH_API THStatus THTensor_varall(THTensor *r, const THTensor *a, int biased);
TH_API THStatus THTensor_stdall(THTensor *r, const THTensor *a, int biased); /* the root of varall */
/* The p-norm of a - b, which broadcast. Floating dtypes. */
TH_API THStatus THTensor_dist(THTensor *r, const THTensor *a, const THTensor *b, double p);

/* Dtypes: all. */
TH_API THStatus THTensor_sum(THTensor *r, const THTensor *a, int dim, int keepdim);
TH_API THStatus THTensor_prod(THTensor *r, const THTensor *a, int dim, int keepdim);
/* Dtypes: Half, Float, Double. */
TH_API THStatus THTensor_mean(THTensor *r, const THTensor *a, int dim, int keepdim);
/* Dtypes: all. */
TH_API THStatus THTensor_max(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim);
TH_API THStatus THTensor_min(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim);
TH_API THStatus THTensor_argmax(THTensor *r, const THTensor *a, int dim, int keepdim);
TH_API THStatus THTensor_argmin(THTensor *r, const THTensor *a, int dim, int keepdim);
/* Dtypes: Half, Float, Double. */
TH_API THStatus THTensor_norm(THTensor *r, const THTensor *a, double p, int dim, int keepdim);
TH_API THStatus THTensor_var(THTensor *r, const THTensor *a, int dim, int biased, int keepdim);
TH_API THStatus THTensor_std(THTensor *r, const THTensor *a, int dim, int biased, int keepdim);
/* log(sum(exp(a))), computed so that nothing overflows. Floating dtypes. */
TH_API THStatus THTensor_logsumexp(THTensor *r, const THTensor *a, int dim, int keepdim);
/* r is a; each slice along dim whose p-norm exceeds max_norm is scaled to it. Floating dtypes, at least 2 dimensions; r may be
 * a. p > 0. */
TH_API THStatus THTensor_renorm(THTensor *r, const THTensor *a, double p, int dim, double max_norm);

TH_END_DECLS

#endif
