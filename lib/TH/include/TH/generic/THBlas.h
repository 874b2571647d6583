/* THFloatBlas_*: column-major, on raw pointers; see TH/THBlas.h. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
/* The elements of x and y change places; x becomes a x; y becomes x; y gains a x. A negative increment counts from the other
 * end. */
TH_API THStatus THBlas_(swap)(int64_t n, real *x, int64_t incx, real *y, int64_t incy);
TH_API THStatus THBlas_(scal)(int64_t n, real a, real *x, int64_t incx);
TH_API THStatus THBlas_(copy)(int64_t n, const real *x, int64_t incx, real *y, int64_t incy);
TH_API THStatus THBlas_(axpy)(int64_t n, real a, const real *x, int64_t incx, real *y, int64_t incy);
TH_API accreal THBlas_(dot)(int64_t n, const real *x, int64_t incx, const real *y, int64_t incy);
/* Torch: capital letters, too. */
TH_API THStatus THBlas_(gemv)(char trans, int64_t m, int64_t n, real alpha, const real *a, int64_t lda, const real *x,
                              int64_t incx, real beta, real *y, int64_t incy);
/* Torch: the same. */
TH_API THStatus THBlas_(ger)(int64_t m, int64_t n, real alpha, const real *x, int64_t incx, const real *y, int64_t incy,
                             real *a, int64_t lda);
/* Torch: capital letters, too. */
TH_API THStatus THBlas_(gemm)(char transa, char transb, int64_t m, int64_t n, int64_t k, real alpha, const real *a, int64_t lda,
                              const real *b, int64_t ldb, real beta, real *c, int64_t ldc);
#endif
