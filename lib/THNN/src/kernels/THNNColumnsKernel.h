/* Convolution as a matrix product: images unrolled into columns, and back.
 *
 * Row ((c * kD + kd) * kH + kh) * kW + kw of the columns holds what tap (kd, kh, kw) of channel c sees, one column for each
 * output position; rows lie `ld` elements apart. */
#ifndef THNN_COLUMNS_KERNEL_H
#define THNN_COLUMNS_KERNEL_H

#include "TH/THKernel.h"
#include "kernels/THNNWindow.h"

typedef struct THNNColumnsKernel {
    /* x: channels x D x H x W. Writes the columns of output rows [row, row + rows); rows run through height, then depth. */
    void (*unroll)(const THNNPlane *plane, int64_t channels, int64_t row, int64_t rows, const void *x, void *columns,
                   int64_t ld);
    /* Adds all columns of an image to where they came from. */
    void (*roll)(const THNNPlane *plane, int64_t channels, const void *columns, int64_t ld, void *x);
    /* y[r * ld + i] = bias[r], or 0 with bias NULL; i < n. */
    void (*fill_rows)(int64_t rows, int64_t n, int64_t ld, const void *bias, void *y);
    /* y[r * n + i] += bias[r] */
    void (*add_rows)(int64_t rows, int64_t n, const void *bias, void *y);
    /* The sum of n elements. */
    double (*sum)(int64_t n, const void *x);
    /* y[i] += scale * (x[i] + x[stride + i] + ... ), `parts` terms in this order. */
    void (*add_parts)(int64_t n, int64_t parts, int64_t stride, const void *x, double scale, void *y);
} THNNColumnsKernel;

extern const THNNColumnsKernel *const THNNColumnsKernel_tables[THDtype_Count][THCpu_Count];

#endif
