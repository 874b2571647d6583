#include "autograd/SparseGradient.h"

#include "autograd/AutogradMeta.h"
#include "generated/Ops.h"

namespace torch::autograd {

SparseGradient* sparse_gradient(const Tensor& tensor) noexcept {
  const AutogradMeta* m = meta(tensor);
  return __builtin_expect(m == nullptr, 1) ? nullptr : m->sparse.get();
}

Tensor carrier(const Tensor& values, const Sizes& sizes, Ref<SparseGradient> sparse) {
  const Tensor zero = Tensor::steal(backend::new_on(THTensor_device(values.get()), values.dtype(), 0, nullptr));
  check(THTensor_zero(zero.get()));
  Tensor made = Tensor::steal(THTensor_newExpand(zero.get(), static_cast<int>(sizes.size()), sizes.data()));
  ensure_meta(made).sparse = std::move(sparse);
  return made;
}

Tensor densify(Tensor tensor) {
  const SparseGradient* sparse = sparse_gradient(tensor);
  return sparse ? sparse->dense() : tensor;
}

Tensor add_sparse(const Tensor& a, const Tensor& b) {
  const SparseGradient* left = sparse_gradient(a);
  const SparseGradient* right = sparse_gradient(b);
  if (left && right) return left->plus(*right);
  return ops::add(densify(a), densify(b), THScalar_fromLong(1));
}

}  // namespace torch::autograd
