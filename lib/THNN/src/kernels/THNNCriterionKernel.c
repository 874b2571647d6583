#include "kernels/THNNCriterionKernel.h"

#define LANES ((int)(256 / sizeof(scalar_t))) /* independent partial sums: compilers do not reorder floating point */

static void TH_KERNEL(square_error)(int64_t n, const void *x_, const void *t_, void *y_)
{
    const scalar_t *x = x_;
    const scalar_t *t = t_;
    scalar_t *y = y_;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] - t[i]) * (x[i] - t[i]);
}

static double TH_KERNEL(square_error_sum)(int64_t n, const void *x_, const void *t_)
{
    const scalar_t *x = x_;
    const scalar_t *t = t_;
    scalar_t lane[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int j = 0; j < LANES; j++) {
            const scalar_t d = x[i + j] - t[i + j];
            lane[j] += d * d;
        }
    }
    for (int width = LANES / 2; width > 0; width /= 2) {
        for (int j = 0; j < width; j++) lane[j] += lane[j + width];
    }
    double sum = (double)lane[0];
    for (; i < n; i++) {
        const double d = (double)x[i] - (double)t[i];
        sum += d * d;
    }
    return sum;
}

static void TH_KERNEL(square_error_backward)(int64_t n, const void *x_, const void *t_, const void *gy_, int64_t gy_step,
                                             double scale_, void *gx_)
{
    const scalar_t *x = x_;
    const scalar_t *t = t_;
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    if (gy_step == 0) {
        const scalar_t scale = (scalar_t)(scale_ * (double)gy[0]);
#pragma GCC ivdep
        for (int64_t i = 0; i < n; i++) gx[i] = scale * (x[i] - t[i]);
        return;
    }
    const scalar_t scale = (scalar_t)scale_;
#pragma GCC ivdep
    for (int64_t i = 0; i < n; i++) gx[i] = scale * (x[i] - t[i]) * gy[i];
}

static void TH_KERNEL(nll)(int64_t n, int64_t classes, const void *x_, const int64_t *target, const void *weights_,
                           int64_t ignore, void *losses_, double *loss, double *weight)
{
    const scalar_t *x = x_;
    const scalar_t *weights = weights_;
    scalar_t *losses = losses_;
    for (int64_t i = 0; i < n; i++) {
        scalar_t one = 0;
        if (target[i] != ignore) {
            const scalar_t w = weights == NULL ? (scalar_t)1 : weights[target[i]];
            one = -w * x[i * classes + target[i]];
            *weight += (double)w;
            *loss += (double)one;
        }
        if (losses != NULL) losses[i] = one;
    }
}

static void TH_KERNEL(nll_backward)(int64_t n, int64_t classes, const int64_t *target, const void *weights_, int64_t ignore,
                                    const void *gy_, int64_t gy_step, double scale, void *gx_)
{
    const scalar_t *weights = weights_;
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    for (int64_t i = 0; i < n; i++) {
        if (target[i] == ignore) continue;
        const double w = weights == NULL ? 1.0 : (double)weights[target[i]];
        gx[i * classes + target[i]] = (scalar_t)(-w * scale * (double)gy[i * gy_step]);
    }
}

const THNNCriterionKernel TH_TABLE(THNNCriterionKernel) = {
    .square_error = TH_KERNEL(square_error),
    .square_error_sum = TH_KERNEL(square_error_sum),
    .square_error_backward = TH_KERNEL(square_error_backward),
    .nll = TH_KERNEL(nll),
    .nll_backward = TH_KERNEL(nll_backward),
};
