#include "TH/THArgument.h"
/* Views: new tensors on the storage of another. */
#include <stdio.h>
#include <string.h>

#include "core/THCore.h"

/* Copies dimension `from` of source to dimension `to` of view. */
static inline void copyDim(THTensor *view, int to, const THTensor *source, int from)
{
    view->size[to] = source->size[from];
    view->stride[to] = source->stride[from];
}

static inline void setContiguous(THTensor *view, bool contiguous)
{
    view->flags = (uint8_t)((view->flags & ~THTensor_CONTIGUOUS) | (contiguous ? THTensor_CONTIGUOUS : 0));
}

/* A view of self with all its dimensions. */
static THTensor *newSame(const THTensor *self)
{
    THTensor *view = thTensor_newLike(self, self->ndim);
    if (view == NULL) return NULL;
    for (int d = 0; d < self->ndim; d++) copyDim(view, d, self, d);
    view->numel = self->numel;
    view->flags |= self->flags & THTensor_CONTIGUOUS;
    return view;
}

THTensor *THTensor_newWithTensor(const THTensor *self)
{
    TH_GIVEN_OR(NULL, "newWithTensor", self);
    if (self->storage == NULL) return THTensor_new();
    return newSame(self);
}

THTensor *THTensor_newWithStorage(THStorage *storage, THDtype dtype, int64_t offset, int ndim, const int64_t *size,
                                  const int64_t *stride)
{
    TH_GIVEN_OR(NULL, "view", storage);
    if (ndim > 0) TH_GIVEN_OR(NULL, "view", size);
    if ((unsigned)dtype >= (unsigned)THDtype_Count || offset < 0) {
        if (offset < 0)
            THStatus_fail(TH_ERR_SHAPE, "[view] offset, %lld: must not be negative", (long long)offset);
        else
            THStatus_fail(TH_ERR_DTYPE, "[view] dtype, %d: must name an element type", (int)dtype);
        return NULL;
    }
    int64_t numel;
    if (thShape_numel("view", ndim, size, &numel) != TH_OK) return NULL;
    /* Index of the last element. Saturated: what overflows does not fit either. */
    int64_t last = numel > 0 ? offset : 0, step;
    for (int d = 0; d < ndim && stride != NULL; d++) {
        if (stride[d] < 0) {
            THStatus_fail(TH_ERR_SHAPE, "[view] stride of dimension %d, %lld: must not be negative", d, (long long)stride[d]);
            return NULL;
        }
        if (numel > 0 && (__builtin_mul_overflow(size[d] - 1, stride[d], &step) || __builtin_add_overflow(last, step, &last)))
            last = INT64_MAX;
    }
    if (stride == NULL && numel > 0 && __builtin_add_overflow(last, numel - 1, &last)) last = INT64_MAX;
    const int64_t room = storage->nbytes / THDtype_itemsize(dtype);
    if (numel > 0 ? last >= room : offset > room) {
        char text[128];
        THStatus_fail(TH_ERR_SHAPE, "[view] size %s from element %lld on: reaches beyond the storage of %lld elements",
                      THTensor_describeSize(ndim, size, text, sizeof text), (long long)offset, (long long)room);
        return NULL;
    }
    const THTensor pattern = {.dtype = (uint8_t)dtype, .storage = storage, .offset = offset};
    THTensor *view = thTensor_newLike(&pattern, ndim);
    if (view == NULL) return NULL;
    for (int d = 0; d < ndim; d++) view->size[d] = size[d];
    if (stride == NULL) {
        thShape_strides(ndim, size, view->stride);
    } else {
        for (int d = 0; d < ndim; d++) view->stride[d] = stride[d];
    }
    return thTensor_finish(view, "view");
}

THTensor *THTensor_newAsStrided(const THTensor *self, int ndim, const int64_t *size, const int64_t *stride, int64_t offset)
{
    TH_GIVEN_OR(NULL, "newAsStrided", self);
    if (ndim > 0) TH_GIVEN_OR(NULL, "newAsStrided", size, stride);
    if (self->storage == NULL) return thTensor_newLike(self, 0);
    THTensor *view = THTensor_newWithStorage(self->storage, (THDtype)self->dtype, offset, ndim, size, stride);
    if (view != NULL) view->flags |= self->flags & THTensor_QUIET;
    return view;
}

THTensor *THTensor_newSelect(const THTensor *self, int dim, int64_t index)
{
    TH_GIVEN_OR(NULL, "select", self);
    if (self->ndim == 0) {
        THStatus_fail(TH_ERR_INDEX, "[select] invalid index of a 0-dim tensor. Use tensor.item() to convert a 0-dim tensor to "
                                    "a Python number");
        return NULL;
    }
    if (dim != 0 && THTensor_wrapDim(self, dim, "select", &dim) != TH_OK) return NULL;
    const int64_t size = self->size[dim];
    if (__builtin_expect(index < -size || index >= size, 0)) {
        THStatus_fail(TH_ERR_INDEX, "[select] index %lld is out of bounds for dimension %d with size %lld", (long long)index,
                      dim, (long long)size);
        return NULL;
    }
    THTensor *view = thTensor_newLike(self, self->ndim - 1);
    if (view == NULL) return NULL;
    view->offset += (index < 0 ? index + size : index) * self->stride[dim];
    int64_t numel = 1; /* cannot overflow: self's sizes, zeros aside, do not */
    for (int d = 0, to = 0; d < self->ndim; d++) {
        if (d == dim) continue;
        numel *= self->size[d];
        copyDim(view, to++, self, d);
    }
    view->numel = numel;
    /* Rows of a contiguous tensor are contiguous: the usual case, x[i]. */
    const bool contiguous =
        (dim == 0 && THTensor_isContiguous(self)) || thShape_isContiguous(view->ndim, view->size, view->stride);
    setContiguous(view, contiguous);
    return view;
}

THTensor *THTensor_newNarrow(const THTensor *self, int dim, int64_t start, int64_t length)
{
    TH_GIVEN_OR(NULL, "narrow", self);
    if (self->ndim == 0) {
        THStatus_fail(TH_ERR_INDEX, "[narrow] narrow() cannot be applied to a 0-dim tensor.");
        return NULL;
    }
    if (THTensor_wrapDim(self, dim, "narrow", &dim) != TH_OK) return NULL;
    const int64_t size = self->size[dim];
    if (start < 0 || length < 0 || start > size || length > size - start) {
        THStatus_fail(TH_ERR_INDEX, "[narrow] start (%lld) + length (%lld) exceeds dimension size (%lld).", (long long)start,
                      (long long)length, (long long)size);
        return NULL;
    }
    THTensor *view = newSame(self);
    if (view == NULL) return NULL;
    view->offset += start * self->stride[dim];
    view->size[dim] = length;
    return thTensor_finish(view, "narrow");
}

THTensor *THTensor_newSlice(const THTensor *self, int dim, int64_t start, int64_t stop, int64_t step)
{
    TH_GIVEN_OR(NULL, "slice", self);
    if (self->ndim == 0) {
        THStatus_fail(TH_ERR_INDEX, "[slice] slice() cannot be applied to a 0-dim tensor.");
        return NULL;
    }
    if (THTensor_wrapDim(self, dim, "slice", &dim) != TH_OK) return NULL;
    if (step < 1) {
        THStatus_fail(TH_ERR_VALUE, "[slice] step, %lld: slice step must be positive", (long long)step);
        return NULL;
    }
    const int64_t size = self->size[dim];
    start = start < -size ? 0 : start < 0 ? start + size : start > size ? size : start;
    stop = stop < -size ? 0 : stop < 0 ? stop + size : stop > size ? size : stop;
    THTensor *view = newSame(self);
    if (view == NULL) return NULL;
    const int64_t length = stop > start ? (stop - start - 1) / step + 1 : 0;
    view->size[dim] = length;
    view->offset += start * self->stride[dim];
    /* A step longer than the dimension leaves one element, whose stride does not matter. */
    if (length > 1) view->stride[dim] = self->stride[dim] * step;
    return thTensor_finish(view, "slice");
}

THTensor *THTensor_newTranspose(const THTensor *self, int dim0, int dim1)
{
    TH_GIVEN_OR(NULL, "transpose", self);
    if (THTensor_wrapDim(self, dim0, "transpose", &dim0) != TH_OK) return NULL;
    if (THTensor_wrapDim(self, dim1, "transpose", &dim1) != TH_OK) return NULL;
    THTensor *view = newSame(self);
    if (view == NULL || dim0 == dim1) return view;
    copyDim(view, dim0, self, dim1);
    copyDim(view, dim1, self, dim0);
    setContiguous(view, thShape_isContiguous(view->ndim, view->size, view->stride)); /* numel stays */
    return view;
}

THTensor *THTensor_newPermute(const THTensor *self, int ndim, const int *dims)
{
    TH_GIVEN_OR(NULL, "permute", self);
    if (ndim > 0) TH_GIVEN_OR(NULL, "permute", dims);
    if (ndim != self->ndim) {
        THStatus_fail(TH_ERR_SHAPE, "[permute] dims, %d of them: number of dims don't match in permute, the tensor has %d",
                      ndim, self->ndim);
        return NULL;
    }
    THTensor *view = thTensor_newLike(self, ndim);
    if (view == NULL) return NULL;
    uint64_t seen = 0;
    for (int d = 0; d < ndim; d++) {
        int from;
        if (THTensor_wrapDim(self, dims[d], "permute", &from) != TH_OK) {
            THTensor_free(view);
            return NULL;
        }
        if (seen >> from & 1) {
            THStatus_fail(TH_ERR_VALUE, "[permute] dims, %d again at place %d: repeated dim in permute", dims[d], d);
            THTensor_free(view);
            return NULL;
        }
        seen |= UINT64_C(1) << from;
        copyDim(view, d, self, from);
    }
    return thTensor_finish(view, "permute");
}

THTensor *THTensor_newSqueeze(const THTensor *self, int dim)
{
    TH_GIVEN_OR(NULL, "squeeze", self);
    if (THTensor_wrapDim(self, dim, "squeeze", &dim) != TH_OK) return NULL;
    if (self->ndim == 0 || self->size[dim] != 1) return newSame(self);
    THTensor *view = thTensor_newLike(self, self->ndim - 1);
    if (view == NULL) return NULL;
    for (int d = 0, to = 0; d < self->ndim; d++) {
        if (d != dim) copyDim(view, to++, self, d);
    }
    return thTensor_finish(view, "squeeze");
}

THTensor *THTensor_newSqueezeAll(const THTensor *self)
{
    TH_GIVEN_OR(NULL, "squeeze", self);
    int ndim = 0;
    for (int d = 0; d < self->ndim; d++) ndim += self->size[d] != 1;
    THTensor *view = thTensor_newLike(self, ndim);
    if (view == NULL) return NULL;
    for (int d = 0, to = 0; d < self->ndim; d++) {
        if (self->size[d] != 1) copyDim(view, to++, self, d);
    }
    return thTensor_finish(view, "squeeze");
}

THTensor *THTensor_newUnsqueeze(const THTensor *self, int dim)
{
    TH_GIVEN_OR(NULL, "unsqueeze", self);
    const int range = self->ndim + 1;
    if (dim < -range || dim >= range) {
        THStatus_fail(TH_ERR_INDEX, "[unsqueeze] dimension out of range (expected to be in range of [%d, %d], but got %d)",
                      -range, range - 1, dim);
        return NULL;
    }
    if (dim < 0) dim += range;
    THTensor *view = thTensor_newLike(self, range);
    if (view == NULL) return NULL;
    for (int d = 0; d < self->ndim; d++) copyDim(view, d < dim ? d : d + 1, self, d);
    view->size[dim] = 1;
    view->stride[dim] = dim < self->ndim ? self->size[dim] * self->stride[dim] : 1;
    return thTensor_finish(view, "unsqueeze");
}

THTensor *THTensor_newUnfold(const THTensor *self, int dim, int64_t size, int64_t step)
{
    TH_GIVEN_OR(NULL, "unfold", self);
    if (THTensor_wrapDim(self, dim, "unfold", &dim) != TH_OK) return NULL;
    const int64_t whole = self->ndim == 0 ? 1 : self->size[dim];
    if (size < 0 || size > whole || step < 1) {
        if (step < 1)
            THStatus_fail(TH_ERR_VALUE, "[unfold] step, %lld: step must be > 0", (long long)step);
        else
            THStatus_fail(TH_ERR_VALUE, "[unfold] size, %lld: maximum size for tensor at dimension %d is %lld", (long long)size,
                          dim, (long long)whole);
        return NULL;
    }
    THTensor *view = thTensor_newLike(self, self->ndim + 1);
    if (view == NULL) return NULL;
    for (int d = 0; d < self->ndim; d++) copyDim(view, d, self, d);
    view->size[self->ndim] = size;
    view->stride[self->ndim] = self->ndim == 0 ? 1 : self->stride[dim];
    if (self->ndim > 0) {
        view->size[dim] = (whole - size) / step + 1;
        if (view->size[dim] > 1) view->stride[dim] = self->stride[dim] * step;
    }
    return thTensor_finish(view, "unfold");
}

THTensor *THTensor_newDiagonal(const THTensor *self, int64_t offset, int dim1, int dim2)
{
    TH_GIVEN_OR(NULL, "diagonal", self);
    if (self->ndim < 2) {
        THStatus_fail(TH_ERR_SHAPE, "[diagonal] a tensor of %d dimensions, expected at least 2", self->ndim);
        return NULL;
    }
    if (THTensor_wrapDim(self, dim1, "diagonal", &dim1) != TH_OK) return NULL;
    if (THTensor_wrapDim(self, dim2, "diagonal", &dim2) != TH_OK) return NULL;
    if (dim1 == dim2) {
        THStatus_fail(TH_ERR_VALUE, "[diagonal] diagonal dimensions cannot be identical %d, %d", dim1, dim2);
        return NULL;
    }
    THTensor *view = thTensor_newLike(self, self->ndim - 1);
    if (view == NULL) return NULL;
    for (int d = 0, to = 0; d < self->ndim; d++) {
        if (d != dim1 && d != dim2) copyDim(view, to++, self, d);
    }
    /* What is left of rows and columns behind the first element. */
    const int64_t rows =
        offset < 0 ? self->size[dim1] + (offset < -self->size[dim1] ? -self->size[dim1] : offset) : self->size[dim1];
    const int64_t columns =
        offset > 0 ? self->size[dim2] - (offset > self->size[dim2] ? self->size[dim2] : offset) : self->size[dim2];
    const int last = self->ndim - 2;
    view->size[last] = rows < columns ? rows : columns;
    view->stride[last] = self->stride[dim1] + self->stride[dim2];
    if (view->size[last] > 0) view->offset += offset < 0 ? -offset * self->stride[dim1] : offset * self->stride[dim2];
    return thTensor_finish(view, "diagonal");
}
