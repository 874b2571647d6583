/* THFloatTensor_*: geometry on a storage, expansion, flags, descriptions. */
#include <stdio.h>

#include "typed/THTypedBody.h"

/* Strides, of which those below 0 or all (stride NULL) are counted row-major; elements up to the last, or -1 and a failure. */
static int64_t geometry(const char *op, int ndim, const int64_t *size, const int64_t *stride, int64_t offset, int64_t *strides)
{
    const int64_t most = INT64_MAX / (int64_t)sizeof(real);
    int64_t last = offset, step = 1, reach = 0;
    bool counts = offset >= 0 && offset < most && ndim >= 0 && ndim <= TH_MAX_DIMS, empty = false;
    for (int d = counts ? ndim - 1 : -1; counts && d >= 0; d--) {
        strides[d] = stride != NULL && stride[d] >= 0 ? stride[d] : step;
        empty = empty || size[d] == 0;
        counts = size[d] >= 0 && !__builtin_mul_overflow(strides[d], size[d] > 0 ? size[d] : 1, &step);
        counts = counts && (size[d] == 0 || !__builtin_mul_overflow(size[d] - 1, strides[d], &reach));
        counts = counts && !__builtin_add_overflow(last, reach, &last) && last < most;
    }
    if (counts) return empty ? 0 : last + 1;
    THStatus_fail(TH_ERR_SHAPE, "[%s] offset, size, stride: one is negative, or there are more elements than can be counted",
                  op);
    return -1;
}

/* A view of the storage, which grows where it is too short. */
static THTensor *view_of(const char *op, THStorage *storage, int64_t offset, int ndim, const int64_t *size,
                         const int64_t *stride)
{
    int64_t strides[TH_MAX_DIMS];
    const int64_t needed = geometry(op, ndim, size, stride, offset, strides);
    if (needed < 0) return NULL;
    if (storage != NULL && storage->dtype != REAL_DTYPE) {
        THStatus_fail(TH_ERR_DTYPE, "[%s] storage is of %s, expected %s", op, THDtype_name((THDtype)storage->dtype),
                      THDtype_name(REAL_DTYPE));
        return NULL;
    }
    THStorage *const target = storage == NULL ? thTyped_newStorage(REAL_DTYPE, needed) : storage;
    if (target == NULL) return NULL;
    THTensor *t = NULL;
    if (needed <= THStorage_size(target) || THStorage_resize(target, needed) == TH_OK)
        t = THTensor_newWithStorage(target, REAL_DTYPE, needed == 0 ? 0 : offset, ndim, size, strides);
    if (storage == NULL) THStorage_free(target);
    return t;
}

/* self becomes the view, which is given back. */
static THStatus become(const char *op, THTensor *self, THTensor *view)
{
    THStatus status = view == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK && self->storage != NULL) status = check_dtype(op, self);
    if (status == TH_OK) status = THTensor_set(self, view);
    THTensor_free(view);
    return status;
}

THStatus THTensor_(setStorageNd)(THTensor *self, THStorage *storage, int64_t offset, int n, const int64_t *size,
                                 const int64_t *stride)
{
    TH_GIVEN("setStorageNd", self);
    if (n > 0) TH_GIVEN("setStorageNd", size);
    TH_TRY(check_dtype("setStorage", self));
    return become("setStorage", self, view_of("setStorage", storage, offset, n, size, stride));
}

THStatus THTensor_(setStorage)(THTensor *self, THStorage *storage, int64_t offset, const THStorage *size,
                               const THStorage *stride)
{
    TH_TRY(check_sizes("setStorage", size, stride));
    return THTensor_(setStorageNd)(self, storage, offset, (int)THStorage_size(size), longs_of(size), longs_of(stride));
}

THStatus THTensor_(resizeNd)(THTensor *self, int n, const int64_t *size, const int64_t *stride)
{
    TH_GIVEN("resizeNd", self);
    if (n > 0) TH_GIVEN("resizeNd", size);
    TH_TRY(check_dtype("resizeNd", self));
    if (stride == NULL) return THTensor_resize(self, n, size);
    return become("resizeNd", self, view_of("resizeNd", self->storage, self->offset, n, size, stride));
}

THStatus THTensor_(resize5d)(THTensor *self, int64_t size0, int64_t size1, int64_t size2, int64_t size3, int64_t size4)
{
    const int64_t size[] = {size0, size1, size2, size3, size4};
    return THTensor_(resizeNd)(self, 5, size, NULL);
}

/* Both functions for one number of dimensions; parameters, sizes and strides come in parentheses. */
#define OF_STORAGE(n, parameters, sizes, strides)                                                                              \
    THTensor *THTensor_(newWithStorage##n##d)(THStorage * storage, int64_t offset, EACH parameters)                            \
    {                                                                                                                          \
        const int64_t size[] = {EACH sizes}, stride[] = {EACH strides};                                                        \
        return view_of("newWithStorage" #n "d", storage, offset, n, size, stride);                                             \
    }                                                                                                                          \
    THStatus THTensor_(setStorage##n##d)(THTensor * self, THStorage * storage, int64_t offset, EACH parameters)                \
    {                                                                                                                          \
        const int64_t size[] = {EACH sizes}, stride[] = {EACH strides};                                                        \
        return THTensor_(setStorageNd)(self, storage, offset, n, size, stride);                                                \
    }
#define EACH(...) __VA_ARGS__

OF_STORAGE(1, (int64_t size0, int64_t stride0), (size0), (stride0))
OF_STORAGE(2, (int64_t size0, int64_t stride0, int64_t size1, int64_t stride1), (size0, size1), (stride0, stride1))
OF_STORAGE(3, (int64_t size0, int64_t stride0, int64_t size1, int64_t stride1, int64_t size2, int64_t stride2),
           (size0, size1, size2), (stride0, stride1, stride2))
OF_STORAGE(4,
           (int64_t size0, int64_t stride0, int64_t size1, int64_t stride1, int64_t size2, int64_t stride2, int64_t size3,
            int64_t stride3),
           (size0, size1, size2, size3), (stride0, stride1, stride2, stride3))

/* --- expansion ----------------------------------------------------------------------------------------------------------- */

THStatus THTensor_(expand)(THTensor *r, const THTensor *t, const THStorage *sizes)
{
    TH_GIVEN("expand", r, t);
    TH_TRY(check_dtype("expand", t));
    TH_TRY(check_sizes("expand", sizes, NULL));
    return become("expand", r, THTensor_newExpand(t, (int)THStorage_size(sizes), longs_of(sizes)));
}

THStatus THTensor_(expandNd)(THTensor **rets, THTensor **ops, int count)
{
    TH_GIVEN("expandNd", rets, ops);
    int64_t size[TH_MAX_DIMS];
    int ndim = 0;
    TH_FAIL_IF(count < 1, TH_ERR_VALUE, "[expandNd] count, %d: expected at least one tensor", count);
    TH_TRY(check_dtype("expandNd", ops[0]));
    THTensor *wide = THTensor_newWithTensor(ops[0]);
    THStatus status = wide == NULL ? THStatus_last() : TH_OK;
    for (int i = 0; status == TH_OK && i < count; i++) {
        status = check_dtype("expandNd", ops[i]);
        if (status == TH_OK && rets[i] == NULL)
            status = THStatus_fail(TH_ERR_VALUE, "[expandNd] rets[%d], NULL: must be given", i);
        if (status == TH_OK && rets[i]->storage != NULL) status = check_dtype("expandNd", rets[i]);
        if (status == TH_OK) status = THTensor_broadcast(wide, ops[i], "expandNd", &ndim, size);
        THTensor *const wider = status == TH_OK ? THTensor_newExpand(wide, ndim, size) : NULL;
        if (status == TH_OK && wider == NULL) status = THStatus_last();
        THTensor_free(wide);
        wide = wider;
    }
    THTensor_free(wide);
    for (int i = 0; status == TH_OK && i < count; i++)
        status = become("expandNd", rets[i], THTensor_newExpand(ops[i], ndim, size));
    return status;
}

/* --- flags and descriptions ---------------------------------------------------------------------------------------------- */

static THStatus check_flag(const char *op, char flag)
{
    TH_FAIL_IF(flag != THTensor_QUIET, TH_ERR_VALUE, "[%s] flag, %d: only THTensor_QUIET (%d) may change", op, (int)flag,
               (int)THTensor_QUIET);
    return TH_OK;
}

THStatus THTensor_(setFlag)(THTensor *self, char flag)
{
    TH_GIVEN("setFlag", self);
    TH_TRY(check_flag("setFlag", flag));
    self->flags |= (uint8_t)flag;
    return TH_OK;
}

THStatus THTensor_(clearFlag)(THTensor *self, char flag)
{
    TH_GIVEN("clearFlag", self);
    TH_TRY(check_flag("clearFlag", flag));
    self->flags &= (uint8_t)~flag;
    return TH_OK;
}

/* Sizes between `sign`, behind what the text holds. */
static void add_sizes(THDescBuff *text, const THTensor *self, const char *sign)
{
    for (int d = 0; d < self->ndim; d++) {
        const size_t length = strlen(text->str);
        snprintf(text->str + length, sizeof text->str - length, "%s%lld", d > 0 ? sign : "", (long long)self->size[d]);
    }
}

THDescBuff THTensor_(desc)(const THTensor *self)
{
    TH_GIVEN_OR((THDescBuff){""}, "desc", self);
    THDescBuff text;
    snprintf(text.str, sizeof text.str, "%s%sTensor of size ", thTyped_package, THDtype_name(REAL_DTYPE));
    add_sizes(&text, self, "x");
    return text;
}

THDescBuff THTensor_(sizeDesc)(const THTensor *self)
{
    TH_GIVEN_OR((THDescBuff){""}, "sizeDesc", self);
    THDescBuff text = {"["};
    add_sizes(&text, self, " x ");
    const size_t length = strlen(text.str);
    snprintf(text.str + length, sizeof text.str - length, "]");
    return text;
}
