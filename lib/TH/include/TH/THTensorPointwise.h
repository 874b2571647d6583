/* Element by element: r[i] = f(a[i], ...). r is made ready by the op (THTensor_output): shape is the broadcast of the inputs.
 *
 * Inputs have one dtype, or TH_ERR_DTYPE. r may be one of the inputs (in place) if that one has the result's shape.
 * Integer division truncates towards zero; by zero it is TH_ERR_VALUE. */
#ifndef TH_TENSOR_POINTWISE_H
#define TH_TENSOR_POINTWISE_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* --- two tensors --------------------------------------------------------------------------------------------------- */
/* Dtypes: all. */
TH_API THStatus THTensor_cadd(THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha); /* a + alpha * b */
TH_API THStatus THTensor_csub(THTensor *r, const THTensor *a, const THTensor *b, THScalar alpha); /* a - alpha * b */
TH_API THStatus THTensor_cmul(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_cdiv(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_cpow(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_cmax(THTensor *r, const THTensor *a, const THTensor *b); /* nan if either is nan */
TH_API THStatus THTensor_cmin(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_cfmod(THTensor *r, const THTensor *a, const THTensor *b);      /* sign of a */
TH_API THStatus THTensor_cremainder(THTensor *r, const THTensor *a, const THTensor *b); /* sign of b */
/* a * 2^b and a / 2^b; of integers the bits of a, where a count outside of the dtype's width moves all of them out. */
TH_API THStatus THTensor_clshift(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_crshift(THTensor *r, const THTensor *a, const THTensor *b);
/* Dtypes: Byte, Char, Short, Int, Long. */
/* Integers only. */
TH_API THStatus THTensor_cbitand(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_cbitor(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_cbitxor(THTensor *r, const THTensor *a, const THTensor *b);
/* Dtypes: Half, Float, Double. */
/* Floating dtypes: the angle of the point (b, a), between -pi and pi; a + weight * (b - a). */
TH_API THStatus THTensor_atan2(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_lerp(THTensor *r, const THTensor *a, const THTensor *b, THScalar weight);

/* --- a tensor and a scalar: the scalar has to fit the tensor's dtype (THScalar_check) ------------------------------- */
/* Dtypes: all. */
TH_API THStatus THTensor_add(THTensor *r, const THTensor *a, THScalar value, THScalar alpha); /* a + alpha * value */
TH_API THStatus THTensor_sub(THTensor *r, const THTensor *a, THScalar value, THScalar alpha);
TH_API THStatus THTensor_rsub(THTensor *r, const THTensor *a, THScalar value); /* value - a */
TH_API THStatus THTensor_mul(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_div(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_rdiv(THTensor *r, const THTensor *a, THScalar value); /* value / a */
TH_API THStatus THTensor_pow(THTensor *r, const THTensor *a, THScalar exponent);
TH_API THStatus THTensor_tpow(THTensor *r, const THTensor *a, THScalar base); /* base to the power of a */
TH_API THStatus THTensor_fmod(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_remainder(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_lshift(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_rshift(THTensor *r, const THTensor *a, THScalar value);
/* Dtypes: Byte, Char, Short, Int, Long. */
TH_API THStatus THTensor_bitand(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_bitor(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_bitxor(THTensor *r, const THTensor *a, THScalar value);
/* Dtypes: all. */
/* Either bound may be absent: pass has_min or has_max 0. */
TH_API THStatus THTensor_clamp(THTensor *r, const THTensor *a, int has_min, THScalar min, int has_max, THScalar max);

/* --- comparisons: r is Byte, 0 or 1 (or, if r already has a's dtype, that) ------------------------------------------ */
TH_API THStatus THTensor_ltTensor(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_leTensor(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_gtTensor(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_geTensor(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_eqTensor(THTensor *r, const THTensor *a, const THTensor *b);
TH_API THStatus THTensor_neTensor(THTensor *r, const THTensor *a, const THTensor *b);
/* The value may be a float beside integers: the comparison is of the true values. */
TH_API THStatus THTensor_ltValue(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_leValue(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_gtValue(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_geValue(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_eqValue(THTensor *r, const THTensor *a, THScalar value);
TH_API THStatus THTensor_neValue(THTensor *r, const THTensor *a, THScalar value);
/* *result: same shape, and all elements equal. */
TH_API THStatus THTensor_equal(int *result, const THTensor *a, const THTensor *b);

/* --- one tensor ---------------------------------------------------------------------------------------------------- */
TH_API THStatus THTensor_neg(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_abs(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_sign(THTensor *r, const THTensor *a);
/* Dtypes: Half, Float, Double. */
/* Floating dtypes only, from here on. At most 2 ulp, where nothing else is said; Half is the rounded result in float. */
TH_API THStatus THTensor_cinv(THTensor *r, const THTensor *a); /* 1 / a */
TH_API THStatus THTensor_sqrt(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_rsqrt(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_exp(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_log(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_log1p(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_sin(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_cos(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_tanh(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_sigmoid(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_floor(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_ceil(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_round(THTensor *r, const THTensor *a); /* half to even */
TH_API THStatus THTensor_trunc(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_frac(THTensor *r, const THTensor *a); /* a - trunc(a) */
TH_API THStatus THTensor_tan(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_asin(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_acos(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_atan(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_sinh(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_cosh(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_expm1(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_log2(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_log10(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_erf(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_erfc(THTensor *r, const THTensor *a); /* Double: 4 ulp */
/* Of Double at most 8 ulp, of the largest term where terms cancel (the last three of negative numbers). */
TH_API THStatus THTensor_erfinv(THTensor *r, const THTensor *a);
TH_API THStatus THTensor_lgamma(THTensor *r, const THTensor *a);           /* log |gamma(a)| */
TH_API THStatus THTensor_digamma(THTensor *r, const THTensor *a);          /* its derivative */
TH_API THStatus THTensor_polygamma(THTensor *r, const THTensor *a, int n); /* that one's n-th derivative, n 0 .. 170 */

/* --- three tensors ------------------------------------------------------------------------------------------------- */
/* Dtypes: all. */
TH_API THStatus THTensor_addcmul(THTensor *r, const THTensor *a, THScalar value, const THTensor *b,
                                 const THTensor *c); /* a + value * b * c */
TH_API THStatus THTensor_addcdiv(THTensor *r, const THTensor *a, THScalar value, const THTensor *b,
                                 const THTensor *c); /* a + value * b / c */
/* condition (Byte) ? a : b */
TH_API THStatus THTensor_where(THTensor *r, const THTensor *condition, const THTensor *a, const THTensor *b);

TH_END_DECLS

#endif
