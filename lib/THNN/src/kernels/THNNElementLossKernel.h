/* Inner loops of the losses that compare element with element, over contiguous memory. */
#ifndef THNN_ELEMENT_LOSS_KERNEL_H
#define THNN_ELEMENT_LOSS_KERNEL_H

#include "TH/THKernel.h"

/* Losses are summed in blocks of this many elements, whatever the threads do: the sum depends on the data alone. */
#define THNN_LOSS_BLOCK 4096

typedef enum THNNElementLoss {
    THNNElementLoss_Abs,
    THNNElementLoss_BCE, /* of probabilities */
    THNNElementLoss_BCEWithLogits,
    THNNElementLoss_DistKLDiv,
    THNNElementLoss_L1Cost, /* |x|, without a target */
    THNNElementLoss_Margin, /* one parameter: the margin */
    THNNElementLoss_MSE,
    THNNElementLoss_SmoothL1,
    THNNElementLoss_SoftMargin,
    THNNElementLoss_Count
} THNNElementLoss;

typedef struct THNNElementLossKernel {
    /* y[i] = loss(x[i], t[i]) */
    void (*each[THNNElementLoss_Count])(int64_t n, const void *x, const void *t, double parameter, void *y);
    /* The sum of loss(x[i], t[i]), n <= THNN_LOSS_BLOCK. */
    double (*sum[THNNElementLoss_Count])(int64_t n, const void *x, const void *t, double parameter);
    /* gx[i] = scale * gy[i * gy_step] * d loss(x[i], t[i]) / d x[i], gy_step 0 or 1; gx may be x, t or gy. */
    void (*backward[THNNElementLoss_Count])(int64_t n, const void *x, const void *t, double parameter, const void *gy,
                                            int64_t gy_step, double scale, void *gx);
    /* True if all x[i] are in [0, 1] or nan. */
    int (*in_unit)(int64_t n, const void *x);
} THNNElementLossKernel;

extern const THNNElementLossKernel *const THNNElementLossKernel_tables[THDtype_Count][THCpu_Count];

#endif
