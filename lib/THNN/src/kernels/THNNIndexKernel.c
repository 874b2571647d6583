#include "kernels/THNNIndexKernel.h"

enum { LARGEST, INVERSE, FACTOR, SHIFT };

static void TH_KERNEL(normalize)(int64_t n, const int64_t *rows, int64_t width, bool train, const void *values_, void *weight_,
                                 void *result_)
{
    const scalar_t *values = values_;
    scalar_t *result = result_;
    for (int64_t i = 0; i < n; i++) {
        scalar_t *row = (scalar_t *)weight_ + rows[i] * width;
        const scalar_t value = values[i];
        const scalar_t size = value < 0 ? -value : value;
        if (train && size > row[LARGEST]) {
            row[LARGEST] = size;
            row[INVERSE] = 1 / size;
        }
        if (train) row[FACTOR] = 1;
        const scalar_t sign = value < 0 ? -1 : 1;
        result[i] = (size > row[LARGEST] ? sign : value * row[INVERSE]) + row[SHIFT];
    }
}

static void TH_KERNEL(output)(int64_t n, const int64_t *rows, int64_t out, int64_t skip, const void *values_,
                              const void *weight_, void *y_)
{
    const scalar_t *values = values_;
    scalar_t *y = y_;
    for (int64_t i = 0; i < n; i++) {
        const scalar_t *row = (const scalar_t *)weight_ + rows[i] * (skip + out) + skip;
        const scalar_t value = values[i];
        TH_INDEPENDENT
        for (int64_t k = 0; k < out; k++) y[k] += value * row[k];
    }
}

static void TH_KERNEL(gradient)(int64_t n, int64_t out, int64_t skip, double scale_, const void *values_, const void *gy_,
                                void *gw_)
{
    const scalar_t *values = values_;
    const scalar_t *gy = gy_;
    const scalar_t scale = (scalar_t)scale_;
    scalar_t *gw = gw_;
    for (int64_t i = 0; i < n; i++) {
        if (skip != 0) {
            for (int64_t k = 0; k < out; k++) gw[k] = scale * gy[k];
            gw += out;
        }
        const scalar_t factor = scale * values[i];
        TH_INDEPENDENT
        for (int64_t k = 0; k < out; k++) gw[k] = factor * gy[k];
        gw += out;
    }
}

static void TH_KERNEL(step)(int64_t out, int64_t skip, double rate_, double decay_, const void *gs_, double factor_,
                            const void *g_, void *row_)
{
    const scalar_t *gs = gs_;
    const scalar_t *g = g_;
    scalar_t *row = row_;
    scalar_t rate = (scalar_t)rate_;
    scalar_t decay = (scalar_t)decay_;
    if (skip != 0) {
        rate *= row[FACTOR];
        decay *= row[FACTOR];
        /* d output / d shift = the numbers as they were before this step. */
        scalar_t slope = 0;
        for (int64_t k = 0; k < out; k++) slope += gs[k] * row[skip + k];
        row[SHIFT] -= rate * slope;
        row += skip;
    }
    const scalar_t factor = rate * (scalar_t)factor_;
    TH_INDEPENDENT
    for (int64_t k = 0; k < out; k++) row[k] -= decay * row[k] + factor * g[k];
}

static double TH_KERNEL(at)(const void *values, int64_t index)
{
    return ((const scalar_t *)values)[index];
}

const THNNIndexKernel TH_TABLE(THNNIndexKernel) = {
    .normalize = TH_KERNEL(normalize),
    .output = TH_KERNEL(output),
    .gradient = TH_KERNEL(gradient),
    .step = TH_KERNEL(step),
    .at = TH_KERNEL(at),
};
