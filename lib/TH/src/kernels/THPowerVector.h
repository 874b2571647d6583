/* x^y of sixteen floats, with what only AVX-512 has: tables of 16 numbers in two registers, the exponent and the mantissa of a
 * number, and scaling by a power of two. In double, eight at a time, as in THPower.h, which also gives accuracy and edges. */
#ifndef TH_POWER_VECTOR_H
#define TH_POWER_VECTOR_H

#include <immintrin.h>

#include "kernels/THLoop.h"
#include "kernels/THPower.h"

#define POWER_WIDTH 16
#define POWER_BLOCK 256 /* elements that a walk with strides gathers at a time */

/* For each interval of m in [3/4, 3/2), by the first four bits of its fraction, the inverse of its centre and the logarithm of
 * that centre to base 2; about 1 the centre is 1, so that small logarithms keep their precision. */
static const double power_inverses[16] __attribute__((aligned(64))) = {1.0,
                                                                       0x1.d41d41d41d41dp-1,
                                                                       0x1.bacf914c1bad0p-1,
                                                                       0x1.a41a41a41a41ap-1,
                                                                       0x1.8f9c18f9c18fap-1,
                                                                       0x1.7d05f417d05f4p-1,
                                                                       0x1.6c16c16c16c17p-1,
                                                                       0x1.5c9882b931057p-1,
                                                                       0x1.4e5e0a72f0539p+0,
                                                                       0x1.4141414141414p+0,
                                                                       0x1.3521cfb2b78c1p+0,
                                                                       0x1.29e4129e4129ep+0,
                                                                       0x1.1f7047dc11f70p+0,
                                                                       0x1.15b1e5f75270dp+0,
                                                                       0x1.0c9714fbcda3bp+0,
                                                                       1.0};
static const double power_logarithms[16] __attribute__((aligned(64))) = {0.0,
                                                                         0x1.08c588cda79e5p-3,
                                                                         0x1.acf5e2db4ec91p-3,
                                                                         0x1.24407ab0e073ap-2,
                                                                         0x1.6e221cd9d0cddp-2,
                                                                         0x1.b47ebf73882a1p-2,
                                                                         0x1.f7a8568cb06cep-2,
                                                                         0x1.1bf311e95d00ep-1,
                                                                         -0x1.8a8980abfbd30p-2,
                                                                         -0x1.4f6fbb2cec598p-2,
                                                                         -0x1.169c05363f157p-2,
                                                                         -0x1.bfc67a7fff4cap-3,
                                                                         -0x1.563dc29ffacafp-3,
                                                                         -0x1.e0b1ae8f2fd56p-4,
                                                                         -0x1.1bb32a60054a2p-4,
                                                                         0.0};

TH_INLINE __m512d power_of(double x)
{
    return _mm512_set1_pd(x);
}

/* |x|^y of numbers that are neither zero nor infinite. */
TH_INLINE __m256 power_eight(__m256 x, __m256 y)
{
    const __m512d wide = _mm512_cvtps_pd(x);
    const __m512d m = _mm512_getmant_pd(wide, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
    const __m512d e = _mm512_getexp_pd(_mm512_mul_pd(wide, power_of(0x1.5555555555555p+0))); /* of x / m */
    const __m512i index = _mm512_srli_epi64(_mm512_castpd_si512(m), 48);
    const __m512d inverse = _mm512_permutex2var_pd(_mm512_load_pd(power_inverses), index, _mm512_load_pd(power_inverses + 8));
    const __m512d centre =
        _mm512_permutex2var_pd(_mm512_load_pd(power_logarithms), index, _mm512_load_pd(power_logarithms + 8));
    const __m512d f = _mm512_fmsub_pd(m, inverse, power_of(1.0)); /* -1/32 to 1/16 */
    __m512d p = power_of(0x1.824e1e9201642p-3);
    p = _mm512_fmadd_pd(p, f, power_of(-0x1.ec3636c352bd0p-3));
    p = _mm512_fmadd_pd(p, f, power_of(0x1.277e79b7b9082p-2));
    p = _mm512_fmadd_pd(p, f, power_of(-0x1.715493385f95ep-2));
    p = _mm512_fmadd_pd(p, f, power_of(0x1.ec709cdb90bebp-2));
    p = _mm512_fmadd_pd(p, f, power_of(-0x1.715476518f361p-1));
    p = _mm512_fmadd_pd(p, f, power_of(0x1.71547652b95adp+0));
    const __m512d logarithm = _mm512_fmadd_pd(p, f, _mm512_add_pd(e, centre));
    const __m512d t = _mm512_mul_pd(_mm512_cvtps_pd(y), logarithm);
    const __m512d n = _mm512_roundscale_pd(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), r = _mm512_sub_pd(t, n);
    __m512d q = power_of(0x1.fe17988364839p-17);
    q = _mm512_fmadd_pd(q, r, power_of(0x1.446a203d732d5p-13));
    q = _mm512_fmadd_pd(q, r, power_of(0x1.5d8a707a6bf48p-10));
    q = _mm512_fmadd_pd(q, r, power_of(0x1.3b29dc401232fp-7));
    q = _mm512_fmadd_pd(q, r, power_of(0x1.c6b08aaf36349p-5));
    q = _mm512_fmadd_pd(q, r, power_of(0x1.ebfbe0a4c09e3p-3));
    q = _mm512_fmadd_pd(q, r, power_of(0x1.62e42ff1162a0p-1));
    q = _mm512_fmadd_pd(q, r, power_of(0x1.ffffffffabb69p-1));
    return _mm512_cvtpd_ps(_mm512_scalef_pd(q, n));
}

/* Where a base is not above zero, or a number not finite. */
static __attribute__((noinline)) __m512 power_atEdges(__m512 x, __m512 y, __m512 size)
{
    float a[POWER_WIDTH], b[POWER_WIDTH], r[POWER_WIDTH];
    _mm512_storeu_ps(a, x);
    _mm512_storeu_ps(b, y);
    _mm512_storeu_ps(r, size);
    for (int i = 0; i < POWER_WIDTH; i++) r[i] = power_edges(a[i], b[i], r[i]);
    return _mm512_loadu_ps(r);
}

TH_INLINE __m512 power_sixteen(__m512 x, __m512 y)
{
    const __m256 low = power_eight(_mm512_castps512_ps256(x), _mm512_castps512_ps256(y));
    const __m256 high = power_eight(_mm512_extractf32x8_ps(x, 1), _mm512_extractf32x8_ps(y, 1));
    const __m512 size = _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
    enum { not_positive = 0xdf, not_finite = 0x99 }; /* nan, zero, infinity, negative; nan, infinity */
    const __mmask16 edges = _mm512_fpclass_ps_mask(x, not_positive) | _mm512_fpclass_ps_mask(y, not_finite);
    return __builtin_expect(edges != 0, 0) ? power_atEdges(x, y, size) : size;
}

/* A number that does not walk (stride 0) is read once. */
TH_INLINE void power_dense(float *r, const float *a, int a_walks, const float *b, int b_walks, int64_t n)
{
    const __m512 a0 = _mm512_set1_ps(a[0]), b0 = _mm512_set1_ps(b[0]);
    int64_t i = 0;
    for (; i + POWER_WIDTH <= n; i += POWER_WIDTH)
        _mm512_storeu_ps(r + i, power_sixteen(a_walks ? _mm512_loadu_ps(a + i) : a0, b_walks ? _mm512_loadu_ps(b + i) : b0));
    if (i == n) return;
    const __mmask16 rest = (__mmask16)((1u << (n - i)) - 1);
    const __m512 one = _mm512_set1_ps(1.0f);
    const __m512 x = a_walks ? _mm512_mask_loadu_ps(one, rest, a + i) : a0;
    _mm512_mask_storeu_ps(r + i, rest, power_sixteen(x, b_walks ? _mm512_mask_loadu_ps(one, rest, b + i) : b0));
}

static void TH_KERNEL(pow)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    const int64_t s = sizeof(float);
    float a[POWER_BLOCK], b[POWER_BLOCK];
    float *const r = (float *)(void *)data[0];
    const float *const x = (const float *)(const void *)data[1], *const y = (const float *)(const void *)data[2];
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
            for (int64_t i = 0; i < count; i++) a[i] = TH_CONST_AT(float, data[1], stride[1], begin + i);
            for (int64_t i = 0; i < count; i++) b[i] = TH_CONST_AT(float, data[2], stride[2], begin + i);
            power_dense(a, a, 1, b, 1, count);
            for (int64_t i = 0; i < count; i++) TH_AT(float, data[0], stride[0], begin + i) = a[i];
        }
    }
}

#endif
