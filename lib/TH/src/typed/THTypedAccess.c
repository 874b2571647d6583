/* THFloatTensor_*: resizing, single elements, copies. */
#include "typed/THTypedBody.h"

THStatus THTensor_(resize)(THTensor *self, const THStorage *size, const THStorage *stride)
{
    TH_TRY(check_sizes("resize", size, stride));
    return THTensor_(resizeNd)(self, (int)THStorage_size(size), longs_of(size), longs_of(stride));
}

THStatus THTensor_(resizeAs)(THTensor *self, const THTensor *source)
{
    TH_GIVEN("resizeAs", self, source);
    TH_TRY(check_dtype("resizeAs", self));
    return THTensor_isSameSizeAs(self, source) ? TH_OK : THTensor_resize(self, source->ndim, source->size);
}

static THStatus resize(THTensor *self, int ndim, const int64_t *size)
{
    TH_TRY(check_dtype("resize", self));
    return THTensor_resize(self, ndim, size);
}

THStatus THTensor_(resize1d)(THTensor *self, int64_t size0)
{
    return resize(self, 1, &size0);
}

THStatus THTensor_(resize2d)(THTensor *self, int64_t size0, int64_t size1)
{
    const int64_t size[] = {size0, size1};
    return resize(self, 2, size);
}

THStatus THTensor_(resize3d)(THTensor *self, int64_t size0, int64_t size1, int64_t size2)
{
    const int64_t size[] = {size0, size1, size2};
    return resize(self, 3, size);
}

THStatus THTensor_(resize4d)(THTensor *self, int64_t size0, int64_t size1, int64_t size2, int64_t size3)
{
    const int64_t size[] = {size0, size1, size2, size3};
    return resize(self, 4, size);
}

/* --- elements ------------------------------------------------------------------------------------------------------------ */

/* Fails if the tensor has another number of dimensions, or a place lies outside; else *place is that in the storage. */
static THStatus find(const char *op, const THTensor *self, int ndim, const int64_t *at, int64_t *place)
{
    TH_TRY(check_dtype(op, self));
    TH_FAIL_IF(self->ndim != ndim, TH_ERR_SHAPE, "[%s] tensor has %d dimensions, expected %d", op, self->ndim, ndim);
    *place = self->offset;
    for (int d = 0; d < ndim; d++) {
        TH_FAIL_IF(at[d] < 0 || at[d] >= self->size[d], TH_ERR_INDEX,
                   "[%s] index %lld is out of range for dimension %d of size %lld", op, (long long)at[d], d,
                   (long long)self->size[d]);
        *place += at[d] * self->stride[d];
    }
    return TH_OK;
}

static THStatus set_element(THTensor *self, int ndim, const int64_t *at, real value)
{
    int64_t place = 0;
    TH_TRY(find("set", self, ndim, at, &place));
    TH_TRY(thTyped_check("set", THTensor_device(self)));
    TH_TRY(THTensor_output(self, "set", REAL_DTYPE, self->ndim, self->size)); /* counts the write */
    return thTyped_write("set", self->storage, place, 1, &value);
}

static real get_element(const THTensor *self, int ndim, const int64_t *at)
{
    int64_t place = 0;
    real value = NO_REAL;
    const bool found = find("get", self, ndim, at, &place) == TH_OK;
    return found && thTyped_read("get", self->storage, place, 1, &value) == TH_OK ? value : NO_REAL;
}

THStatus THTensor_(set1d)(THTensor *self, int64_t x0, real value)
{
    return set_element(self, 1, &x0, value);
}

THStatus THTensor_(set2d)(THTensor *self, int64_t x0, int64_t x1, real value)
{
    const int64_t at[] = {x0, x1};
    return set_element(self, 2, at, value);
}

THStatus THTensor_(set3d)(THTensor *self, int64_t x0, int64_t x1, int64_t x2, real value)
{
    const int64_t at[] = {x0, x1, x2};
    return set_element(self, 3, at, value);
}

THStatus THTensor_(set4d)(THTensor *self, int64_t x0, int64_t x1, int64_t x2, int64_t x3, real value)
{
    const int64_t at[] = {x0, x1, x2, x3};
    return set_element(self, 4, at, value);
}

real THTensor_(get1d)(const THTensor *self, int64_t x0)
{
    return get_element(self, 1, &x0);
}

real THTensor_(get2d)(const THTensor *self, int64_t x0, int64_t x1)
{
    const int64_t at[] = {x0, x1};
    return get_element(self, 2, at);
}

real THTensor_(get3d)(const THTensor *self, int64_t x0, int64_t x1, int64_t x2)
{
    const int64_t at[] = {x0, x1, x2};
    return get_element(self, 3, at);
}

real THTensor_(get4d)(const THTensor *self, int64_t x0, int64_t x1, int64_t x2, int64_t x3)
{
    const int64_t at[] = {x0, x1, x2, x3};
    return get_element(self, 4, at);
}

/* --- copies -------------------------------------------------------------------------------------------------------------- */

/* Shapes may differ as long as the numbers of elements agree. */
static THStatus copy(THTensor *self, const THTensor *source)
{
    TH_TRY(check_dtype("copy", self));
    TH_GIVEN("copy", source);
    TH_TRY(thTyped_check("copy", THTensor_device(self)));
    TH_FAIL_IF(self->numel != source->numel, TH_ERR_SHAPE, "[copy] source has %lld elements, expected %lld",
               (long long)source->numel, (long long)self->numel);
    if (THTensor_isSameSizeAs(self, source)) return THTensor_copy(self, source);
    THTensor *const reshaped = THTensor_newReshape(source, self->ndim, self->size);
    if (reshaped == NULL) return THStatus_last();
    const THStatus status = THTensor_copy(self, reshaped);
    THTensor_free(reshaped);
    return status;
}

THStatus THTensor_(copy)(THTensor *self, const THTensor *source)
{
    return copy(self, source);
}

#define COPY_FROM(Name)                                                                                                        \
    THStatus THTensor_(copy##Name)(THTensor * self, const THTensor *source)                                                    \
    {                                                                                                                          \
        TH_GIVEN("copy" #Name, self, source);                                                                                  \
        TH_FAIL_IF(source->dtype != THDtype_##Name, TH_ERR_DTYPE, "[copy" #Name "] source is %s, expected " #Name,             \
                   THDtype_name((THDtype)source->dtype));                                                                      \
        return copy(self, source);                                                                                             \
    }

COPY_FROM(Byte)
COPY_FROM(Char)
COPY_FROM(Short)
COPY_FROM(Int)
COPY_FROM(Long)
COPY_FROM(Half)
COPY_FROM(Float)
COPY_FROM(Double)
