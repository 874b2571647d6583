/* THFloatStorage_*: made of elements and allocators; flags; copies. */
#include "TH/THTensorFill.h"
#include "typed/THTypedBody.h"

static THStorage *of_elements(int n, const real *elements)
{
    THStorage *const s = thTyped_newStorage(REAL_DTYPE, n);
    if (s == NULL || thTyped_write("newWithSize", s, 0, n, elements) == TH_OK) return s;
    THStorage_free(s);
    return NULL;
}

THStorage *THStorage_(newWithSize1)(real data0)
{
    return of_elements(1, &data0);
}

THStorage *THStorage_(newWithSize2)(real data0, real data1)
{
    const real elements[] = {data0, data1};
    return of_elements(2, elements);
}

THStorage *THStorage_(newWithSize3)(real data0, real data1, real data2)
{
    const real elements[] = {data0, data1, data2};
    return of_elements(3, elements);
}

THStorage *THStorage_(newWithSize4)(real data0, real data1, real data2, real data3)
{
    const real elements[] = {data0, data1, data2, data3};
    return of_elements(4, elements);
}

/* --- allocators ---------------------------------------------------------------------------------------------------------- */

THStorage *THStorage_(newWithDataAndAllocator)(real *data, int64_t size, THAllocator *allocator, void *context)
{
    TH_GIVEN_OR(NULL, "newWithDataAndAllocator", allocator);
    if (size > 0) TH_GIVEN_OR(NULL, "newWithDataAndAllocator", data);
    if (allocator->free == NULL) {
        THStatus_fail(TH_ERR_VALUE, "[newWithDataAndAllocator] allocator: expected one that frees");
        return NULL;
    }
    return thTyped_newWithData(REAL_DTYPE, size, data, allocator->free, context);
}

THStorage *THStorage_(newWithAllocator)(int64_t size, THAllocator *allocator, void *context)
{
    TH_GIVEN_OR(NULL, "newWithAllocator", allocator);
    int64_t nbytes = 0;
    if (size < 0 || __builtin_mul_overflow(size, (int64_t)sizeof(real), &nbytes)) {
        THStatus_fail(TH_ERR_SHAPE, "[newWithAllocator] size, %lld: negative, or more than can be counted", (long long)size);
        return NULL;
    }
    THStatus_clear();
    real *const data = nbytes == 0 ? NULL : allocator->malloc(context, nbytes);
    if (nbytes > 0 && data == NULL) {
        if (THStatus_last() == TH_OK)
            THStatus_fail(TH_ERR_MEMORY, "[newWithAllocator] %lld bytes: the allocator gave none", (long long)nbytes);
        return NULL;
    }
    THStorage *const s = THStorage_(newWithDataAndAllocator)(data, size, allocator, context);
    if (s == NULL && data != NULL) allocator->free(context, data);
    return s;
}

/* --- flags --------------------------------------------------------------------------------------------------------------- */

static THStatus check_flag(const char *op, char flag)
{
    TH_FAIL_IF(flag != THStorage_FIXED, TH_ERR_VALUE, "[%s] flag, %d: only THStorage_FIXED (%d) may change", op, (int)flag,
               (int)THStorage_FIXED);
    return TH_OK;
}

THStatus THStorage_(setFlag)(THStorage *self, char flag)
{
    TH_GIVEN("setFlag", self);
    TH_TRY(check_flag("setFlag", flag));
    self->flags |= (uint8_t)flag;
    return TH_OK;
}

THStatus THStorage_(clearFlag)(THStorage *self, char flag)
{
    TH_GIVEN("clearFlag", self);
    TH_TRY(check_flag("clearFlag", flag));
    self->flags &= (uint8_t)~flag;
    return TH_OK;
}

static THStatus check_storage(const char *op, const THStorage *s, THDtype dtype)
{
    TH_FAIL_IF(s->dtype != dtype, TH_ERR_DTYPE, "[%s] storage is of %s, expected %s", op, THDtype_name((THDtype)s->dtype),
               THDtype_name(dtype));
    return TH_OK;
}

THStatus THStorage_(swap)(THStorage *self, THStorage *other)
{
    TH_GIVEN("swap", self, other);
    TH_TRY(check_storage("swap", self, REAL_DTYPE));
    TH_TRY(check_storage("swap", other, REAL_DTYPE));
    return THStorage_swap(self, other);
}

/* --- copies -------------------------------------------------------------------------------------------------------------- */

THStatus THStorage_(rawCopy)(THStorage *self, const real *source)
{
    TH_GIVEN("rawCopy", self);
    if (self->nbytes > 0) TH_GIVEN("rawCopy", source);
    TH_TRY(check_storage("rawCopy", self, REAL_DTYPE));
    return thTyped_writeFrom("rawCopy", self, source);
}

static THTensor *whole(const THStorage *s)
{
    const int64_t n = THStorage_size(s);
    return THTensor_newWithStorage((THStorage *)(uintptr_t)s, (THDtype)s->dtype, 0, 1, &n, NULL);
}

static THStatus copy(const char *op, THStorage *self, const THStorage *source, THDtype dtype)
{
    TH_GIVEN(op, self, source);
    TH_TRY(check_storage(op, self, REAL_DTYPE));
    TH_TRY(check_storage(op, source, dtype));
    TH_TRY(thTyped_check(op, self->device));
    TH_FAIL_IF(THStorage_size(self) != THStorage_size(source), TH_ERR_SHAPE, "[%s] source has %lld elements, expected %lld", op,
               (long long)THStorage_size(source), (long long)THStorage_size(self));
    THTensor *const to = whole(self), *const from = whole(source);
    const THStatus status = to == NULL || from == NULL ? THStatus_last() : THTensor_copy(to, from);
    THTensor_free(to);
    THTensor_free(from);
    return status;
}

THStatus THStorage_(copy)(THStorage *self, const THStorage *source)
{
    return copy("copy", self, source, REAL_DTYPE);
}

#define COPY_FROM(Name)                                                                                                        \
    THStatus THStorage_(copy##Name)(THStorage * self, const THStorage *source)                                                 \
    {                                                                                                                          \
        return copy("copy" #Name, self, source, THDtype_##Name);                                                               \
    }

COPY_FROM(Byte)
COPY_FROM(Char)
COPY_FROM(Short)
COPY_FROM(Int)
COPY_FROM(Long)
COPY_FROM(Half)
COPY_FROM(Float)
COPY_FROM(Double)
