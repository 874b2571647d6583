/* Torch's products and factors on memory of the current device, column-major, by cuBLAS (see THC/THCTensor.h): of float (S),
 * double (D) and float16 (H, as its bits; computed in float). There is no THCState. Sizes and leading dimensions count
 * elements; trans: 'n', 't' or 'c', of either case. They return before the work is done, but for dot. An empty result is left
 * alone; without a pointer that is read or written: TH_ERR_VALUE. */
#ifndef THC_RAW_BLAS_H
#define THC_RAW_BLAS_H

#include "THC/THCGeneral.h"

TH_BEGIN_DECLS

/* The sum of x[i] y[i]; nan after a failure (0x7e00 of Half). Waits for the device. */
THC_API float THCudaBlas_Sdot(int64_t n, const float *x, int64_t incx, const float *y, int64_t incy);
THC_API double THCudaBlas_Ddot(int64_t n, const double *x, int64_t incx, const double *y, int64_t incy);
THC_API uint16_t THCudaBlas_Hdot(int64_t n, const uint16_t *x, int64_t incx, const uint16_t *y, int64_t incy);

/* y = beta y + alpha op(a) x; a += alpha x y'; a: m x n. */
THC_API THStatus THCudaBlas_Sgemv(char trans, int64_t m, int64_t n, float alpha, const float *a, int64_t lda, const float *x,
                                  int64_t incx, float beta, float *y, int64_t incy);
THC_API THStatus THCudaBlas_Dgemv(char trans, int64_t m, int64_t n, double alpha, const double *a, int64_t lda, const double *x,
                                  int64_t incx, double beta, double *y, int64_t incy);
THC_API THStatus THCudaBlas_Sger(int64_t m, int64_t n, float alpha, const float *x, int64_t incx, const float *y, int64_t incy,
                                 float *a, int64_t lda);
THC_API THStatus THCudaBlas_Dger(int64_t m, int64_t n, double alpha, const double *x, int64_t incx, const double *y,
                                 int64_t incy, double *a, int64_t lda);

/* c = beta c + alpha op(a) op(b); c: m x n, op(a): m x k. beta 0 does not read c. */
THC_API THStatus THCudaBlas_Sgemm(char transa, char transb, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
                                  int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
THC_API THStatus THCudaBlas_Dgemm(char transa, char transb, int64_t m, int64_t n, int64_t k, double alpha, const double *a,
                                  int64_t lda, const double *b, int64_t ldb, double beta, double *c, int64_t ldc);
THC_API THStatus THCudaBlas_Hgemm(char transa, char transb, int64_t m, int64_t n, int64_t k, uint16_t alpha, const uint16_t *a,
                                  int64_t lda, const uint16_t *b, int64_t ldb, uint16_t beta, uint16_t *c, int64_t ldc);
/* batchCount of them: a[i], b[i], c[i] are addresses in memory of the device. */
THC_API THStatus THCudaBlas_SgemmBatched(char transa, char transb, int64_t m, int64_t n, int64_t k, float alpha,
                                         const float *const a[], int64_t lda, const float *const b[], int64_t ldb, float beta,
                                         float *const c[], int64_t ldc, int64_t batchCount);
THC_API THStatus THCudaBlas_DgemmBatched(char transa, char transb, int64_t m, int64_t n, int64_t k, double alpha,
                                         const double *const a[], int64_t lda, const double *const b[], int64_t ldb,
                                         double beta, double *const c[], int64_t ldc, int64_t batchCount);
/* The i-th at a + i strideA, b + i strideB, c + i strideC. */
THC_API THStatus THCudaBlas_SgemmStridedBatched(char transa, char transb, int64_t m, int64_t n, int64_t k, float alpha,
                                                const float *a, int64_t lda, int64_t strideA, const float *b, int64_t ldb,
                                                int64_t strideB, float beta, float *c, int64_t ldc, int64_t strideC,
                                                int64_t batchCount);
THC_API THStatus THCudaBlas_DgemmStridedBatched(char transa, char transb, int64_t m, int64_t n, int64_t k, double alpha,
                                                const double *a, int64_t lda, int64_t strideA, const double *b, int64_t ldb,
                                                int64_t strideB, double beta, double *c, int64_t ldc, int64_t strideC,
                                                int64_t batchCount);
THC_API THStatus THCudaBlas_HgemmStridedBatched(char transa, char transb, int64_t m, int64_t n, int64_t k, uint16_t alpha,
                                                const uint16_t *a, int64_t lda, int64_t strideA, const uint16_t *b, int64_t ldb,
                                                int64_t strideB, uint16_t beta, uint16_t *c, int64_t ldc, int64_t strideC,
                                                int64_t batchCount);

/* LU factors of n x n matrices in place, with pivots (n for each, from 1 on; NULL: no exchanges) and info (one for each: 0, or
 * the place of a zero on the diagonal); solutions, in place of b, and inverses by them. All in memory of the device, addresses
 * too; getrs' *info is the host's: 0, or the number of an argument that was refused. */
THC_API THStatus THCudaBlas_Sgetrf(int n, float *const a[], int lda, int *pivot, int *info, int batchSize);
THC_API THStatus THCudaBlas_Dgetrf(int n, double *const a[], int lda, int *pivot, int *info, int batchSize);
THC_API THStatus THCudaBlas_Sgetrs(char transa, int n, int nrhs, const float *const a[], int lda, const int *pivot,
                                   float *const b[], int ldb, int *info, int batchSize);
THC_API THStatus THCudaBlas_Dgetrs(char transa, int n, int nrhs, const double *const a[], int lda, const int *pivot,
                                   double *const b[], int ldb, int *info, int batchSize);
THC_API THStatus THCudaBlas_Sgetri(int n, const float *const a[], int lda, const int *pivot, float *const c[], int ldc,
                                   int *info, int batchSize);
THC_API THStatus THCudaBlas_Dgetri(int n, const double *const a[], int lda, const int *pivot, double *const c[], int ldc,
                                   int *info, int batchSize);

TH_END_DECLS

#endif
