/* Turning around, and parts of matrices. All dtypes but where said. */
#ifndef TH_TENSOR_ARRANGE_H
#define TH_TENSOR_ARRANGE_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: all. */
/* A copy of a in which each of the `count` different dimensions stands in reverse order. */
TH_API THStatus THTensor_flip(THTensor *r, const THTensor *a, int count, const int64_t *dims);
/* The elements on and below (tril) or above (triu) the diagonal number k, the others 0. a: 2-d; r may be a. k 0: the main
 * diagonal, k > 0: above it, k < 0: below it. */
TH_API THStatus THTensor_tril(THTensor *r, const THTensor *a, int64_t k);
TH_API THStatus THTensor_triu(THTensor *r, const THTensor *a, int64_t k);
/* Of a 2-d tensor, its diagonal number k; of a 1-d one, a square matrix with it as that diagonal and zeros elsewhere. */
TH_API THStatus THTensor_diag(THTensor *r, const THTensor *a, int64_t k);
/* The sum of a matrix's diagonal; of integers in int64. All dtypes but Half. */
TH_API THStatus THTensor_trace(THTensor *r, const THTensor *a);
/* Dtypes: all but Half. */
/* The vector product along dim, whose size is 3; a and b have one shape. All dtypes but Half. */
TH_API THStatus THTensor_cross(THTensor *r, const THTensor *a, const THTensor *b, int dim);

TH_END_DECLS

#endif
