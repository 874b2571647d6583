/* What the op files share: checks of dtypes and shapes before a kernel runs. */
#include "ops/THOps.h"

#include "core/THCore.h"

THStatus THOps_unsupported(const char *op, THDtype dtype)
{
    if (dtype == THDtype_None)
        return THStatus_fail(TH_ERR_DTYPE, "[%s] a tensor without dtype, expected one with elements", op);
    return THStatus_fail(TH_ERR_UNSUPPORTED, "[%s] not implemented for %s", op, THDtype_name(dtype));
}

THStatus THOps_mixed(const char *op, const THTensor *a, const THTensor *b)
{
    return THStatus_fail(TH_ERR_DTYPE,
                         "[%s] expected tensors of one dtype, got %s and %s; convert one with .to() or THTensor_newConvert", op,
                         THDtype_name((THDtype)a->dtype), THDtype_name((THDtype)b->dtype));
}

static THStatus output(const char *op, THTensor *r, bool in_place, THDtype dtype, int ndim, const int64_t *size)
{
    if (in_place && (r->ndim != ndim || memcmp(r->size, size, sizeof(*size) * (size_t)ndim) != 0)) {
        char have[128], want[128];
        return THStatus_fail(TH_ERR_SHAPE, "[%s] the output, an input of size %s, does not have the broadcast size %s", op,
                             THTensor_describeSize(r->ndim, r->size, have, sizeof(have)),
                             THTensor_describeSize(ndim, size, want, sizeof(want)));
    }
    return THTensor_output(r, op, dtype, ndim, size);
}

THStatus THOps_outputBroadcast(const char *op, THTensor *r, const THTensor *a, const THTensor *b, THDtype dtype)
{
    int ndim;
    int64_t size[TH_MAX_DIMS];
    TH_TRY(THTensor_broadcast(a, b, op, &ndim, size));
    return output(op, r, r == a || r == b, dtype, ndim, size);
}

THStatus THOps_outputBroadcast3(const char *op, THTensor *r, const THTensor *a, const THTensor *b, const THTensor *c,
                                THDtype dtype)
{
    int ndim;
    int64_t size[TH_MAX_DIMS];
    TH_TRY(THTensor_broadcast(a, b, op, &ndim, size));
    THTensor *const both = THTensor_newExpand(a, ndim, size);
    if (both == NULL) return THStatus_last();
    const THStatus status = THTensor_broadcast(both, c, op, &ndim, size);
    THTensor_free(both);
    TH_TRY(status);
    return output(op, r, r == a || r == b || r == c, dtype, ndim, size);
}

/* Before THTensor_output could resize what is to be read; again after it, because the output may have moved. */
static THStatus check_apart(const char *op, const THTensor *r, const THTensor *a)
{
    const bool shared = r == a || (r->storage != NULL && a->storage != NULL && THTensor_mayOverlap(r, a));
    TH_FAIL_IF(shared, TH_ERR_VALUE, "[%s] output shares memory with an input, expected memory of its own", op);
    return TH_OK;
}

THStatus THOps_checkTwo(const char *op, const THTensor *r, const THTensor *other)
{
    const bool shared = r == other || (r->storage != NULL && other->storage != NULL && THTensor_mayOverlap(r, other));
    TH_FAIL_IF(shared, TH_ERR_VALUE, "[%s] two outputs share memory, expected memory of its own for each", op);
    return TH_OK;
}

THStatus THOps_checkApart(const char *op, const THTensor *r, const THTensor *a, THDtype dtype, int ndim, const int64_t *size)
{
    TH_TRY(check_apart(op, r, a));
    return THOps_checkOutput(op, r, dtype, ndim, size);
}

THStatus THOps_checkOutput(const char *op, const THTensor *r, THDtype dtype, int ndim, const int64_t *size)
{
    TH_TRY(thTensor_checkOutput(r, op, dtype));
    const bool stays = r->storage != NULL && r->ndim == ndim && memcmp(r->size, size, sizeof(*size) * (size_t)ndim) == 0;
    return stays ? thTensor_checkWritable(r, op) : TH_OK;
}

THStatus THOps_outputApart(const char *op, THTensor *r, const THTensor *a, THDtype dtype, int ndim, const int64_t *size)
{
    TH_TRY(check_apart(op, r, a));
    TH_TRY(THTensor_output(r, op, dtype, ndim, size));
    return check_apart(op, r, a);
}
