/* Dense linear algebra on raw pointers, column-major as BLAS has it; by the library that was found, else by plain C.
 *
 * The library is opened at the first call, so that programs which never multiply matrices do not pay for it. */
#ifndef TH_BLAS_H
#define TH_BLAS_H

#include <stdint.h>

#include "TH/THScalar.h"

TH_BEGIN_DECLS

/* Dtypes: all but Half. */
/* c = alpha * op(a) op(b) + beta * c, op(a): m x k, op(b): k x n, c: m x n, column-major with leading dimensions in elements.
 * trans: 'n' or 't'. beta 0 does not read c. Any dtype but Half; Float and Double use the library. */
TH_API THStatus THBlas_gemm(THDtype dtype, char transa, char transb, int64_t m, int64_t n, int64_t k, THScalar alpha,
                            const void *a, int64_t lda, const void *b, int64_t ldb, THScalar beta, void *c, int64_t ldc);
/* y = alpha * op(a) x + beta * y, a: m x n; increments in elements. */
TH_API THStatus THBlas_gemv(THDtype dtype, char trans, int64_t m, int64_t n, THScalar alpha, const void *a, int64_t lda,
                            const void *x, int64_t incx, THScalar beta, void *y, int64_t incy);
/* a += alpha * x y', a: m x n. */
TH_API THStatus THBlas_ger(THDtype dtype, int64_t m, int64_t n, THScalar alpha, const void *x, int64_t incx, const void *y,
                           int64_t incy, void *a, int64_t lda);
/* The sum of x[i] * y[i]: int64 for integers, double for Float and Double. */
TH_API THStatus THBlas_dot(THDtype dtype, int64_t n, const void *x, int64_t incx, const void *y, int64_t incy,
                           THScalar *result);

/* "openblas" or "reference"; opens the library. */
TH_API const char *THBlas_name(void);
/* What the library says of itself: version, core type ("SkylakeX"), threading. "plain C" for the reference. */
TH_API const char *THBlas_describe(void);
/* True (the default): use the library where there is one; false: the plain C code, for tests. */
TH_API void THBlas_useLibrary(int use);

TH_END_DECLS

#endif
