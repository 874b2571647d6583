// The one op whose gradient goes to any number of tensors.
#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

// Vectors without elements are left out by cat, and may be anywhere.
bool counts(const THTensor* tensor) {
  return tensor->ndim != 1 || tensor->numel > 0;
}

class CatBackward final : public autograd::Node {
 public:
  CatBackward(const std::vector<Tensor>& tensors, int dim) : Node(static_cast<uint32_t>(tensors.size())), dim_(dim) {
    for (uint32_t i = 0; i < inputs(); i++) {
      edge(i) = autograd::gradient_edge(tensors[i]);
      lengths_.push_back(counts(tensors[i].get()) ? tensors[i].size(dim) : LEFT_OUT);
    }
  }
  const char* name() const override { return "CatBackward"; }
  void apply(Tensor* grads, Tensor* results) override {
    int64_t start = 0;
    for (uint32_t i = 0; i < inputs(); i++) {
      if (lengths_[i] == LEFT_OUT) {
        if (needs(i)) results[i] = zeros({0}, grads[0].dtype());
        continue;
      }
      if (needs(i)) results[i] = narrow(grads[0], dim_, start, lengths_[i]);
      start += lengths_[i];
    }
  }

 private:
  static constexpr int64_t LEFT_OUT = -1;

  int dim_;
  Sizes lengths_;
};

// The tensors, all on one device. Calls look at a list's first tensor alone for the device to run on.
std::vector<THTensor*> on_one_device(const std::vector<Tensor>& tensors) {
  const THTensor* model = tensors[0].get();
  for (size_t i = 0; i < tensors.size() && !counts(model); i++) model = tensors[i].get();
  std::vector<THTensor*> handles;
  for (const Tensor& tensor : tensors) {
    if (THTensor_device(tensor.get()) == THTensor_device(model)) {
      handles.push_back(tensor.get());
    } else if (counts(tensor.get())) {
      check(backend::fail_mixed("cat", {model, tensor.get()}));
    }
  }
  return handles;
}

void write_cat(const Tensor& out, const std::vector<Tensor>& tensors, int64_t dim) {
  if (tensors.empty()) throw Error(TH_ERR_VALUE, "cat(): expected a non-empty list of Tensors");
  const std::vector<THTensor*> handles = on_one_device(tensors);
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
