#include "autograd/SavedTensor.h"

#include "autograd/Variable.h"

namespace torch::autograd {

void SavedTensor::save(const Tensor& tensor) {
  is_result_ = false;
  grad_fn_ = nullptr;
  if (!tensor) {
    tensor_ = Tensor();
    return;
  }
  version_ = version(tensor);
  Node* fn = meta(tensor) ? grad_fn(tensor) : nullptr;
  if (!fn && requires_grad(tensor)) {
    tensor_ = tensor;  // a leaf never comes to depend on a node
    return;
  }
  tensor_ = Tensor::steal(THTensor_newWithTensor(tensor.get()));
  if (fn) {
    grad_fn_ = Ref<Node>(fn);
    output_nr_ = output_nr(tensor);
  }
}

void SavedTensor::save_copy(const Tensor& tensor) {
  save(tensor);
  tensor_ = Tensor::steal(THTensor_newClone(tensor.get()));
  version_ = version(tensor_);
}

void SavedTensor::save_result(const Tensor& tensor, uint32_t output_nr) {
  is_result_ = true;
  grad_fn_ = nullptr;
  output_nr_ = output_nr;
  version_ = version(tensor);
  tensor_ = Tensor::steal(THTensor_newWithTensor(tensor.get()));
}

Tensor SavedTensor::unpack(Node* owner, bool with_history) const {
  if (!tensor_) return Tensor();
  if (version(tensor_) != version_) {
    throw Error(TH_ERR_STATE, "one of the variables needed for gradient computation has been modified by an inplace operation");
  }
  if (!(with_history || grad_enabled()) || !(is_result_ || grad_fn_)) return tensor_;
  Tensor alias = Tensor::steal(THTensor_newWithTensor(tensor_.get()));
  set_history(alias, is_result_ ? Ref<Node>(owner) : grad_fn_, output_nr_);
  return alias;
}

void SavedTensor::reset() {
  tensor_ = Tensor();
  grad_fn_ = nullptr;
}

}  // namespace torch::autograd
