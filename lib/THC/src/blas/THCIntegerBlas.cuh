// Products of integers on the current device, which cuBLAS does not have: sums wrap around, as on the host.
#pragma once

#include "THC/device/THCCore.cuh"

// Element (i, j) of matrix l lies `l * step + i * row + j * column` elements behind the first, in any order.
struct THCIntegerMatrix {
    const void *data;
    int64_t row, column, step;
};

// c[l] = beta * c[l] + alpha * a[l] b[l] for l in [0, count): m x n, of m x k and k x n, all > 0. beta 0 does not read c, of
// which no two elements share memory.
struct THCIntegerProduct {
    THDtype dtype;
    int64_t count, m, n, k;
    THScalar alpha, beta;
    THCIntegerMatrix a, b, c;
};

// TH_ERR_UNSUPPORTED for dtypes that are not integers.
THStatus thcInteger_multiply(const char *op, const THCIntegerProduct &product);
