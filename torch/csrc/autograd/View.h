// Writes through views: how the gradient of a tensor learns of a write to a part of it, and the other way round.
#pragma once

#include "autograd/Node.h"

namespace torch::autograd {

// Where the elements of a view lie among those of its base. `offset` counts from the base's first element.
struct ViewGeometry {
  ViewGeometry(const Tensor& view, const Tensor& base);
  Sizes base_size, base_stride, size, stride;
  int64_t offset;
};

// The gradient of a view that was overwritten, through its base or itself: the base's history stands for the whole of it.
class AsStridedBackward final : public Node {
 public:
  AsStridedBackward(const Tensor& view, const Tensor& base);
  const char* name() const override { return "AsStridedBackward"; }
  void apply(Tensor* grads, Tensor* results) override;

 private:
  ViewGeometry geometry_;
};

// The gradient of a base after `write` overwrote one view of it: outside the view it passes to the base's old history (edge 0),
// inside the view through `write`, whose other edges are this node's other edges.
class CopySlices final : public Node {
 public:
  CopySlices(const Tensor& view, const Tensor& base, Ref<Node> write);
  const char* name() const override { return "CopySlices"; }
  void apply(Tensor* grads, Tensor* results) override;
  void release_saved() override { write_->release_saved(); }

 private:
  ViewGeometry geometry_;
  Ref<Node> write_;
};

}  // namespace torch::autograd
