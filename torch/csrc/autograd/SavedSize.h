// The sizes and the device of a tensor that a node keeps: without an allocation for the usual few dimensions.
#pragma once

#include <algorithm>
#include <memory>

#include "tensor/Tensor.h"

namespace torch::autograd {

class SavedSize {
 public:
  SavedSize() noexcept {}
  explicit SavedSize(const Tensor& tensor) : ndim_(tensor.ndim()), device_(static_cast<int>(tensor.device())) {
    if (ndim_ > TH_TENSOR_INLINE_DIMS) many_ = std::make_unique<int64_t[]>(static_cast<size_t>(ndim_));
    std::copy_n(tensor.get()->size, ndim_, many_ ? many_.get() : few_);
  }
  const int64_t* data() const noexcept { return many_ ? many_.get() : few_; }
  operator Sizes() const { return Sizes(data(), data() + ndim_); }
  int device() const noexcept { return device_; }
  bool is_of(const Tensor& tensor) const noexcept {
    return tensor.ndim() == ndim_ && tensor.device() == device_ && std::equal(data(), data() + ndim_, tensor.get()->size);
  }

 private:
  int ndim_ = 0;
  int device_ = TH_DEVICE_HOST;
  int64_t few_[TH_TENSOR_INLINE_DIMS];  // only the first ndim_ are set
  std::unique_ptr<int64_t[]> many_;
};

}  // namespace torch::autograd
