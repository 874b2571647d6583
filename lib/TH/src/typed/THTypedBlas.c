/* THFloatBlas_* */
#include "typed/THTypedBody.h"

accreal THBlas_(dot)(int64_t n, const real *x, int64_t incx, const real *y, int64_t incy)
{
    THScalar value;
    return THBlas_dot(REAL_DTYPE, n, x, incx, y, incy, &value) == TH_OK ? accreal_of(value) : (accreal)NO_VALUE;
}

THStatus THBlas_(gemv)(char trans, int64_t m, int64_t n, real alpha, const real *a, int64_t lda, const real *x, int64_t incx,
                       real beta, real *y, int64_t incy)
{
    return THBlas_gemv(REAL_DTYPE, trans, m, n, SCALAR(alpha), a, lda, x, incx, SCALAR(beta), y, incy);
}

THStatus THBlas_(ger)(int64_t m, int64_t n, real alpha, const real *x, int64_t incx, const real *y, int64_t incy, real *a,
                      int64_t lda)
{
    return THBlas_ger(REAL_DTYPE, m, n, SCALAR(alpha), x, incx, y, incy, a, lda);
}

THStatus THBlas_(gemm)(char transa, char transb, int64_t m, int64_t n, int64_t k, real alpha, const real *a, int64_t lda,
                       const real *b, int64_t ldb, real beta, real *c, int64_t ldc)
{
    return THBlas_gemm(REAL_DTYPE, transa, transb, m, n, k, SCALAR(alpha), a, lda, b, ldb, SCALAR(beta), c, ldc);
}
