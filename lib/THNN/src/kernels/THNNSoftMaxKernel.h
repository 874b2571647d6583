/* Inner loops of SoftMax and LogSoftMax.
 *
 * A `row` is contiguous along the softmax dimension. A `panel` is `columns` neighbouring positions behind the dimension:
 * element k of column j lies at k * stride + j. Outputs may be the inputs, element on element. */
#ifndef THNN_SOFT_MAX_KERNEL_H
#define THNN_SOFT_MAX_KERNEL_H

#include "TH/THKernel.h"

/* Columns that one call of a panel function takes at most. */
#define THNN_SOFTMAX_PANEL 128

/* n > 0 elements along the dimension. */
typedef void (*THNNSoftMaxRow)(int64_t n, const void *x, void *y);
typedef void (*THNNSoftMaxPanel)(int64_t n, int64_t columns, int64_t stride, const void *x, void *y);
typedef void (*THNNSoftMaxRowBackward)(int64_t n, const void *gy, const void *y, void *gx);
typedef void (*THNNSoftMaxPanelBackward)(int64_t n, int64_t columns, int64_t stride, const void *gy, const void *y, void *gx);

typedef struct THNNSoftMaxKernel {
    /* [0]: softmax, [1]: log_softmax. */
    THNNSoftMaxRow row[2];
    THNNSoftMaxPanel panel[2];
    THNNSoftMaxRowBackward row_backward[2];
    THNNSoftMaxPanelBackward panel_backward[2];
} THNNSoftMaxKernel;

extern const THNNSoftMaxKernel *const THNNSoftMaxKernel_tables[THDtype_Count][THCpu_Count];

#endif
