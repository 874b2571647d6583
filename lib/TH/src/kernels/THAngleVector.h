/* atan of eight doubles. */
#ifndef TH_ANGLE_VECTOR_H
#define TH_ANGLE_VECTOR_H

#include "kernels/THVectorLoop.h"

/* Of a = |x| up to 1/2 by a polynomial of y = a; up to 2 by atan(a) = pi/4 + atan((a - 1) / (a + 1)); above by
 * pi/2 + atan(-1 / a). The polynomial, (atan(y) / y - 1) / y^2 of y^2 (relative error 2^-57), is in two chains. */
TH_INLINE Vector vector_atan(Vector x)
{
    const Vector a = _mm512_abs_pd(x), one = vector_of(1.0);
    const VectorMask far = VECTOR_IS(a, vector_of(2.0), _CMP_GT_OQ), turned = VECTOR_IS(a, vector_of(0.5), _CMP_GT_OQ);
    Vector top = _mm512_mask_sub_pd(a, turned, a, one), bottom = _mm512_mask_add_pd(one, turned, a, one);
    top = _mm512_mask_mov_pd(top, far, vector_of(-1.0));
    bottom = _mm512_mask_mov_pd(bottom, far, a);
    Vector centre = _mm512_maskz_mov_pd(turned, vector_of(PI_4)), low = _mm512_maskz_mov_pd(turned, vector_of(PI_4_LOW));
    centre = _mm512_mask_mov_pd(centre, far, vector_of(2.0 * PI_4));
    low = _mm512_mask_mov_pd(low, far, vector_of(2.0 * PI_4_LOW));
    const Vector y = _mm512_div_pd(top, bottom), z = _mm512_mul_pd(y, y), w = _mm512_mul_pd(z, z);
    Vector even = _mm512_fmadd_pd(vector_of(-0x1.c161d4119b701p-6), w, vector_of(-0x1.a3951433a21f0p-5));
    Vector odd = _mm512_fmadd_pd(vector_of(0x1.4b59ff177ae39p-7), w, vector_of(0x1.56ec726aa18d8p-5));
    even = _mm512_fmadd_pd(even, w, vector_of(-0x1.10f311035596bp-4));
    odd = _mm512_fmadd_pd(odd, w, vector_of(0x1.dfe8b8dcef90ep-5));
    even = _mm512_fmadd_pd(even, w, vector_of(-0x1.745cf4b4b4688p-4));
    odd = _mm512_fmadd_pd(odd, w, vector_of(0x1.3b113c6017b5ap-4));
    even = _mm512_fmadd_pd(even, w, vector_of(-0x1.249249215b42ap-3));
    odd = _mm512_fmadd_pd(odd, w, vector_of(0x1.c71c70900362fp-4));
    even = _mm512_fmadd_pd(even, w, vector_of(-0x1.5555555555516p-2));
    odd = _mm512_fmadd_pd(odd, w, vector_of(0x1.99999999910c9p-3));
    const Vector p = _mm512_fmadd_pd(odd, z, even), rest = _mm512_fmadd_pd(p, _mm512_mul_pd(z, y), low);
    const Vector r = _mm512_add_pd(centre, _mm512_add_pd(y, rest));
    return _mm512_or_pd(r, _mm512_and_pd(x, vector_of(-0.0)));
}

#endif
