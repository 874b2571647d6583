#include "kernels/THNNCriterionKernel.h"

static void TH_KERNEL(nll)(int64_t n, int64_t classes, int64_t inner, const void *x_, const int64_t *target,
                           const void *weights_, int64_t ignore, void *losses_, double *loss, double *weight)
{
    const scalar_t *x = x_;
    const scalar_t *weights = weights_;
    scalar_t *losses = losses_;
    for (int64_t i = 0; i < n; i++, x += classes * inner) {
        for (int64_t k = 0; k < inner; k++) {
            const int64_t t = target[i * inner + k];
            scalar_t one = 0;
            if (t != ignore) {
                const scalar_t w = weights == NULL ? (scalar_t)1 : weights[t];
                one = -w * x[t * inner + k];
                *weight += (double)w;
                *loss += (double)one;
            }
            if (losses != NULL) losses[i * inner + k] = one;
        }
    }
}

static void TH_KERNEL(nll_backward)(int64_t n, int64_t classes, int64_t inner, const int64_t *target, const void *weights_,
                                    int64_t ignore, const void *gy_, int64_t gy_step, double scale, void *gx_)
{
    const scalar_t *weights = weights_;
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    for (int64_t i = 0; i < n; i++, gx += classes * inner) {
        for (int64_t k = 0; k < inner; k++) {
            const int64_t t = target[i * inner + k];
            if (t == ignore) continue;
            const double w = weights == NULL ? 1.0 : (double)weights[t];
            gx[t * inner + k] = (scalar_t)(-w * scale * (double)gy[(i * inner + k) * gy_step]);
        }
    }
}

static double TH_KERNEL(multi_margin)(int64_t classes, const void *x_, int64_t target, int p, double margin)
{
    const scalar_t *x = x_;
    double sum = 0;
    for (int64_t d = 0; d < classes; d++) {
        const double z = margin - (double)x[target] + (double)x[d];
        if (d != target && z > 0) sum += p == 1 ? z : z * z;
    }
    return sum;
}

static void TH_KERNEL(multi_margin_backward)(int64_t classes, const void *x_, int64_t target, int p, double margin,
                                             double scale, void *gx_)
{
    const scalar_t *x = x_;
    scalar_t *gx = gx_;
    double sum = 0;
    for (int64_t d = 0; d < classes; d++) {
        const double z = margin - (double)x[target] + (double)x[d];
        const double slope = d == target || z <= 0 ? 0 : p == 1 ? scale : 2 * scale * z;
        gx[d] = (scalar_t)slope;
        sum += slope;
    }
    gx[target] = (scalar_t)-sum;
}

static double TH_KERNEL(multi_label)(int64_t classes, const void *x_, int64_t count, const int64_t *target,
                                     const void *is_target_)
{
    const scalar_t *x = x_;
    const scalar_t *is_target = is_target_;
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        for (int64_t d = 0; d < classes; d++) {
            const double z = 1 - (double)x[target[i]] + (double)x[d];
            if (is_target[d] == 0 && z > 0) sum += z;
        }
    }
    return sum;
}

static void TH_KERNEL(multi_label_backward)(int64_t classes, const void *x_, int64_t count, const int64_t *target,
                                            const void *is_target_, double scale, void *gx_)
{
    const scalar_t *x = x_;
    const scalar_t *is_target = is_target_;
    scalar_t *gx = gx_;
    for (int64_t d = 0; d < classes; d++) gx[d] = 0;
    for (int64_t i = 0; i < count; i++) {
        for (int64_t d = 0; d < classes; d++) {
            if (is_target[d] != 0 || 1 - (double)x[target[i]] + (double)x[d] <= 0) continue;
            gx[target[i]] -= (scalar_t)scale;
            gx[d] += (scalar_t)scale;
        }
    }
}

const THNNCriterionKernel TH_TABLE(THNNCriterionKernel) = {
    .nll = TH_KERNEL(nll),
    .nll_backward = TH_KERNEL(nll_backward),
    .multi_margin = TH_KERNEL(multi_margin),
    .multi_margin_backward = TH_KERNEL(multi_margin_backward),
    .multi_label = TH_KERNEL(multi_label),
    .multi_label_backward = TH_KERNEL(multi_label_backward),
};
