/* Indexed operations that compute. */
#include "kernels/THIndex.h"

#if TH_DTYPE_IS_FLOATING
#define ADD(a, b) ((a) + (b))
#else
#define ADD(a, b) ((scalar_t)((uint64_t)(a) + (uint64_t)(b))) /* wraps */
#endif

/* Inline, so that a vector, which has stride and step known to the compiler, needs no multiplication for an address. */
TH_INLINE void scatterAdd_body(char *r, const int64_t *index, const scalar_t *x, int64_t n, int64_t stride, int64_t step)
{
    for (int64_t k = 0; k < n; k++) {
        scalar_t *const place = (scalar_t *)(r + index[k] * stride + k * step);
        *place = ADD(*place, x[k]);
    }
}

static void TH_KERNEL(scatterAdd)(char *r, const int64_t *index, const char *source, int64_t n, int64_t stride, int64_t step)
{
    const int64_t s = sizeof(scalar_t);
    if (stride == s && step == 0)
        scatterAdd_body(r, index, (const scalar_t *)source, n, s, 0);
    else
        scatterAdd_body(r, index, (const scalar_t *)source, n, stride, step);
}

static int64_t TH_KERNEL(countNonzero)(const char *a, int64_t n)
{
    const scalar_t *x = (const scalar_t *)a;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) count += x[i] != 0;
    return count;
}

static void TH_KERNEL(nonzero)(const char *a, int64_t begin, int64_t count, int64_t *place)
{
    const scalar_t *x = (const scalar_t *)a;
    int64_t k = 0;
    for (int64_t i = 0; k < count; i++) { /* without a branch on the element, which nobody could predict */
        place[k] = begin + i;
        k += x[i] != 0;
    }
}

const THIndex TH_TABLE(THIndex) = {
    .scatterAdd = TH_KERNEL(scatterAdd),
    .countNonzero = TH_KERNEL(countNonzero),
    .nonzero = TH_KERNEL(nonzero),
};
