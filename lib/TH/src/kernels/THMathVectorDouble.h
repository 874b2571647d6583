/* Elementary functions of eight doubles, with AVX-512's scaling by a power of two, which rounds subnormal results once.
 * Accuracy and special values are those of THMathDouble.h. */
#ifndef TH_MATH_VECTOR_DOUBLE_H
#define TH_MATH_VECTOR_DOUBLE_H

#include "kernels/THVectorLoop.h"

/* exp without a check at the upper end: x < 10^15. The polynomial of THMath_expRest in two chains. */
TH_INLINE Vector vector_expBelow(Vector x)
{
    x = _mm512_max_pd(vector_of(-746.0), x); /* of a number and nan max gives the second */
    const Vector n = _mm512_roundscale_pd(_mm512_mul_pd(x, vector_of(1.44269504088896340736)), VECTOR_NEAREST);
    Vector r = _mm512_fmadd_pd(n, vector_of(-0.6931471805592082091607153), x);
    r = _mm512_fmadd_pd(n, vector_of(-7.371002565167798901834e-13), r);
    const Vector z = _mm512_mul_pd(r, r);
    Vector odd = _mm512_fmadd_pd(vector_of(0x1.af39789bfd689p-26), z, vector_of(0x1.71de0d573888bp-19));
    Vector even = _mm512_fmadd_pd(vector_of(0x1.28922d8c8d4fbp-22), z, vector_of(0x1.a019b87f7a6e9p-16));
    odd = _mm512_fmadd_pd(odd, z, vector_of(0x1.a01a01a7da98dp-13));
    even = _mm512_fmadd_pd(even, z, vector_of(0x1.6c16c178b0646p-10));
    odd = _mm512_fmadd_pd(odd, z, vector_of(0x1.1111111110996p-7));
    even = _mm512_fmadd_pd(even, z, vector_of(0x1.5555555553d05p-5));
    odd = _mm512_fmadd_pd(odd, z, vector_of(0x1.5555555555556p-3));
    even = _mm512_fmadd_pd(even, z, vector_of(0.5));
    const Vector p = _mm512_fmadd_pd(odd, r, even);
    return _mm512_scalef_pd(_mm512_add_pd(vector_of(1.0), _mm512_fmadd_pd(p, z, r)), n);
}

TH_INLINE Vector vector_exp(Vector x)
{
    return vector_expBelow(_mm512_min_pd(vector_of(710.0), x));
}

TH_INLINE Vector vector_sigmoid(Vector x)
{
    const Vector one = vector_of(1.0);
    const VectorMask negative = _mm512_cmp_pd_mask(x, _mm512_setzero_pd(), _CMP_LT_OQ);
    const Vector e = vector_expBelow(_mm512_or_pd(x, vector_of(-0.0)));
    const Vector d = _mm512_add_pd(one, e), lost = _mm512_sub_pd(e, _mm512_sub_pd(d, one));
    const Vector q = _mm512_div_pd(_mm512_mask_mov_pd(one, negative, e), d);
    const Vector inverse = _mm512_mask_sub_pd(q, negative, one, q);
    return _mm512_fnmadd_pd(_mm512_mul_pd(q, inverse), lost, q);
}

/* e * ln 2 + log(1 + f), as math_logParts, its polynomial in two chains. */
TH_INLINE Vector vector_logParts(Vector f, Vector e)
{
    const Vector s = _mm512_div_pd(f, _mm512_add_pd(vector_of(2.0), f)), z = _mm512_mul_pd(s, s), w = _mm512_mul_pd(z, z);
    const Vector h = _mm512_mul_pd(_mm512_mul_pd(vector_of(0.5), f), f);
    Vector even = _mm512_fmadd_pd(vector_of(0x1.2f5d2f4becef3p-3), w, vector_of(0x1.746652ad7fba7p-3));
    Vector odd = _mm512_fmadd_pd(vector_of(0x1.399c00925c4c0p-3), w, vector_of(0x1.c71c528e168e1p-3));
    even = _mm512_fmadd_pd(even, w, vector_of(0x1.2492493fe201ap-2));
    odd = _mm512_fmadd_pd(odd, w, vector_of(0x1.99999999844d8p-2));
    even = _mm512_fmadd_pd(even, w, vector_of(0x1.555555555557cp-1));
    const Vector p = _mm512_fmadd_pd(odd, z, even), low = _mm512_mul_pd(e, vector_of(0x1.9ef35793c7673p-41));
    const Vector tail = _mm512_fmadd_pd(s, _mm512_fmadd_pd(p, z, h), low);
    const Vector high = _mm512_mul_pd(e, vector_of(0x1.62e42fefa2p-1));
    return _mm512_add_pd(high, _mm512_sub_pd(f, _mm512_sub_pd(h, tail)));
}

#include "kernels/THLogVector.h"

#endif
