// Products on the current device, of column-major matrices, as BLAS has them. Half, Float and Double; Half adds up in float.
#pragma once

#include "THC/device/THCCore.cuh"

struct THCGemmOperand {
    const void *data;
    bool transposed;
    int64_t ld;   // distance between columns
    int64_t step; // elements to the next matrix of the batch
};

// c[i] = beta * c[i] + alpha * op(a[i]) op(b[i]) for i in [0, count): m x n, of m x k and k x n. beta 0 does not read c. m, n,
// k and count > 0. TH_ERR_UNSUPPORTED for other dtypes.
struct THCGemm {
    THDtype dtype;
    int64_t count, m, n, k;
    double alpha, beta;
    THCGemmOperand a, b;
    void *c;
    int64_t ldc, c_step;
};

THStatus thcBlas_gemm(const char *op, const THCGemm &gemm);
// y = beta * y + alpha * op(a) x; a: m x n, both > 0. Float and Double.
THStatus thcBlas_gemv(const char *op, THDtype dtype, bool transposed, int64_t m, int64_t n, double alpha, const void *a,
                      int64_t lda, const void *x, int64_t incx, double beta, void *y, int64_t incy);
// *r, on the device, is the sum of x[i] * y[i]. n > 0.
THStatus thcBlas_dot(const char *op, THDtype dtype, int64_t n, const void *x, int64_t incx, const void *y, int64_t incy,
                     void *r);
// Whether there are products of this dtype.
THStatus thcBlas_supports(const char *op, THDtype dtype);
