/* Inner loops of the normalisations, over contiguous runs that have one mean. */
#ifndef THNN_NORMALIZATION_KERNEL_H
#define THNN_NORMALIZATION_KERNEL_H

#include "TH/THKernel.h"

typedef struct THNNNormalizationKernel {
    /* The sum of x[i]. */
    double (*sum)(int64_t n, const void *x);
    /* The sum of (x[i] - mean)^2. */
    double (*squares)(int64_t n, const void *x, double mean);
    /* *sum += the sum of gy[i]; *dot += the sum of gy[i] (x[i] - mean). */
    void (*products)(int64_t n, const void *x, const void *gy, double mean, double *sum, double *dot);
    /* y[i] = (x[i] - mean) * scale + shift */
    void (*apply)(int64_t n, const void *x, double mean, double scale, double shift, void *y);
    /* gx[i] = gy[i] * a + (x[i] - mean) * b + c */
    void (*backward)(int64_t n, const void *x, const void *gy, double mean, double a, double b, double c, void *gx);
} THNNNormalizationKernel;

extern const THNNNormalizationKernel *const THNNNormalizationKernel_tables[THDtype_Count][THCpu_Count];

#endif
