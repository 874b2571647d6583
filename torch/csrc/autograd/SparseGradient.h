// A gradient of which only some elements are stored, as a table of embeddings gets it.
//
// It travels as a tensor of the full size without memory of its own (one zero, expanded), whose meta holds this object. Only
// leaves, hooks and callers of gradient() see it; every other node is given the dense form.
#pragma once

#include "autograd/Ref.h"
#include "tensor/Tensor.h"

namespace torch::autograd {

// The Python layer implements it. All functions may throw, and are recorded while gradients are on.
class SparseGradient {
 public:
  SparseGradient() = default;
  SparseGradient(const SparseGradient&) = delete;
  SparseGradient& operator=(const SparseGradient&) = delete;

  virtual Tensor dense() const = 0;
  // A carrier of the same elements, which add_to may write without a change of this one.
  virtual Tensor copy() const = 0;
  // A carrier of the sum.
  virtual Tensor plus(const SparseGradient& other) const = 0;
  // The sum takes the place of this one.
  virtual void add(const SparseGradient& other) = 0;

  void retain() noexcept { THRefcount_retain(&references_); }
  void release() noexcept {
    if (THRefcount_release(&references_)) delete this;
  }

 protected:
  virtual ~SparseGradient() = default;

 private:
  int32_t references_ = 0;
};

// NULL if the tensor is an ordinary one.
SparseGradient* sparse_gradient(const Tensor& tensor) noexcept;
// A tensor that carries `sparse`: of this size, with the dtype and the place of `values`.
Tensor carrier(const Tensor& values, const Sizes& sizes, Ref<SparseGradient> sparse);
// The tensor itself, or what the gradient that it carries is in full.
Tensor densify(Tensor tensor);
// The sum of two gradients of which one or both are sparse; sparse if both are.
Tensor add_sparse(const Tensor& a, const Tensor& b);

}  // namespace torch::autograd
