// The gradient side of a tensor, as ops and bindings use it.
#pragma once

#include <initializer_list>
#include <memory>
#include <vector>

#include "autograd/AutogradMeta.h"
#include "autograd/Mode.h"

namespace torch::autograd {

// True for a view whose base requires a gradient, and which therefore does so too.
bool follows_base(const AutogradMeta& meta) noexcept;

// False for an empty handle.
inline bool requires_grad(const Tensor& tensor) noexcept {
  if (!tensor) return false;
  const AutogradMeta* m = meta(tensor);
  if (__builtin_expect(m == nullptr, 1)) return false;
  return m->requires_grad || (m->base && follows_base(*m));
}
inline bool any_requires_grad(const std::vector<Tensor>& tensors) noexcept {
  for (const Tensor& t : tensors) {
    if (requires_grad(t)) return true;
  }
  return false;
}

// Leaves only ("you can only change requires_grad flags of leaf variables."), floating dtypes only.
void set_requires_grad(const Tensor& tensor, bool on);
bool is_leaf(const Tensor& tensor);
// The node that computed `tensor`; NULL for a leaf. Borrowed.
Node* grad_fn(const Tensor& tensor);
uint32_t output_nr(const Tensor& tensor);
// Where the gradient of `tensor` goes; an empty edge if it needs none.
Edge gradient_edge(const Tensor& tensor);

// .grad, or an empty handle.
Tensor grad(const Tensor& tensor);
// Empty clears it. Shape and dtype must be the tensor's.
void set_grad(const Tensor& tensor, Tensor grad);
// Keeps .grad of a tensor that is no leaf.
void retain_grad(const Tensor& tensor);

// Shares the memory, requires no gradient; writes through it are noticed by the backward pass ...
Tensor detach(const Tensor& tensor);
// ... and through this one they are not (PyTorch's `.data`).
Tensor data(const Tensor& tensor);
// x.data = other: x looks into other's memory from now on.
void set_data(const Tensor& tensor, const Tensor& other);
void detach_(const Tensor& tensor);

// A hook on the gradient of `tensor`, which must require one; the id is for gradient_edge(tensor).node->remove_hook.
uint64_t add_hook(const Tensor& tensor, std::shared_ptr<Hook> hook);

// --- for the generated ops -----------------------------------------------------------------------------------------------

// `out` is result `nr` of `node` from now on; does nothing for dtypes without gradients.
void set_history(const Tensor& out, const Ref<Node>& node, uint32_t nr = 0);
// `out` is a view of `self`: remembers the base, so that writes through one are seen in the gradient of the other.
void set_view(const Tensor& out, const Tensor& self);
// Throws if `self` must not be written while gradients are recorded.
void check_inplace(const Tensor& self);
// Like set_history, after `self` was overwritten: it, and the base it may be a view of, get the new history. Throws for a view
// that is one of several results.
void rebase_history(const Tensor& self, const Ref<Node>& node, uint32_t nr = 0);
// `self` gets the geometry of `view`, a view of it, and the history that it has where `self` is no leaf.
void take_geometry(const Tensor& self, const Tensor& view);
// `self` looks at its memory as the view that `make` gives of it from now on: x.transpose_(0, 1).
template <class Make>
void become_view(const Tensor& self, Make make) {
  if (grad_enabled()) check_inplace(self);
  const GradScope scope(!is_leaf(self));  // also without gradients: its history must fit its shape
  take_geometry(self, make());
}
// Throws unless `other` broadcasts to self's shape without changing it.
void check_inplace_size(const Tensor& self, const Tensor& other);
// Throws unless self has this size.
void check_inplace_size(const Tensor& self, const Sizes& size);
[[noreturn]] void throw_out_requires_grad(const char* op);
// For in-place ops without a gradient.
[[noreturn]] void throw_not_differentiable(const char* op);

}  // namespace torch::autograd
