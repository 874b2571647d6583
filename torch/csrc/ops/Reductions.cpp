// Helpers of the gradients of reductions and broadcasts.
#include <limits>
#include <string>

#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {

int64_t size_at(const Sizes& size, int64_t dim) {
  const int64_t ndim = static_cast<int64_t>(size.size());
  if (ndim == 0) return 1;
  if (dim < -ndim || dim >= ndim) {
    throw Error(TH_ERR_INDEX,
                "dimension out of range: " + std::to_string(dim) + " for a tensor of " + std::to_string(ndim) + " dimensions");
  }
  return size[static_cast<size_t>(dim < 0 ? dim + ndim : dim)];
}

// Adds up the dimensions that broadcasting had added or stretched.
Tensor sum_to(const Tensor& self, const Sizes& size) {
  Tensor result = self;
  while (result.ndim() > static_cast<int>(size.size())) result = sum(result, 0, false);
  for (int d = 0; d < result.ndim(); d++) {
    if (size[static_cast<size_t>(d)] == 1 && result.size(d) != 1) result = sum(result, d, true);
  }
  return result;
}

Tensor sum_back(const Tensor& self, const autograd::SavedSize& size) {
  return to_device(sum_to(self, static_cast<Sizes>(size)), size.device(), false);
}

Tensor plus(const Tensor& a, const Tensor& b) {
  return !a ? b : !b ? a : add(a, b, number(1));
}

Tensor expand_reduced(const Tensor& self, const Sizes& size, int64_t dim, bool keepdim) {
  if (size.empty()) return self;
  const int64_t ndim = static_cast<int64_t>(size.size());
  return expand(keepdim ? self : unsqueeze(self, dim < 0 ? dim + ndim : dim), size);
}

// Without zeros: grad * result / self. Else the product of the elements before and of those behind, so that nothing is divided.
Tensor prod_backward(const Tensor& grad, const Tensor& self, const Tensor& result, int64_t dim, bool keepdim) {
  const Sizes size = self.sizes();
  const Tensor g = expand_reduced(grad, size, dim, keepdim);
  Tensor zeros_found = Tensor::fresh();
  check(THTensor_sumall(zeros_found.get(), eq(self, number(0)).get()));
  Scalar found;
  check(THTensor_item(zeros_found.get(), &found));
  if (found.value.i == 0) return div(mul(g, expand_reduced(result, size, dim, keepdim)), self);
  const Tensor before = shifted(cumprod(self, dim), dim, 1);
  const Tensor behind = flip(shifted(cumprod(flip(self, {dim}), dim), dim, 1), {dim});
  return mul(g, mul(before, behind));
}

// d var / d x = (x - mean) * 2 / (n - 1).
Scalar variance_factor(int64_t count, bool unbiased) {
  return number(2.0 / static_cast<double>(unbiased ? count - 1 : count));
}

// grad and result have the size of self, or are scalars.
Tensor norm_backward(const Tensor& grad, const Tensor& self, const Tensor& result, double p) {
  const Tensor none = zeros_like(self, THDtype_None);
  if (p == 0.0) return none;
  if (p == 1.0) return mul(grad, sign(self));
  const Tensor is_zero = eq(result, number(0));  // there the norm has no gradient; 0 is a subgradient
  if (p == std::numeric_limits<double>::infinity()) {
    const Tensor magnitude = abs(self);
    return where(eq(magnitude, result), mul(grad, sign(self)), none);
  }
  const Tensor safe = where(is_zero, ones_like(result, THDtype_None), result);
  if (p == 2.0) return where(is_zero, none, mul(self, div(grad, safe)));
  const Tensor magnitude = abs(self);
  const Tensor powered =
      p < 1.0 ? where(eq(self, number(0)), none, pow(magnitude, number(p - 1))) : pow(magnitude, number(p - 1));
  return where(is_zero, none, mul(mul(sign(self), powered), div(grad, pow(safe, number(p - 1)))));
}

// With slices as rows x, their norms n and c = maxnorm / (n + 1e-7): where n > maxnorm, the result is c x, and c depends on x
// through n.
Tensor renorm_backward(const Tensor& grad, const Tensor& self, double p, int64_t dim, Scalar maxnorm) {
  const int64_t n = size_at(self.sizes(), dim);
  const Sizes matrix{n, n == 0 ? 0 : self.numel() / n};
  const Tensor turned = transpose(self, 0, dim);
  const Tensor x = reshape(turned, matrix);
  const Tensor g = reshape(transpose(grad, 0, dim), matrix);
  const Tensor norms = norm(x, p, 1, true);
  const Tensor large = gt(norms, maxnorm);
  const Tensor inverse = reciprocal(add(norms, number(1e-7), number(1)));
  const Tensor factor = mul(inverse, maxnorm);
  const Tensor slope = neg(mul(factor, mul(inverse, sum(mul(g, x), 1, true))));
  const Tensor scaled = add(mul(g, factor), norm_backward(expand(slope, matrix), x, expand(norms, matrix), p), number(1));
  return transpose(reshape(where(large, scaled, g), turned.sizes()), 0, dim);
}

// All elements that are equal to the extreme share its gradient.
Tensor extreme_backward(const Tensor& grad, const Tensor& self, const Tensor& result) {
  const Tensor mask = convert(eq(self, result), self.dtype());
  return mul(grad, div(mask, sum(mask)));
}

Tensor extreme_dim_backward(const Tensor& grad, const Sizes& size, const Tensor& indices, int64_t dim, bool keepdim) {
  if (size.empty()) return grad;
  const int64_t at = dim < 0 ? dim + static_cast<int64_t>(size.size()) : dim;
  const Tensor source = keepdim ? grad : unsqueeze(grad, at);
  return scatter_add_(zeros(size, grad.dtype()), at, keepdim ? indices : unsqueeze(indices, at), source);
}

Tensor clamp_backward(const Tensor& grad, const Tensor& self, std::optional<Scalar> min, std::optional<Scalar> max) {
  const Tensor none = zeros_like(grad, THDtype_None);
  Tensor result = grad;
  if (min) result = where(ge(self, *min), result, none);
  if (max) result = where(le(self, *max), result, none);
  return result;
}

// Weights of other dtypes count as double.
Tensor bincount(const Tensor& self, const Tensor& weights, int64_t minlength) {
  Tensor out = Tensor::fresh();
  const bool as_is = !weights || weights.dtype() == THDtype_Float || weights.dtype() == THDtype_Double;
  const Tensor numbers = as_is ? weights : convert(weights, THDtype_Double);
  check(THTensor_bincount(out.get(), self.get(), numbers.get(), minlength));
  return out;
}

bool equal(const Tensor& self, const Tensor& other) {
  int result = 0;
  check(THTensor_equal(&result, self.get(), other.get()));
  return result != 0;
}

}  // namespace torch::ops
