/* Elements that are moved and not computed. */
#include "kernels/THSelect.h"

TH_INLINE void where_body(char *const data[], int64_t s0, int64_t s1, int64_t s2, int64_t s3, int64_t n)
{
    char *r = data[0];
    const char *condition = data[1], *a = data[2], *b = data[3];
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        const scalar_t x = TH_CONST_AT(scalar_t, a, s2, i), y = TH_CONST_AT(scalar_t, b, s3, i);
        TH_AT(scalar_t, r, s0, i) = TH_CONST_AT(uint8_t, condition, s1, i) != 0 ? x : y;
    }
}

static void TH_KERNEL(where)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    const int64_t s = sizeof(scalar_t);
    (void)args;
    if (stride[0] == s && stride[1] == 1 && stride[2] == s && stride[3] == s)
        where_body(data, s, 1, s, s, n);
    else
        where_body(data, stride[0], stride[1], stride[2], stride[3], n);
}

TH_INLINE void maskedFill_body(char *r, const char *mask, int64_t sr, int64_t sm, int64_t n, scalar_t value)
{
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        const scalar_t x = TH_CONST_AT(scalar_t, r, sr, i);
        TH_AT(scalar_t, r, sr, i) = TH_CONST_AT(uint8_t, mask, sm, i) != 0 ? value : x;
    }
}

static void TH_KERNEL(maskedFill)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    const int64_t s = sizeof(scalar_t);
    const scalar_t value = *(const scalar_t *)args;
    if (stride[0] == s && stride[1] == 1)
        maskedFill_body(data[0], data[1], s, 1, n, value);
    else
        maskedFill_body(data[0], data[1], stride[0], stride[1], n, value);
}

static void TH_KERNEL(gather)(char *r, const char *a, const int64_t *index, int64_t n, int64_t stride, int64_t step)
{
    scalar_t *out = (scalar_t *)r;
    const int64_t s = sizeof(scalar_t);
    if (step == 0 && stride == s) {
#pragma GCC unroll 8
        for (int64_t k = 0; k < n; k++) out[k] = TH_CONST_AT(scalar_t, a, s, index[k]);
    } else {
        for (int64_t k = 0; k < n; k++) out[k] = *(const scalar_t *)(a + index[k] * stride + k * step);
    }
}

static void TH_KERNEL(scatter)(char *r, const int64_t *index, const char *source, int64_t n, int64_t stride, int64_t step)
{
    const scalar_t *const x = (const scalar_t *)source;
    for (int64_t k = 0; k < n; k++) *(scalar_t *)(r + index[k] * stride + k * step) = x[k];
}

static void TH_KERNEL(scatterFill)(char *r, const int64_t *index, const char *element, int64_t n, int64_t stride, int64_t step)
{
    const scalar_t x = *(const scalar_t *)element;
    for (int64_t k = 0; k < n; k++) *(scalar_t *)(r + index[k] * stride + k * step) = x;
}

static void TH_KERNEL(maskedSelect)(char *r, const char *a, const uint8_t *mask, int64_t count)
{
    const scalar_t *x = (const scalar_t *)a;
    scalar_t *out = (scalar_t *)r;
    int64_t k = 0;
    for (int64_t i = 0; k < count; i++) { /* without a branch on the mask, which nobody could predict */
        out[k] = x[i];
        k += mask[i] != 0;
    }
}

static void TH_KERNEL(maskedCopy)(char *r, const uint8_t *mask, const char *source, int64_t n)
{
    scalar_t *out = (scalar_t *)r;
    const scalar_t *next = (const scalar_t *)source;
    for (int64_t i = 0; i < n; i++)
        if (mask[i] != 0) out[i] = *next++;
}

#if TH_DTYPE_IS(Long)
/* By signs: differences that overflow belong to indices that are out of range, and have the sign of one. */
static int TH_KERNEL(outside)(const int64_t *index, int64_t n, int64_t least, int64_t most)
{
    uint64_t out = 0, negative = 0;
    for (int64_t k = 0; k < n; k++) {
        const uint64_t x = (uint64_t)index[k];
        out |= (x - (uint64_t)least) | ((uint64_t)most - x);
        negative |= x;
    }
    return (out >> 63 != 0 ? TH_INDEX_OUTSIDE : 0) | (negative >> 63 != 0 ? TH_INDEX_NEGATIVE : 0);
}
#endif

const THSelect TH_TABLE(THSelect) = {
#if TH_DTYPE_IS(Long)
    .outside = TH_KERNEL(outside),
#endif
    .where = TH_KERNEL(where),
    .maskedFill = TH_KERNEL(maskedFill),
    .gather = TH_KERNEL(gather),
    .scatter = TH_KERNEL(scatter),
    .scatterFill = TH_KERNEL(scatterFill),
    .maskedSelect = TH_KERNEL(maskedSelect),
    .maskedCopy = TH_KERNEL(maskedCopy),
};
