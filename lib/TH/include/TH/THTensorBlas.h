/* Products of vectors and matrices. All tensors of one call have one dtype; any strides (copied where BLAS needs it).
 * Half multiplies and adds up in float. */
#ifndef TH_TENSOR_BLAS_H
#define TH_TENSOR_BLAS_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: all. */
/* r = beta * m + alpha * (a @ b); a: n x k, b: k x p, m: broadcast to n x p. beta 0 does not read m, which may then be NULL. */
TH_API THStatus THTensor_addmm(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a,
                               const THTensor *b);
/* r = beta * v + alpha * (a @ x); a: n x k, x: k, v: broadcast to n, or NULL with beta 0. */
TH_API THStatus THTensor_addmv(THTensor *r, THScalar beta, const THTensor *v, THScalar alpha, const THTensor *a,
                               const THTensor *x);
/* r = beta * m + alpha * outer(x, y); x: n, y: p. */
TH_API THStatus THTensor_addr(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *x,
                              const THTensor *y);
/* r[i] = beta * m[i] + alpha * (a[i] @ b[i]); a: batch x n x k, b: batch x k x p, m: broadcast, or NULL with beta 0. */
TH_API THStatus THTensor_baddbmm(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a,
                                 const THTensor *b);
/* r = beta * m + alpha * the sum of a[i] @ b[i]. */
TH_API THStatus THTensor_addbmm(THTensor *r, THScalar beta, const THTensor *m, THScalar alpha, const THTensor *a,
                                const THTensor *b);
/* r: scalar tensor, the sum of x[i] * y[i] over two 1-d tensors of one size. */
TH_API THStatus THTensor_dot(THTensor *r, const THTensor *x, const THTensor *y);

TH_END_DECLS

#endif
