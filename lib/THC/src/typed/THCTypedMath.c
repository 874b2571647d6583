/* THCudaTensor_*: computing, masks, indices, products, random numbers. */
#include "THC/generic/THCTypedLists.h"
#include "typed/THCTypedBody.h"

#define ONE THScalar_fromLong(1)

/* --- families (THC/generic/THCTypedLists.h) ------------------------------------------------------------------------------ */

#define X(name) FORWARD(name, (THTensor * r_, const THTensor *t, real value), t, THCTensor_##name(r_, t, SCALAR(value)))
THC_TYPED_VALUE(X)
#undef X
#define X(name) FORWARD(name, (THTensor * r_, const THTensor *t, const THTensor *source), t, THCTensor_##name(r_, t, source))
THC_TYPED_TWO(X)
#undef X
#define X(name)                                                                                                                \
    FORWARD(name, (THTensor * r_, const THTensor *t, real value, const THTensor *source), t,                                   \
            THCTensor_##name(r_, t, source, SCALAR(value)))
THC_TYPED_SCALED(X)
#undef X
#define X(name)                                                                                                                \
    FORWARD(name, (THTensor * r_, const THTensor *t, real value, const THTensor *source1, const THTensor *source2), t,         \
            THCTensor_##name(r_, t, SCALAR(value), source1, source2))
THC_TYPED_THREE(X)
#undef X
#define X(name) FORWARD(name, (THTensor * r_, const THTensor *t), t, THCTensor_##name(r_, t))
THC_TYPED_ONE(X)
#if TH_DTYPE_IS_FLOATING
THC_TYPED_ONE_FLOATING(X)
THC_TYPED_MATRIX(X)
#endif
#undef X
#define X(name)                                                                                                                \
    FORWARD(name, (THTensor * r_, real beta, const THTensor *t, real alpha, const THTensor *a, const THTensor *b), a,          \
            THCTensor_##name(r_, SCALAR(beta), t, SCALAR(alpha), a, b))
THC_TYPED_PRODUCT(X)
#undef X
#define X(name)                                                                                                                \
    FORWARD(name, (THTensor * values_, THTensor * indices_, const THTensor *t, int dim, int keepdim), t,                       \
            THCTensor_##name(values_, indices_, t, dim, keepdim))
THC_TYPED_EXTREMUM(X)
#undef X

/* The tagged functions write Byte, or a's dtype if r_ has it: so r_ decides, and is checked here. */
static THStatus check_mask(const char *op, const THTensor *r_)
{
    TH_GIVEN(op, r_);
    TH_FAIL_IF(r_->dtype != THDtype_Byte, TH_ERR_DTYPE, "[%s] result is %s, expected Byte", op,
               THDtype_name((THDtype)r_->dtype));
    return TH_OK;
}

#define X(name)                                                                                                                \
    THStatus THTensor_(name##Value)(THTensor * r_, const THTensor *t, real value)                                              \
    {                                                                                                                          \
        TH_TRY(check_typed(#name "Value", t));                                                                                 \
        TH_TRY(check_mask(#name "Value", r_));                                                                                 \
        return THCTensor_##name##Value(r_, t, SCALAR(value));                                                                  \
    }                                                                                                                          \
    THStatus THTensor_(name##Tensor)(THTensor * r_, const THTensor *ta, const THTensor *tb)                                    \
    {                                                                                                                          \
        TH_TRY(check_typed(#name "Tensor", ta));                                                                               \
        TH_TRY(check_mask(#name "Tensor", r_));                                                                                \
        return THCTensor_##name##Tensor(r_, ta, tb);                                                                           \
    }
THC_TYPED_COMPARE(X)
#undef X

/* Torch's results have the input's dtype; the tagged sums of integers are int64 and are wrapped here. */
static THStatus wrapped(const char *op, THTensor *r_, THTensor *wide, THStatus status)
{
    if (status == TH_OK) status = THTensor_outputOn(r_, op, THTensor_device(wide), REAL_DTYPE, wide->ndim, wide->size);
    if (status == TH_OK) status = THCTensor_copy(r_, wide);
    THTensor_free(wide);
    return status;
}

/* Defines a function whose tagged form gives int64 of integers. */
#define WRAPPED(name, parameters, call)                                                                                        \
    THStatus THTensor_(name) parameters                                                                                        \
    {                                                                                                                          \
        TH_TRY(check_typed(#name, t));                                                                                         \
        TH_TRY(check_typed(#name, r_));                                                                                        \
        THTensor *const wide = THTensor_new();                                                                                 \
        return wide == NULL ? THStatus_last() : wrapped(#name, r_, wide, call);                                                \
    }
#define X(name) WRAPPED(name, (THTensor * r_, const THTensor *t, int dim, int keepdim), THCTensor_##name(wide, t, dim, keepdim))
THC_TYPED_SUM(X)
#undef X
WRAPPED(cumsum, (THTensor * r_, const THTensor *t, int dimension), THCTensor_cumsum(wide, t, dimension))
WRAPPED(cumprod, (THTensor * r_, const THTensor *t, int dimension), THCTensor_cumprod(wide, t, dimension))

/* --- others -------------------------------------------------------------------------------------------------------------- */

FORWARD(fill, (THTensor * r_, real value), r_, THCTensor_fill(r_, SCALAR(value)))
FORWARD(zero, (THTensor * r_), r_, THCTensor_zero(r_))
FORWARD(add, (THTensor * r_, const THTensor *t, real value), t, THCTensor_add(r_, t, SCALAR(value), ONE))
FORWARD(sub, (THTensor * r_, const THTensor *t, real value), t, THCTensor_sub(r_, t, SCALAR(value), ONE))
FORWARD(clamp, (THTensor * r_, const THTensor *t, real min_value, real max_value), t,
        THCTensor_clamp(r_, t, 1, SCALAR(min_value), 1, SCALAR(max_value)))
FORWARD(tpow, (THTensor * r_, real value, const THTensor *t), t, THCTensor_tpow(r_, t, SCALAR(value)))
FORWARD(cinv, (THTensor * r_, const THTensor *t), t, THCTensor_rdiv(r_, t, ONE))

RETURN_VALUE(accreal, dot, (const THTensor *t, const THTensor *source), THCTensor_dot(r, t, source))
RETURN_VALUE(accreal, sumall, (const THTensor *t), THCTensor_sumall(r, t))
RETURN_VALUE(accreal, prodall, (const THTensor *t), THCTensor_prodall(r, t))
RETURN_VALUE(real, maxall, (const THTensor *t), THCTensor_maxall(r, t))
RETURN_VALUE(real, minall, (const THTensor *t), THCTensor_minall(r, t))
RETURN_VALUE(real, medianall, (const THTensor *t), THCTensor_medianall(r, t))
RETURN_VALUE(accreal, trace, (const THTensor *t), THCTensor_trace(r, t))

int THTensor_(equal)(const THTensor *ta, const THTensor *tb)
{
    int result = 0;
    if (check_typed("equal", ta) == TH_OK && THCTensor_equal(&result, ta, tb) != TH_OK) result = 0;
    return result;
}

/* --- masks and indices --------------------------------------------------------------------------------------------------- */

FORWARD(maskedFill, (THTensor * tensor, const THTensor *mask, real value), tensor,
        THCTensor_maskedFill(tensor, mask, SCALAR(value)))
FORWARD(maskedCopy, (THTensor * tensor, const THTensor *mask, const THTensor *source), tensor,
        THCTensor_maskedCopy(tensor, mask, source))
FORWARD(maskedSelect, (THTensor * tensor, const THTensor *source, const THTensor *mask), source,
        THCTensor_maskedSelect(tensor, source, mask))
FORWARD(nonzero, (THTensor * subscript, const THTensor *tensor), tensor, THCTensor_nonzero(subscript, tensor))
FORWARD(indexFill, (THTensor * tensor, int dim, const THTensor *index, real value), tensor,
        THCTensor_indexFill(tensor, dim, index, SCALAR(value)))

#define GATHERING(name)                                                                                                        \
    FORWARD(name, (THTensor * tensor, const THTensor *source, int dim, const THTensor *index), source,                         \
            THCTensor_##name(tensor, source, dim, index))
#define SCATTERING(name)                                                                                                       \
    FORWARD(name, (THTensor * tensor, int dim, const THTensor *index, const THTensor *source), tensor,                         \
            THCTensor_##name(tensor, dim, index, source))
GATHERING(indexSelect)
GATHERING(gather)
SCATTERING(indexCopy)
SCATTERING(indexAdd)
SCATTERING(scatter)
SCATTERING(scatterAdd)

THStatus THTensor_(catArray)(THTensor *result, THTensor **inputs, int num_inputs, int dim)
{
    if (num_inputs > 0) TH_GIVEN("catArray", result, inputs);
    if (num_inputs > 0) TH_TRY(check_typed("catArray", inputs[0]));
    return THCTensor_cat(result, inputs, num_inputs, dim);
}

/* --- order --------------------------------------------------------------------------------------------------------------- */

FORWARD(sort, (THTensor * rt_, THTensor *ri_, const THTensor *t, int dimension, int descendingOrder), t,
        THCTensor_sort(rt_, ri_, t, dimension, descendingOrder))
FORWARD(topk, (THTensor * rt_, THTensor *ri_, const THTensor *t, int64_t k, int dim, int dir, int sorted), t,
        THCTensor_topk(rt_, ri_, t, k, dim, dir, sorted))
FORWARD(kthvalue, (THTensor * values_, THTensor *indices_, const THTensor *t, int64_t k, int dimension, int keepdim), t,
        THCTensor_kthvalue(values_, indices_, t, k, dimension, keepdim))
FORWARD(median, (THTensor * values_, THTensor *indices_, const THTensor *t, int dimension, int keepdim), t,
        THCTensor_median(values_, indices_, t, dimension, keepdim))
FORWARD(mode, (THTensor * values_, THTensor *indices_, const THTensor *t, int dimension, int keepdim), t,
        THCTensor_mode(values_, indices_, t, dimension, keepdim))
FORWARD(tril, (THTensor * r_, const THTensor *t, int64_t k), t, THCTensor_tril(r_, t, k))
FORWARD(triu, (THTensor * r_, const THTensor *t, int64_t k), t, THCTensor_triu(r_, t, k))
FORWARD(diag, (THTensor * r_, const THTensor *t, int64_t k), t, THCTensor_diag(r_, t, k))

/* dimension < 0: the first one of size 3. */
THStatus THTensor_(cross)(THTensor *r_, const THTensor *a, const THTensor *b, int dimension)
{
    TH_TRY(check_typed("cross", a));
    for (int d = 0; dimension < 0 && d < a->ndim; d++)
        if (a->size[d] == 3) dimension = d;
    TH_FAIL_IF(dimension < 0, TH_ERR_SHAPE, "[cross] no dimension of size 3");
    return THCTensor_cross(r_, a, b, dimension);
}

/* --- random numbers, floats ---------------------------------------------------------------------------------------------- */

FORWARD(clampedRandom, (THTensor * self, THGenerator *generator, int64_t min, int64_t max), self,
        THCTensor_randint(self, generator, min, max))
FORWARD(bernoulli, (THTensor * self, THGenerator *generator, double p), self, THCTensor_bernoulli(self, generator, p))
FORWARD(geometric, (THTensor * self, THGenerator *generator, double p), self, THCTensor_geometric(self, generator, p))

#if TH_DTYPE_IS_FLOATING
#define LAW(name)                                                                                                              \
    FORWARD(name, (THTensor * self, THGenerator * generator, double a, double b), self, THCTensor_##name(self, generator, a, b))
LAW(uniform)
LAW(normal)
LAW(cauchy)
LAW(logNormal)
FORWARD(exponential, (THTensor * self, THGenerator *generator, double lambda), self,
        THCTensor_exponential(self, generator, lambda))
FORWARD(multinomial, (THTensor * self, THGenerator *generator, const THTensor *prob_dist, int n_sample, int with_replacement),
        prob_dist, THCTensor_multinomial(self, generator, prob_dist, n_sample, with_replacement))
FORWARD(lerp, (THTensor * r_, const THTensor *a, const THTensor *b, real weight), a, THCTensor_lerp(r_, a, b, SCALAR(weight)))
FORWARD(atan2, (THTensor * r_, const THTensor *tx, const THTensor *ty), tx, THCTensor_atan2(r_, tx, ty))
FORWARD(mean, (THTensor * r_, const THTensor *t, int dim, int keepdim), t, THCTensor_mean(r_, t, dim, keepdim))
FORWARD(std, (THTensor * r_, const THTensor *t, int dim, int biased, int keepdim), t,
        THCTensor_std(r_, t, dim, biased, keepdim))
FORWARD(var, (THTensor * r_, const THTensor *t, int dim, int biased, int keepdim), t,
        THCTensor_var(r_, t, dim, biased, keepdim))
FORWARD(norm, (THTensor * r_, const THTensor *t, real value, int dim, int keepdim), t,
        THCTensor_norm(r_, t, (double)value, dim, keepdim))
FORWARD(gesv, (THTensor * rb_, THTensor *ra_, const THTensor *b, const THTensor *a), a, THCTensor_gesv(rb_, ra_, b, a))
FORWARD(gels, (THTensor * rb_, THTensor *ra_, const THTensor *b, const THTensor *a), a, THCTensor_gels(rb_, ra_, b, a))
FORWARD(qr, (THTensor * rq_, THTensor *rr_, const THTensor *a), a, THCTensor_qr(rq_, rr_, a))
RETURN_VALUE(accreal, meanall, (const THTensor *t), THCTensor_meanall(r, t))
RETURN_VALUE(accreal, varall, (const THTensor *t, int biased), THCTensor_varall(r, t, biased))
RETURN_VALUE(accreal, stdall, (const THTensor *t, int biased), THCTensor_stdall(r, t, biased))
RETURN_VALUE(accreal, normall, (const THTensor *t, real value), THCTensor_normall(r, t, (double)value))
#endif
