/* The loop of x^y in AVX-512 instructions: THPowerSingle.h has those of floats, THPowerDouble.h those of doubles. */
#ifndef TH_POWER_VECTOR_H
#define TH_POWER_VECTOR_H

#include "kernels/THLoop.h"

#if TH_DTYPE_IS(Float)
#include "kernels/THPowerSingle.h"
#else
#include "kernels/THPowerDouble.h"
#endif

#define POWER_BLOCK 256 /* elements that a walk with strides gathers at a time */

/* A number that does not walk (stride 0) is read once. */
TH_INLINE void power_dense(scalar_t *r, const scalar_t *a, int a_walks, const scalar_t *b, int b_walks, int64_t n)
{
    const power_vector_t a0 = POWER_VECTOR(set1)(a[0]), b0 = POWER_VECTOR(set1)(b[0]);
    int64_t i = 0;
    for (; i + POWER_WIDTH <= n; i += POWER_WIDTH)
        POWER_VECTOR(storeu)(
            r + i, power_several(a_walks ? POWER_VECTOR(loadu)(a + i) : a0, b_walks ? POWER_VECTOR(loadu)(b + i) : b0));
    if (i == n) return;
    const power_mask_t rest = (power_mask_t)((1u << (n - i)) - 1);
    const power_vector_t one = POWER_VECTOR(set1)(1);
    const power_vector_t x = a_walks ? POWER_VECTOR(mask_loadu)(one, rest, a + i) : a0;
    POWER_VECTOR(mask_storeu)(r + i, rest, power_several(x, b_walks ? POWER_VECTOR(mask_loadu)(one, rest, b + i) : b0));
}

static void TH_KERNEL(pow)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    const int64_t s = sizeof(scalar_t);
    scalar_t a[POWER_BLOCK], b[POWER_BLOCK];
    scalar_t *const r = (scalar_t *)(void *)data[0];
    const scalar_t *const x = (const scalar_t *)(const void *)data[1];
    const scalar_t *const y = (const scalar_t *)(const void *)data[2];
    (void)args;
    if (stride[0] == s && stride[1] == s && stride[2] == s) {
        power_dense(r, x, 1, y, 1, n);
    } else if (stride[0] == s && stride[1] == s && stride[2] == 0) {
        power_dense(r, x, 1, y, 0, n);
    } else if (stride[0] == s && stride[1] == 0 && stride[2] == s) {
        power_dense(r, x, 0, y, 1, n);
    } else {
        for (int64_t begin = 0; begin < n; begin += POWER_BLOCK) {
            const int64_t count = n - begin < POWER_BLOCK ? n - begin : POWER_BLOCK;
            for (int64_t i = 0; i < count; i++) a[i] = TH_CONST_AT(scalar_t, data[1], stride[1], begin + i);
            for (int64_t i = 0; i < count; i++) b[i] = TH_CONST_AT(scalar_t, data[2], stride[2], begin + i);
            power_dense(a, a, 1, b, 1, count);
            for (int64_t i = 0; i < count; i++) TH_AT(scalar_t, data[0], stride[0], begin + i) = a[i];
        }
    }
}

#endif
