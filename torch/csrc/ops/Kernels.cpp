#include "ops/Kernels.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "tensor/Tensor.h"

namespace torch::ops {
namespace {

struct Free {
  void operator()(THTensor* t) const { THTensor_free(t); }
};
using Handle = std::unique_ptr<THTensor, Free>;

THDtype dtype_of(const THTensor* t) {
  return static_cast<THDtype>(t->dtype);
}

THStatus zeros(THTensor* r, const char* op, const THTensor* like, int ndim, const int64_t* size) {
  TH_TRY(THTensor_outputOn(r, op, THTensor_device(like), dtype_of(like), ndim, size));
  return THTensor_zero(r);
}

// The failure of the `new` function that made `part`, or the copy of `self` into it.
THStatus fill_part(const Handle& part, const THTensor* self) {
  return part ? THTensor_copy(part.get(), self) : THStatus_last();
}

// A buffer laid out as the base is: the base's view of it, and the memory as a vector. The gaps between elements are not used.
struct Base {
  Handle memory;
  Handle view;
};

THStatus make_base(Base& base, const THTensor* like, int ndim, const int64_t* size, const int64_t* stride) {
  int64_t extent = 1;
  for (int d = 0; d < ndim; d++) extent = size[d] == 0 ? 0 : extent + (size[d] - 1) * stride[d];
  if (extent < 1) extent = 1;
  base.memory.reset(backend::new_on(THTensor_device(like), dtype_of(like), 1, &extent));
  if (!base.memory) return THStatus_last();
  base.view.reset(THTensor_newAsStrided(base.memory.get(), ndim, size, stride, 0));
  return base.view ? TH_OK : THStatus_last();
}

// True if two elements of this geometry may be one element of memory.
bool may_overlap(int ndim, const int64_t* size, const int64_t* stride) {
  std::vector<std::pair<int64_t, int64_t>> dims;
  for (int d = 0; d < ndim; d++)
    if (size[d] > 1) dims.emplace_back(stride[d], size[d]);
  std::sort(dims.begin(), dims.end());
  int64_t reach = 0;
  for (const auto& [step, count] : dims) {
    if (step <= reach) return true;
    reach += step * (count - 1);
  }
  return false;
}

// `t` as a vector of its elements in row-major order, a copy where it has gaps.
Handle new_flat(THTensor* t) {
  const Handle dense(t ? THTensor_newContiguous(t) : nullptr);
  const int64_t all = -1;
  return Handle(dense ? THTensor_newView(dense.get(), 1, &all) : nullptr);
}

// Adds the elements of `self` to the places of `memory`, a vector of zeros, where a view of its size has them.
THStatus add_part(THTensor* memory, const THTensor* self, const int64_t* stride, int64_t offset) {
  if (!may_overlap(self->ndim, self->size, stride)) {
    return fill_part(Handle(THTensor_newAsStrided(memory, self->ndim, self->size, stride, offset)), self);
  }
  const Handle numbers(backend::new_on(THTensor_device(memory), THDtype_Long, 1, memory->size));
  if (!numbers) return THStatus_last();
  TH_TRY(THTensor_arange(numbers.get(), THScalar_fromLong(0), THScalar_fromLong(memory->numel), THScalar_fromLong(1)));
  const Handle places(THTensor_newAsStrided(numbers.get(), self->ndim, self->size, stride, offset));
  const Handle same(THTensor_newWithTensor(self));
  const Handle index = new_flat(places.get()), source = new_flat(same.get());
  return index && source ? THTensor_indexAdd(memory, 0, index.get(), source.get()) : THStatus_last();
}

}  // namespace

THTensor* newPermute(const THTensor* self, int ndim, const int64_t* dims) {
  std::vector<int> narrow;
  for (int d = 0; d < ndim; d++) {
    if (dims[d] < -TH_MAX_DIMS || dims[d] >= TH_MAX_DIMS) {
      THStatus_fail(TH_ERR_INDEX, "[permute] dims[%d], its value %lld: dimension out of range", d,
                    static_cast<long long>(dims[d]));
      return nullptr;
    }
    narrow.push_back(static_cast<int>(dims[d] < 0 ? dims[d] + self->ndim : dims[d]));
  }
  return THTensor_newPermute(self, ndim, narrow.data());
}

THTensor* newAsStrided(const THTensor* self, int ndim, const int64_t* size, int strides, const int64_t* stride,
                       int64_t offset) {
  if (ndim != strides) {
    THStatus_fail(TH_ERR_SHAPE, "[as_strided] size has %d numbers, stride %d: as many are needed", ndim, strides);
    return nullptr;
  }
  return THTensor_newAsStrided(self, ndim, size, stride, offset);
}

THStatus checkedFill(THTensor* self, THScalar value) {
  TH_TRY(THScalar_check(value, dtype_of(self), "fill", "value"));
  return THTensor_fill(self, value);
}

THStatus selectBackward(THTensor* r, const THTensor* self, int ndim, const int64_t* size, int dim, int64_t index) {
  TH_TRY(zeros(r, "select_backward", self, ndim, size));
  return fill_part(Handle(THTensor_newSelect(r, dim, index)), self);
}

THStatus narrowBackward(THTensor* r, const THTensor* self, int ndim, const int64_t* size, int dim, int64_t start) {
  TH_TRY(zeros(r, "narrow_backward", self, ndim, size));
  int wrapped = 0;
  TH_TRY(THTensor_wrapDim(r, dim, "narrow_backward", &wrapped));
  return fill_part(Handle(THTensor_newNarrow(r, dim, start, self->ndim ? self->size[wrapped] : 1)), self);
}

THStatus sliceBackward(THTensor* r, const THTensor* self, int ndim, const int64_t* size, int dim, int64_t start, int64_t stop,
                       int64_t step) {
  TH_TRY(zeros(r, "slice_backward", self, ndim, size));
  return fill_part(Handle(THTensor_newSlice(r, dim, start, stop, step)), self);
}

THStatus unfoldBackward(THTensor* r, const THTensor* self, int ndim, const int64_t* size, int dim, int64_t window,
                        int64_t step) {
  TH_TRY(zeros(r, "unfold_backward", self, ndim, size));
  int wrapped = 0;
  TH_TRY(THTensor_wrapDim(r, dim, "unfold_backward", &wrapped));
  const int64_t windows = ndim ? self->size[wrapped] : 1;
  // The last dimension of `self` runs through the window: it goes back to the place of `dim`.
  std::vector<int> order;
  for (int d = 0; d + 1 < ndim; d++) order.push_back(d);
  if (ndim) order.insert(order.begin() + wrapped, ndim - 1);
  for (int64_t i = 0; i < windows; i++) {
    const Handle part(ndim ? THTensor_newNarrow(r, wrapped, i * step, window) : THTensor_newUnsqueeze(r, 0));
    const Handle slice(ndim ? THTensor_newSelect(self, wrapped, i) : THTensor_newWithTensor(self));
    if (!part || !slice) return THStatus_last();
    const Handle source(ndim ? THTensor_newPermute(slice.get(), ndim, order.data()) : THTensor_newWithTensor(slice.get()));
    if (!source) return THStatus_last();
    TH_TRY(THTensor_cadd(part.get(), part.get(), source.get(), THScalar_fromLong(1)));
  }
  return TH_OK;
}

THStatus stridedGather(THTensor* r, const THTensor* self, int, const int64_t* base_stride, int ndim, const int64_t* size, int,
                       const int64_t* stride, int64_t offset) {
  Base base;
  TH_TRY(make_base(base, self, self->ndim, self->size, base_stride));
  TH_TRY(THTensor_zero(base.memory.get()));
  TH_TRY(THTensor_copy(base.view.get(), self));
  const Handle part(THTensor_newAsStrided(base.memory.get(), ndim, size, stride, offset));
  if (!part) return THStatus_last();
  TH_TRY(THTensor_outputOn(r, "strided_gather", THTensor_device(self), dtype_of(self), ndim, size));
  return THTensor_copy(r, part.get());
}

THStatus stridedScatter(THTensor* r, const THTensor* self, int base_ndim, const int64_t* base_size, int,
                        const int64_t* base_stride, int, const int64_t* stride, int64_t offset) {
  Base base;
  TH_TRY(make_base(base, self, base_ndim, base_size, base_stride));
  TH_TRY(THTensor_zero(base.memory.get()));
  TH_TRY(add_part(base.memory.get(), self, stride, offset));
  TH_TRY(THTensor_outputOn(r, "strided_scatter", THTensor_device(self), dtype_of(self), base_ndim, base_size));
  return THTensor_copy(r, base.view.get());
}

THStatus stridedReplace(THTensor* r, const THTensor* self, const THTensor* src, int, const int64_t* base_stride, int,
                        const int64_t* stride, int64_t offset) {
  Base base;
  TH_TRY(make_base(base, self, self->ndim, self->size, base_stride));
  TH_TRY(THTensor_copy(base.view.get(), self));
  TH_TRY(fill_part(Handle(THTensor_newAsStrided(base.memory.get(), src->ndim, src->size, stride, offset)), src));
  TH_TRY(THTensor_outputOn(r, "strided_replace", THTensor_device(self), dtype_of(self), self->ndim, self->size));
  return THTensor_copy(r, base.view.get());
}

THStatus linearForward(THTensor* r, const THTensor* input, const THTensor* weight, const THTensor* bias) {
  const Handle transposed(THTensor_newTranspose(weight, 0, 1));
  if (!transposed) return THStatus_last();
  return THTensor_addmm(r, THScalar_fromLong(1), bias, THScalar_fromLong(1), input, transposed.get());
}

THStatus invert(THTensor* r, const THTensor* self) {
  if (self->dtype != THDtype_Byte) {
    return THStatus_fail(TH_ERR_DTYPE, "~ (operator.invert) is only implemented on byte tensors, not on %s",
                         THDtype_name(static_cast<THDtype>(self->dtype)));
  }
  return THTensor_rsub(r, self, THScalar_fromLong(1));
}

}  // namespace torch::ops
