// Maxima and minima, and where they are.
#include "THC/THCTensor.h"

#include "kernels/THCExtremum.cuh"
#include "ops/THCReduction.cuh"

namespace
{

// values, places: ready outputs, or NULL.
template <class P> THStatus searchFor(const THCReduction &c, THTensor *values, THTensor *places, bool least)
{
    THC_FOR_ALL(c.op, c.a->dtype, T, {
        T *const to = values == nullptr ? nullptr : thc_data<T>(values);
        int64_t *const at = places == nullptr ? nullptr : thc_data<int64_t>(places);
        return c.run(THCExtremum<T, P>{to, at, THCOrder<T>(least)});
    })
}

THStatus search(const THCReduction &c, THTensor *values, THTensor *places, bool least)
{
    return c.lines().n < INT32_MAX ? searchFor<int32_t>(c, values, places, least)
                                   : searchFor<int64_t>(c, values, places, least);
}

THStatus best(const THCReduction &c, THTensor *r, bool least)
{
    THC_FOR_ALL(c.op, c.a->dtype, T, return c.run(THCBest<T>{thc_data<T>(r), THCOrder<T>(least)});)
}

THStatus ofAll(const char *op, THTensor *r, const THTensor *a, bool least, bool place)
{
    THCReduction c = {op, a, true, 0, 0};
    if (a->dtype == THDtype_None) return thc_unsupported(op, THDtype_None);
    TH_FAIL_IF(a->numel == 0, TH_ERR_SHAPE, "[%s] a tensor without elements, expected at least one", op);
    TH_TRY(c.output(r, place ? THDtype_Long : (THDtype)a->dtype));
    return place ? search(c, nullptr, r, least) : best(c, r, least);
}

THStatus checkElements(const char *op, const THTensor *a, int dim)
{
    if (a->dtype == THDtype_None) return thc_unsupported(op, THDtype_None);
    TH_TRY(THTensor_wrapDim(a, dim, op, &dim));
    TH_FAIL_IF(a->ndim > 0 && a->size[dim] == 0, TH_ERR_SHAPE, "[%s] dimension %d of size 0, expected at least one element", op,
               dim);
    return TH_OK;
}

THStatus ofDim(const char *op, THTensor *values, THTensor *places, const THTensor *a, int dim, int keepdim, bool least)
{
    THCReduction c = {op, a, false, dim, keepdim};
    TH_TRY(checkElements(op, a, dim));
    TH_FAIL_IF(values == places, TH_ERR_VALUE, "[%s] values and indices are one tensor, expected two", op);
    TH_TRY(c.output(values, (THDtype)a->dtype));
    TH_TRY(c.output(places, THDtype_Long));
    const THCTarget to(values), at(places);
    if (!to || !at) return THStatus_last();
    TH_TRY(search(c, to.get(), at.get(), least));
    TH_TRY(to.finish());
    return at.finish();
}

THStatus placeOfDim(const char *op, THTensor *r, const THTensor *a, int dim, int keepdim, bool least)
{
    THCReduction c = {op, a, false, dim, keepdim};
    TH_TRY(checkElements(op, a, dim));
    TH_TRY(c.output(r, THDtype_Long));
    const THCTarget at(r);
    if (!at) return THStatus_last();
    TH_TRY(search(c, nullptr, at.get(), least));
    return at.finish();
}

} // namespace

THStatus THCTensor_maxall(THTensor *r, const THTensor *a)
{
    TH_GIVEN("max", r, a);
    return ofAll("max", r, a, false, false);
}
THStatus THCTensor_minall(THTensor *r, const THTensor *a)
{
    TH_GIVEN("min", r, a);
    return ofAll("min", r, a, true, false);
}
THStatus THCTensor_argmaxall(THTensor *r, const THTensor *a)
{
    TH_GIVEN("argmax", r, a);
    return ofAll("argmax", r, a, false, true);
}
THStatus THCTensor_argminall(THTensor *r, const THTensor *a)
{
    TH_GIVEN("argmin", r, a);
    return ofAll("argmin", r, a, true, true);
}

THStatus THCTensor_max(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("max", values, indices, a);
    return ofDim("max", values, indices, a, dim, keepdim, false);
}

THStatus THCTensor_min(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("min", values, indices, a);
    return ofDim("min", values, indices, a, dim, keepdim, true);
}

THStatus THCTensor_argmax(THTensor *r, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("argmax", r, a);
    return placeOfDim("argmax", r, a, dim, keepdim, false);
}

THStatus THCTensor_argmin(THTensor *r, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("argmin", r, a);
    return placeOfDim("argmin", r, a, dim, keepdim, true);
}
