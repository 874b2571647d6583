// Gradients of running results.
#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

Tensor ones_or_zeros(const Sizes& size, THDtype dtype, int64_t value) {
  return value == 0 ? zeros(size, dtype) : ones(size, dtype);
}

// self without its first element along dim, and `last` behind it.
Tensor advanced(const Tensor& self, int64_t dim, int64_t last) {
  Sizes size = self.sizes();
  const int64_t n = size_at(size, dim);
  if (size.empty() || n == 0) return size.empty() ? ones_or_zeros({}, self.dtype(), last) : self;
  size[static_cast<size_t>(dim < 0 ? dim + self.ndim() : dim)] = 1;
  return cat({narrow(self, dim, 1, n - 1), ones_or_zeros(size, self.dtype(), last)}, dim);
}

}  // namespace

// `first` along dim, then self without its last element.
Tensor shifted(const Tensor& self, int64_t dim, int64_t first) {
  Sizes size = self.sizes();
  const int64_t n = size_at(size, dim);
  if (size.empty() || n == 0) return size.empty() ? ones_or_zeros({}, self.dtype(), first) : self;
  size[static_cast<size_t>(dim < 0 ? dim + self.ndim() : dim)] = 1;
  return cat({ones_or_zeros(size, self.dtype(), first), narrow(self, dim, 0, n - 1)}, dim);
}

// r[i] = self[i] + factor[i + 1] * r[i + 1]: what the gradient of `recurrence` is.
Tensor reverse_recurrence(const Tensor& self, const Tensor& factor, int64_t dim) {
  if (self.ndim() == 0) return self;
  return flip(recurrence(flip(self, {dim}), flip(advanced(factor, dim, 0), {dim}), dim), {dim});
}

// d out[k] / d self[i], for k >= i, is the product of the elements before i and those between i and k. So nothing is divided
// by, and zeros are as good as others.
Tensor cumprod_backward(const Tensor& grad, const Tensor& self, const Tensor& result, int64_t dim) {
  return mul(shifted(result, dim, 1), reverse_recurrence(grad, self, dim));
}

}  // namespace torch::ops
