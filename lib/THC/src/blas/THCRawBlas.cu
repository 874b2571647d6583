// Products and factors on memory of the current device.
#include "THC/THCRawBlas.h"

#include <cmath>
#include <cstring>
#include <type_traits>

#include "THC/THCState.h"
#include "blas/THCBlas.cuh"
#include "blas/THCBlasLibrary.cuh"

namespace
{

// Half is uint16_t here: its bits.
template <class T>
constexpr THDtype DTYPE = std::is_same_v<T, uint16_t> ? THDtype_Half
                          : std::is_same_v<T, float>  ? THDtype_Float
                                                      : THDtype_Double;

double numberOf(uint16_t bits)
{
    return TH_half2float(bits);
}
double numberOf(float value)
{
    return value;
}
double numberOf(double value)
{
    return value;
}

// 'n', 't' or 'c', which is 't' of real numbers.
THStatus operationOf(const char *op, const char *name, char letter, bool *transposed)
{
    const char *const found = letter == '\0' ? nullptr : strchr("nNtTcC", letter);
    TH_FAIL_IF(found == nullptr, TH_ERR_VALUE, "[%s] %s, '%c': expected 'n', 't' or 'c'", op, name, letter);
    *transposed = letter != 'n' && letter != 'N';
    return TH_OK;
}

THStatus checkSize(const char *op, const char *name, int64_t size)
{
    TH_FAIL_IF(size < 0, TH_ERR_VALUE, "[%s] %s, %lld: must not be negative", op, name, (long long)size);
    return TH_OK;
}

struct Product {
    const char *op;
    char transa, transb;
    int64_t m, n, k;
    bool ta = false, tb = false;

    THStatus begin(int64_t count)
    {
        TH_TRY(operationOf(op, "transa", transa, &ta));
        TH_TRY(operationOf(op, "transb", transb, &tb));
        TH_TRY(checkSize(op, "m", m));
        TH_TRY(checkSize(op, "n", n));
        TH_TRY(checkSize(op, "k", k));
        return checkSize(op, "batchCount", count);
    }
    bool isEmpty(int64_t count) const { return m == 0 || n == 0 || count == 0; }
};

template <class T>
THStatus gemm(Product p, T alpha, const T *a, int64_t lda, int64_t a_step, const T *b, int64_t ldb, int64_t b_step, T beta,
              T *c, int64_t ldc, int64_t c_step, int64_t count)
{
    TH_TRY(p.begin(count));
    if (p.isEmpty(count)) return TH_OK;
    TH_GIVEN(p.op, a, b, c);
    TH_TRY(THC_initialize());
    return thcBlas_gemm(p.op, THCGemm{DTYPE<T>,
                                      count,
                                      p.m,
                                      p.n,
                                      p.k,
                                      numberOf(alpha),
                                      numberOf(beta),
                                      {a, p.ta, lda, a_step},
                                      {b, p.tb, ldb, b_step},
                                      c,
                                      ldc,
                                      c_step});
}

// cuBLAS and the thread's handle.
THStatus begin(const char *op, const THCBlasLibrary **library, THCBlasHandle *handle)
{
    TH_TRY(THC_initialize());
    TH_TRY(thcBlas_library(op, library));
    return thcBlas_handle(op, *library, handle);
}

template <class T> const THCBlasTyped &typed(const THCBlasLibrary *library)
{
    return std::is_same_v<T, float> ? library->single : library->full;
}

template <class T>
THStatus gemmBatched(Product p, T alpha, const T *const *a, int64_t lda, const T *const *b, int64_t ldb, T beta, T *const *c,
                     int64_t ldc, int64_t count)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    TH_TRY(p.begin(count));
    if (p.isEmpty(count)) return TH_OK;
    TH_GIVEN(p.op, a, b, c);
    TH_TRY(begin(p.op, &library, &handle));
    const cudaDataType_t type = std::is_same_v<T, float> ? CUDA_R_32F : CUDA_R_64F;
    const int compute = std::is_same_v<T, float> ? THC_BLAS_COMPUTE_32F : THC_BLAS_COMPUTE_64F;
    const int ta = p.ta ? THC_BLAS_OP_T : THC_BLAS_OP_N, tb = p.tb ? THC_BLAS_OP_T : THC_BLAS_OP_N;
    TH_TRY(thcBlas_check(p.op, library->gemmArrays(handle, ta, tb, p.m, p.n, p.k, &alpha, (const void *const *)a, type, lda,
                                                   (const void *const *)b, type, ldb, &beta, (void *const *)c, type, ldc, count,
                                                   compute, THC_BLAS_ALGORITHM)));
    return thc_started(p.op);
}

template <class T>
THStatus gemv(char trans, int64_t m, int64_t n, T alpha, const T *a, int64_t lda, const T *x, int64_t incx, T beta, T *y,
              int64_t incy)
{
    bool transposed = false;
    TH_TRY(operationOf("gemv", "trans", trans, &transposed));
    TH_TRY(checkSize("gemv", "m", m));
    TH_TRY(checkSize("gemv", "n", n));
    if (m == 0 || n == 0) return TH_OK; // as BLAS has it
    TH_GIVEN("gemv", a, x, y);
    TH_TRY(THC_initialize());
    return thcBlas_gemv("gemv", DTYPE<T>, transposed, m, n, alpha, a, lda, x, incx, beta, y, incy);
}

template <class T>
THStatus ger(int64_t m, int64_t n, T alpha, const T *x, int64_t incx, const T *y, int64_t incy, T *a, int64_t lda)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    TH_TRY(checkSize("ger", "m", m));
    TH_TRY(checkSize("ger", "n", n));
    if (m == 0 || n == 0) return TH_OK;
    TH_GIVEN("ger", x, y, a);
    TH_TRY(begin("ger", &library, &handle));
    TH_TRY(thcBlas_check("ger", typed<T>(library).ger(handle, m, n, &alpha, x, incx, y, incy, a, lda)));
    return thc_started("ger");
}

template <class T> THStatus dot(int64_t n, const T *x, int64_t incx, const T *y, int64_t incy, T *result)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    TH_TRY(checkSize("dot", "n", n));
    *result = 0;
    if (n == 0) return TH_OK;
    TH_GIVEN("dot", x, y);
    TH_TRY(begin("dot", &library, &handle));
    const cudaDataType_t type = DTYPE<T> == THDtype_Half ? CUDA_R_16F : DTYPE<T> == THDtype_Float ? CUDA_R_32F : CUDA_R_64F;
    const cudaDataType_t compute = DTYPE<T> == THDtype_Double ? CUDA_R_64F : CUDA_R_32F;
    return thcBlas_check("dot", library->dot(handle, n, x, type, incx, y, type, incy, result, type, compute));
}

template <class T> THStatus getrf(int n, T *const *a, int lda, int *pivot, int *info, int count)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    TH_TRY(checkSize("getrf", "n", n));
    TH_TRY(checkSize("getrf", "batchSize", count));
    if (n == 0 || count == 0) return TH_OK;
    TH_GIVEN("getrf", a, info);
    TH_TRY(begin("getrf", &library, &handle));
    TH_TRY(thcBlas_check("getrf", typed<T>(library).getrf(handle, n, (void *const *)a, lda, pivot, info, count)));
    return thc_started("getrf");
}

template <class T>
THStatus getrs(char transa, int n, int nrhs, const T *const *a, int lda, const int *pivot, T *const *b, int ldb, int *info,
               int count)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    bool transposed = false;
    TH_TRY(operationOf("getrs", "transa", transa, &transposed));
    TH_TRY(checkSize("getrs", "n", n));
    TH_TRY(checkSize("getrs", "nrhs", nrhs));
    TH_TRY(checkSize("getrs", "batchSize", count));
    TH_GIVEN("getrs", info);
    *info = 0;
    if (n == 0 || nrhs == 0 || count == 0) return TH_OK;
    TH_GIVEN("getrs", a, b);
    TH_TRY(begin("getrs", &library, &handle));
    TH_TRY(thcBlas_check("getrs",
                         typed<T>(library).getrs(handle, transposed ? THC_BLAS_OP_T : THC_BLAS_OP_N, n, nrhs,
                                                 (const void *const *)a, lda, pivot, (void *const *)b, ldb, info, count)));
    return thc_started("getrs");
}

template <class T>
THStatus getri(int n, const T *const *a, int lda, const int *pivot, T *const *c, int ldc, int *info, int count)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    TH_TRY(checkSize("getri", "n", n));
    TH_TRY(checkSize("getri", "batchSize", count));
    if (n == 0 || count == 0) return TH_OK;
    TH_GIVEN("getri", a, c, info);
    TH_TRY(begin("getri", &library, &handle));
    TH_TRY(thcBlas_check(
        "getri", typed<T>(library).getri(handle, n, (const void *const *)a, lda, pivot, (void *const *)c, ldc, info, count)));
    return thc_started("getri");
}

} // namespace

#define DOT(L, T, NONE)                                                                                                        \
    T THCudaBlas_##L##dot(int64_t n, const T *x, int64_t incx, const T *y, int64_t incy)                                       \
    {                                                                                                                          \
        T result = 0;                                                                                                          \
        return dot<T>(n, x, incx, y, incy, &result) == TH_OK ? result : NONE;                                                  \
    }
DOT(S, float, NAN)
DOT(D, double, NAN)
DOT(H, uint16_t, 0x7e00)

#define GEMM(L, T)                                                                                                             \
    THStatus THCudaBlas_##L##gemm(char transa, char transb, int64_t m, int64_t n, int64_t k, T alpha, const T *a, int64_t lda, \
                                  const T *b, int64_t ldb, T beta, T *c, int64_t ldc)                                          \
    {                                                                                                                          \
        return gemm<T>({"gemm", transa, transb, m, n, k}, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);                    \
    }                                                                                                                          \
    THStatus THCudaBlas_##L##gemmStridedBatched(                                                                               \
        char transa, char transb, int64_t m, int64_t n, int64_t k, T alpha, const T *a, int64_t lda, int64_t strideA,          \
        const T *b, int64_t ldb, int64_t strideB, T beta, T *c, int64_t ldc, int64_t strideC, int64_t batchCount)              \
    {                                                                                                                          \
        return gemm<T>({"gemmStridedBatched", transa, transb, m, n, k}, alpha, a, lda, strideA, b, ldb, strideB, beta, c, ldc, \
                       strideC, batchCount);                                                                                   \
    }
GEMM(S, float)
GEMM(D, double)
GEMM(H, uint16_t)

#define OTHERS(L, T)                                                                                                           \
    THStatus THCudaBlas_##L##gemv(char trans, int64_t m, int64_t n, T alpha, const T *a, int64_t lda, const T *x,              \
                                  int64_t incx, T beta, T *y, int64_t incy)                                                    \
    {                                                                                                                          \
        return gemv<T>(trans, m, n, alpha, a, lda, x, incx, beta, y, incy);                                                    \
    }                                                                                                                          \
    THStatus THCudaBlas_##L##ger(int64_t m, int64_t n, T alpha, const T *x, int64_t incx, const T *y, int64_t incy, T *a,      \
                                 int64_t lda)                                                                                  \
    {                                                                                                                          \
        return ger<T>(m, n, alpha, x, incx, y, incy, a, lda);                                                                  \
    }                                                                                                                          \
    THStatus THCudaBlas_##L##gemmBatched(char transa, char transb, int64_t m, int64_t n, int64_t k, T alpha,                   \
                                         const T *const a[], int64_t lda, const T *const b[], int64_t ldb, T beta,             \
                                         T *const c[], int64_t ldc, int64_t batchCount)                                        \
    {                                                                                                                          \
        return gemmBatched<T>({"gemmBatched", transa, transb, m, n, k}, alpha, a, lda, b, ldb, beta, c, ldc, batchCount);      \
    }                                                                                                                          \
    THStatus THCudaBlas_##L##getrf(int n, T *const a[], int lda, int *pivot, int *info, int batchSize)                         \
    {                                                                                                                          \
        return getrf<T>(n, a, lda, pivot, info, batchSize);                                                                    \
    }                                                                                                                          \
    THStatus THCudaBlas_##L##getrs(char transa, int n, int nrhs, const T *const a[], int lda, const int *pivot, T *const b[],  \
                                   int ldb, int *info, int batchSize)                                                          \
    {                                                                                                                          \
        return getrs<T>(transa, n, nrhs, a, lda, pivot, b, ldb, info, batchSize);                                              \
    }                                                                                                                          \
    THStatus THCudaBlas_##L##getri(int n, const T *const a[], int lda, const int *pivot, T *const c[], int ldc, int *info,     \
                                   int batchSize)                                                                              \
    {                                                                                                                          \
        return getri<T>(n, a, lda, pivot, c, ldc, info, batchSize);                                                            \
    }
OTHERS(S, float)
OTHERS(D, double)

void *THCState_getCurrentBlasHandle(void)
{
    const THCBlasLibrary *library;
    THCBlasHandle handle;
    return begin("blas handle", &library, &handle) == TH_OK ? handle : nullptr;
}
