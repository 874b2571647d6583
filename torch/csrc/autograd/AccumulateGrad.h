// The end of the backward pass: adds up the gradient of one leaf.
#pragma once

#include <mutex>

#include "autograd/Node.h"

namespace torch::autograd {

// Owns the `.grad` of a tensor. The tensor owns this node, never the other way round: so a leaf that nobody can reach any
// more is freed while a graph still leads to it, and there is no cycle.
class AccumulateGrad final : public Node {
 public:
  explicit AccumulateGrad(Sizes sizes) : Node(0), sizes(std::move(sizes)) {}
  const char* name() const override { return "AccumulateGrad"; }
  void apply(Tensor* grads, Tensor* results) override;
  // grad += addend. Keeps `addend` itself if nobody else holds it. Passes of several threads may meet here.
  void add(Tensor addend);

  Sizes sizes;  // of the tensor
  Tensor grad;  // may be empty

 private:
  void add_sparsely(const Tensor& addend);  // one of `grad` and `addend` is sparse

  std::mutex mutex_;
};

// target += addend for gradients; in place only where nobody can notice.
void accumulate(Tensor& target, Tensor&& addend);

}  // namespace torch::autograd
