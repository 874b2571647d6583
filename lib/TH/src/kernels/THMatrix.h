/* Matrix products and inner products in plain C, by strides: no BLAS behind them. */
#ifndef TH_MATRIX_H
#define TH_MATRIX_H

#include "TH/THKernel.h"
#include "TH/THScalar.h"

/* A matrix of scalar_t: element (i, j) lies at data[i * row + j * column]. */
typedef struct THMatrixView {
    void *data;
    int64_t row, column; /* strides in elements */
} THMatrixView;

#define TH_MATRIX_DOT_BLOCK 2048

typedef struct THMatrix {
    /* c = alpha * a b + beta * c; a: m x k, b: k x n, c: m x n, which overlaps neither. beta 0 does not read c. */
    void (*gemm)(int64_t m, int64_t n, int64_t k, THScalar alpha, THMatrixView a, THMatrixView b, THScalar beta,
                 THMatrixView c);
    /* The sum of x[i * incx] * y[i * incy]; int64 for integers, double for floats: blocks of TH_MATRIX_DOT_BLOCK are added
     * pairwise, so that the sum of 2^k whole blocks is a part of any larger one that begins at a multiple of them. */
    THScalar (*dot)(int64_t n, const void *x, int64_t incx, const void *y, int64_t incy);
} THMatrix;

extern const THMatrix *const THMatrix_tables[THDtype_Count][THCpu_Count];

#endif
