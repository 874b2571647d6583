// Small conversions that generated code uses.
#pragma once

#include <cmath>
#include <optional>

#include "autograd/SavedSize.h"
#include "tensor/Tensor.h"

namespace torch::ops {

Tensor sum_to(const Tensor& self, const Sizes& size);
// A gradient for a tensor that was broadcast, or a scalar of the host among tensors of a device.
Tensor sum_back(const Tensor& self, const autograd::SavedSize& size);
// The usual case: neither.
inline Tensor sum_to(const Tensor& self, const autograd::SavedSize& size) {
  return size.is_of(self) ? self : sum_back(self, size);
}

// The sum of two gradients, each of which may be absent.
Tensor plus(const Tensor& a, const Tensor& b);

// Copies what `op` made into `out`, which takes its size; an error where a gradient is wanted or the dtypes differ.
const Tensor& write_result(const char* op, const Tensor& out, const Tensor& result);

inline Scalar number(int64_t value) {
  return THScalar_fromLong(value);
}
inline Scalar number(int value) {
  return THScalar_fromLong(value);
}
inline Scalar number(double value) {
  return THScalar_fromDouble(value);
}
// 0 for an absent one.
inline Scalar number(const std::optional<Scalar>& value) {
  return value ? *value : THScalar_fromLong(0);
}
inline int has(const std::optional<Scalar>& value) {
  return value.has_value();
}

inline Scalar scalar_neg(Scalar a) {
  return a.is_float ? number(-a.value.d) : number(static_cast<int64_t>(-static_cast<uint64_t>(a.value.i)));
}
inline Scalar scalar_add(Scalar a, Scalar b) {
  if (a.is_float || b.is_float) return number(THScalar_toDouble(a) + THScalar_toDouble(b));
  return number(static_cast<int64_t>(static_cast<uint64_t>(a.value.i) + static_cast<uint64_t>(b.value.i)));
}
inline Scalar scalar_sub(Scalar a, Scalar b) {
  return scalar_add(a, scalar_neg(b));
}
inline Scalar scalar_mul(Scalar a, Scalar b) {
  if (a.is_float || b.is_float) return number(THScalar_toDouble(a) * THScalar_toDouble(b));
  return number(static_cast<int64_t>(static_cast<uint64_t>(a.value.i) * static_cast<uint64_t>(b.value.i)));
}
inline Scalar scalar_log(Scalar a) {
  return number(std::log(THScalar_toDouble(a)));
}

// A number on its way into a C int: what does not fit stays out of range.
inline int int_argument(int64_t value) {
  return static_cast<int>(value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : value);
}
inline int dim_argument(int64_t dim) {
  return int_argument(dim);
}

// The order of a derivative on its way into a C int, likewise.
inline int order(int64_t n) {
  return dim_argument(n);
}

inline int inverted(bool flag) {
  return !flag;
}

// size[dim], where a negative dim counts from the end and a scalar has one dimension of size 1.
int64_t size_at(const Sizes& size, int64_t dim);

}  // namespace torch::ops
