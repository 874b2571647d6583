// Views, copies and joins that are made of other ops.
#include <algorithm>
#include <string>

#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

int wrap(const Tensor& self, int64_t dim, const char* op) {
  int wrapped = 0;
  check(THTensor_wrapDim(self.get(), dim_argument(dim), op, &wrapped));
  return wrapped;
}

}  // namespace

Tensor t(const Tensor& self) {
  if (self.ndim() > 2) {
    throw Error(TH_ERR_SHAPE, "t() expects a 2D tensor, but self is " + std::to_string(self.ndim()) + "D");
  }
  return self.ndim() == 2 ? transpose(self, 0, 1) : self;
}

Tensor contiguous(const Tensor& self) {
  return THTensor_isContiguous(self.get()) ? self : clone(self);
}

Tensor reshape(const Tensor& self, const Sizes& shape) {
  if (THTensor_isContiguous(self.get())) return view(self, shape);
  THTensor* seen = THTensor_newView(self.get(), static_cast<int>(shape.size()), shape.data());
  THTensor_free(seen);
  return view(seen ? self : clone(self), shape);
}

Tensor type_as(const Tensor& self, const Tensor& other) {
  return self.dtype() == other.dtype() ? self : convert(self, other.dtype());
}

Tensor convert_gradient(const Tensor& self, THDtype dtype) {
  return self.dtype() == dtype ? self : convert(self, dtype);
}

Sizes inverse_permutation(const Sizes& dims) {
  const int64_t ndim = static_cast<int64_t>(dims.size());
  Sizes inverse(dims.size());
  for (int64_t d = 0; d < ndim; d++) {
    const int64_t from = dims[static_cast<size_t>(d)];
    inverse.at(static_cast<size_t>(from < 0 ? from + ndim : from)) = d;
  }
  return inverse;
}

std::vector<Tensor> split(const Tensor& self, int64_t split_size, int64_t dim) {
  if (split_size <= 0)
    throw Error(TH_ERR_VALUE, "[split] split_size, its value " + std::to_string(split_size) + ": must be > 0");
  const int d = wrap(self, dim, "split");
  if (self.ndim() == 0) throw Error(TH_ERR_SHAPE, "[split] self: a scalar cannot be split");
  std::vector<Tensor> parts;
  const int64_t size = self.size(d);
  for (int64_t start = 0; start < size || start == 0; start += split_size) {
    parts.push_back(narrow(self, d, start, std::min(split_size, size - start)));
  }
  return parts;
}

std::vector<Tensor> split(const Tensor& self, const Sizes& split_sizes, int64_t dim) {
  const int d = wrap(self, dim, "split");
  if (self.ndim() == 0) throw Error(TH_ERR_SHAPE, "[split] self: a scalar cannot be split");
  std::vector<Tensor> parts;
  int64_t start = 0;
  for (const int64_t length : split_sizes) {
    parts.push_back(narrow(self, d, start, length));
    start += length;
  }
  if (start != self.size(d)) {
    throw Error(TH_ERR_SHAPE, "[split] split_sizes, their sum " + std::to_string(start) +
                                  ": must be the size of the dimension, " + std::to_string(self.size(d)));
  }
  return parts;
}

std::vector<Tensor> chunk(const Tensor& self, int64_t chunks, int64_t dim) {
  if (chunks <= 0) throw Error(TH_ERR_VALUE, "[chunk] chunks, its value " + std::to_string(chunks) + ": must be > 0");
  const int d = wrap(self, dim, "chunk");
  if (self.ndim() == 0) throw Error(TH_ERR_SHAPE, "[chunk] self: a scalar cannot be split");
  return split(self, std::max<int64_t>(1, (self.size(d) + chunks - 1) / chunks), d);
}

std::vector<Tensor> unbind(const Tensor& self, int64_t dim) {
  const int d = wrap(self, dim, "unbind");
  if (self.ndim() == 0) throw Error(TH_ERR_SHAPE, "[unbind] self: a scalar has no dimensions");
  std::vector<Tensor> parts;
  for (int64_t i = 0; i < self.size(d); i++) parts.push_back(select(self, d, i));
  return parts;
}

Tensor to_device(const Tensor& self, int64_t device, bool non_blocking) {
  return self.device() == device ? self : transfer(self, device, non_blocking);
}

namespace {

std::string shape_of(const Tensor& tensor) {
  char text[128];
  return THTensor_describeSize(tensor.ndim(), tensor.get()->size, text, sizeof text);
}

// The tensors with the new dimension, and its number.
std::vector<Tensor> columns_of(const std::vector<Tensor>& tensors, int64_t* dim) {
  if (tensors.empty()) throw Error(TH_ERR_VALUE, "stack(): expected a non-empty list of Tensors");
  std::vector<Tensor> columns;
  for (const Tensor& tensor : tensors) {
    if (!THTensor_isSameSizeAs(tensor.get(), tensors[0].get())) {
      const size_t place = columns.size();
      throw Error(TH_ERR_SHAPE, "stack(): all tensors need the same size, but tensor 0 has shape " + shape_of(tensors[0]) +
                                    " and tensor " + std::to_string(place) + " " + shape_of(tensor));
    }
    columns.push_back(unsqueeze(tensor, *dim));
  }
  if (*dim < 0) *dim += columns[0].ndim();
  return columns;
}

}  // namespace

Tensor stack(const std::vector<Tensor>& tensors, int64_t dim) {
  const std::vector<Tensor> columns = columns_of(tensors, &dim);
  return cat(columns, dim);
}

const Tensor& stack_out(const Tensor& out, const std::vector<Tensor>& tensors, int64_t dim) {
  const std::vector<Tensor> columns = columns_of(tensors, &dim);
  return cat_out(out, columns, dim);
}

Tensor masked_select_backward(const Tensor& grad, const Sizes& size, const Tensor& mask) {
  // What `self` and `mask` broadcast to.
  const Tensor like = Tensor::steal(THTensor_newWithSize(THDtype_Byte, static_cast<int>(size.size()), size.data()));
  int ndim = 0;
  int64_t both[TH_MAX_DIMS];
  check(THTensor_broadcast(like.get(), mask.get(), "masked_select", &ndim, both));
  const Sizes full(both, both + ndim);
  return sum_to(masked_scatter_(zeros(full, grad.dtype()), expand(mask, full), grad), size);
}

// masked_scatter_ takes as many elements of the source as the mask holds; the others have no gradient.
Tensor masked_scatter_backward(const Tensor& grad, const Tensor& mask, const Sizes& size) {
  const Tensor taken = masked_select(grad, mask);
  int64_t count = 1;
  for (const int64_t s : size) count *= s;
  if (taken.numel() == count) return reshape(taken, size);
  const Tensor rest = zeros({count - taken.numel()}, grad.dtype());
  return reshape(cat({taken, rest}, 0), size);
}

// Zeros of the given size, with `self` in their first corner.
Tensor padded(const Tensor& self, const Sizes& size) {
  if (self.sizes() == size) return self;
  const Tensor result = zeros(size, self.dtype());
  Tensor corner = result;
  for (int d = 0; d < self.ndim(); d++) corner = narrow(corner, d, 0, self.size(d));
  copy_(corner, self, false);
  return result;
}

}  // namespace torch::ops
