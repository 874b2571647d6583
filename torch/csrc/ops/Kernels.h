// C calls that the declarations make and TH does not have: thin compositions of TH's functions on bare tensors.
#pragma once

#include <cstdint>

#include "backend/Functions.h"

namespace torch::ops {

// --- copies between devices ------------------------------------------------------------------------------------------------

inline THTensor* newCopyOn(const THTensor* self, int64_t device, bool non_blocking) {
  return backend::new_copy_on(self, static_cast<int>(device), non_blocking);
}

// --- views that TH takes in another form ------------------------------------------------------------------------------------

THTensor* newPermute(const THTensor* self, int ndim, const int64_t* dims);
THTensor* newAsStrided(const THTensor* self, int ndim, const int64_t* size, int strides, const int64_t* stride, int64_t offset);

// --- THTensor_cross, but a negative dim means the first dimension of size 3 -------------------------------------------------

THStatus crossProduct(THTensor* r, const THTensor* a, const THTensor* b, int dim);

// --- THTensor_renorm, with a number of any kind ------------------------------------------------------------------------------

inline THStatus renorm(THTensor* r, const THTensor* a, double p, int dim, THScalar maxnorm) {
  return THTensor_renorm(r, a, p, dim, THScalar_toDouble(maxnorm));
}

// --- THTensor_fill, but a value that the dtype cannot hold is an error instead of a truncation ------------------------------

THStatus checkedFill(THTensor* self, THScalar value);

// --- the gradients of views: zeros of the given size, with `self` where the view was ----------------------------------------

THStatus selectBackward(THTensor* r, const THTensor* self, int ndim, const int64_t* size, int dim, int64_t index);
THStatus narrowBackward(THTensor* r, const THTensor* self, int ndim, const int64_t* size, int dim, int64_t start);
THStatus sliceBackward(THTensor* r, const THTensor* self, int ndim, const int64_t* size, int dim, int64_t start, int64_t stop,
                       int64_t step);
// Windows may overlap: they add up.
THStatus unfoldBackward(THTensor* r, const THTensor* self, int ndim, const int64_t* size, int dim, int64_t window,
                        int64_t step);

// --- a view within a base laid out with base_stride, `offset` elements from the base's first --------------------------------

// The view's part of `self`, which has the base's size.
THStatus stridedGather(THTensor* r, const THTensor* self, int base_ndim, const int64_t* base_stride, int ndim,
                       const int64_t* size, int strides, const int64_t* stride, int64_t offset);
// Zeros of the base's size with `self` in the view's place.
THStatus stridedScatter(THTensor* r, const THTensor* self, int base_ndim, const int64_t* base_size, int base_strides,
                        const int64_t* base_stride, int strides, const int64_t* stride, int64_t offset);
// `self` with `src` in the view's place.
THStatus stridedReplace(THTensor* r, const THTensor* self, const THTensor* src, int base_ndim, const int64_t* base_stride,
                        int strides, const int64_t* stride, int64_t offset);

// --- masks -----------------------------------------------------------------------------------------------------------------

// 1 - self, of bytes: masks are 0 and 1, as in 0.4.
THStatus invert(THTensor* r, const THTensor* self);

// --- decompositions ---------------------------------------------------------------------------------------------------------

// THTensor_pstrf, with pivots that count from 0.
THStatus pivotedCholesky(THTensor* u, THTensor* pivots, const THTensor* self, bool upper, THScalar tol);
// info may be null. Without `pivot` there is no implementation.
THStatus btrifact(THTensor* lu, THTensor* pivots, THTensor* info, const THTensor* self, bool pivot);

// --- products ---------------------------------------------------------------------------------------------------------------

// r = bias + input weight', for matrices; the bias broadcasts.
THStatus linearForward(THTensor* r, const THTensor* input, const THTensor* weight, const THTensor* bias);

}  // namespace torch::ops
