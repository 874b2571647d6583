/* Counting. */
#include "kernels/THCount.h"

#include <math.h>
#include <stddef.h>

#if TH_DTYPE_IS_FLOATING
/* Where the product rounds across an edge, the edge decides: an element on it belongs to the interval above. */
static void TH_KERNEL(histogram)(const char *a, int64_t n, double low, double high, int64_t bins, int64_t *counts)
{
    const scalar_t *const x = (const scalar_t *)a;
    const double range = high - low, width = range / (double)bins, scale = (double)bins / range;
    for (int64_t i = 0; i < n; i++) {
        const double value = (double)x[i];
        if (!(value >= low && value <= high)) continue; /* nan as well */
        const double from = value - low; /* scale is infinite where the range is next to nothing, and 0 times it nan */
        int64_t bin = (int64_t)(isinf(scale) ? from / range * (double)bins : from * scale);
        bin = bin < bins ? bin : bins - 1;
        if (bin > 0 && value < low + (double)bin * width) bin--;
        if (bin < bins - 1 && value >= low + (double)(bin + 1) * width) bin++;
        counts[bin]++;
    }
}
#else
static void TH_KERNEL(count)(const char *a, int64_t n, int64_t *counts)
{
    const scalar_t *const x = (const scalar_t *)a;
    for (int64_t i = 0; i < n; i++) counts[x[i]]++;
}
#endif

const THCount TH_TABLE(THCount) = {
#if TH_DTYPE_IS_FLOATING
    .histogram = TH_KERNEL(histogram),
#else
    .count = TH_KERNEL(count),
#endif
};
