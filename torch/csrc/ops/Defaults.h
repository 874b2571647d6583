// What an op uses where the caller says nothing.
#pragma once

#include "tensor/Tensor.h"

namespace torch::ops {

// The dtype of new tensors: float32 unless set.
THDtype default_dtype() noexcept;
// Floating dtypes only.
void set_default_dtype(THDtype dtype);

// `dtype`, or the default one for THDtype_None.
inline THDtype dtype_or_default(THDtype dtype) noexcept {
  return dtype == THDtype_None ? default_dtype() : dtype;
}

// Where new tensors are made: on the host, or on the calling thread's current CUDA device. Throws Error if there is none.
int default_device();
bool default_is_cuda() noexcept;
void set_default_is_cuda(bool cuda) noexcept;

}  // namespace torch::ops
