/* Convolution of one channel with one filter: volumes of D x H x W and oD x oH x oW, filters of kD x kH x kW. */
#ifndef THNN_DEPTHWISE_KERNEL_H
#define THNN_DEPTHWISE_KERNEL_H

#include "TH/THKernel.h"
#include "kernels/THNNWindow.h"

typedef struct THNNDepthwiseKernel {
    /* y = filter * x + bias[0] (0 with bias NULL) */
    void (*forward)(const THNNPlane *plane, const void *x, const void *filter, const void *bias, void *y);
    /* gx += filter' * gy */
    void (*grad_input)(const THNNPlane *plane, const void *gy, const void *filter, void *gx);
    /* sums[(kd * kH + kh) * kW + kw] += the sum of gy times what the tap sees */
    void (*grad_filter)(const THNNPlane *plane, const void *x, const void *gy, double *sums);
} THNNDepthwiseKernel;

extern const THNNDepthwiseKernel *const THNNDepthwiseKernel_tables[THDtype_Count][THCpu_Count];

#endif
