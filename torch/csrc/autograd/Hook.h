// What users attach to the backward pass. The Python layer implements these; the engine only calls them.
#pragma once

#include <memory>
#include <vector>

#include "autograd/Observers.h"
#include "tensor/Tensor.h"

namespace torch::autograd {

// Sees the gradient of one tensor when it is complete.
class Hook {
 public:
  virtual ~Hook() = default;
  // The gradient to go on with; an empty tensor keeps `grad`. May throw.
  virtual Tensor call(const Tensor& grad) = 0;
};

// Sees what went into and came out of a node (PyTorch's grad_fn.register_hook).
class PostHook {
 public:
  virtual ~PostHook() = default;
  // inputs: the gradients that the node computed, which the hook may replace; outputs: those it was given. Entries may be
  // empty.
  virtual void call(std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) = 0;
};

// The hooks of one node, in the order of registration, and, in anomaly mode, where it was made.
struct Hooks {
  struct Pre {
    uint64_t id;
    uint32_t output_nr;
    std::shared_ptr<Hook> hook;
  };
  struct Post {
    uint64_t id;
    std::shared_ptr<PostHook> hook;
  };
  std::vector<Pre> pre;
  std::vector<Post> post;
  std::shared_ptr<Origin> origin;
  uint64_t next_id = 1;

  // For the layer above, and guarded by its lock.
  uint32_t handles = 0;     // objects that hold the node only to take a hook off again
  uint32_t collection = 0;  // the collection that `owned` was found out in
  bool owned = false;       // whether the tensor's object is all that keeps the node
};

}  // namespace torch::autograd
