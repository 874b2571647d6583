/* Pooling of one volume of D x H x W into oD x oH x oW. */
#ifndef THNN_POOLING_KERNEL_H
#define THNN_POOLING_KERNEL_H

#include "TH/THKernel.h"
#include "kernels/THNNWindow.h"

typedef struct THNNPoolingKernel {
    /* indices[o]: position in the volume of the first maximum; nan is the maximum of everything. D * H * W < 2^31. */
    void (*maximum)(const THNNPlane *plane, const void *x, void *y, int64_t *indices);
    /* gx[indices[o]] += gy[o], o < n */
    void (*maximum_backward)(int64_t n, const void *gy, const int64_t *indices, void *gx);
    /* Divides by the elements that a window covers, padding counted or not; never what lies behind the padding. */
    void (*average)(const THNNPlane *plane, int count_include_pad, const void *x, void *y);
    /* Adds to gx. */
    void (*average_backward)(const THNNPlane *plane, int count_include_pad, const void *gy, void *gx);
} THNNPoolingKernel;

extern const THNNPoolingKernel *const THNNPoolingKernel_tables[THDtype_Count][THCpu_Count];

#endif
