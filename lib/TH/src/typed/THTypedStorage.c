/* THFloatStorage_* */
#include <stdlib.h>

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

static THStatus check_place(const char *op, const THStorage *self, int64_t place)
{
    const int64_t size = THStorage_(size)(self);
    TH_FAIL_IF(place < 0 || place >= size, TH_ERR_INDEX, "[%s] place %lld is out of range for a storage of size %lld", op,
               (long long)place, (long long)size);
    return TH_OK;
}

THStatus THStorage_(set)(THStorage *self, int64_t place, real value)
{
    TH_GIVEN("set", self);
    TH_TRY(check_place("set", self, place));
    ((real *)self->data)[place] = value;
    return TH_OK;
}

real THStorage_(get)(const THStorage *self, int64_t place)
{
    TH_GIVEN_OR((real)NO_VALUE, "get", self);
    return check_place("get", self, place) == TH_OK ? ((const real *)self->data)[place] : (real)NO_VALUE;
}

THStorage *THStorage_(new)(void)
{
    return THStorage_newWithSize(REAL_DTYPE, 0);
}

THStorage *THStorage_(newWithSize)(int64_t size)
{
    return THStorage_newWithSize(REAL_DTYPE, size);
}

static void free_data(void *owner, void *data)
{
    (void)owner;
    free(data);
}

THStorage *THStorage_(newWithData)(real *data, int64_t size)
{
    return THStorage_newWithData(REAL_DTYPE, size, data, free_data, NULL);
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
    real *const data = (real *)self->data;
    for (int64_t i = 0; i < size; i++) data[i] = value;
    return TH_OK;
}
