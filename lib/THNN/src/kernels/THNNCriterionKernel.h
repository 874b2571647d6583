/* Inner loops of the criteria, over contiguous memory. */
#ifndef THNN_CRITERION_KERNEL_H
#define THNN_CRITERION_KERNEL_H

#include <stddef.h>

#include "TH/THKernel.h"

/* Squared errors are summed in blocks of this many elements, whatever the threads do: the sum depends on the data alone. */
#define THNN_CRITERION_BLOCK 4096

typedef struct THNNCriterionKernel {
    /* y[i] = (x[i] - t[i])^2 */
    void (*square_error)(int64_t n, const void *x, const void *t, void *y);
    /* The sum of (x[i] - t[i])^2, n <= THNN_CRITERION_BLOCK. */
    double (*square_error_sum)(int64_t n, const void *x, const void *t);
    /* gx[i] = scale * (x[i] - t[i]) * gy[i * gy_step], gy_step 0 or 1 */
    void (*square_error_backward)(int64_t n, const void *x, const void *t, const void *gy, int64_t gy_step, double scale,
                                  void *gx);
    /* Class indices are in [0, classes) or ignore. weights may be NULL.
     * losses[i] = -weights[target[i]] * x[i][target[i]], 0 where ignored; losses may be NULL. Adds up losses and weights. */
    void (*nll)(int64_t n, int64_t classes, const void *x, const int64_t *target, const void *weights, int64_t ignore,
                void *losses, double *loss, double *weight);
    /* gx[i][target[i]] = -weights[target[i]] * scale * gy[i * gy_step]; gx is zero before. */
    void (*nll_backward)(int64_t n, int64_t classes, const int64_t *target, const void *weights, int64_t ignore, const void *gy,
                         int64_t gy_step, double scale, void *gx);
} THNNCriterionKernel;

extern const THNNCriterionKernel *const THNNCriterionKernel_tables[THDtype_Count][THCpu_Count];

#endif
