// Bits of integers: what combines the masks that comparisons give.
#include <functional>
#include <memory>

#include "ops/Kernels.h"
#include "tensor/Tensor.h"

namespace torch::ops {
namespace {

struct Free {
  void operator()(THTensor* t) const { THTensor_free(t); }
};
using Handle = std::unique_ptr<THTensor, Free>;

// Of this shape and dense; NULL on failure.
Handle new_dense(const THTensor* t, int ndim, const int64_t* size) {
  const Handle expanded(THTensor_newExpand(t, ndim, size));
  return Handle(expanded ? THTensor_newContiguous(expanded.get()) : nullptr);
}

THStatus check_operands(const char* op, const THTensor* a, const THTensor* b) {
  const auto dtype = static_cast<THDtype>(a->dtype);
  if (THDtype_isFloating(dtype)) {
    return THStatus_fail(TH_ERR_DTYPE, "[%s] self, of dtype %s: only integers have bits to combine", op, THDtype_name(dtype));
  }
  if (a->dtype == b->dtype) return TH_OK;
  return THStatus_fail(TH_ERR_DTYPE, "[%s] operands, %s and %s: must have one dtype; convert one of them", op,
                       THDtype_name(dtype), THDtype_name(static_cast<THDtype>(b->dtype)));
}

// Bits know no elements: whatever the dtype, bytes are combined with bytes. Computed aside, as r may overlap an operand.
template <class Combine>
THStatus combine(THTensor* r, const char* op, const THTensor* a, const THTensor* b, Combine combine_bytes) {
  TH_TRY(check_operands(op, a, b));
  int ndim = 0;
  int64_t size[TH_MAX_DIMS];
  TH_TRY(THTensor_broadcast(a, b, op, &ndim, size));
  const Handle left = new_dense(a, ndim, size);
  const Handle right = new_dense(b, ndim, size);
  const Handle result(THTensor_newWithSize(static_cast<THDtype>(a->dtype), ndim, size));
  if (!left || !right || !result) return THStatus_last();
  const int64_t nbytes = result->numel * THDtype_itemsize(static_cast<THDtype>(a->dtype));
  if (nbytes > 0) {
    const auto* x = reinterpret_cast<const unsigned char*>(THTensor_dataBytes(left.get()));
    const auto* y = reinterpret_cast<const unsigned char*>(THTensor_dataBytes(right.get()));
    auto* z = reinterpret_cast<unsigned char*>(THTensor_dataBytes(result.get()));
    for (int64_t i = 0; i < nbytes; i++) z[i] = static_cast<unsigned char>(combine_bytes(x[i], y[i]));
  }
  if (!r->storage) return THTensor_set(r, result.get());
  TH_TRY(THTensor_output(r, op, static_cast<THDtype>(result->dtype), ndim, size));
  return THTensor_copy(r, result.get());
}

template <class Combine>
THStatus combine(THTensor* r, const char* op, const THTensor* a, THScalar b, Combine combine_bytes) {
  TH_TRY(THScalar_check(b, static_cast<THDtype>(a->dtype), op, "other"));
  const Handle other(THTensor_newWithScalar(static_cast<THDtype>(a->dtype), b));
  return other ? combine(r, op, a, other.get(), combine_bytes) : THStatus_last();
}

}  // namespace

THStatus bitwiseAnd(THTensor* r, const THTensor* a, const THTensor* b) {
  return combine(r, "bitwise_and", a, b, std::bit_and<>());
}
THStatus bitwiseAnd(THTensor* r, const THTensor* a, THScalar b) {
  return combine(r, "bitwise_and", a, b, std::bit_and<>());
}

THStatus bitwiseOr(THTensor* r, const THTensor* a, const THTensor* b) {
  return combine(r, "bitwise_or", a, b, std::bit_or<>());
}
THStatus bitwiseOr(THTensor* r, const THTensor* a, THScalar b) {
  return combine(r, "bitwise_or", a, b, std::bit_or<>());
}

THStatus bitwiseXor(THTensor* r, const THTensor* a, const THTensor* b) {
  return combine(r, "bitwise_xor", a, b, std::bit_xor<>());
}
THStatus bitwiseXor(THTensor* r, const THTensor* a, THScalar b) {
  return combine(r, "bitwise_xor", a, b, std::bit_xor<>());
}

THStatus invert(THTensor* r, const THTensor* self) {
  if (self->dtype != THDtype_Byte) {
    return THStatus_fail(TH_ERR_DTYPE, "~ (operator.invert) is only implemented on byte tensors, not on %s",
                         THDtype_name(static_cast<THDtype>(self->dtype)));
  }
  return THTensor_rsub(r, self, THScalar_fromLong(1));
}

}  // namespace torch::ops
