/* Inner loops of the criteria that choose among classes, over contiguous memory. */
#ifndef THNN_CRITERION_KERNEL_H
#define THNN_CRITERION_KERNEL_H

#include <stddef.h>

#include "TH/THKernel.h"

typedef struct THNNCriterionKernel {
    /* x: n x classes x inner; target: n x inner, in [0, classes) or ignore. weights may be NULL.
     * losses[i] = -weights[target[i]] * x[..target[i]..], 0 where ignored; losses may be NULL. Adds up losses and weights. */
    void (*nll)(int64_t n, int64_t classes, int64_t inner, const void *x, const int64_t *target, const void *weights,
                int64_t ignore, void *losses, double *loss, double *weight);
    /* gx[..target[i]..] = -weights[target[i]] * scale * gy[i * gy_step]; gx is zero before. */
    void (*nll_backward)(int64_t n, int64_t classes, int64_t inner, const int64_t *target, const void *weights, int64_t ignore,
                         const void *gy, int64_t gy_step, double scale, void *gx);
    /* One sample: the sum over d != target of max(0, margin - x[target] + x[d])^p, p 1 or 2. */
    double (*multi_margin)(int64_t classes, const void *x, int64_t target, int p, double margin);
    /* gx[d] = scale * the derivative. */
    void (*multi_margin_backward)(int64_t classes, const void *x, int64_t target, int p, double margin, double scale, void *gx);
    /* One sample: the sum over targets t and others d of max(0, 1 - x[t] + x[d]). target: `count` classes; is_target[d]: 1 if
     * d is among them, else 0. */
    double (*multi_label)(int64_t classes, const void *x, int64_t count, const int64_t *target, const void *is_target);
    /* gx[d] = scale * the derivative. */
    void (*multi_label_backward)(int64_t classes, const void *x, int64_t count, const int64_t *target, const void *is_target,
                                 double scale, void *gx);
} THNNCriterionKernel;

extern const THNNCriterionKernel *const THNNCriterionKernel_tables[THDtype_Count][THCpu_Count];

#endif
