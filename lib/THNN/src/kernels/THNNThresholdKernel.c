/* nan is not below the threshold and stays. In place is allowed, element on element: TH_INDEPENDENT tells the compiler that no
 * iteration reads what another one wrote. */
#include "kernels/THNNThresholdKernel.h"

static void TH_KERNEL(threshold)(int64_t n, const void *x_, void *y_, double threshold_, double value_)
{
    const scalar_t *x = x_;
    scalar_t *y = y_;
    const scalar_t threshold = (scalar_t)threshold_;
    const scalar_t value = (scalar_t)value_;
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) y[i] = x[i] <= threshold ? value : x[i];
}

static void TH_KERNEL(threshold_backward)(int64_t n, const void *x_, const void *gy_, void *gx_, double threshold_)
{
    const scalar_t *x = x_;
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    const scalar_t threshold = (scalar_t)threshold_;
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        const scalar_t gradient = gy[i]; /* loaded always: the loop then has no branch */
        gx[i] = x[i] <= threshold ? (scalar_t)0 : gradient;
    }
}

const THNNThresholdKernel TH_TABLE(THNNThresholdKernel) = {
    .forward = TH_KERNEL(threshold),
    .backward = TH_KERNEL(threshold_backward),
};
