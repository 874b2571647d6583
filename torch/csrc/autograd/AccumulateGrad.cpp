#include "autograd/AccumulateGrad.h"

#include <algorithm>
#include <string>

#include "autograd/Mode.h"
#include "autograd/Variable.h"
#include "generated/Ops.h"

namespace torch::autograd {
namespace {

// True if `t` and its memory are in nobody else's hands, so that it can be kept or written instead of copied.
bool is_sole_owner(const Tensor& t) {
  const THTensor* impl = t.get();
  return __atomic_load_n(&impl->refcount, __ATOMIC_ACQUIRE) == 1 && impl->pyobj == nullptr &&
         __atomic_load_n(&impl->storage->refcount, __ATOMIC_ACQUIRE) == 1 && THTensor_isContiguous(impl);
}

}  // namespace

void accumulate(Tensor& target, Tensor&& addend) {
  if (!target) {
    target = std::move(addend);
  } else if (sparse_gradient(target) || sparse_gradient(addend)) {
    target = add_sparse(target, addend);
  } else if (!grad_enabled() && is_sole_owner(target) && target.dtype() == addend.dtype() &&
             THTensor_isSameSizeAs(target.get(), addend.get())) {
    check(THTensor_cadd(target.get(), target.get(), addend.get(), THScalar_fromLong(1)));
  } else {
    target = ops::add(target, addend, THScalar_fromLong(1));
  }
}

void AccumulateGrad::add(Tensor addend) {
  const THTensor* impl = addend.get();
  if (static_cast<size_t>(impl->ndim) != sizes.size() || !std::equal(sizes.begin(), sizes.end(), impl->size)) {
    char expected[256];
    char got[256];
    throw Error(TH_ERR_SHAPE,
                std::string("invalid gradient: expected shape ") +
                    THTensor_describeSize(static_cast<int>(sizes.size()), sizes.data(), expected, sizeof expected) +
                    " but got " + THTensor_describeSize(impl->ndim, impl->size, got, sizeof got));
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (sparse_gradient(addend) || (grad && sparse_gradient(grad))) {
    add_sparsely(addend);
  } else if (grad && grad_enabled()) {
    grad = ops::add(grad, addend, THScalar_fromLong(1));
  } else if (grad) {
    check(THTensor_cadd(grad.get(), grad.get(), addend.get(), THScalar_fromLong(1)));
  } else if (grad_enabled()) {
    grad = requires_grad(addend) ? std::move(addend) : ops::clone(addend);
  } else if (is_sole_owner(addend) && !impl->meta) {
    grad = std::move(addend);
  } else {
    grad = Tensor::steal(THTensor_newClone(impl));
  }
}

// What is in other hands stays as it is, but the object that was .grad before goes on being it, as with dense ones.
void AccumulateGrad::add_sparsely(const Tensor& addend) {
  SparseGradient* sum = grad ? sparse_gradient(grad) : nullptr;
  const SparseGradient* sparse = sparse_gradient(addend);
  if (!grad) {
    grad = sparse->copy();
  } else if (sum && sparse && !grad_enabled()) {
    sum->add(*sparse);
  } else if (sum || grad_enabled()) {
    grad = add_sparse(grad, addend);
  } else {
    check(THTensor_cadd(grad.get(), grad.get(), sparse->dense().get(), THScalar_fromLong(1)));
  }
}

void AccumulateGrad::apply(Tensor* grads, Tensor*) {
  add(std::move(grads[0]));
}

}  // namespace torch::autograd
