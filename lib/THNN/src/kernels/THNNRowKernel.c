#include "kernels/THNNRowKernel.h"

#include <math.h>

static void TH_KERNEL(add)(int64_t n, double a_, const void *x_, void *y_)
{
    const scalar_t *x = x_;
    const scalar_t a = (scalar_t)a_;
    scalar_t *y = y_;
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) y[i] += a * x[i];
}

static double TH_KERNEL(norm)(int64_t n, double p, const void *x_)
{
    const scalar_t *x = x_;
    double sum = 0;
    if (isinf(p)) {
        for (int64_t i = 0; i < n; i++) sum = fmax(sum, fabs((double)x[i]));
        return sum;
    }
    for (int64_t i = 0; i < n; i++)
        sum += p == 2 ? (double)x[i] * (double)x[i] : p == 1 ? fabs((double)x[i]) : pow(fabs((double)x[i]), p);
    return p == 2 ? sqrt(sum) : p == 1 ? sum : pow(sum, 1 / p);
}

static void TH_KERNEL(scale)(int64_t n, double a_, void *x_)
{
    scalar_t *x = x_;
    const scalar_t a = (scalar_t)a_;
    for (int64_t i = 0; i < n; i++) x[i] *= a;
}

const THNNRowKernel TH_TABLE(THNNRowKernel) = {
    .add = TH_KERNEL(add),
    .norm = TH_KERNEL(norm),
    .scale = TH_KERNEL(scale),
};
