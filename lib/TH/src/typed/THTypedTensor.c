/* THFloatTensor_*: making tensors and looking at them. */
#include "typed/THTypedBody.h"

THStorage *THTensor_(storage)(const THTensor *self)
{
    TH_GIVEN_OR(NULL, "storage", self);
    return self->storage;
}

int64_t THTensor_(storageOffset)(const THTensor *self)
{
    TH_GIVEN_OR(0, "storageOffset", self);
    return self->offset;
}

int THTensor_(nDimension)(const THTensor *self)
{
    TH_GIVEN_OR(0, "nDimension", self);
    return self->ndim;
}

/* A dimension of a tensor, or -1 and a failure. */
static int known_dim(const char *op, const THTensor *self, int dim)
{
    if (dim >= 0 && dim < self->ndim) return dim;
    THStatus_fail(TH_ERR_INDEX, "[%s] dimension %d is out of range for a tensor of %d dimensions", op, dim, self->ndim);
    return -1;
}

int64_t THTensor_(size)(const THTensor *self, int dim)
{
    TH_GIVEN_OR(0, "size", self);
    return known_dim("size", self, dim) < 0 ? 0 : self->size[dim];
}

int64_t THTensor_(stride)(const THTensor *self, int dim)
{
    TH_GIVEN_OR(0, "stride", self);
    return known_dim("stride", self, dim) < 0 ? 0 : self->stride[dim];
}

static THStorage *long_storage(const int64_t *values, int n)
{
    THStorage *const s = THStorage_newWithSize(THDtype_Long, n);
    if (s != NULL && n > 0) memcpy(s->data, values, (size_t)n * sizeof(*values));
    return s;
}

THStorage *THTensor_(newSizeOf)(const THTensor *self)
{
    TH_GIVEN_OR(NULL, "newSizeOf", self);
    return long_storage(self->size, self->ndim);
}

THStorage *THTensor_(newStrideOf)(const THTensor *self)
{
    TH_GIVEN_OR(NULL, "newStrideOf", self);
    return long_storage(self->stride, self->ndim);
}

real *THTensor_(data)(const THTensor *self)
{
    TH_GIVEN_OR(NULL, "data", self);
    return check_dtype("data", self) == TH_OK ? (real *)THTensor_dataBytes(self) : NULL;
}

int64_t THTensor_(nElement)(const THTensor *self)
{
    TH_GIVEN_OR(0, "nElement", self);
    return self->numel;
}

int THTensor_(isContiguous)(const THTensor *self)
{
    TH_GIVEN_OR(0, "isContiguous", self);
    return THTensor_isContiguous(self);
}

int THTensor_(isSameSizeAs)(const THTensor *self, const THTensor *source)
{
    return THTensor_isSameSizeAs(self, source);
}

int THTensor_(isSetTo)(const THTensor *self, const THTensor *source)
{
    TH_GIVEN_OR(0, "isSetTo", self, source);
    return self->storage != NULL && self->storage == source->storage && self->offset == source->offset &&
           THTensor_isSameSizeAs(self, source) &&
           memcmp(self->stride, source->stride, sizeof(*self->stride) * (size_t)self->ndim) == 0;
}

int THTensor_(isSize)(const THTensor *self, const THStorage *size)
{
    TH_GIVEN_OR(0, "isSize", self);
    return check_sizes("isSize", size, NULL) == TH_OK && THStorage_size(size) == self->ndim &&
           (self->ndim == 0 || memcmp(self->size, size->data, sizeof(*self->size) * (size_t)self->ndim) == 0);
}

/* --- making -------------------------------------------------------------------------------------------------------------- */

THTensor *THTensor_(new)(void)
{
    const int64_t none = 0;
    return thTyped_new(REAL_DTYPE, 1, &none);
}

THTensor *THTensor_(newWithTensor)(const THTensor *self)
{
    TH_GIVEN_OR(NULL, "newWithTensor", self);
    return check_dtype("newWithTensor", self) == TH_OK ? THTensor_newWithTensor(self) : NULL;
}

THTensor *THTensor_(newWithStorage)(THStorage *storage, int64_t offset, const THStorage *size, const THStorage *stride)
{
    if (check_sizes("newWithStorage", size, stride) != TH_OK) return NULL;
    return THTensor_newWithStorage(storage, REAL_DTYPE, offset, (int)THStorage_size(size), longs_of(size), longs_of(stride));
}

/* Elements from the first of a tensor to its last, or -1 and a failure. */
static int64_t reach(int ndim, const int64_t *size, const int64_t *stride)
{
    int64_t last = 0, step = 0;
    bool counts = true, empty = false;
    for (int d = 0; d < ndim; d++) {
        counts = counts && size[d] >= 0 && stride[d] >= 0;
        empty = empty || size[d] == 0;
        counts = counts && (size[d] == 0 || !__builtin_mul_overflow(size[d] - 1, stride[d], &step)) &&
                 !__builtin_add_overflow(last, step, &last) && last < INT64_MAX;
    }
    if (counts) return empty ? 0 : last + 1;
    THStatus_fail(TH_ERR_SHAPE, "[newWithSize] size, stride: one is negative, or there are more elements than can be counted");
    return -1;
}

/* With strides: on a storage that is just large enough. */
THTensor *THTensor_(newWithSize)(const THStorage *size, const THStorage *stride)
{
    if (check_sizes("newWithSize", size, stride) != TH_OK) return NULL;
    const int ndim = (int)THStorage_size(size);
    if (stride == NULL) return thTyped_new(REAL_DTYPE, ndim, longs_of(size));
    const int64_t numel = reach(ndim, longs_of(size), longs_of(stride));
    THStorage *const storage = numel < 0 ? NULL : thTyped_newStorage(REAL_DTYPE, numel);
    if (storage == NULL) return NULL;
    THTensor *const t = THTensor_newWithStorage(storage, REAL_DTYPE, 0, ndim, longs_of(size), longs_of(stride));
    THStorage_free(storage);
    return t;
}

THTensor *THTensor_(newWithSize1d)(int64_t size0)
{
    return thTyped_new(REAL_DTYPE, 1, &size0);
}

THTensor *THTensor_(newWithSize2d)(int64_t size0, int64_t size1)
{
    const int64_t size[] = {size0, size1};
    return thTyped_new(REAL_DTYPE, 2, size);
}

THTensor *THTensor_(newWithSize3d)(int64_t size0, int64_t size1, int64_t size2)
{
    const int64_t size[] = {size0, size1, size2};
    return thTyped_new(REAL_DTYPE, 3, size);
}

THTensor *THTensor_(newWithSize4d)(int64_t size0, int64_t size1, int64_t size2, int64_t size3)
{
    const int64_t size[] = {size0, size1, size2, size3};
    return thTyped_new(REAL_DTYPE, 4, size);
}

THTensor *THTensor_(newClone)(const THTensor *self)
{
    TH_GIVEN_OR(NULL, "newClone", self);
    if (check_dtype("newClone", self) != TH_OK || thTyped_check("newClone", THTensor_device(self)) != TH_OK) return NULL;
    return THTensor_newClone(self);
}

THTensor *THTensor_(newContiguous)(THTensor *self)
{
    TH_GIVEN_OR(NULL, "newContiguous", self);
    if (check_dtype("newContiguous", self) != TH_OK || thTyped_check("newContiguous", THTensor_device(self)) != TH_OK)
        return NULL;
    return THTensor_newContiguous(self);
}

/* --- views --------------------------------------------------------------------------------------------------------------- */

THTensor *THTensor_(newSelect)(const THTensor *self, int dim, int64_t index)
{
    return THTensor_newSelect(self, dim, index);
}

THTensor *THTensor_(newNarrow)(const THTensor *self, int dim, int64_t first, int64_t size)
{
    return THTensor_newNarrow(self, dim, first, size);
}

THTensor *THTensor_(newTranspose)(const THTensor *self, int dim0, int dim1)
{
    return THTensor_newTranspose(self, dim0, dim1);
}

THTensor *THTensor_(newUnfold)(const THTensor *self, int dim, int64_t size, int64_t step)
{
    return THTensor_newUnfold(self, dim, size, step);
}

THTensor *THTensor_(newView)(const THTensor *self, const THStorage *size)
{
    TH_GIVEN_OR(NULL, "newView", self);
    if (check_sizes("newView", size, NULL) != TH_OK) return NULL;
    return THTensor_newView(self, (int)THStorage_size(size), longs_of(size));
}

THTensor *THTensor_(newExpand)(const THTensor *self, const THStorage *size)
{
    TH_GIVEN_OR(NULL, "newExpand", self);
    if (check_sizes("newExpand", size, NULL) != TH_OK) return NULL;
    return THTensor_newExpand(self, (int)THStorage_size(size), longs_of(size));
}

/* self becomes `view`, which is given back. */
static THStatus take_view(THTensor *self, THTensor *view)
{
    if (view == NULL) return THStatus_last();
    const THStatus status = THTensor_set(self, view);
    THTensor_free(view);
    return status;
}

THStatus THTensor_(set)(THTensor *self, const THTensor *source)
{
    TH_GIVEN("set", self, source);
    TH_TRY(check_dtype("set", source));
    return self == source ? TH_OK : THTensor_set(self, source);
}

THStatus THTensor_(narrow)(THTensor *self, const THTensor *source, int dim, int64_t first, int64_t size)
{
    TH_GIVEN("narrow", self);
    return take_view(self, THTensor_newNarrow(source == NULL ? self : source, dim, first, size));
}

THStatus THTensor_(select)(THTensor *self, const THTensor *source, int dim, int64_t index)
{
    TH_GIVEN("select", self);
    return take_view(self, THTensor_newSelect(source == NULL ? self : source, dim, index));
}

THStatus THTensor_(transpose)(THTensor *self, const THTensor *source, int dim0, int dim1)
{
    TH_GIVEN("transpose", self);
    return take_view(self, THTensor_newTranspose(source == NULL ? self : source, dim0, dim1));
}

THStatus THTensor_(unfold)(THTensor *self, const THTensor *source, int dim, int64_t size, int64_t step)
{
    TH_GIVEN("unfold", self);
    return take_view(self, THTensor_newUnfold(source == NULL ? self : source, dim, size, step));
}

THStatus THTensor_(squeeze)(THTensor *self, const THTensor *source)
{
    TH_GIVEN("squeeze", self);
    return take_view(self, THTensor_newSqueezeAll(source == NULL ? self : source));
}

THStatus THTensor_(squeeze1d)(THTensor *self, const THTensor *source, int dim)
{
    TH_GIVEN("squeeze1d", self);
    return take_view(self, THTensor_newSqueeze(source == NULL ? self : source, dim));
}

THStatus THTensor_(unsqueeze1d)(THTensor *self, const THTensor *source, int dim)
{
    TH_GIVEN("unsqueeze1d", self);
    return take_view(self, THTensor_newUnsqueeze(source == NULL ? self : source, dim));
}

/* --- references ---------------------------------------------------------------------------------------------------------- */

void THTensor_(retain)(THTensor *self)
{
    THTensor_retain(self);
}

void THTensor_(free)(THTensor *self)
{
    THTensor_free(self);
}

THStatus THTensor_(freeCopyTo)(THTensor *self, THTensor *dest)
{
    TH_GIVEN("freeCopyTo", dest);
    const THStatus status = self == dest ? TH_OK : THTensor_copy(dest, self);
    THTensor_free(self);
    return status;
}
