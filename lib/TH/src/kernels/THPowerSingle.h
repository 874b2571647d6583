/* x^y of sixteen floats, for THPowerVector.h, with what only AVX-512 has: tables of 16 numbers in two registers, the exponent
 * and the mantissa of a number, and scaling by a power of two. In double, eight at a time, as in THPower.h, which also gives
 * accuracy and edges. */
#ifndef TH_POWER_SINGLE_H
#define TH_POWER_SINGLE_H

#include <immintrin.h>

#include "kernels/THPower.h"

typedef __m512 power_vector_t;
typedef __mmask16 power_mask_t;
#define POWER_WIDTH 16
#define POWER_VECTOR(name) _mm512_##name##_ps

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
    /* By pairs: chains of dependent instructions, not their number, fill what the CPU can keep waiting. */
    const __m512d f2 = _mm512_mul_pd(f, f);
    const __m512d log_a = _mm512_fmadd_pd(power_of(-0x1.715476518f361p-1), f, power_of(0x1.71547652b95adp+0));
    const __m512d log_b = _mm512_fmadd_pd(power_of(-0x1.715493385f95ep-2), f, power_of(0x1.ec709cdb90bebp-2));
    const __m512d log_c = _mm512_fmadd_pd(power_of(-0x1.ec3636c352bd0p-3), f, power_of(0x1.277e79b7b9082p-2));
    const __m512d log_d = _mm512_fmadd_pd(power_of(0x1.824e1e9201642p-3), f2, log_c);
    const __m512d p = _mm512_fmadd_pd(_mm512_fmadd_pd(log_d, f2, log_b), f2, log_a);
    const __m512d logarithm = _mm512_fmadd_pd(p, f, _mm512_add_pd(e, centre));
    const __m512d t = _mm512_mul_pd(_mm512_cvtps_pd(y), logarithm);
    const __m512d n = _mm512_roundscale_pd(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC), r = _mm512_sub_pd(t, n);
    const __m512d r2 = _mm512_mul_pd(r, r), r4 = _mm512_mul_pd(r2, r2);
    const __m512d exp_a = _mm512_fmadd_pd(power_of(0x1.62e42ff1162a0p-1), r, power_of(0x1.ffffffffabb69p-1));
    const __m512d exp_b = _mm512_fmadd_pd(power_of(0x1.c6b08aaf36349p-5), r, power_of(0x1.ebfbe0a4c09e3p-3));
    const __m512d exp_c = _mm512_fmadd_pd(power_of(0x1.5d8a707a6bf48p-10), r, power_of(0x1.3b29dc401232fp-7));
    const __m512d exp_d = _mm512_fmadd_pd(power_of(0x1.fe17988364839p-17), r, power_of(0x1.446a203d732d5p-13));
    const __m512d low = _mm512_fmadd_pd(exp_b, r2, exp_a), high = _mm512_fmadd_pd(exp_d, r2, exp_c);
    const __m512d q = _mm512_fmadd_pd(high, r4, low);
    return _mm512_cvtpd_ps(_mm512_scalef_pd(q, n));
}

/* Where a base is not above zero, or a number not finite. */
static __attribute__((noinline)) __m512 power_atEdges(__m512 x, __m512 y, __m512 size)
{
    /* Aligned: gcc 12 takes them to be, also where AddressSanitizer moves them elsewhere. */
    float a[POWER_WIDTH] __attribute__((aligned(64))), b[POWER_WIDTH] __attribute__((aligned(64)));
    float r[POWER_WIDTH] __attribute__((aligned(64)));
    _mm512_store_ps(a, x);
    _mm512_store_ps(b, y);
    _mm512_store_ps(r, size);
    for (int i = 0; i < POWER_WIDTH; i++) r[i] = power_edges(a[i], b[i], r[i]);
    return _mm512_load_ps(r);
}

TH_INLINE __m512 power_several(__m512 x, __m512 y)
{
    const __m256 low = power_eight(_mm512_castps512_ps256(x), _mm512_castps512_ps256(y));
    const __m256 high = power_eight(_mm512_extractf32x8_ps(x, 1), _mm512_extractf32x8_ps(y, 1));
    const __m512 size = _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
    enum { not_positive = 0xdf, not_finite = 0x99 }; /* nan, zero, infinity, negative; nan, infinity */
    const __mmask16 edges = _mm512_fpclass_ps_mask(x, not_positive) | _mm512_fpclass_ps_mask(y, not_finite);
    return __builtin_expect(edges != 0, 0) ? power_atEdges(x, y, size) : size;
}

#endif
