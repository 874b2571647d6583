/* x^y of eight doubles, for THPowerVector.h, with what only AVX-512 has: tables of 32 numbers in four registers, scaling by a
 * power of two. Logarithms are pairs of doubles as in THPower.h, whose accuracy and edges hold. */
#ifndef TH_POWER_DOUBLE_H
#define TH_POWER_DOUBLE_H

#include <immintrin.h>

#include "kernels/THPower.h"

typedef __m512d power_vector_t;
typedef __mmask8 power_mask_t;
#define POWER_WIDTH 8
#define POWER_VECTOR(name) _mm512_##name##_pd

/* 97/128: m is from there to 97/64, in 32 intervals; that about 1 has 1 as its centre. */
#define POWER_FIRST 0x3fe8400000000000

/* clang-format off */
/* Of each interval: the inverse c of a number near its centre, with so few bits that m c - 1 is exact; and -ln c in two parts,
 * the first of which adds to any multiple of the first part of ln 2 without rounding. */
static const double power_inverses[32] __attribute__((aligned(64))) = {
    0x1.5p+0, 0x1.48p+0, 0x1.4p+0, 0x1.3cp+0, 0x1.34p+0, 0x1.3p+0, 0x1.28p+0, 0x1.24p+0, 0x1.2p+0, 0x1.1cp+0, 0x1.14p+0,
    0x1.1p+0, 0x1.0cp+0, 0x1.08p+0, 0x1.04p+0, 0x1.0p+0, 0x1.fp-1, 0x1.ep-1, 0x1.d4p-1, 0x1.c8p-1, 0x1.b8p-1, 0x1.bp-1,
    0x1.a4p-1, 0x1.98p-1, 0x1.9p-1, 0x1.88p-1, 0x1.7cp-1, 0x1.74p-1, 0x1.6cp-1, 0x1.64p-1, 0x1.5cp-1, 0x1.54p-1};
static const double power_high[32] __attribute__((aligned(64))) = {
    -0x1.1675cababap-2, -0x1.fb9186d5e4p-3, -0x1.c8ff7c79aap-3, -0x1.af3c94e80cp-3, -0x1.7ab890210ep-3, -0x1.5ff3070a7ap-3,
    -0x1.29552f82p-3, -0x1.0d77e7cd08p-3, -0x1.e27076e2bp-4, -0x1.a926d3a4acp-4, -0x1.341d7961bcp-4, -0x1.f0a30c0118p-5,
    -0x1.77458f633p-5, -0x1.f829b0e78p-6, -0x1.fc0a8b0fcp-7, 0x0.0p+0, 0x1.0415d89e78p-5, 0x1.08598b59e4p-4,
    0x1.700d30aeacp-4, 0x1.da72763844p-4, 0x1.365fcb015ap-3, 0x1.5bf406b544p-3, 0x1.95a5adcf7p-3, 0x1.d1037f2656p-3,
    0x1.f991c6cb3cp-3, 0x1.1178e8227ep-2, 0x1.314f1e1d36p-2, 0x1.4718dc271cp-2, 0x1.5d5bddf596p-2, 0x1.741d876c68p-2,
    0x1.8b639a88b3p-2, 0x1.a33440225p-2};
static const double power_low[32] __attribute__((aligned(64))) = {
    -0x1.8380e731f55c4p-44, 0x1.d572aab993c87p-47, 0x1.7794f689f8434p-45, 0x1.a4e633fcd9066p-52, 0x1.bdb9072534a58p-45,
    0x1.8586f183bebf2p-44, 0x1.5b967f4471dfcp-44, -0x1.cb2cd2ee2f482p-44, 0x1.a342c2af0003cp-45, -0x1.563650bd22a9cp-44,
    -0x1.1d0929983761p-44, 0x1.d599e83368e91p-45, 0x1.181dce586af09p-44, -0x1.980267c7e09e4p-45, -0x1.f1e7cf6d3a69cp-50,
    0x0.0p+0, -0x1.dddc7f461c516p-44, -0x1.7e5dd7009902cp-46, 0x1.c1e8da99ded32p-49, 0x1.a89401fa71733p-46,
    -0x1.fd3a0afb9691bp-44, -0x1.27023eb68981cp-46, 0x1.7f22858a0ff6fp-47, -0x1.84a7e75b6f6e4p-47, -0x1.90d04cd7cc834p-44,
    0x1.1ef78ce2d07f2p-44, -0x1.8e27ad3213cb8p-45, 0x1.06c18fb4c14c5p-44, -0x1.a0b2a08a465dcp-47, -0x1.13a7b5b11cfa7p-44,
    -0x1.05ae1e5e7047p-45, -0x1.61cdd40314305p-44};
/* 2^(j / 16), in two parts. */
static const double power_roots[16] __attribute__((aligned(64))) = {
    0x1.0p+0, 0x1.0b5586cf9890fp+0, 0x1.172b83c7d517bp+0, 0x1.2387a6e756238p+0, 0x1.306fe0a31b715p+0, 0x1.3dea64c123422p+0,
    0x1.4bfdad5362a27p+0, 0x1.5ab07dd485429p+0, 0x1.6a09e667f3bcdp+0, 0x1.7a11473eb0187p+0, 0x1.8ace5422aa0dbp+0,
    0x1.9c49182a3f09p+0, 0x1.ae89f995ad3adp+0, 0x1.c199bdd85529cp+0, 0x1.d5818dcfba487p+0, 0x1.ea4afa2a490dap+0};
static const double power_rootsLow[16] __attribute__((aligned(64))) = {
    0x0.0p+0, 0x1.8a62e4adc610bp-54, -0x1.19041b9d78a76p-55, 0x1.9b07eb6c70573p-54, 0x1.6f46ad23182e4p-55,
    0x1.ada0911f09ebcp-55, 0x1.d4397afec42e2p-56, 0x1.6324c054647adp-54, -0x1.bdd3413b26456p-54, -0x1.41577ee04992fp-55,
    0x1.6e9f156864b27p-54, 0x1.c7c46b071f2bep-56, 0x1.7a1cd345dcc81p-54, 0x1.11065895048ddp-55, 0x1.2ed02d75b3707p-55,
    -0x1.e9c23179c2893p-54};
/* clang-format on */

TH_INLINE __m512d power_of(double x)
{
    return _mm512_set1_pd(x);
}

/* table[index & 31]; `upper` where bit 4 is set. */
TH_INLINE __m512d power_pick(const double *table, __m512i index, __mmask8 upper)
{
    const __m512d low = _mm512_permutex2var_pd(_mm512_load_pd(table), index, _mm512_load_pd(table + 8));
    const __m512d high = _mm512_permutex2var_pd(_mm512_load_pd(table + 16), index, _mm512_load_pd(table + 24));
    return _mm512_mask_blend_pd(upper, low, high);
}

typedef struct PowerLog {
    __m512d high, low;
} PowerLog;

/* ln(x 2^-shift) of normal x > 0, within 2^-66 of itself: x = m 2^e, m = (1 + f) / c. The polynomial is
 * ((ln(1 + f) - f + f^2 / 2) / f^3 - 1/3) / f for |f| < 0.0198. */
TH_INLINE PowerLog power_logarithm(__m512d x, __m512d shift)
{
    const __m512i above = _mm512_sub_epi64(_mm512_castpd_si512(x), _mm512_set1_epi64(POWER_FIRST));
    const __m512d e = _mm512_sub_pd(_mm512_cvtepi64_pd(_mm512_srai_epi64(above, 52)), shift);
    const __m512i exponent = _mm512_and_si512(above, _mm512_set1_epi64((int64_t)0xfff0000000000000u));
    const __m512d m = _mm512_castsi512_pd(_mm512_sub_epi64(_mm512_castpd_si512(x), exponent));
    const __m512i index = _mm512_srli_epi64(above, 47);
    const __mmask8 upper = _mm512_test_epi64_mask(above, _mm512_set1_epi64((int64_t)1 << 51));
    const __m512d f = _mm512_fmsub_pd(m, power_pick(power_inverses, index, upper), power_of(1.0));
    const __m512d high = _mm512_fmadd_pd(e, power_of(0x1.62e42fefa38p-1), power_pick(power_high, index, upper));
    const __m512d low = _mm512_fmadd_pd(e, power_of(0x1.ef35793c7673p-45), power_pick(power_low, index, upper));
    const __m512d square = _mm512_mul_pd(f, f), lost = _mm512_fmsub_pd(f, f, square);
    const __m512d half = power_of(-0.5), third = power_of(0x1.5555555555555p-2);
    const __m512d a = _mm512_fmadd_pd(power_of(0x1.999999999997ep-3), f, power_of(-0x1.ffffffffffff8p-3));
    const __m512d b = _mm512_fmadd_pd(power_of(0x1.24924924df2dep-3), f, power_of(-0x1.555555557bbedp-3));
    const __m512d c = _mm512_fmadd_pd(power_of(0x1.c71c6657cfc34p-4), f, power_of(-0x1.fffff7ee7a6afp-4));
    const __m512d d = _mm512_fmadd_pd(power_of(0x1.74bf7f3798b6bp-4), f, power_of(-0x1.99f2138cc87cep-4));
    const __m512d p = _mm512_fmadd_pd(_mm512_fmadd_pd(_mm512_fmadd_pd(d, square, c), square, b), square, a);
    const __m512d w = _mm512_fmadd_pd(half, square, f); /* f - f^2 / 2, and what it rounds away */
    __m512d rest = _mm512_fmadd_pd(half, lost, _mm512_fmadd_pd(half, square, _mm512_sub_pd(f, w)));
    const __m512d sum = _mm512_add_pd(high, w);
    rest = _mm512_add_pd(_mm512_add_pd(rest, low), _mm512_add_pd(_mm512_sub_pd(high, sum), w));
    const __m512d cube = _mm512_mul_pd(square, f);
    const __m512d cube_lost = _mm512_fmadd_pd(lost, f, _mm512_fmsub_pd(square, f, cube));
    rest = _mm512_fmadd_pd(cube, _mm512_mul_pd(f, p), _mm512_fmadd_pd(cube_lost, third, rest));
    rest = _mm512_fmadd_pd(cube, third, rest);
    const __m512d log = _mm512_add_pd(sum, rest); /* rest is up to f^3 / 3: too much for what comes after the reduction */
    return (PowerLog){log, _mm512_add_pd(_mm512_sub_pd(sum, log), rest)};
}

/* e^(t + low), |t| < 800. The polynomial is (e^r - 1 - r) / r^2 for |r| <= ln(2) / 32. */
TH_INLINE __m512d power_exponential(__m512d t, __m512d low)
{
    const __m512d magic = power_of(0x1.8p48); /* leaves sixteenths in the low bits */
    const __m512d shifted = _mm512_fmadd_pd(t, power_of(0x1.71547652b82fep+0), magic), n = _mm512_sub_pd(shifted, magic);
    const __m512i index = _mm512_castpd_si512(shifted);
    const __m512d high = _mm512_fnmadd_pd(n, power_of(0x1.62e42fefap-1), t); /* exact */
    const __m512d rest = _mm512_fnmadd_pd(n, power_of(0x1.cf79abc9e3b3ap-40), low), r = _mm512_add_pd(high, rest);
    const __m512d square = _mm512_mul_pd(r, r);
    const __m512d a = _mm512_fmadd_pd(power_of(0x1.5555555555559p-3), r, power_of(0x1.0000000000004p-1));
    const __m512d b = _mm512_fmadd_pd(power_of(0x1.111111107d33ap-7), r, power_of(0x1.555555547f872p-5));
    const __m512d c = _mm512_fmadd_pd(power_of(0x1.a01b9ef614127p-13), r, power_of(0x1.6c18415fa234fp-10));
    const __m512d p = _mm512_fmadd_pd(_mm512_fmadd_pd(c, square, b), square, a);
    const __m512d bend = _mm512_fmadd_pd(square, p, rest); /* e^r - 1 - high, so that little is rounded with it */
    const __m512d root = _mm512_permutex2var_pd(_mm512_load_pd(power_roots), index, _mm512_load_pd(power_roots + 8));
    const __m512d root_low = _mm512_permutex2var_pd(_mm512_load_pd(power_rootsLow), index, _mm512_load_pd(power_rootsLow + 8));
    const __m512d above = _mm512_fmadd_pd(root, high, _mm512_fmadd_pd(root, bend, root_low));
    return _mm512_scalef_pd(_mm512_add_pd(root, above), n);
}

/* Of a normal x > 0; `far`: where the result is not what it is for, because |y ln x| is large or nan. */
TH_INLINE __m512d power_plain(__m512d x, __m512d y, __m512d shift, __m512d *t, __mmask8 *far)
{
    const PowerLog log = power_logarithm(x, shift);
    *t = _mm512_mul_pd(y, log.high);
    const __m512d low = _mm512_fmadd_pd(y, log.low, _mm512_fmsub_pd(y, log.high, *t));
    *far = _mm512_cmp_pd_mask(_mm512_abs_pd(*t), power_of(800.0), _CMP_NLT_UQ);
    return power_exponential(*t, low);
}

/* Where a base is not normal and above zero, an exponent not finite, or a result out of range. */
static __attribute__((noinline)) __m512d power_atEdges(__m512d x, __m512d y)
{
    /* Aligned: gcc 12 takes them to be, also where AddressSanitizer moves them elsewhere. */
    double a[POWER_WIDTH] __attribute__((aligned(64))), b[POWER_WIDTH] __attribute__((aligned(64)));
    double r[POWER_WIDTH] __attribute__((aligned(64)));
    __m512d size = _mm512_abs_pd(x), t;
    __mmask8 far;
    const __mmask8 subnormal = _mm512_cmp_pd_mask(size, power_of(0x1p-1022), _CMP_LT_OQ);
    size = _mm512_mask_mul_pd(size, subnormal, size, power_of(0x1p52));
    size = power_plain(size, y, _mm512_maskz_mov_pd(subnormal, power_of(52.0)), &t, &far);
    const __mmask8 large = _mm512_cmp_pd_mask(t, _mm512_setzero_pd(), _CMP_GT_OQ);
    size = _mm512_mask_mov_pd(size, far, _mm512_maskz_mov_pd(large, power_of(__builtin_inf())));
    _mm512_store_pd(a, x);
    _mm512_store_pd(b, y);
    _mm512_store_pd(r, size);
    for (int i = 0; i < POWER_WIDTH; i++) r[i] = power_edges(a[i], b[i], r[i]);
    return _mm512_load_pd(r);
}

TH_INLINE __m512d power_several(__m512d x, __m512d y)
{
    enum { not_normal = 0xff }; /* nan, zero, infinity, subnormal, negative; an exponent that is not finite is far */
    __m512d t;
    __mmask8 far;
    const __m512d size = power_plain(x, y, _mm512_setzero_pd(), &t, &far);
    const __mmask8 edges = _mm512_fpclass_pd_mask(x, not_normal) | far;
    return __builtin_expect(edges != 0, 0) ? power_atEdges(x, y) : size;
}

#endif
