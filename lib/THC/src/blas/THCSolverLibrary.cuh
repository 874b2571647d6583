// cuSOLVER's dense matrices, opened at run time as cuBLAS is. What is used of its interface is declared here, by its
// documentation.
#pragma once

#include "THC/device/THCCore.cuh"

#include <library_types.h>

typedef struct THCSolverContext *THCSolverHandle;       // cusolverDnHandle_t
typedef struct THCSolverParameters *THCSolverParameter; // cusolverDnParams_t

// NAME(the symbol's name behind cusolverDnS or cusolverDnD, our name, parameters): matrices lie column by column; pointers to
// elements are void here; each returns a status. *_size: elements of workspace.
#define THC_FORALL_SOLVER(X)                                                                                                   \
    X("getrf_bufferSize", getrf_size, (THCSolverHandle, int m, int n, void *a, int lda, int *size))                            \
    X("getrf", getrf, (THCSolverHandle, int m, int n, void *a, int lda, void *work, int *pivots, int *info))                   \
    X("getrs", getrs,                                                                                                          \
      (THCSolverHandle, int trans, int n, int columns, const void *a, int lda, const int *pivots, void *b, int ldb,            \
       int *info))                                                                                                             \
    X("potrf_bufferSize", potrf_size, (THCSolverHandle, int uplo, int n, void *a, int lda, int *size))                         \
    X("potrf", potrf, (THCSolverHandle, int uplo, int n, void *a, int lda, void *work, int size, int *info))                   \
    X("potrs", potrs, (THCSolverHandle, int uplo, int n, int columns, const void *a, int lda, void *b, int ldb, int *info))    \
    X("potri_bufferSize", potri_size, (THCSolverHandle, int uplo, int n, void *a, int lda, int *size))                         \
    X("potri", potri, (THCSolverHandle, int uplo, int n, void *a, int lda, void *work, int size, int *info))                   \
    X("geqrf_bufferSize", geqrf_size, (THCSolverHandle, int m, int n, void *a, int lda, int *size))                            \
    X("geqrf", geqrf, (THCSolverHandle, int m, int n, void *a, int lda, void *tau, void *work, int size, int *info))           \
    X("orgqr_bufferSize", orgqr_size,                                                                                          \
      (THCSolverHandle, int m, int n, int k, const void *a, int lda, const void *tau, int *size))                              \
    X("orgqr", orgqr,                                                                                                          \
      (THCSolverHandle, int m, int n, int k, void *a, int lda, const void *tau, void *work, int size, int *info))              \
    X("ormqr_bufferSize", ormqr_size,                                                                                          \
      (THCSolverHandle, int side, int trans, int m, int n, int k, const void *a, int lda, const void *tau, const void *c,      \
       int ldc, int *size))                                                                                                    \
    X("ormqr", ormqr,                                                                                                          \
      (THCSolverHandle, int side, int trans, int m, int n, int k, const void *a, int lda, const void *tau, void *c, int ldc,   \
       void *work, int size, int *info))                                                                                       \
    X("syevd_bufferSize", syevd_size,                                                                                          \
      (THCSolverHandle, int vectors, int uplo, int n, const void *a, int lda, const void *w, int *size))                       \
    X("syevd", syevd,                                                                                                          \
      (THCSolverHandle, int vectors, int uplo, int n, void *a, int lda, void *w, void *work, int size, int *info))             \
    X("gesvd_bufferSize", gesvd_size, (THCSolverHandle, int m, int n, int *size))                                              \
    X("gesvd", gesvd,                                                                                                          \
      (THCSolverHandle, signed char job_u, signed char job_v, int m, int n, void *a, int lda, void *s, void *u, int ldu,       \
       void *vt, int ldvt, void *work, int size, void *rwork, int *info))

struct THCSolverTyped {
#define X(symbol, name, parameters) int(*name) parameters;
    THC_FORALL_SOLVER(X)
#undef X
};

struct THCSolverLibrary {
    int (*getProperty)(int, int *);
    int (*create)(THCSolverHandle *);
    int (*setStream)(THCSolverHandle, cudaStream_t);
    THCSolverTyped single, full;
    int (*newParameters)(THCSolverParameter *);
    int (*freeParameters)(THCSolverParameter);
    // perturbed, on the host: what was added to the values of a matrix that is nearly singular.
    int (*gesvdp_size)(THCSolverHandle, THCSolverParameter, int vectors, int thin, int64_t m, int64_t n, cudaDataType_t type_a,
                       const void *a, int64_t lda, cudaDataType_t type_s, const void *s, cudaDataType_t type_u, const void *u,
                       int64_t ldu, cudaDataType_t type_v, const void *v, int64_t ldv, cudaDataType_t compute,
                       size_t *device_bytes, size_t *host_bytes);
    int (*gesvdp)(THCSolverHandle, THCSolverParameter, int vectors, int thin, int64_t m, int64_t n, cudaDataType_t type_a,
                  void *a, int64_t lda, cudaDataType_t type_s, void *s, cudaDataType_t type_u, void *u, int64_t ldu,
                  cudaDataType_t type_v, void *v, int64_t ldv, cudaDataType_t compute, void *device_work, size_t device_bytes,
                  void *host_work, size_t host_bytes, int *info, double *perturbed);
    // NULL in versions before they came, with CUDA 12.
    int (*geev_size)(THCSolverHandle, THCSolverParameter, int left, int right, int64_t n, cudaDataType_t type_a, const void *a,
                     int64_t lda, cudaDataType_t type_w, const void *w, cudaDataType_t type_vl, const void *vl, int64_t ldvl,
                     cudaDataType_t type_vr, const void *vr, int64_t ldvr, cudaDataType_t compute, size_t *device_bytes,
                     size_t *host_bytes);
    int (*geev)(THCSolverHandle, THCSolverParameter, int left, int right, int64_t n, cudaDataType_t type_a, void *a,
                int64_t lda, cudaDataType_t type_w, void *w, cudaDataType_t type_vl, void *vl, int64_t ldvl,
                cudaDataType_t type_vr, void *vr, int64_t ldvr, cudaDataType_t compute, void *device_work, size_t device_bytes,
                void *host_work, size_t host_bytes, int *info);
};

// TH_ERR_UNSUPPORTED, with what to install, if there is no cuSOLVER.
THStatus thcSolver_library(const char *op, const THCSolverLibrary **library);
// The calling thread's handle on the current device, whose work goes to the thread's stream.
THStatus thcSolver_handle(const char *op, const THCSolverLibrary *library, THCSolverHandle *handle);
// cuSOLVER's status as ours.
THStatus thcSolver_check(const char *op, int status);
// Major, minor, patch.
THStatus thcSolver_version(const char *op, int version[3]);
