// The one op whose gradient goes to any number of tensors.
#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

class CatBackward final : public autograd::Node {
 public:
  CatBackward(const std::vector<Tensor>& tensors, int dim) : Node(static_cast<uint32_t>(tensors.size())), dim_(dim) {
    for (uint32_t i = 0; i < inputs(); i++) {
      edge(i) = autograd::gradient_edge(tensors[i]);
      lengths_.push_back(tensors[i].size(dim));
    }
  }
  const char* name() const override { return "CatBackward"; }
  void apply(Tensor* grads, Tensor* results) override {
    int64_t start = 0;
    for (uint32_t i = 0; i < inputs(); i++) {
      if (needs(i)) results[i] = narrow(grads[0], dim_, start, lengths_[i]);
      start += lengths_[i];
    }
  }

 private:
  int dim_;
  Sizes lengths_;
};

void write_cat(const Tensor& out, const std::vector<Tensor>& tensors, int64_t dim) {
  if (tensors.empty()) throw Error(TH_ERR_VALUE, "cat(): expected a non-empty list of Tensors");
  std::vector<THTensor*> handles;
  for (const Tensor& tensor : tensors) handles.push_back(tensor.get());
  check(THTensor_cat(out.get(), handles.data(), static_cast<int>(handles.size()), dim_argument(dim)));
}

}  // namespace

const Tensor& cat_out(const Tensor& out, const std::vector<Tensor>& tensors, int64_t dim) {
  if (autograd::grad_enabled() && (autograd::requires_grad(out) || autograd::any_requires_grad(tensors))) {
    autograd::throw_out_requires_grad("cat");
  }
  write_cat(out, tensors, dim);
  return out;
}

Tensor cat(const std::vector<Tensor>& tensors, int64_t dim) {
  Tensor out = Tensor::fresh();
  write_cat(out, tensors, dim);
  if (autograd::grad_enabled() && autograd::any_requires_grad(tensors)) {
    int wrapped = 0;
    check(THTensor_wrapDim(out.get(), dim_argument(dim), "cat", &wrapped));
    autograd::set_history(out, autograd::make_ref<CatBackward>(tensors, wrapped));
  }
  return out;
}

}  // namespace torch::ops
