/* Rows of IndexLinear's weight: `out` numbers, before them `skip` (0 or THNN_INDEX_SKIP) that normalise the row's feature. */
#ifndef THNN_INDEX_KERNEL_H
#define THNN_INDEX_KERNEL_H

#include "TH/THKernel.h"

/* The largest |value| seen, its inverse, the factor of steps, and what is added to the normalised value. */
#define THNN_INDEX_SKIP 4

typedef struct THNNIndexKernel {
    /* result[i] = values[i] divided by the largest seen, at most 1 in size, plus the shift. train: the largest is kept. */
    void (*normalize)(int64_t n, const int64_t *rows, int64_t width, bool train, const void *values, void *weight,
                      void *result);
    /* y += the sum of values[i] * the row's numbers */
    void (*output)(int64_t n, const int64_t *rows, int64_t out, int64_t skip, const void *values, const void *weight, void *y);
    /* For each value scale * value * gy; with skip, scale * gy before that. */
    void (*gradient)(int64_t n, int64_t out, int64_t skip, double scale, const void *values, const void *gy, void *gw);
    /* One step of one row: decay and rate * factor * g off the numbers; with skip, the gradient that gs gives off the shift. */
    void (*step)(int64_t out, int64_t skip, double rate, double decay, const void *gs, double factor, const void *g, void *row);
    double (*at)(const void *values, int64_t index);
} THNNIndexKernel;

extern const THNNIndexKernel *const THNNIndexKernel_tables[THDtype_Count][THCpu_Count];

#endif
