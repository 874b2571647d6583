// A tensor that a node keeps for its backward pass, and that must not have been written since.
#pragma once

#include "autograd/Node.h"

namespace torch::autograd {

// Holds the memory and not the tensor itself (but for leaves), so that no cycle arises when the tensor is later written in
// place and thereby depends on the node.
class SavedTensor {
 public:
  // An input of the op. An empty handle is allowed.
  void save(const Tensor& tensor);
  // The same for an input that the op is about to overwrite: a copy, with the history that the input has now.
  void save_copy(const Tensor& tensor);
  // A result of the op whose node this belongs to.
  void save_result(const Tensor& tensor, uint32_t output_nr = 0);
  // owner: the node this belongs to. Throws if the memory was written since. The tensor has its history if gradients are on,
  // or if that is asked for: users look at its requires_grad.
  Tensor unpack(Node* owner, bool with_history = false) const;
  void reset();

 private:
  Tensor tensor_;
  Ref<Node> grad_fn_;
  uint32_t version_ = 0;
  uint32_t output_nr_ = 0;
  bool is_result_ = false;
};

}  // namespace torch::autograd
