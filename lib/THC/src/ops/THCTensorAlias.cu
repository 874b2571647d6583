// Draws by tables of aliases: the tables are the host's, whose steps depend on one another, the draws are the device's.
#include "THC/THCTensorTable.h"
#include "THC/device/THCOps.cuh"
#include "THC/device/THCPlace.cuh"

namespace
{

// `result`, of the host, as r: of `dtype` on p's device.
THStatus give(const char *op, THTensor *r, const THTensor *p, THDtype dtype, const THTensor *result)
{
    TH_TRY(thc_outputApart(op, r, p, dtype, result->ndim, result->size));
    return THCTensor_copy(r, result);
}

THStatus checkTables(const THTensor *self, const THTensor *q, const THTensor *places)
{
    TH_FAIL_IF(self->dtype != THDtype_Long, TH_ERR_DTYPE, "[aliasDraw] self is %s, expected Long",
               THDtype_name((THDtype)self->dtype));
    TH_FAIL_IF(!THDtype_isFloating((THDtype)q->dtype), TH_ERR_DTYPE, "[aliasDraw] q is %s, expected Half, Float or Double",
               THDtype_name((THDtype)q->dtype));
    TH_FAIL_IF(places->dtype != THDtype_Long, TH_ERR_DTYPE, "[aliasDraw] places are %s, expected Long",
               THDtype_name((THDtype)places->dtype));
    TH_FAIL_IF(q->ndim != 1 || q->numel == 0 || !THTensor_isSameSizeAs(q, places), TH_ERR_SHAPE,
               "[aliasDraw] q and places: expected two vectors of one size that is not 0");
    TH_TRY(thc_sameDevice("aliasDraw", q, places));
    return thc_sameDevice("aliasDraw", q, self);
}

} // namespace

THStatus THCTensor_aliasSetup(THTensor *q, THTensor *places, const THTensor *p)
{
    TH_GIVEN("aliasSetup", q, places, p);
    TH_TRY(thc_onDevice("aliasSetup", p));
    TH_FAIL_IF(q == places, TH_ERR_VALUE, "[aliasSetup] q and places are one tensor, expected two");
    const THCOwned moved(THCTensor_newOnDevice(p, TH_DEVICE_HOST));
    if (!moved) return THStatus_last();
    const THCOwned wide(p->dtype == THDtype_Half ? THTensor_newConvert(moved.get(), THDtype_Float) : nullptr);
    const THCOwned made(THTensor_new()), others(THTensor_new());
    if (!made || !others || (p->dtype == THDtype_Half && !wide)) return THStatus_last();
    TH_TRY(THTensor_aliasSetup(made.get(), others.get(), wide ? wide.get() : moved.get()));
    TH_TRY(give("aliasSetup", q, p, (THDtype)p->dtype, made.get()));
    return give("aliasSetup", places, p, THDtype_Long, others.get());
}

THStatus THCTensor_aliasDraw(THTensor *self, THGenerator *generator, const THTensor *q, const THTensor *places)
{
    TH_GIVEN("aliasDraw", self, q, places);
    TH_TRY(checkTables(self, q, places));
    const int device = THTensor_device(q);
    const THCOwned column(THCTensor_newWithSize(device, THDtype_Long, self->ndim, self->size));
    const THCOwned height(THCTensor_newWithSize(device, (THDtype)q->dtype, self->ndim, self->size));
    const THCOwned limit(THTensor_new()), other(THTensor_new()), below(THTensor_new()), drawn(THTensor_new());
    if (!column || !height || !limit || !other || !below || !drawn) return THStatus_last();
    TH_TRY(THCTensor_randint(column.get(), generator, 0, q->numel));
    TH_TRY(THCTensor_uniform(height.get(), generator, 0, 1));
    TH_TRY(THCTensor_take(limit.get(), q, column.get()));
    TH_TRY(THCTensor_take(other.get(), places, column.get()));
    TH_TRY(THCTensor_ltTensor(below.get(), height.get(), limit.get()));
    TH_TRY(THCTensor_where(drawn.get(), below.get(), column.get(), other.get()));
    return THCTensor_copy(self, drawn.get());
}
