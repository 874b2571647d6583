/* tan of sixteen floats, by the formula of single_tan. Large angles are looked for in the vector at hand, not in a pass of its
 * own. */
#ifndef TH_TAN_VECTOR_H
#define TH_TAN_VECTOR_H

#include "kernels/THVectorLoop.h"

/* y, but what the C library says where x is large, infinite or nan. */
static __attribute__((noinline)) Vector vector_tanLarge(Vector y, Vector x, VectorMask large)
{
    float all[VECTOR_WIDTH];
    _mm512_storeu_ps(all, x);
    for (int k = 0; k < VECTOR_WIDTH; k++) all[k] = (large >> k & 1) ? __builtin_tanf(all[k]) : 0.0f;
    return _mm512_mask_loadu_ps(y, large, all);
}

TH_INLINE Vector vector_tan(Vector x)
{
    const Vector magic = vector_of(12582912.0f), second = vector_of(0x1.777a5cp-25f);
    const Vector shifted = _mm512_fmadd_ps(x, vector_of(0x1.45f306p-1f), magic), n = _mm512_sub_ps(shifted, magic);
    const Vector first = _mm512_fmadd_ps(n, vector_of(-0x1.921fb6p+0f), x);
    const Vector product = _mm512_mul_ps(n, second), lost = _mm512_fmsub_ps(n, second, product);
    const Vector r = _mm512_add_ps(first, product), z = _mm512_mul_ps(r, r), w = _mm512_mul_ps(z, z);
    const Vector error = _mm512_add_ps(_mm512_sub_ps(product, _mm512_sub_ps(r, first)), lost);
    const Vector low = _mm512_fmadd_ps(n, vector_of(0x1.ee59dap-50f), error);
    Vector p = _mm512_fmadd_ps(vector_of(-0x1.df6740p-12f), z, vector_of(0x1.71553cp-7f));
    p = _mm512_fmadd_ps(vector_of(0x1.305424p-8f), w, p);
    p = _mm512_fmadd_ps(p, w, _mm512_fmadd_ps(vector_of(0x1.59e806p-6f), z, vector_of(0x1.bb21aap-5f)));
    p = _mm512_fmadd_ps(p, w, _mm512_fmadd_ps(vector_of(0x1.110bfep-3f), z, vector_of(0x1.555566p-2f)));
    const Vector rest = _mm512_fmadd_ps(p, _mm512_mul_ps(z, r), _mm512_fmadd_ps(z, low, low));
    Vector y = _mm512_add_ps(r, rest);
    const Vector y_low = _mm512_add_ps(_mm512_sub_ps(r, y), rest), q = _mm512_div_ps(vector_of(-1.0f), y);
    const Vector correction = _mm512_fmadd_ps(q, y_low, _mm512_fmadd_ps(q, y, vector_of(1.0f)));
    const VectorMask odd = _mm512_test_epi32_mask(_mm512_castps_si512(shifted), _mm512_set1_epi32(1));
    y = _mm512_mask_mov_ps(y, odd, _mm512_fmadd_ps(q, correction, q));
    y = _mm512_mask_mov_ps(y, VECTOR_IS(x, _mm512_setzero_ps(), _CMP_EQ_OQ), x);
    const VectorMask large = VECTOR_IS(_mm512_abs_ps(x), vector_of(MATH_TRIG_LIMIT), _CMP_NLE_UQ);
    return __builtin_expect(large != 0, 0) ? vector_tanLarge(y, x, large) : y;
}

#endif
