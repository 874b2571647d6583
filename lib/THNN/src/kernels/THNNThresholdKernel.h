/* Inner loops of Threshold, over contiguous runs. */
#ifndef THNN_THRESHOLD_KERNEL_H
#define THNN_THRESHOLD_KERNEL_H

#include "TH/THKernel.h"

typedef struct THNNThresholdKernel {
    /* y[i] = x[i] > threshold ? x[i] : value; y may be x. */
    void (*forward)(int64_t n, const void *x, void *y, double threshold, double value);
    /* gx[i] = x[i] > threshold ? gy[i] : 0; gx may be x or gy. */
    void (*backward)(int64_t n, const void *x, const void *gy, void *gx, double threshold);
} THNNThresholdKernel;

extern const THNNThresholdKernel *const THNNThresholdKernel_tables[THDtype_Count][THCpu_Count];

#endif
