/* THFloatStorage_* */
#include "typed/THTypedBody.h"

real *THStorage_(data)(const THStorage *self)
{
    TH_GIVEN_OR(NULL, "data", self);
    return (real *)self->data;
}

int64_t THStorage_(size)(const THStorage *self)
{
    TH_GIVEN_OR(0, "size", self);
    return self->nbytes / (int64_t)sizeof(real);
}

size_t THStorage_(elementSize)(void)
{
    return sizeof(real);
}

/* TH_ERR_DTYPE, TH_ERR_INDEX: an element of this file's dtype, which there is. */
static THStatus check_place(const char *op, const THStorage *self, int64_t place)
{
    TH_FAIL_IF(self->dtype != REAL_DTYPE, TH_ERR_DTYPE, "[%s] storage is of %s, expected %s", op,
               THDtype_name((THDtype)self->dtype), THDtype_name(REAL_DTYPE));
    const int64_t size = THStorage_(size)(self);
    TH_FAIL_IF(place < 0 || place >= size, TH_ERR_INDEX, "[%s] place %lld is out of range for a storage of size %lld", op,
               (long long)place, (long long)size);
    return TH_OK;
}

THStatus THStorage_(set)(THStorage *self, int64_t place, real value)
{
    TH_GIVEN("set", self);
    TH_TRY(check_place("set", self, place));
    return thTyped_write("set", self, place, 1, &value);
}

real THStorage_(get)(const THStorage *self, int64_t place)
{
    TH_GIVEN_OR(NO_REAL, "get", self);
    real value = NO_REAL;
    const bool found = check_place("get", self, place) == TH_OK;
    return found && thTyped_read("get", self, place, 1, &value) == TH_OK ? value : NO_REAL;
}

THStorage *THStorage_(new)(void)
{
    return thTyped_newStorage(REAL_DTYPE, 0);
}

THStorage *THStorage_(newWithSize)(int64_t size)
{
    return thTyped_newStorage(REAL_DTYPE, size);
}

THStorage *THStorage_(newWithData)(real *data, int64_t size)
{
    return thTyped_newOwning(REAL_DTYPE, size, data);
}

void THStorage_(retain)(THStorage *self)
{
    THStorage_retain(self);
}

void THStorage_(free)(THStorage *self)
{
    THStorage_free(self);
}

THStatus THStorage_(resize)(THStorage *self, int64_t size)
{
    return THStorage_resize(self, size);
}

THStatus THStorage_(fill)(THStorage *self, real value)
{
    TH_GIVEN("fill", self);
    const int64_t size = THStorage_(size)(self);
    if (size == 0) return TH_OK;
    TH_TRY(check_place("fill", self, 0));
    TH_TRY(thTyped_check("fill", self->device));
    THTensor *const all = THTensor_newWithStorage(self, REAL_DTYPE, 0, 1, &size, NULL);
    THTensor *const one = all == NULL ? NULL : thTyped_new(REAL_DTYPE, 0, NULL);
    THStatus status = one == NULL ? THStatus_last() : thTyped_write("fill", one->storage, one->offset, 1, &value);
    if (status == TH_OK) status = THTensor_copy(all, one);
    THTensor_free(all);
    THTensor_free(one);
    return status;
}
