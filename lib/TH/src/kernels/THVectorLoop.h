/* Loops over AVX-512 vectors of scalar_t, Float or Double, for functions written in intrinsics. */
#ifndef TH_VECTOR_LOOP_H
#define TH_VECTOR_LOOP_H

#include <immintrin.h>

#include "kernels/THLoop.h"

#define VECTOR_BLOCK 256 /* elements that a walk with strides gathers at a time */
#define VECTOR_NEAREST (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)

#if TH_DTYPE_IS(Float)
#define VECTOR_WIDTH 16
#define VECTOR(instruction) _mm512_##instruction##_ps
typedef __m512 Vector;
typedef __mmask16 VectorMask;
#define VECTOR_IS(x, y, relation) _mm512_cmp_ps_mask((x), (y), (relation))
#define VECTOR_CLASS(x, classes) _mm512_fpclass_ps_mask((x), (classes))
#else
#define VECTOR_WIDTH 8
#define VECTOR(instruction) _mm512_##instruction##_pd
typedef __m512d Vector;
typedef __mmask8 VectorMask;
#define VECTOR_IS(x, y, relation) _mm512_cmp_pd_mask((x), (y), (relation))
#define VECTOR_CLASS(x, classes) _mm512_fpclass_pd_mask((x), (classes))
#endif

TH_INLINE Vector vector_of(scalar_t x)
{
    return VECTOR(set1)(x);
}

/* Defines TH_KERNEL(name) of vector_<name>. */
#define VECTOR_LOOP(name)                                                                                                      \
    static void name##_dense(scalar_t *r, const scalar_t *a, int64_t n)                                                        \
    {                                                                                                                          \
        int64_t i = 0;                                                                                                         \
        for (; i + VECTOR_WIDTH <= n; i += VECTOR_WIDTH) VECTOR(storeu)(r + i, vector_##name(VECTOR(loadu)(a + i)));           \
        if (i == n) return;                                                                                                    \
        const VectorMask rest = (VectorMask)((1u << (n - i)) - 1);                                                             \
        VECTOR(mask_storeu)(r + i, rest, vector_##name(VECTOR(maskz_loadu)(rest, a + i)));                                     \
    }                                                                                                                          \
    static void TH_KERNEL(name)(char *const data[], const int64_t stride[], int64_t n, const void *args)                       \
    {                                                                                                                          \
        const int64_t s = sizeof(scalar_t);                                                                                    \
        scalar_t block[VECTOR_BLOCK];                                                                                          \
        (void)args;                                                                                                            \
        if (stride[0] == s && stride[1] == s) {                                                                                \
            name##_dense((scalar_t *)(void *)data[0], (const scalar_t *)(const void *)data[1], n);                             \
            return;                                                                                                            \
        }                                                                                                                      \
        for (int64_t begin = 0; begin < n; begin += VECTOR_BLOCK) {                                                            \
            const int64_t count = n - begin < VECTOR_BLOCK ? n - begin : VECTOR_BLOCK;                                         \
            for (int64_t i = 0; i < count; i++) block[i] = TH_CONST_AT(scalar_t, data[1], stride[1], begin + i);               \
            name##_dense(block, block, count);                                                                                 \
            for (int64_t i = 0; i < count; i++) TH_AT(scalar_t, data[0], stride[0], begin + i) = block[i];                     \
        }                                                                                                                      \
    }

#endif
