// cuBLAS, opened at run time: it is half a gigabyte, and programs without products of matrices on a device do without it. What
// is used of its interface is declared here, by its documentation, so that building needs no header of it.
#pragma once

#include "THC/device/THCCore.cuh"

#include <library_types.h>

typedef struct THCBlasContext *THCBlasHandle; // cublasHandle_t

// Values of cuBLAS' enumerations.
enum THCBlasValue {
    THC_BLAS_SUCCESS = 0,
    THC_BLAS_OP_N = 0,
    THC_BLAS_OP_T = 1,
    THC_BLAS_LOWER = 0,
    THC_BLAS_UPPER = 1,
    THC_BLAS_LEFT = 0,
    THC_BLAS_RIGHT = 1,
    THC_BLAS_POINTER_HOST = 0,
    THC_BLAS_POINTER_DEVICE = 1,
    THC_BLAS_MATH = 16, // the default (no TF32), and parts of sums of halves are not rounded to halves in between
    THC_BLAS_COMPUTE_32F = 68,
    THC_BLAS_COMPUTE_64F = 70,
    THC_BLAS_ALGORITHM = -1, // cuBLAS chooses
};

// NAME(the symbol's name in the library, our name, parameters); each returns a status.
#define THC_FORALL_BLAS(X)                                                                                                     \
    X("cublasGetProperty", getProperty, (int, int *))                                                                          \
    X("cublasCreate_v2", create, (THCBlasHandle *))                                                                            \
    X("cublasSetStream_v2", setStream, (THCBlasHandle, cudaStream_t))                                                          \
    X("cublasSetMathMode", setMathMode, (THCBlasHandle, int))                                                                  \
    X("cublasSetPointerMode_v2", setPointerMode, (THCBlasHandle, int))                                                         \
    X("cublasGemmEx_64", gemm,                                                                                                 \
      (THCBlasHandle, int, int, int64_t, int64_t, int64_t, const void *, const void *, cudaDataType_t, int64_t, const void *,  \
       cudaDataType_t, int64_t, const void *, void *, cudaDataType_t, int64_t, int, int))                                      \
    X("cublasGemmStridedBatchedEx_64", gemmBatched,                                                                            \
      (THCBlasHandle, int, int, int64_t, int64_t, int64_t, const void *, const void *, cudaDataType_t, int64_t, long long,     \
       const void *, cudaDataType_t, int64_t, long long, const void *, void *, cudaDataType_t, int64_t, long long, int64_t,    \
       int, int))                                                                                                              \
    X("cublasGemmBatchedEx_64", gemmArrays,                                                                                    \
      (THCBlasHandle, int, int, int64_t, int64_t, int64_t, const void *, const void *const *, cudaDataType_t, int64_t,         \
       const void *const *, cudaDataType_t, int64_t, const void *, void *const *, cudaDataType_t, int64_t, int64_t, int, int)) \
    X("cublasSgemv_v2_64", sgemv,                                                                                              \
      (THCBlasHandle, int, int64_t, int64_t, const float *, const float *, int64_t, const float *, int64_t, const float *,     \
       float *, int64_t))                                                                                                      \
    X("cublasDgemv_v2_64", dgemv,                                                                                              \
      (THCBlasHandle, int, int64_t, int64_t, const double *, const double *, int64_t, const double *, int64_t, const double *, \
       double *, int64_t))                                                                                                     \
    X("cublasDotEx_64", dot,                                                                                                   \
      (THCBlasHandle, int64_t, const void *, cudaDataType_t, int64_t, const void *, cudaDataType_t, int64_t, void *,           \
       cudaDataType_t, cudaDataType_t))

// The same for functions whose name begins with cublasS or cublasD: pointers to elements are void here. The last argument of
// getrs tells, on the host, which argument was refused.
#define THC_FORALL_BLAS_TYPED(X)                                                                                               \
    X("trsm_v2_64", trsm,                                                                                                      \
      (THCBlasHandle, int side, int uplo, int trans, int unit, int64_t m, int64_t n, const void *alpha, const void *a,         \
       int64_t lda, void *b, int64_t ldb))                                                                                     \
    X("ger_v2_64", ger,                                                                                                        \
      (THCBlasHandle, int64_t m, int64_t n, const void *alpha, const void *x, int64_t incx, const void *y, int64_t incy,       \
       void *a, int64_t lda))                                                                                                  \
    X("getriBatched", getri,                                                                                                   \
      (THCBlasHandle, int n, const void *const *a, int lda, const int *pivots, void *const *c, int ldc, int *info, int count)) \
    X("getrfBatched", getrf, (THCBlasHandle, int n, void *const *a, int lda, int *pivots, int *info, int count))               \
    X("getrsBatched", getrs,                                                                                                   \
      (THCBlasHandle, int trans, int n, int columns, const void *const *a, int lda, const int *pivots, void *const *b,         \
       int ldb, int *refused, int count))

struct THCBlasTyped {
#define X(symbol, name, parameters) int(*name) parameters;
    THC_FORALL_BLAS_TYPED(X)
#undef X
};

struct THCBlasLibrary {
#define X(symbol, name, parameters) int(*name) parameters;
    THC_FORALL_BLAS(X)
#undef X
    THCBlasTyped single, full;
};

// TH_ERR_UNSUPPORTED, with what to install, if there is no cuBLAS.
THStatus thcBlas_library(const char *op, const THCBlasLibrary **library);
// The calling thread's handle on the current device, whose work goes to the thread's stream.
THStatus thcBlas_handle(const char *op, const THCBlasLibrary *library, THCBlasHandle *handle);
// cuBLAS' status as ours.
THStatus thcBlas_check(const char *op, int status);
// Major, minor, patch.
THStatus thcBlas_version(const char *op, int version[3]);
