// The backward pass.
#pragma once

#include <functional>
#include <vector>

#include "tensor/Tensor.h"

namespace torch::autograd {

struct BackwardOptions {
  bool keep_graph = false;    // saved tensors stay, for another pass
  bool create_graph = false;  // the pass itself is recorded
  bool allow_unused = false;  // gradient(): an input that plays no part gives an empty tensor instead of an error
};

// Adds the gradients of the sum of all roots[i] * grads[i] to the leaves' .grad. grads: empty, or one for each root, of which
// an empty one stands for 1 (scalar roots only). May be called inside itself, from hooks and Python functions.
void backward(const std::vector<Tensor>& roots, const std::vector<Tensor>& grads, const BackwardOptions& options);

// The same gradients for `inputs` (which need not be leaves), returned in their order; no .grad changes.
std::vector<Tensor> gradient(const std::vector<Tensor>& roots, const std::vector<Tensor>& grads,
                             const std::vector<Tensor>& inputs, const BackwardOptions& options);

// Called once, in this thread, when the backward pass that runs in it has ended well: the outermost one, where one runs inside
// another. For hooks and functions that it calls; fails outside of a pass. May throw.
void after_backward(std::function<void()> callback);

// True inside gradient(), in functions and hooks that it calls: what they add to .grad would be nobody's wish.
bool in_gradient() noexcept;

}  // namespace torch::autograd
