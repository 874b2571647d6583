/* THFloatTensor_*: computing element by element, masks, indices, products. */
#include "typed/THTypedBody.h"

/* Defines a function that checks the dtype of `first` and then returns `call`. `parameters` and `call` come in parentheses. */
#define FORWARD(name, parameters, first, call)                                                                                 \
    THStatus THTensor_(name) parameters                                                                                        \
    {                                                                                                                          \
        TH_TRY(check_dtype(#name, first));                                                                                     \
        return call;                                                                                                           \
    }

FORWARD(fill, (THTensor * r_, real value), r_, THTensor_fill(r_, SCALAR(value)))
FORWARD(zero, (THTensor * r_), r_, THTensor_zero(r_))

/* --- masks and indices ----------------------------------------------------------------------------------------------- */

FORWARD(maskedFill, (THTensor * tensor, const THTensor *mask, real value), tensor,
        THTensor_maskedFill(tensor, mask, SCALAR(value)))
FORWARD(maskedCopy, (THTensor * tensor, const THTensor *mask, const THTensor *source), tensor,
        THTensor_maskedCopy(tensor, mask, source))
FORWARD(maskedSelect, (THTensor * tensor, const THTensor *source, const THTensor *mask), source,
        THTensor_maskedSelect(tensor, source, mask))
FORWARD(nonzero, (THTensor * subscript, const THTensor *tensor), tensor, THTensor_nonzero(subscript, tensor))
FORWARD(indexSelect, (THTensor * tensor, const THTensor *source, int dim, const THTensor *index), source,
        THTensor_indexSelect(tensor, source, dim, index))
FORWARD(indexCopy, (THTensor * tensor, int dim, const THTensor *index, const THTensor *source), tensor,
        THTensor_indexCopy(tensor, dim, index, source))
FORWARD(indexAdd, (THTensor * tensor, int dim, const THTensor *index, const THTensor *source), tensor,
        THTensor_indexAdd(tensor, dim, index, source))
FORWARD(indexFill, (THTensor * tensor, int dim, const THTensor *index, real val), tensor,
        THTensor_indexFill(tensor, dim, index, SCALAR(val)))
FORWARD(take, (THTensor * tensor, const THTensor *src, const THTensor *index), src, THTensor_take(tensor, src, index))
FORWARD(put, (THTensor * tensor, const THTensor *index, const THTensor *src, int accumulate), tensor,
        THTensor_put(tensor, index, src, accumulate))
FORWARD(gather, (THTensor * tensor, const THTensor *source, int dim, const THTensor *index), source,
        THTensor_gather(tensor, source, dim, index))
FORWARD(scatter, (THTensor * tensor, int dim, const THTensor *index, const THTensor *src), tensor,
        THTensor_scatter(tensor, dim, index, src))
FORWARD(scatterFill, (THTensor * tensor, int dim, const THTensor *index, real val), tensor,
        THTensor_scatterFill(tensor, dim, index, SCALAR(val)))
FORWARD(scatterAdd, (THTensor * tensor, int dim, const THTensor *index, const THTensor *source), tensor,
        THTensor_scatterAdd(tensor, dim, index, source))

THStatus THTensor_(cat)(THTensor *r_, THTensor *ta, THTensor *tb, int dim)
{
    TH_GIVEN("cat", r_, ta, tb);
    THTensor *const both[] = {ta, tb};
    TH_TRY(check_dtype("cat", ta));
    return THTensor_cat(r_, both, 2, dim);
}

THStatus THTensor_(catArray)(THTensor *result, THTensor **inputs, int num_inputs, int dim)
{
    TH_GIVEN("catArray", result, inputs);
    if (num_inputs > 0) TH_TRY(check_dtype("cat", inputs[0]));
    return THTensor_cat(result, inputs, num_inputs, dim);
}

/* --- products --------------------------------------------------------------------------------------------------------- */

accreal THTensor_(dot)(const THTensor *t, const THTensor *source)
{
    TH_GIVEN_OR(NO_ACCREAL, "dot", t, source);
    THScalar value = ACC_SCALAR(NO_ACCREAL);
    THTensor *const r = THTensor_new();
    THStatus status = r == NULL ? THStatus_last() : check_dtype("dot", t);
    if (status == TH_OK) status = THTensor_dot(r, t, source);
    if (status == TH_OK) status = THTensor_item(r, &value);
    THTensor_free(r);
    return status == TH_OK ? accreal_of(value) : NO_ACCREAL;
}

FORWARD(addmv, (THTensor * r_, real beta, const THTensor *t, real alpha, const THTensor *mat, const THTensor *vec), mat,
        THTensor_addmv(r_, SCALAR(beta), t, SCALAR(alpha), mat, vec))
FORWARD(addmm, (THTensor * r_, real beta, const THTensor *t, real alpha, const THTensor *mat1, const THTensor *mat2), mat1,
        THTensor_addmm(r_, SCALAR(beta), t, SCALAR(alpha), mat1, mat2))
FORWARD(addr, (THTensor * r_, real beta, const THTensor *t, real alpha, const THTensor *vec1, const THTensor *vec2), vec1,
        THTensor_addr(r_, SCALAR(beta), t, SCALAR(alpha), vec1, vec2))
FORWARD(addbmm, (THTensor * r_, real beta, const THTensor *t, real alpha, const THTensor *batch1, const THTensor *batch2),
        batch1, THTensor_addbmm(r_, SCALAR(beta), t, SCALAR(alpha), batch1, batch2))
FORWARD(baddbmm, (THTensor * r_, real beta, const THTensor *t, real alpha, const THTensor *batch1, const THTensor *batch2),
        batch1, THTensor_baddbmm(r_, SCALAR(beta), t, SCALAR(alpha), batch1, batch2))

/* --- a tensor and a number -------------------------------------------------------------------------------------------- */

#define ONE THScalar_fromLong(1)
#define WITH_VALUE(name, call) FORWARD(name, (THTensor * r_, const THTensor *t, real value), t, call)

WITH_VALUE(add, THTensor_add(r_, t, SCALAR(value), ONE))
WITH_VALUE(sub, THTensor_sub(r_, t, SCALAR(value), ONE))
WITH_VALUE(mul, THTensor_mul(r_, t, SCALAR(value)))
WITH_VALUE(div, THTensor_div(r_, t, SCALAR(value)))
WITH_VALUE(fmod, THTensor_fmod(r_, t, SCALAR(value)))
WITH_VALUE(remainder, THTensor_remainder(r_, t, SCALAR(value)))
WITH_VALUE(lshift, THTensor_lshift(r_, t, SCALAR(value)))
WITH_VALUE(rshift, THTensor_rshift(r_, t, SCALAR(value)))
WITH_VALUE(bitand, THTensor_bitand(r_, t, SCALAR(value)))
WITH_VALUE(bitor, THTensor_bitor(r_, t, SCALAR(value)))
WITH_VALUE(bitxor, THTensor_bitxor(r_, t, SCALAR(value)))
WITH_VALUE(pow, THTensor_pow(r_, t, SCALAR(value)))
WITH_VALUE(cmaxValue, THTensor_clamp(r_, t, 1, SCALAR(value), 0, ONE))
WITH_VALUE(cminValue, THTensor_clamp(r_, t, 0, ONE, 1, SCALAR(value)))
FORWARD(tpow, (THTensor * r_, real value, const THTensor *t), t, THTensor_tpow(r_, t, SCALAR(value)))
FORWARD(add_scaled, (THTensor * r_, const THTensor *t, real value, real alpha), t,
        THTensor_add(r_, t, SCALAR(value), SCALAR(alpha)))
FORWARD(sub_scaled, (THTensor * r_, const THTensor *t, real value, real alpha), t,
        THTensor_sub(r_, t, SCALAR(value), SCALAR(alpha)))
FORWARD(clamp, (THTensor * r_, const THTensor *t, real min_value, real max_value), t,
        THTensor_clamp(r_, t, 1, SCALAR(min_value), 1, SCALAR(max_value)))

/* --- tensors ------------------------------------------------------------------------------------------------------------ */

#define OF_TWO(name, call) FORWARD(name, (THTensor * r_, const THTensor *t, const THTensor *source), t, call)

OF_TWO(cmul, THTensor_cmul(r_, t, source))
OF_TWO(cdiv, THTensor_cdiv(r_, t, source))
OF_TWO(cpow, THTensor_cpow(r_, t, source))
OF_TWO(cfmod, THTensor_cfmod(r_, t, source))
OF_TWO(cremainder, THTensor_cremainder(r_, t, source))
OF_TWO(clshift, THTensor_clshift(r_, t, source))
OF_TWO(crshift, THTensor_crshift(r_, t, source))
OF_TWO(cbitand, THTensor_cbitand(r_, t, source))
OF_TWO(cbitor, THTensor_cbitor(r_, t, source))
OF_TWO(cbitxor, THTensor_cbitxor(r_, t, source))
OF_TWO(cmax, THTensor_cmax(r_, t, source))
OF_TWO(cmin, THTensor_cmin(r_, t, source))
FORWARD(cadd, (THTensor * r_, const THTensor *t, real value, const THTensor *source), t,
        THTensor_cadd(r_, t, source, SCALAR(value)))
FORWARD(csub, (THTensor * r_, const THTensor *t, real value, const THTensor *source), t,
        THTensor_csub(r_, t, source, SCALAR(value)))
FORWARD(addcmul, (THTensor * r_, const THTensor *t, real value, const THTensor *source1, const THTensor *source2), t,
        THTensor_addcmul(r_, t, SCALAR(value), source1, source2))
FORWARD(addcdiv, (THTensor * r_, const THTensor *t, real value, const THTensor *source1, const THTensor *source2), t,
        THTensor_addcdiv(r_, t, SCALAR(value), source1, source2))

#define OF_ONE(name) FORWARD(name, (THTensor * r_, const THTensor *t), t, THTensor_##name(r_, t))

OF_ONE(neg)
OF_ONE(abs)
OF_ONE(sign)
FORWARD(cinv, (THTensor * r_, const THTensor *t), t, THTensor_rdiv(r_, t, ONE))

#if TH_DTYPE_IS_FLOATING
OF_ONE(sigmoid)
OF_ONE(log)
OF_ONE(log1p)
OF_ONE(exp)
OF_ONE(cos)
OF_ONE(sin)
OF_ONE(tanh)
OF_ONE(sqrt)
OF_ONE(rsqrt)
OF_ONE(ceil)
OF_ONE(floor)
OF_ONE(round)
OF_ONE(trunc)
OF_ONE(expm1)
OF_ONE(log2)
OF_ONE(log10)
OF_ONE(tan)
OF_ONE(asin)
OF_ONE(acos)
OF_ONE(atan)
OF_ONE(sinh)
OF_ONE(cosh)
OF_ONE(frac)
OF_ONE(erf)
OF_ONE(erfc)
OF_ONE(erfinv)
OF_ONE(lgamma)
OF_ONE(digamma)
FORWARD(polygamma, (THTensor * r_, int64_t n, const THTensor *t), t, THTensor_polygamma(r_, t, n > 171 ? 171 : (int)n))
FORWARD(atan2, (THTensor * r_, const THTensor *tx, const THTensor *ty), tx, THTensor_atan2(r_, tx, ty))
FORWARD(lerp, (THTensor * r_, const THTensor *a, const THTensor *b, real weight), a, THTensor_lerp(r_, a, b, SCALAR(weight)))
#endif

/* --- comparisons -------------------------------------------------------------------------------------------------------- */

/* The tagged functions write Byte, or a's dtype if r_ has it: so r_ decides, and is checked here. */
static THStatus check_result(const char *op, const THTensor *r_, THDtype dtype)
{
    TH_FAIL_IF(r_->dtype != dtype, TH_ERR_DTYPE, "[%s] result is %s, expected %s", op, THDtype_name((THDtype)r_->dtype),
               THDtype_name(dtype));
    return TH_OK;
}

#define COMPARE(name)                                                                                                          \
    THStatus THTensor_(name##Value)(THTensor * r_, const THTensor *t, real value)                                              \
    {                                                                                                                          \
        TH_GIVEN(#name "Value", r_, t);                                                                                        \
        TH_TRY(check_dtype(#name "Value", t));                                                                                 \
        TH_TRY(check_result(#name "Value", r_, THDtype_Byte));                                                                 \
        return THTensor_##name##Value(r_, t, SCALAR(value));                                                                   \
    }                                                                                                                          \
    THStatus THTensor_(name##ValueT)(THTensor * r_, const THTensor *t, real value)                                             \
    {                                                                                                                          \
        TH_GIVEN(#name "ValueT", r_, t);                                                                                       \
        TH_TRY(check_dtype(#name "ValueT", t));                                                                                \
        TH_TRY(check_result(#name "ValueT", r_, REAL_DTYPE));                                                                  \
        return THTensor_##name##Value(r_, t, SCALAR(value));                                                                   \
    }                                                                                                                          \
    THStatus THTensor_(name##Tensor)(THTensor * r_, const THTensor *ta, const THTensor *tb)                                    \
    {                                                                                                                          \
        TH_GIVEN(#name "Tensor", r_, ta, tb);                                                                                  \
        TH_TRY(check_dtype(#name "Tensor", ta));                                                                               \
        TH_TRY(check_result(#name "Tensor", r_, THDtype_Byte));                                                                \
        return THTensor_##name##Tensor(r_, ta, tb);                                                                            \
    }                                                                                                                          \
    THStatus THTensor_(name##TensorT)(THTensor * r_, const THTensor *ta, const THTensor *tb)                                   \
    {                                                                                                                          \
        TH_GIVEN(#name "TensorT", r_, ta, tb);                                                                                 \
        TH_TRY(check_dtype(#name "TensorT", ta));                                                                              \
        TH_TRY(check_result(#name "TensorT", r_, REAL_DTYPE));                                                                 \
        return THTensor_##name##Tensor(r_, ta, tb);                                                                            \
    }

COMPARE(lt)
COMPARE(le)
COMPARE(gt)
COMPARE(ge)
COMPARE(ne)
COMPARE(eq)

int THTensor_(equal)(const THTensor *ta, const THTensor *tb)
{
    TH_GIVEN_OR(0, "equal", ta, tb);
    int result = 0;
    if (check_dtype("equal", ta) == TH_OK && THTensor_equal(&result, ta, tb) != TH_OK) result = 0;
    return result;
}
