/* Reductions that are made of others: standard deviation, distance, bounded norms, the logarithm of a sum of exponentials. */
#include <math.h>

#include "TH/THArgument.h"
#include "TH/THTensorPointwise.h"
#include "TH/THTensorReduce.h"
#include "kernels/THReduce.h"
#include "ops/THOps.h"
#include "ops/THReduceOutput.h"

THStatus THTensor_std(THTensor *r, const THTensor *a, int dim, int biased, int keepdim)
{
    TH_GIVEN("std", r, a);
    TH_TRY(THTensor_var(r, a, dim, biased, keepdim));
    return THTensor_sqrt(r, r);
}

THStatus THTensor_stdall(THTensor *r, const THTensor *a, int biased)
{
    TH_GIVEN("stdall", r, a);
    TH_TRY(THTensor_varall(r, a, biased));
    return THTensor_sqrt(r, r);
}

THStatus THTensor_dist(THTensor *r, const THTensor *a, const THTensor *b, double p)
{
    TH_GIVEN("dist", r, a, b);
    THTensor *const difference = THTensor_new();
    THStatus status = difference == NULL ? THStatus_last() : THTensor_csub(difference, a, b, THScalar_fromLong(1));
    if (status == TH_OK) status = THTensor_normall(r, difference, p);
    THTensor_free(difference);
    return status;
}

/* --- renorm --------------------------------------------------------------------------------------------------------------- */

/* The p-norms of a's slices along dim, as a 1-d tensor. NULL on failure. */
static THTensor *new_slice_norms(const THTensor *a, double p, int dim)
{
    const int64_t size[] = {a->size[dim], a->size[dim] == 0 ? 0 : a->numel / a->size[dim]};
    THTensor *const turned = THTensor_newTranspose(a, 0, dim);
    THTensor *const slices = turned == NULL ? NULL : THTensor_newReshape(turned, 2, size);
    THTensor *norms = slices == NULL ? NULL : THTensor_new();
    if (norms != NULL && THTensor_norm(norms, slices, p, 1, 0) != TH_OK) {
        THTensor_free(norms);
        norms = NULL;
    }
    THTensor_free(turned);
    THTensor_free(slices);
    return norms;
}

/* Norms become what their slices are multiplied by. */
static void norms_to_factors(THTensor *norms, double max_norm)
{
    const THDtype dtype = (THDtype)norms->dtype;
    char *element = THTensor_dataBytes(norms);
    for (int64_t i = 0; i < norms->numel; i++, element += THDtype_itemsize(dtype)) {
        const double norm = THScalar_toDouble(THScalar_load(dtype, element));
        THScalar_store(THScalar_fromDouble(norm > max_norm ? max_norm / (norm + 1e-7) : 1.0), dtype, element);
    }
}

typedef struct Renorm {
    double p, max_norm;
    int dim;
} Renorm;

static THStatus renorm_of_floats(const void *call, THTensor *r, const THTensor *a)
{
    const Renorm *const c = call;
    return THTensor_renorm(r, a, c->p, c->dim, c->max_norm);
}

THStatus THTensor_renorm(THTensor *r, const THTensor *a, double p, int dim, double max_norm)
{
    TH_GIVEN("renorm", r, a);
    const Renorm call = {.p = p, .max_norm = max_norm, .dim = dim};
    if (a->dtype == THDtype_Half) return THHalfLoop_reduce("renorm", renorm_of_floats, &call, r, a);
    int64_t size[TH_MAX_DIMS];
    TH_OPS_TABLE(THReduce, table, "renorm", (THDtype)a->dtype);
    if (table->sumPower.run == NULL) return THOps_unsupported("renorm", (THDtype)a->dtype);
    TH_FAIL_IF(!(p > 0), TH_ERR_VALUE, "[renorm] p %g, expected a number above 0: non-positive-norm not supported", p);
    TH_FAIL_IF(!(max_norm >= 0), TH_ERR_VALUE, "[renorm] maxnorm %g, expected a number that is not negative", max_norm);
    TH_FAIL_IF(a->ndim < 2, TH_ERR_SHAPE, "[renorm] a tensor of %d dimensions, expected at least 2", a->ndim);
    TH_TRY(THTensor_wrapDim(a, dim, "renorm", &dim));
    for (int d = 0; d < a->ndim; d++) size[d] = d == dim ? a->size[d] : 1;
    THTensor *const norms = new_slice_norms(a, p, dim);
    if (norms == NULL) return THStatus_last();
    norms_to_factors(norms, max_norm);
    THTensor *const factors = THTensor_newView(norms, a->ndim, size);
    const THStatus status = factors == NULL ? THStatus_last() : THTensor_cmul(r, a, factors);
    THTensor_free(norms);
    THTensor_free(factors);
    return status;
}

/* --- logsumexp ------------------------------------------------------------------------------------------------------------ */

/* The greatest elements along dim (kept), where they are finite; else 0, which leaves the infinities to the sum. */
static THTensor *new_shift(const THTensor *a, int dim)
{
    THTensor *const most = THTensor_new(), *const places = THTensor_new();
    const THStatus status = most == NULL || places == NULL ? THStatus_last() : THTensor_max(most, places, a, dim, 1);
    THTensor_free(places);
    if (status != TH_OK) {
        THTensor_free(most);
        return NULL;
    }
    char *element = THTensor_dataBytes(most);
    for (int64_t i = 0; i < most->numel; i++, element += THDtype_itemsize((THDtype)most->dtype))
        if (!isfinite(THScalar_toDouble(THScalar_load((THDtype)most->dtype, element))))
            THScalar_store(THScalar_fromDouble(0), (THDtype)most->dtype, element);
    return most;
}

/* log(sum(exp(a - shift))) + shift; r has its shape, `kept` is r with dim. */
static THStatus shifted_sum(THTensor *r, const THTensor *a, int dim, int keepdim)
{
    THTensor *const shift = new_shift(a, dim), *const terms = THTensor_new();
    THTensor *const flat = shift == NULL || keepdim || a->ndim == 0 ? shift : THTensor_newSqueeze(shift, dim);
    THStatus status = flat == NULL || terms == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) status = THTensor_csub(terms, a, shift, THScalar_fromLong(1));
    if (status == TH_OK) status = THTensor_exp(terms, terms);
    if (status == TH_OK) status = THTensor_sum(r, terms, dim, keepdim);
    if (status == TH_OK) status = THTensor_log(r, r);
    if (status == TH_OK) status = THTensor_cadd(r, r, flat, THScalar_fromLong(1));
    if (flat != shift) THTensor_free(flat);
    THTensor_free(shift);
    THTensor_free(terms);
    return status;
}

/* dims: dim, keepdim. */
static THStatus logsumexp_of_floats(const void *dims, THTensor *r, const THTensor *a)
{
    return THTensor_logsumexp(r, a, ((const int *)dims)[0], ((const int *)dims)[1]);
}

THStatus THTensor_logsumexp(THTensor *r, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("logsumexp", r, a);
    const int dims[] = {dim, keepdim};
    if (a->dtype == THDtype_Half) return THHalfLoop_reduce("logsumexp", logsumexp_of_floats, dims, r, a);
    TH_OPS_TABLE(THReduce, table, "logsumexp", (THDtype)a->dtype);
    if (table->sumPower.run == NULL) return THOps_unsupported("logsumexp", (THDtype)a->dtype);
    const THDtype dtype = (THDtype)a->dtype;
    TH_TRY(THReduceOutput_dim("logsumexp", 1, &r, &dtype, a, &dim, keepdim));
    if (a->ndim > 0 && a->size[dim] == 0) { /* the logarithm of an empty sum */
        TH_TRY(THTensor_sum(r, a, dim, keepdim));
        return THTensor_log(r, r);
    }
    return r->numel == 0 ? TH_OK : shifted_sum(r, a, dim, keepdim);
}
