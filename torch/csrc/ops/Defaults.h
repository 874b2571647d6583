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

}  // namespace torch::ops
