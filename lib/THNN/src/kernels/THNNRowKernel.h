/* Rows of tables. */
#ifndef THNN_ROW_KERNEL_H
#define THNN_ROW_KERNEL_H

#include "TH/THKernel.h"

typedef struct THNNRowKernel {
    /* y[i] += a * x[i] */
    void (*add)(int64_t n, double a, const void *x, void *y);
    /* (The sum of |x[i]|^p)^(1/p); the largest |x[i]| for p = inf. */
    double (*norm)(int64_t n, double p, const void *x);
    /* x[i] *= a */
    void (*scale)(int64_t n, double a, void *x);
} THNNRowKernel;

extern const THNNRowKernel *const THNNRowKernel_tables[THDtype_Count][THCpu_Count];

#endif
