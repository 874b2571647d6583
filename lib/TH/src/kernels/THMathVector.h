/* Elementary functions of sixteen floats, with what only AVX-512 has: a table of 32 numbers in two registers, the exponent and
 * the mantissa of a number, and scaling by a power of two that rounds subnormal results once. Accuracy and special values are
 * those of THMathFloat.h. */
#ifndef TH_MATH_VECTOR_H
#define TH_MATH_VECTOR_H

#include "kernels/THVectorLoop.h"

/* The table of tanh has four intervals in each octave from 2^-4 on; what lies below belongs to the first one. */
#define TANH_FIRST 492 /* the upper bits, from 2^21 on, of 2^-4 */
#define TANH_LAST 10.5f

/* For each interval of |x| its centre and the coefficients of a polynomial in the distance to it. The first one is about 0 and
 * odd, so that it keeps the precision of small numbers; from 10 on tanh is 1. */
/* clang-format off */
static const float vector_tanhTable[7][32] __attribute__((aligned(64))) = {
    {0, 0.0859375f, 0.1015625f, 0.1171875f, 0.140625f, 0.171875f, 0.203125f, 0.234375f, 0.28125f, 0.34375f, 0.40625f,
     0.46875f, 0.5625f, 0.6875f, 0.8125f, 0.9375f, 1.125f, 1.375f, 1.625f, 1.875f, 2.25f, 2.75f, 3.25f, 3.75f, 4.5f, 5.5f,
     6.5f, 7.5f, 9.0f, 10.5f, 10.5f, 10.5f},
    {0, 0.0857265666f, 0.101214729f, 0.116653986f, 0.1397053f, 0.170202315f, 0.200376719f, 0.230175704f, 0.27406159f,
     0.330821127f, 0.385283977f, 0.437188774f, 0.509829998f, 0.596373558f, 0.670967102f, 0.734071493f, 0.809301078f,
     0.879826725f, 0.925346255f, 0.954045236f, 0.978026092f, 0.991859734f, 0.996997654f, 0.998894453f, 0.999753177f,
     0.999966621f, 0.99999547f, 0.999999404f, 0.99999994f, 1.0f, 1.0f, 1.0f},
    {1.0f, 0.992650926f, 0.989755571f, 0.986391842f, 0.980482399f, 0.971031189f, 0.959849179f, 0.94701916f, 0.92489022f,
     0.890557408f, 0.851556242f, 0.808865964f, 0.740073383f, 0.644338608f, 0.549803197f, 0.461138994f, 0.345031768f,
     0.225904971f, 0.143734366f, 0.0897976384f, 0.0434649177f, 0.0162142869f, 0.0059957155f, 0.0022098925f, 0.000493520463f,
     6.68049906e-05f, 9.04133412e-06f, 1.22361632e-06f, 6.09461921e-08f, 0, 0, 0},
    {0, -0.0850965604f, -0.100177847f, -0.115066543f, -0.136978596f, -0.165271744f, -0.192331418f, -0.217980802f,
     -0.253476858f, -0.294615149f, -0.328090936f, -0.353627086f, -0.377311289f, -0.384266406f, -0.368899912f, -0.338509142f,
     -0.279237121f, -0.198758736f, -0.133004621f, -0.0856711045f, -0.0425082371f, -0.0160811003f, -0.00597717939f,
     -0.00220723939f, -0.00049261091f, -6.66953492e-05f, -9.02674219e-06f, -1.22164602e-06f, -5.92317804e-08f, 0, 0, 0},
    {-0.333333194f, -0.32358861f, -0.319779038f, -0.315374315f, -0.307690829f, -0.295547426f, -0.281410992f, -0.265499175f,
     -0.238828465f, -0.199387535f, -0.157443911f, -0.115020186f, -0.0543266311f, 0.0143866194f, 0.0642517731f,
     0.0947767645f, 0.11097461f, 0.0995709151f, 0.0751637444f, 0.0518016405f, 0.0270876437f, 0.01054639f, 0.00396105787f,
     0.00146832026f, 0.000328546972f, 4.45015576e-05f, 6.0233192e-06f, 8.15180215e-07f, 4.01417672e-08f, 0, 0, 0},
    {0, 0.0561026894f, 0.0657555163f, 0.0751412585f, 0.0886279047f, 0.105372846f, 0.120475724f, 0.133746967f, 0.149840876f,
     0.164061487f, 0.169927269f, 0.168078646f, 0.153249413f, 0.119441003f, 0.0798982307f, 0.0433629788f, 0.00370061724f,
     -0.0210951641f, -0.0251212399f, -0.020848915f, -0.012390377f, -0.00515112933f, -0.0019794968f, -0.000739871874f,
     -0.000172545857f, -2.33977644e-05f, -3.16739033e-06f, -4.28675264e-07f, -2.47095375e-08f, 0, 0, 0},
    {0.133028835f, 0.125102997f, 0.12192408f, 0.118268333f, 0.111953415f, 0.102143683f, 0.0909788609f, 0.0787465572f,
     0.0590575077f, 0.0319528393f, 0.00592386723f, -0.0171651002f, -0.0435074829f, -0.0615942106f, -0.0626845509f,
     -0.053066019f, -0.0320285298f, -0.00949542131f, 0.00140635262f, 0.00460564625f, 0.00397852808f, 0.00191317464f,
     0.000769519655f, 0.000292235956f, 6.79071672e-05f, 9.22523395e-06f, 1.24914141e-06f, 1.69064663e-07f, 9.35830791e-09f,
     0, 0, 0},
};
/* clang-format on */

TH_INLINE Vector vector_lookUp(int row, __m512i index)
{
    const float *const table = vector_tanhTable[row];
    return _mm512_permutex2var_ps(_mm512_load_ps(table), index, _mm512_load_ps(table + VECTOR_WIDTH));
}

TH_INLINE Vector vector_tanh(Vector x)
{
    const Vector sign = _mm512_and_ps(x, vector_of(-0.0f));
    const Vector a = _mm512_min_ps(vector_of(TANH_LAST), _mm512_abs_ps(x)); /* of a nan and a number min gives the second */
    const __m512i part = _mm512_sub_epi32(_mm512_srli_epi32(_mm512_castps_si512(a), 21), _mm512_set1_epi32(TANH_FIRST));
    const __m512i index = _mm512_max_epi32(part, _mm512_setzero_si512());
    const Vector r = _mm512_sub_ps(a, vector_lookUp(0, index));
    Vector y = vector_lookUp(6, index);
    y = _mm512_fmadd_ps(y, r, vector_lookUp(5, index));
    y = _mm512_fmadd_ps(y, r, vector_lookUp(4, index));
    y = _mm512_fmadd_ps(y, r, vector_lookUp(3, index));
    y = _mm512_fmadd_ps(y, r, vector_lookUp(2, index));
    y = _mm512_fmadd_ps(y, r, vector_lookUp(1, index));
    return _mm512_or_ps(y, sign);
}

/* exp without a check at the upper end: x < 10^8. */
TH_INLINE Vector vector_expBelow(Vector x)
{
    x = _mm512_max_ps(vector_of(-104.5f), x);
    const Vector n = _mm512_roundscale_ps(_mm512_mul_ps(x, vector_of(1.44269504f)), VECTOR_NEAREST);
    Vector r = _mm512_fmadd_ps(n, vector_of(-0.693115234375f), x);
    r = _mm512_fmadd_ps(n, vector_of(-3.19461849453e-5f), r);
    Vector p = vector_of(0.00139263256181f);
    p = _mm512_fmadd_ps(p, r, vector_of(0.00836329275303f));
    p = _mm512_fmadd_ps(p, r, vector_of(0.0416665537626f));
    p = _mm512_fmadd_ps(p, r, vector_of(0.166665763056f));
    p = _mm512_fmadd_ps(p, r, vector_of(0.5f));
    p = _mm512_add_ps(_mm512_fmadd_ps(p, _mm512_mul_ps(r, r), r), vector_of(1.0f));
    return _mm512_scalef_ps(p, n);
}

TH_INLINE Vector vector_exp(Vector x)
{
    return vector_expBelow(_mm512_min_ps(vector_of(89.0f), x));
}

TH_INLINE Vector vector_sigmoid(Vector x)
{
    const Vector one = vector_of(1.0f);
    const __mmask16 negative = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
    const Vector e = vector_expBelow(_mm512_or_ps(x, vector_of(-0.0f)));
    const Vector d = _mm512_add_ps(one, e), lost = _mm512_sub_ps(e, _mm512_sub_ps(d, one));
    const Vector q = _mm512_div_ps(_mm512_mask_mov_ps(one, negative, e), d);
    const Vector inverse = _mm512_mask_sub_ps(q, negative, one, q);
    return _mm512_fnmadd_ps(_mm512_mul_ps(q, inverse), lost, q);
}

/* e * ln 2 + log(1 + f), as THMath_logPartsFloat, its polynomial in two chains. */
TH_INLINE Vector vector_logParts(Vector f, Vector e)
{
    const Vector z = _mm512_mul_ps(f, f);
    Vector even = _mm512_fmadd_ps(vector_of(0x1.1c2760p-4f), z, vector_of(0x1.e70de6p-4f));
    Vector odd = _mm512_fmadd_ps(vector_of(-0x1.e56ae6p-4f), z, vector_of(-0x1.faf592p-4f));
    even = _mm512_fmadd_ps(even, z, vector_of(0x1.2328dcp-3f));
    odd = _mm512_fmadd_ps(odd, z, vector_of(-0x1.556434p-3f));
    even = _mm512_fmadd_ps(even, z, vector_of(0x1.99a526p-3f));
    odd = _mm512_fmadd_ps(odd, z, vector_of(-0x1.ffffeap-3f));
    even = _mm512_fmadd_ps(even, z, vector_of(0x1.555548p-2f));
    Vector p = _mm512_fmadd_ps(odd, f, even);
    p = _mm512_mul_ps(p, _mm512_mul_ps(f, z));
    p = _mm512_fmadd_ps(e, vector_of(-0x1.bd0106p-13f), p);
    p = _mm512_fmadd_ps(z, vector_of(-0.5f), p);
    return _mm512_fmadd_ps(e, vector_of(0x1.63p-1f), _mm512_add_ps(f, p));
}

#include "kernels/THLogVector.h"

#endif
