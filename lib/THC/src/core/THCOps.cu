#include "THC/device/THCOps.cuh"

#include "THC/device/THCPlace.cuh"

#include <cstdio>
#include <cstring>

static const char *place(const THTensor *tensor, char text[24])
{
    const int device = THTensor_device(tensor);
    if (device == TH_DEVICE_HOST) return "cpu";
    snprintf(text, 24, "cuda:%d", device);
    return text;
}

THStatus thc_onDevice(const char *op, const THTensor *tensor)
{
    TH_FAIL_IF(tensor->storage != nullptr && THTensor_device(tensor) == TH_DEVICE_HOST, TH_ERR_STATE,
               "[%s] tensor lies on the host, expected a CUDA device; move it with .to(device)", op);
    return TH_OK;
}

THStatus thc_sameDevice(const char *op, const THTensor *a, const THTensor *b)
{
    if (THTensor_device(a) == THTensor_device(b)) return thc_onDevice(op, a);
    char one[24], other[24];
    return THStatus_fail(TH_ERR_STATE, "[%s] tensors on %s and %s, expected all on one device; move one with .to(device)", op,
                         place(a, one), place(b, other));
}

THStatus thc_same(const char *op, const THTensor *a, const THTensor *b)
{
    TH_FAIL_IF(a->dtype != b->dtype, TH_ERR_DTYPE, "[%s] expected tensors of one dtype, got %s and %s; convert one with .to()",
               op, THDtype_name((THDtype)a->dtype), THDtype_name((THDtype)b->dtype));
    return thc_sameDevice(op, a, b);
}

THStatus thc_outputLike(const char *op, THTensor *r, const THTensor *a, THDtype dtype)
{
    TH_TRY(thc_onDevice(op, a));
    return THTensor_outputOn(r, op, THTensor_device(a), dtype, a->ndim, a->size);
}

// in_place: r is an input as well.
static THStatus output(const char *op, THTensor *r, bool in_place, const THTensor *a, THDtype dtype, int ndim,
                       const int64_t *size)
{
    if (in_place && (r->ndim != ndim || memcmp(r->size, size, sizeof(*size) * (size_t)ndim) != 0)) {
        char have[128], want[128];
        return THStatus_fail(TH_ERR_SHAPE, "[%s] the output, an input of size %s, does not have the broadcast size %s", op,
                             THTensor_describeSize(r->ndim, r->size, have, sizeof have),
                             THTensor_describeSize(ndim, size, want, sizeof want));
    }
    return THTensor_outputOn(r, op, THTensor_device(a), dtype, ndim, size);
}

THStatus thc_outputOfTwo(const char *op, THTensor *r, const THTensor *a, const THTensor *b, THDtype dtype)
{
    int ndim;
    int64_t size[TH_MAX_DIMS];
    TH_TRY(thc_sameDevice(op, a, b));
    TH_TRY(THTensor_broadcast(a, b, op, &ndim, size));
    return output(op, r, r == a || r == b, a, dtype, ndim, size);
}

THStatus thc_outputOfThree(const char *op, THTensor *r, const THTensor *a, const THTensor *b, const THTensor *c, THDtype dtype)
{
    int ndim;
    int64_t size[TH_MAX_DIMS];
    TH_TRY(thc_sameDevice(op, a, b));
    TH_TRY(thc_sameDevice(op, a, c));
    TH_TRY(THTensor_broadcast(a, b, op, &ndim, size));
    const THCOwned both(THTensor_newExpand(a, ndim, size));
    if (!both) return THStatus_last();
    TH_TRY(THTensor_broadcast(both.get(), c, op, &ndim, size));
    return output(op, r, r == a || r == b || r == c, a, dtype, ndim, size);
}

THStatus thc_checkApart(const char *op, const THTensor *r, const THTensor *a)
{
    const bool shared = r == a || (r->storage != nullptr && a->storage != nullptr && THTensor_mayOverlap(r, a));
    TH_FAIL_IF(shared, TH_ERR_VALUE, "[%s] output shares memory with an input, expected memory of its own", op);
    return TH_OK;
}

THStatus thc_outputApart(const char *op, THTensor *r, const THTensor *a, THDtype dtype, int ndim, const int64_t *size)
{
    TH_TRY(thc_onDevice(op, a));
    TH_TRY(thc_checkApart(op, r, a));
    TH_TRY(THTensor_outputOn(r, op, THTensor_device(a), dtype, ndim, size));
    return thc_checkApart(op, r, a);
}
