/* Pooling over boxes of their own for each output, and moving elements by index. */
#ifndef THNN_BOX_KERNEL_H
#define THNN_BOX_KERNEL_H

#include "TH/THKernel.h"

/* Along depth, height and width: output o sees the inputs [begin[axis][o], end[axis][o]), which are never none. */
typedef struct THNNBoxes {
    int64_t input[3];
    int64_t output[3];
    const int64_t *begin[3];
    const int64_t *end[3];
} THNNBoxes;

typedef struct THNNBoxKernel {
    /* indices[o]: position in the volume of the first maximum; nan is the maximum of everything. */
    void (*maximum)(const THNNBoxes *boxes, const void *x, void *y, int64_t *indices);
    void (*average)(const THNNBoxes *boxes, const void *x, void *y);
    /* Adds to gx. */
    void (*average_backward)(const THNNBoxes *boxes, const void *gy, void *gx);
    /* y[indices[i]] = x[i] */
    void (*scatter)(int64_t n, const void *x, const int64_t *indices, void *y);
    /* y[i] = x[indices[i]] */
    void (*gather)(int64_t n, const void *x, const int64_t *indices, void *y);
} THNNBoxKernel;

extern const THNNBoxKernel *const THNNBoxKernel_tables[THDtype_Count][THCpu_Count];

#endif
