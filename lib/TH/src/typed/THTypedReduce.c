/* THFloatTensor_*: reductions, sequences. */
#include "typed/THTypedBody.h"

int64_t THTensor_(numel)(const THTensor *t)
{
    TH_GIVEN_OR(0, "numel", t);
    return t->numel;
}

/* Torch's results have the input's dtype; the tagged sums of integers are int64 and are wrapped here. */
static THStatus reduce_wrapped(const char *op, THStatus (*reduce)(THTensor *, const THTensor *, int, int), THTensor *r_,
                               const THTensor *t, int dim, int keepdim)
{
    TH_TRY(check_dtype(op, t));
    TH_TRY(check_dtype(op, r_));
    if (TH_DTYPE_IS_FLOATING || REAL_DTYPE == THDtype_Long) return reduce(r_, t, dim, keepdim);
    THTensor *const wide = THTensor_new();
    if (wide == NULL) return THStatus_last();
    return wrap_into(op, r_, wide, reduce(wide, t, dim, keepdim));
}

THStatus THTensor_(sum)(THTensor *r_, const THTensor *t, int dim, int keepdim)
{
    return reduce_wrapped("sum", THTensor_sum, r_, t, dim, keepdim);
}

THStatus THTensor_(prod)(THTensor *r_, const THTensor *t, int dim, int keepdim)
{
    return reduce_wrapped("prod", THTensor_prod, r_, t, dim, keepdim);
}

THStatus THTensor_(max)(THTensor *values_, THTensor *indices_, const THTensor *t, int dim, int keepdim)
{
    TH_TRY(check_dtype("max", t));
    return THTensor_max(values_, indices_, t, dim, keepdim);
}

THStatus THTensor_(min)(THTensor *values_, THTensor *indices_, const THTensor *t, int dim, int keepdim)
{
    TH_TRY(check_dtype("min", t));
    return THTensor_min(values_, indices_, t, dim, keepdim);
}

RETURN_VALUE(accreal, sumall, (const THTensor *t), THTensor_sumall(r, t))
RETURN_VALUE(accreal, prodall, (const THTensor *t), THTensor_prodall(r, t))
RETURN_VALUE(real, maxall, (const THTensor *t), THTensor_maxall(r, t))
RETURN_VALUE(real, minall, (const THTensor *t), THTensor_minall(r, t))

/* --- sequences ------------------------------------------------------------------------------------------------------------ */

THStatus THTensor_(arange)(THTensor *r_, accreal xmin, accreal xmax, accreal step)
{
    TH_TRY(check_dtype("arange", r_));
    return THTensor_arange(r_, ACC_SCALAR(xmin), ACC_SCALAR(xmax), ACC_SCALAR(step));
}

THStatus THTensor_(eye)(THTensor *r_, int64_t n, int64_t m)
{
    TH_TRY(check_dtype("eye", r_));
    return THTensor_eye(r_, n, m);
}

#if TH_DTYPE_IS_FLOATING

THStatus THTensor_(linspace)(THTensor *r_, real a, real b, int64_t n)
{
    TH_TRY(check_dtype("linspace", r_));
    return THTensor_linspace(r_, DOUBLE_OF(a), DOUBLE_OF(b), n);
}

THStatus THTensor_(mean)(THTensor *r_, const THTensor *t, int dim, int keepdim)
{
    TH_TRY(check_dtype("mean", t));
    return THTensor_mean(r_, t, dim, keepdim);
}

THStatus THTensor_(var)(THTensor *r_, const THTensor *t, int dim, int biased, int keepdim)
{
    TH_TRY(check_dtype("var", t));
    return THTensor_var(r_, t, dim, biased, keepdim);
}

THStatus THTensor_(std)(THTensor *r_, const THTensor *t, int dim, int biased, int keepdim)
{
    TH_TRY(check_dtype("std", t));
    return THTensor_std(r_, t, dim, biased, keepdim);
}

THStatus THTensor_(norm)(THTensor *r_, const THTensor *t, real value, int dim, int keepdim)
{
    TH_TRY(check_dtype("norm", t));
    return THTensor_norm(r_, t, DOUBLE_OF(value), dim, keepdim);
}

RETURN_VALUE(accreal, meanall, (const THTensor *t), THTensor_meanall(r, t))
RETURN_VALUE(accreal, varall, (const THTensor *t, int biased), THTensor_varall(r, t, biased))
RETURN_VALUE(accreal, normall, (const THTensor *t, real value), THTensor_normall(r, t, DOUBLE_OF(value)))
RETURN_VALUE(accreal, stdall, (const THTensor *t, int biased), THTensor_stdall(r, t, biased))
RETURN_VALUE(accreal, dist, (const THTensor *t, const THTensor *src, real value), THTensor_dist(r, t, src, DOUBLE_OF(value)))

THStatus THTensor_(renorm)(THTensor *r_, const THTensor *t, real value, int dimension, real maxnorm)
{
    TH_TRY(check_dtype("renorm", t));
    return THTensor_renorm(r_, t, DOUBLE_OF(value), dimension, DOUBLE_OF(maxnorm));
}

THStatus THTensor_(histc)(THTensor *hist, const THTensor *tensor, int64_t nbins, real minvalue, real maxvalue)
{
    TH_TRY(check_dtype("histc", tensor));
    return THTensor_histc(hist, tensor, nbins, DOUBLE_OF(minvalue), DOUBLE_OF(maxvalue));
}

THStatus THTensor_(bhistc)(THTensor *hist, const THTensor *tensor, int64_t nbins, real minvalue, real maxvalue)
{
    TH_TRY(check_dtype("bhistc", tensor));
    return THTensor_bhistc(hist, tensor, nbins, DOUBLE_OF(minvalue), DOUBLE_OF(maxvalue));
}

#endif

/* Whether an element of t compares so with 0; -1 on failure. */
static int any_of(const char *op, THStatus (*compare)(THTensor *, const THTensor *, THScalar), const THTensor *t)
{
    THScalar most = THScalar_fromLong(0);
    THTensor *const mask = THTensor_new(), *const r = THTensor_new();
    THStatus status = mask == NULL || r == NULL ? THStatus_last() : check_dtype(op, t);
    if (status == TH_OK) status = compare(mask, t, THScalar_fromLong(0));
    if (status == TH_OK && t->numel > 0) status = THTensor_maxall(r, mask);
    if (status == TH_OK && t->numel > 0) status = THTensor_item(r, &most);
    THTensor_free(mask);
    THTensor_free(r);
    return status == TH_OK ? most.value.i != 0 : -1;
}

int THTensor_(logicalall)(const THTensor *t)
{
    return any_of("logicalall", THTensor_eqValue, t) == 0;
}

int THTensor_(logicalany)(const THTensor *t)
{
    return any_of("logicalany", THTensor_neValue, t) == 1;
}
