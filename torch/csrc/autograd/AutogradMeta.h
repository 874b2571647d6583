// What autograd hangs on a tensor (THTensor.meta). Most tensors have none.
#pragma once

#include "autograd/AccumulateGrad.h"
#include "autograd/Node.h"
#include "autograd/SparseGradient.h"

namespace torch::autograd {

struct AutogradMeta {
  Ref<Node> grad_fn;           // the node that computed the tensor; empty for a leaf
  Ref<AccumulateGrad> slot;    // .grad; made when the tensor starts to require it
  Tensor base;                 // if this is a view: the tensor, itself no view, that it looks into
  Ref<SparseGradient> sparse;  // if this is the carrier of one
  uint32_t version = 0;        // of the storage when grad_fn of a view was made
  uint32_t output_nr = 0;      // which result of grad_fn this is
  bool requires_grad = false;
  bool retains_grad = false;
  bool untracked = false;  // a view that was made with gradients off: it has no part in the base's history

  static void* operator new(size_t bytes);
  static void operator delete(void* block) noexcept;
};

// NULL if there is none.
inline AutogradMeta* meta(const Tensor& tensor) noexcept {
  return static_cast<AutogradMeta*>(tensor.get()->meta);
}

// Makes it if there is none.
AutogradMeta& ensure_meta(const Tensor& tensor);

inline uint32_t version(const Tensor& tensor) noexcept {
  return __atomic_load_n(&tensor.get()->storage->version, __ATOMIC_RELAXED);
}

}  // namespace torch::autograd
