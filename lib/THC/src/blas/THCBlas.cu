#include "blas/THCBlas.cuh"

#include "THC/device/THCDtype.cuh"
#include "blas/THCBlasLibrary.cuh"

namespace
{

constexpr int64_t MOST_MATRICES = 65535; // of one call: a limit of the grids that some of its kernels have

// A number as cuBLAS reads it: double beside doubles, else float.
struct Factor {
    float single;
    double full;
    bool wide;
    Factor(double value, THDtype dtype) : single((float)value), full(value), wide(dtype == THDtype_Double) {}
    const void *get() const { return wide ? (const void *)&full : &single; }
};

cudaDataType_t typeOf(THDtype dtype)
{
    return dtype == THDtype_Half ? CUDA_R_16F : dtype == THDtype_Float ? CUDA_R_32F : CUDA_R_64F;
}

THStatus begin(const char *op, THDtype dtype, const THCBlasLibrary **library, THCBlasHandle *handle)
{
    TH_TRY(thcBlas_supports(op, dtype));
    TH_TRY(thcBlas_library(op, library));
    return thcBlas_handle(op, *library, handle);
}

int operation(bool transposed)
{
    return transposed ? THC_BLAS_OP_T : THC_BLAS_OP_N;
}

const void *from(const void *data, int64_t elements, THDtype dtype)
{
    return static_cast<const char *>(data) + elements * THDtype_itemsize(dtype);
}

} // namespace

THStatus thcBlas_supports(const char *op, THDtype dtype)
{
    return THDtype_isFloating(dtype) ? TH_OK : thc_unsupported(op, dtype);
}

THStatus thcBlas_gemm(const char *op, const THCGemm &g)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    TH_TRY(begin(op, g.dtype, &library, &handle));
    const cudaDataType_t type = typeOf(g.dtype);
    const int compute = g.dtype == THDtype_Double ? THC_BLAS_COMPUTE_64F : THC_BLAS_COMPUTE_32F;
    const Factor alpha(g.alpha, g.dtype), beta(g.beta, g.dtype);
    const int ta = operation(g.a.transposed), tb = operation(g.b.transposed);
    if (g.count == 1)
        TH_TRY(thcBlas_check(op, library->gemm(handle, ta, tb, g.m, g.n, g.k, alpha.get(), g.a.data, type, g.a.ld, g.b.data,
                                               type, g.b.ld, beta.get(), g.c, type, g.ldc, compute, THC_BLAS_ALGORITHM)));
    for (int64_t first = 0; g.count > 1 && first < g.count; first += MOST_MATRICES) {
        const int64_t count = g.count - first < MOST_MATRICES ? g.count - first : MOST_MATRICES;
        const void *const a = from(g.a.data, first * g.a.step, g.dtype), *const b = from(g.b.data, first * g.b.step, g.dtype);
        void *const c = const_cast<void *>(from(g.c, first * g.c_step, g.dtype));
        TH_TRY(thcBlas_check(op, library->gemmBatched(handle, ta, tb, g.m, g.n, g.k, alpha.get(), a, type, g.a.ld, g.a.step, b,
                                                      type, g.b.ld, g.b.step, beta.get(), c, type, g.ldc, g.c_step, count,
                                                      compute, THC_BLAS_ALGORITHM)));
    }
    return thc_started(op);
}

THStatus thcBlas_gemv(const char *op, THDtype dtype, bool transposed, int64_t m, int64_t n, double alpha, const void *a,
                      int64_t lda, const void *x, int64_t incx, double beta, void *y, int64_t incy)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    TH_TRY(begin(op, dtype, &library, &handle));
    if (dtype == THDtype_Float) {
        const float alpha_single = (float)alpha, beta_single = (float)beta;
        TH_TRY(thcBlas_check(op, library->sgemv(handle, operation(transposed), m, n, &alpha_single,
                                                static_cast<const float *>(a), lda, static_cast<const float *>(x), incx,
                                                &beta_single, static_cast<float *>(y), incy)));
    } else {
        TH_FAIL_IF(dtype != THDtype_Double, TH_ERR_UNSUPPORTED, "[%s] not implemented for %s on CUDA", op, THDtype_name(dtype));
        TH_TRY(
            thcBlas_check(op, library->dgemv(handle, operation(transposed), m, n, &alpha, static_cast<const double *>(a), lda,
                                             static_cast<const double *>(x), incx, &beta, static_cast<double *>(y), incy)));
    }
    return thc_started(op);
}

THStatus thcBlas_dot(const char *op, THDtype dtype, int64_t n, const void *x, int64_t incx, const void *y, int64_t incy,
                     void *r)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    TH_TRY(begin(op, dtype, &library, &handle));
    const cudaDataType_t type = typeOf(dtype), compute = dtype == THDtype_Double ? CUDA_R_64F : CUDA_R_32F;
    TH_TRY(thcBlas_check(op, library->setPointerMode(handle, THC_BLAS_POINTER_DEVICE)));
    const int status = library->dot(handle, n, x, type, incx, y, type, incy, r, type, compute);
    TH_TRY(thcBlas_check(op, library->setPointerMode(handle, THC_BLAS_POINTER_HOST)));
    TH_TRY(thcBlas_check(op, status));
    return thc_started(op);
}
