// Products that choose by the number of dimensions, and layers made of them.
#include <algorithm>
#include <string>

#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

Sizes batch_of(const Tensor& t) {
  return Sizes(t.get()->size, t.get()->size + std::max(0, t.ndim() - 2));
}

Sizes with(Sizes sizes, std::initializer_list<int64_t> more) {
  sizes.insert(sizes.end(), more);
  return sizes;
}

int64_t product(const Sizes& sizes) {
  int64_t result = 1;
  for (const int64_t s : sizes) result *= s;
  return result;
}

Sizes broadcast(const Sizes& a, const Sizes& b) {
  Sizes result(std::max(a.size(), b.size()), 1);
  for (size_t i = 0; i < result.size(); i++) {
    const int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) {
      throw Error(TH_ERR_SHAPE, "[matmul] batch dimensions of sizes " + std::to_string(x) + " and " + std::to_string(y) +
                                    ": must be equal, or one of them 1");
    }
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

// Both have two dimensions or more, one of them three or more.
Tensor batched(const Tensor& a, const Tensor& b) {
  const int64_t n = a.size(a.ndim() - 2), k = a.size(a.ndim() - 1), p = b.size(b.ndim() - 1);
  if (b.ndim() == 2) {  // one matrix for all: fold the batch into the rows
    return reshape(mm(reshape(a, {product(batch_of(a)) * n, k}), b), with(batch_of(a), {n, p}));
  }
  const int64_t k_of_b = b.size(b.ndim() - 2);
  const Sizes batch = broadcast(batch_of(a), batch_of(b));
  const int64_t count = product(batch);
  const Tensor left = reshape(expand(a, with(batch, {n, k})), {count, n, k});
  const Tensor right = reshape(expand(b, with(batch, {k_of_b, p})), {count, k_of_b, p});
  return reshape(bmm(left, right), with(batch, {n, p}));
}

}  // namespace

Tensor scale(const Tensor& self, Scalar value) {
  return THScalar_toDouble(value) == 1.0 ? self : mul(self, value);
}

const Tensor& matmul_out(const Tensor& out, const Tensor& self, const Tensor& other) {
  return write_result("matmul", out, matmul(self, other));
}

Tensor matmul(const Tensor& self, const Tensor& other) {
  const int a = self.ndim(), b = other.ndim();
  if (a == 0 || b == 0) {
    throw Error(TH_ERR_SHAPE, "both arguments to matmul need to be at least 1D, but they are " + std::to_string(a) + "D and " +
                                  std::to_string(b) + "D");
  }
  if (a == 2 && b == 2) return mm(self, other);
  if (a == 1 && b == 1) return dot(self, other);
  if (a == 2 && b == 1) return mv(self, other);
  if (a == 1 && b == 2) return squeeze(mm(unsqueeze(self, 0), other), 0);
  if (a == 1) return squeeze(batched(unsqueeze(self, 0), other), -2);
  if (b == 1) return squeeze(batched(self, unsqueeze(other, 1)), -1);
  return batched(self, other);
}

namespace {

// In the words of the layer, before the product of matrices would speak of its own operands.
void check_linear(const Tensor& input, const Tensor& weight) {
  if (weight.ndim() != 2) return;
  if (input.ndim() == 0) throw Error(TH_ERR_SHAPE, "[linear] input has 0 dimensions, expected 1 or more (* x in_features)");
  if (input.dtype() != weight.dtype()) {
    throw Error(TH_ERR_DTYPE, "[linear] input is a " + std::string(THDtype_name(input.dtype())) + " tensor, weight a " +
                                  THDtype_name(weight.dtype()) + " tensor: must have one dtype; convert one of them");
  }
  const int64_t features = input.size(input.ndim() - 1), expected = weight.size(1);
  if (features == expected) return;
  const std::string rows = std::to_string(features == 0 ? 0 : input.numel() / features);
  throw Error(TH_ERR_SHAPE, "[linear] input has " + std::to_string(features) + " features, weight expects " +
                                std::to_string(expected) + ": size mismatch, m1: [" + rows + " x " + std::to_string(features) +
                                "], m2: [" + std::to_string(expected) + " x " + std::to_string(weight.size(0)) + "]");
}

}  // namespace

Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias) {
  check_linear(input, weight);
  if (input.ndim() == 2 && weight.ndim() == 2 && bias) return linear_matrix(input, weight, bias);
  Tensor result = matmul(input, t(weight));
  return bias ? add(result, bias, number(1)) : result;
}

Tensor dropout(const Tensor& input, double p, bool training) {
  if (!(p >= 0 && p <= 1)) {
    throw Error(TH_ERR_VALUE, "dropout probability has to be between 0 and 1, but got " + std::to_string(p));
  }
  if (!training || p == 0) return input;
  if (p == 1) return mul(input, zeros_like(input, THDtype_None));
  return std::get<0>(dropout_forward(input, p));
}

Tensor reduce_loss(const Tensor& self, int64_t reduction) {
  return reduction == 0 ? self : reduction == 1 ? mean(self) : sum(self);
}

Tensor scale_loss(const Tensor& self, int64_t reduction) {
  return reduction == 1 ? div(self, number(self.numel())) : self;
}

}  // namespace torch::ops
