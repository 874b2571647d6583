/* The BLAS library that the build found, opened at run time. */
#ifndef TH_BLAS_LIBRARY_H
#define TH_BLAS_LIBRARY_H

#include <stdbool.h>

/* Fortran interface, 32-bit integers. */
typedef struct THBlasLibrary {
    void (*sgemm)(const char *transa, const char *transb, const int *m, const int *n, const int *k, const float *alpha,
                  const float *a, const int *lda, const float *b, const int *ldb, const float *beta, float *c, const int *ldc);
    void (*dgemm)(const char *transa, const char *transb, const int *m, const int *n, const int *k, const double *alpha,
                  const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c,
                  const int *ldc);
    void (*sgemv)(const char *trans, const int *m, const int *n, const float *alpha, const float *a, const int *lda,
                  const float *x, const int *incx, const float *beta, float *y, const int *incy);
    void (*dgemv)(const char *trans, const int *m, const int *n, const double *alpha, const double *a, const int *lda,
                  const double *x, const int *incx, const double *beta, double *y, const int *incy);
    void (*sger)(const int *m, const int *n, const float *alpha, const float *x, const int *incx, const float *y,
                 const int *incy, float *a, const int *lda);
    void (*dger)(const int *m, const int *n, const double *alpha, const double *x, const int *incx, const double *y,
                 const int *incy, double *a, const int *lda);
} THBlasLibrary;

/* The library, opened by the first call; NULL if there is none. */
const THBlasLibrary *thBlasLibrary_get(void);
/* "openblas", or "blas" for another one. */
const char *thBlasLibrary_name(void);
/* What the library says of itself, or why it could not be opened. */
const char *thBlasLibrary_describe(void);

/* Stores the address of the library's symbol (named without its prefix) in a function pointer; false if there is none. */
bool thBlasLibrary_find(const char *name, void *function_pointer);

#endif
