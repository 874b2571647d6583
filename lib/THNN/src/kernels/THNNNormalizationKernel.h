/* Inner loops of the normalisations, over contiguous runs that have one mean. */
#ifndef THNN_NORMALIZATION_KERNEL_H
#define THNN_NORMALIZATION_KERNEL_H

#include "TH/THKernel.h"

#define THNN_COLUMNS 64

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
    /* A row less its mean, over its standard deviation, times weight, plus bias (either may be NULL); *mean and *invstd, of
     * the dtype, are what was used. */
    void (*row)(int64_t n, const void *x, const void *weight, const void *bias, double eps, void *y, void *mean, void *invstd);
    /* The gradient of x of the same. scaled: room for n elements, unused without weight. */
    void (*row_backward)(int64_t n, const void *x, const void *gy, const void *weight, const void *mean, const void *invstd,
                         void *scaled, void *gx);
    /* n <= THNN_COLUMNS columns of rows that are `stride` elements apart: gw[i] += the sum of gy (x - mean) invstd, gb[i] +=
     * the sum of gy; mean and invstd have one number a row. */
    void (*columns)(int64_t rows, int64_t n, int64_t stride, const void *x, const void *gy, const void *mean,
                    const void *invstd, double *gw, double *gb);
    /* A group of channels with `inner` elements each, less its mean, over its standard deviation, times the channel's weight,
     * plus its bias (either may be NULL); *mean and *invstd as for a row. */
    void (*group)(int64_t channels, int64_t inner, const void *x, const void *weight, const void *bias, double eps, void *y,
                  void *mean, void *invstd);
    /* Of each channel c of the same: sums[c] = the sum of gy, dots[c] = the sum of gy (x - mean); and the gradient of x, which
     * may be NULL. */
    void (*group_backward)(int64_t channels, int64_t inner, const void *x, const void *gy, const void *weight, const void *mean,
                           const void *invstd, double *sums, double *dots, void *gx);
} THNNNormalizationKernel;

extern const THNNNormalizationKernel *const THNNNormalizationKernel_tables[THDtype_Count][THCpu_Count];

#endif
