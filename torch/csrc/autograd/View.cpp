#include "autograd/View.h"

#include "autograd/Variable.h"
#include "generated/Ops.h"

namespace torch::autograd {

ViewGeometry::ViewGeometry(const Tensor& view, const Tensor& base)
    : base_size(base.sizes()),
      base_stride(base.get()->stride, base.get()->stride + base.ndim()),
      size(view.sizes()),
      stride(view.get()->stride, view.get()->stride + view.ndim()),
      offset(view.get()->offset - base.get()->offset) {}

AsStridedBackward::AsStridedBackward(const Tensor& view, const Tensor& base) : Node(1), geometry_(view, base) {
  edge(0) = gradient_edge(base);
}

void AsStridedBackward::apply(Tensor* grads, Tensor* results) {
  const ViewGeometry& g = geometry_;
  if (needs(0)) results[0] = ops::strided_scatter(grads[0], g.base_size, g.base_stride, g.stride, g.offset);
}

CopySlices::CopySlices(const Tensor& view, const Tensor& base, Ref<Node> write)
    : Node(write->inputs()), geometry_(view, base), write_(std::move(write)) {
  edge(0) = gradient_edge(base);
  for (uint32_t i = 1; i < inputs(); i++) edge(i) = write_->edge(i);
}

void CopySlices::apply(Tensor* grads, Tensor* results) {
  const ViewGeometry& g = geometry_;
  Tensor slice = ops::strided_gather(grads[0], g.base_stride, g.size, g.stride, g.offset);
  Tensor kept = needs(0) ? grads[0] : Tensor();
  write_->apply(&slice, results);
  if (!needs(0)) {
    results[0] = Tensor();
    return;
  }
  Tensor inside = results[0] ? results[0] : ops::zeros(g.size, kept.dtype());
  results[0] = ops::strided_replace(kept, inside, g.base_stride, g.stride, g.offset);
}

}  // namespace torch::autograd
