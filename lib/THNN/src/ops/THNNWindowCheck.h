/* Arguments that describe a sliding window, checked and turned into a THNNWindow. */
#ifndef THNN_WINDOW_CHECK_H
#define THNN_WINDOW_CHECK_H

#include "kernels/THNNWindow.h"
#include "ops/THNNCall.h"

/* Fills in everything but `output`. axis: 'H' or 'W', for messages. */
THStatus THNNWindow_init(THNNWindow *self, const char *op, char axis, int64_t input, int64_t kernel, int64_t stride,
                         int64_t pad, int64_t dilation);
/* The number of whole windows: output = (input + 2 pad - dilation (kernel - 1) - 1) / stride + 1. TH_ERR_SHAPE if there is
 * none. */
THStatus THNNWindow_count(THNNWindow *self, const char *op, char axis);
/* The number of windows of a pooling: pad is at most half of the kernel; with ceil_mode a last window may hang over the end, if
 * it starts inside the input or the padding in front. TH_ERR_SHAPE if a window sees no element. */
THStatus THNNWindow_countPooling(THNNWindow *self, const char *op, char axis, int ceil_mode);

#endif
