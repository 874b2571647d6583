/* THCudaTensor_*: indices and masks of the host, sorting of pairs, means of integers. */
#include "THC/THCTensor.h"
#include "typed/THTypedBody.h"

/* A tensor of the host, copied to where `self` lies. */
static THTensor *beside(const char *op, const char *name, const THTensor *given, THDtype dtype, const THTensor *self)
{
    if (given->dtype != dtype || THTensor_device(given) != TH_DEVICE_HOST) {
        THStatus_fail(given->dtype != dtype ? TH_ERR_DTYPE : TH_ERR_STATE, "[%s] %s is %s%s, expected %s of the host", op, name,
                      THDtype_name((THDtype)given->dtype), given->dtype == dtype ? " of a device" : "", THDtype_name(dtype));
        return NULL;
    }
    return thTyped_check(op, THTensor_device(self)) == TH_OK ? THCTensor_newOnDevice(given, THTensor_device(self)) : NULL;
}

/* Defines a function whose `given`, of the host, is `there` in the call. pointers: the first is of this file's dtype. */
#define FROM_HOST(name, parameters, model, other, given, dtype, call)                                                          \
    THStatus THTensor_(name) parameters                                                                                        \
    {                                                                                                                          \
        TH_GIVEN(#name, model, other, given);                                                                                  \
        TH_TRY(check_dtype(#name, model));                                                                                     \
        THTensor *const there = beside(#name, #given, given, dtype, model);                                                    \
        const THStatus status = there == NULL ? THStatus_last() : call;                                                        \
        THTensor_free(there);                                                                                                  \
        return status;                                                                                                         \
    }

FROM_HOST(indexSelect_long, (THTensor * tensor, const THTensor *source, int dim, const THTensor *index), source, tensor, index,
          THDtype_Long, THCTensor_indexSelect(tensor, source, dim, there))
FROM_HOST(indexCopy_long, (THTensor * tensor, int dim, const THTensor *index, const THTensor *source), tensor, source, index,
          THDtype_Long, THCTensor_indexCopy(tensor, dim, there, source))
FROM_HOST(indexAdd_long, (THTensor * tensor, int dim, const THTensor *index, const THTensor *source), tensor, source, index,
          THDtype_Long, THCTensor_indexAdd(tensor, dim, there, source))
FROM_HOST(indexFill_long, (THTensor * tensor, int dim, const THTensor *index, real value), tensor, tensor, index, THDtype_Long,
          THCTensor_indexFill(tensor, dim, there, SCALAR(value)))
FROM_HOST(maskedFillByte, (THTensor * tensor, const THTensor *mask, real value), tensor, tensor, mask, THDtype_Byte,
          THCTensor_maskedFill(tensor, there, SCALAR(value)))
FROM_HOST(maskedCopyByte, (THTensor * tensor, const THTensor *mask, const THTensor *source), tensor, source, mask, THDtype_Byte,
          THCTensor_maskedCopy(tensor, there, source))
FROM_HOST(maskedSelectByte, (THTensor * tensor, const THTensor *source, const THTensor *mask), source, tensor, mask,
          THDtype_Byte, THCTensor_maskedSelect(tensor, source, there))

THStatus THTensor_(sortKeyValueInplace)(THTensor *keys, THTensor *values, int dim, int dir)
{
    TH_GIVEN("sortKeyValueInplace", keys, values);
    TH_TRY(check_dtype("sortKeyValueInplace", keys));
    TH_FAIL_IF(values->dtype != THDtype_Long, TH_ERR_DTYPE, "[sortKeyValueInplace] values are %s, expected Long",
               THDtype_name((THDtype)values->dtype));
    TH_FAIL_IF(!THTensor_isSameSizeAs(keys, values), TH_ERR_SHAPE, "[sortKeyValueInplace] values have not the size of keys");
    THTensor *const sorted = THTensor_new(), *const order = THTensor_new(), *const moved = THTensor_new();
    THStatus status = sorted == NULL || order == NULL || moved == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK) status = THCTensor_sort(sorted, order, keys, dim, dir);
    if (status == TH_OK) status = THCTensor_gather(moved, values, dim, order);
    if (status == TH_OK) status = THCTensor_copy(keys, sorted);
    if (status == TH_OK) status = THCTensor_copy(values, moved);
    THTensor_free(sorted);
    THTensor_free(order);
    THTensor_free(moved);
    return status;
}

#if !TH_DTYPE_IS_FLOATING
THStatus THTensor_(mean)(THTensor *r_, const THTensor *t, int dim, int keepdim)
{
    TH_GIVEN("mean", r_, t);
    TH_TRY(check_dtype("mean", t));
    TH_TRY(check_dtype("mean", r_));
    THTensor *const wide = THTensor_new();
    THStatus status = wide == NULL ? THStatus_last() : THTensor_wrapDim(t, dim, "mean", &dim);
    const int64_t count = status == TH_OK && t->ndim > 0 ? t->size[dim] : 1;
    if (status == TH_OK && count == 0) status = THStatus_fail(TH_ERR_VALUE, "[mean] of no elements");
    if (status == TH_OK) status = THCTensor_sum(wide, t, dim, keepdim);
    if (status == TH_OK) status = THCTensor_div(wide, wide, THScalar_fromLong(count));
    if (wide != NULL) status = wrap_into("mean", r_, wide, status);
    return status;
}

accreal THTensor_(meanall)(const THTensor *t)
{
    TH_GIVEN_OR(0, "meanall", t);
    if (check_dtype("meanall", t) != TH_OK) return 0;
    if (t->numel > 0) return THTensor_(sumall)(t) / t->numel;
    THStatus_fail(TH_ERR_VALUE, "[meanall] of no elements");
    return 0;
}

/* The only element of r, which `status` says was made; 0 after a failure. */
static accreal rounded(THTensor *r, THStatus status)
{
    THScalar found = THScalar_fromDouble(0);
    if (status == TH_OK) status = THCTensor_item(r, &found);
    return status == TH_OK ? THScalar_toLong(found) : 0;
}

accreal THTensor_(dist)(const THTensor *t, const THTensor *src, real value)
{
    TH_GIVEN_OR(0, "dist", t, src);
    if (check_dtype("dist", t) != TH_OK || check_dtype("dist", src) != TH_OK) return 0;
    if (thTyped_check("dist", THTensor_device(t)) != TH_OK || thTyped_check("dist", THTensor_device(src)) != TH_OK) return 0;
    THTensor *const x = THCTensor_newConvert(t, THDtype_Double), *const y = THCTensor_newConvert(src, THDtype_Double);
    THTensor *const r = x == NULL || y == NULL ? NULL : THTensor_new();
    const accreal found = rounded(r, r == NULL ? THStatus_last() : THCTensor_dist(r, x, y, (double)value));
    THTensor_free(x);
    THTensor_free(y);
    THTensor_free(r);
    return found;
}
#endif
