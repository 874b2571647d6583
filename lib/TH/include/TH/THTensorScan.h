/* Running results along one dimension. r has a's shape; it may be `a`. */
#ifndef TH_TENSOR_SCAN_H
#define TH_TENSOR_SCAN_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: all. */
/* r[i] = a[0] + ... + a[i] along dim. Integers add up in int64; Float adds up in double. */
TH_API THStatus THTensor_cumsum(THTensor *r, const THTensor *a, int dim);
/* r[i] = a[0] * ... * a[i] along dim. Integers multiply in int64; Float multiplies in double. */
TH_API THStatus THTensor_cumprod(THTensor *r, const THTensor *a, int dim);
/* Dtypes: Float, Double. */
/* r[i] = a[i] + x[i] * r[i - 1] along dim, r[-1] being 0; a and x have one shape. Float, Double. Neither may be r. */
TH_API THStatus THTensor_recurrence(THTensor *r, const THTensor *a, const THTensor *x, int dim);

TH_END_DECLS

#endif
