/* Convolution of one channel with one filter: volumes of D x H x W and oD x oH x oW, filters of kD x kH x kW. */
#ifndef THNN_DEPTHWISE_KERNEL_H
#define THNN_DEPTHWISE_KERNEL_H

#include <stdbool.h>

#include "TH/THKernel.h"
#include "kernels/THNNWindow.h"

/* Elements of a volume with its padding, and what vectors may read past it. */
static inline int64_t THNNDepthwise_padded(const THNNPlane *self)
{
    return (self->d.input + 2 * self->d.pad) * (self->h.input + 2 * self->h.pad) * (self->w.input + 2 * self->w.pad) + 64;
}

static inline bool THNNDepthwise_fitsWindow(const THNNWindow *w)
{
    return w->pad >= 0 && (w->output - 1) * w->stride + (w->kernel - 1) * w->dilation < w->input + 2 * w->pad;
}

/* Whether a copy with padding serves: neighbours along the width, and no tap beyond the padding. */
static inline bool THNNDepthwise_fits(const THNNPlane *self)
{
    return self->w.stride == 1 && THNNDepthwise_fitsWindow(&self->d) && THNNDepthwise_fitsWindow(&self->h) &&
           THNNDepthwise_fitsWindow(&self->w);
}

static inline THNNWindow THNNDepthwise_turnedWindow(const THNNWindow *w)
{
    return (THNNWindow){.input = w->output,
                        .kernel = w->kernel,
                        .stride = 1,
                        .pad = (w->kernel - 1) * w->dilation - w->pad,
                        .dilation = w->dilation,
                        .output = w->input};
}

/* Of strides 1: the gradient of the input is the filter, turned round, over the gradient of the output. */
static inline THNNPlane THNNDepthwise_turned(const THNNPlane *self)
{
    return (THNNPlane){.d = THNNDepthwise_turnedWindow(&self->d),
                       .h = THNNDepthwise_turnedWindow(&self->h),
                       .w = THNNDepthwise_turnedWindow(&self->w)};
}

/* room: THNNDepthwise_padded elements for a copy of what is read, of the turned plane for grad_input, or NULL where it does not
 * fit. */
typedef struct THNNDepthwiseKernel {
    /* y = filter * x + bias[0] (0 with bias NULL) */
    void (*forward)(const THNNPlane *plane, const void *x, const void *filter, const void *bias, void *room, void *y);
    /* gx = filter' * gy, or what is there plus that */
    void (*grad_input)(const THNNPlane *plane, const void *gy, const void *filter, void *room, int add, void *gx);
    /* sums[(kd * kH + kh) * kW + kw] += the sum of gy times what the tap sees */
    void (*grad_filter)(const THNNPlane *plane, const void *x, const void *gy, void *room, double *sums);
} THNNDepthwiseKernel;

extern const THNNDepthwiseKernel *const THNNDepthwiseKernel_tables[THDtype_Count][THCpu_Count];

#endif
