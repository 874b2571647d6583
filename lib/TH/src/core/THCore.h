/* What the rest of TH uses of tensors and storages beyond the public headers. */
#ifndef TH_CORE_H
#define TH_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "TH/THRefcount.h"
#include "TH/THTensor.h"

/* Counts a write, so that autograd sees that saved values changed. Two threads that write one tensor at once may count one
 * write together; the count still differs from what it was before both. */
static inline void thCore_touch(const THTensor *self)
{
    if (self->storage == NULL || (self->flags & THTensor_QUIET)) return;
    uint32_t *version = &self->storage->version;
    __atomic_store_n(version, __atomic_load_n(version, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

/* Product of the sizes in *numel; fails if one is negative or if the product (zeros aside) does not fit int64. */
THStatus thShape_numel(const char *op, int ndim, const int64_t *size, int64_t *numel);
/* Writes row-major strides. The shape has passed thShape_numel. */
void thShape_strides(int ndim, const int64_t *size, int64_t *stride);
/* True if the strides are row-major without gaps. Dimensions of size 1 do not matter; nor does anything if a size is 0. */
bool thShape_isContiguous(int ndim, const int64_t *size, const int64_t *stride);
/* Makes room for `ndim` sizes and strides; sets ndim, leaves the numbers undefined. */
THStatus thTensor_setNdim(THTensor *self, int ndim);
/* Sets numel and the contiguity flag from size and stride. */
THStatus thTensor_update(THTensor *self, const char *op);
/* A view of self with room for `ndim` dimensions, which the caller fills before thTensor_finish. NULL on failure. */
THTensor *thTensor_newLike(const THTensor *self, int ndim);
/* THTensor_newView; where the strides allow none, *none and NULL without a failure. */
THTensor *thTensor_newViewOrNone(const THTensor *self, int ndim, const int64_t *size, bool *none);
/* Updates numel and flags of a view; gives it back, or frees it and gives NULL. */
THTensor *thTensor_finish(THTensor *view, const char *op);
/* Lowest and one past the highest byte that self's elements occupy; equal if it has none. */
void thTensor_extent(const THTensor *self, const char **begin, const char **end);
/* TH_ERR_DTYPE if an op's result of `dtype` cannot go into self. Ops of several results ask for each before they touch one. */
THStatus thTensor_checkOutput(const THTensor *self, const char *op, THDtype dtype);
/* Fails unless self can be written: it has a dtype, and no two of its elements share memory by expansion. */
THStatus thTensor_checkWritable(const THTensor *self, const char *op);

#endif
