/* Recurrent cells, one sample at a time: what is left of a step after the matrix products. */
#ifndef THNN_CELL_KERNEL_H
#define THNN_CELL_KERNEL_H

#include "TH/THKernel.h"

/* Gates before their activation are sums of up to four vectors; all but the first may be NULL. */
typedef struct THNNGates {
    const void *input;
    const void *hidden;
    const void *bias1;
    const void *bias2;
} THNNGates;

typedef struct THNNCellKernel {
    /* Gates i, f, g, o of n elements each; storage receives them activated. cy = f cx + i g, hy = o tanh(cy). */
    void (*lstm)(int64_t n, const THNNGates *gates, const void *cx, void *storage, void *hy, void *cy);
    /* ghy, gcy may be NULL. ggates: the gradient of the gates before their activation. */
    void (*lstm_backward)(int64_t n, const void *storage, const void *cx, const void *cy, const void *ghy, const void *gcy,
                          void *ggates, void *gcx);
    /* Gates r, z, n of n elements each, those of hidden apart: hy = n + z (hx - n), n = tanh(input + r hidden). storage: r, z,
     * n, hx and hidden's n. */
    void (*gru)(int64_t n, const THNNGates *gates, const void *hx, void *storage, void *hy);
    void (*gru_backward)(int64_t n, const void *storage, const void *ghy, void *ginput, void *ghidden, void *ghx);
    /* hy = tanh of the sum, or the sum where it is above 0. hy may be one of the vectors. */
    void (*tanh)(int64_t n, const THNNGates *gates, void *hy);
    void (*relu)(int64_t n, const THNNGates *gates, void *hy);
    /* ggates = ghy times the slope where the function's value is hy. */
    void (*tanh_backward)(int64_t n, const void *hy, const void *ghy, void *ggates);
    void (*relu_backward)(int64_t n, const void *hy, const void *ghy, void *ggates);
} THNNCellKernel;

extern const THNNCellKernel *const THNNCellKernel_tables[THDtype_Count][THCpu_Count];

#endif
