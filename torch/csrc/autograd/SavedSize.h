// The sizes of a tensor that a node keeps: without an allocation for the usual few dimensions.
#pragma once

#include <algorithm>
#include <vector>

#include "tensor/Tensor.h"

namespace torch::autograd {

class SavedSize {
 public:
  SavedSize() noexcept = default;
  explicit SavedSize(const Tensor& tensor) : ndim_(tensor.ndim()) {
    if (ndim_ <= TH_TENSOR_INLINE_DIMS) {
      std::copy_n(tensor.get()->size, ndim_, few_);
    } else {
      many_ = tensor.sizes();
    }
  }
  const int64_t* data() const noexcept { return ndim_ <= TH_TENSOR_INLINE_DIMS ? few_ : many_.data(); }
  operator Sizes() const { return Sizes(data(), data() + ndim_); }
  bool is_size_of(const Tensor& tensor) const noexcept {
    return tensor.ndim() == ndim_ && std::equal(data(), data() + ndim_, tensor.get()->size);
  }

 private:
  int ndim_ = 0;
  int64_t few_[TH_TENSOR_INLINE_DIMS] = {};
  Sizes many_;
};

}  // namespace torch::autograd
