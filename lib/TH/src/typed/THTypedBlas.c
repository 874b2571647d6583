/* THFloatBlas_* */
#include "typed/THTypedBody.h"

/* Integers wrap. */
#if TH_DTYPE_IS_FLOATING
#define TIMES(a, b) ((real)((a) * (b)))
#define PLUS(a, b) ((real)((a) + (b)))
#else
#define TIMES(a, b) ((real)((uint64_t)(a) * (uint64_t)(b)))
#define PLUS(a, b) ((real)((uint64_t)(a) + (uint64_t)(b)))
#endif

static THStatus check_count(const char *op, int64_t n)
{
    TH_FAIL_IF(n < 0, TH_ERR_VALUE, "[%s] n, %lld: must not be negative", op, (long long)n);
    return TH_OK;
}

/* Where the first of n elements lies: with a negative increment at the far end, as BLAS has it. */
static int64_t first_of(int64_t n, int64_t increment)
{
    return increment < 0 && n > 0 ? (1 - n) * increment : 0;
}

THStatus THBlas_(swap)(int64_t n, real *x, int64_t incx, real *y, int64_t incy)
{
    if (n > 0) TH_GIVEN("swap", x, y);
    TH_TRY(check_count("swap", n));
    x += first_of(n, incx);
    y += first_of(n, incy);
    for (int64_t i = 0; i < n; i++) {
        const real held = x[i * incx];
        x[i * incx] = y[i * incy];
        y[i * incy] = held;
    }
    return TH_OK;
}

THStatus THBlas_(scal)(int64_t n, real a, real *x, int64_t incx)
{
    if (n > 0) TH_GIVEN("scal", x);
    TH_TRY(check_count("scal", n));
    x += first_of(n, incx);
    for (int64_t i = 0; i < n; i++) x[i * incx] = TIMES(a, x[i * incx]);
    return TH_OK;
}

THStatus THBlas_(copy)(int64_t n, const real *x, int64_t incx, real *y, int64_t incy)
{
    if (n > 0) TH_GIVEN("copy", x, y);
    TH_TRY(check_count("copy", n));
    x += first_of(n, incx);
    y += first_of(n, incy);
    for (int64_t i = 0; i < n; i++) y[i * incy] = x[i * incx];
    return TH_OK;
}

THStatus THBlas_(axpy)(int64_t n, real a, const real *x, int64_t incx, real *y, int64_t incy)
{
    if (n > 0) TH_GIVEN("axpy", x, y);
    TH_TRY(check_count("axpy", n));
    x += first_of(n, incx);
    y += first_of(n, incy);
    for (int64_t i = 0; i < n; i++) y[i * incy] = PLUS(y[i * incy], TIMES(a, x[i * incx]));
    return TH_OK;
}

accreal THBlas_(dot)(int64_t n, const real *x, int64_t incx, const real *y, int64_t incy)
{
    if (n > 0) TH_GIVEN_OR(NO_ACCREAL, "dot", x, y);
    THScalar value;
    return THBlas_dot(REAL_DTYPE, n, x, incx, y, incy, &value) == TH_OK ? accreal_of(value) : NO_ACCREAL;
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
