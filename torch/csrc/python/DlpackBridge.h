// Tensors from and to other array libraries through DLPack capsules (dmlc.github.io/dlpack): the memory is shared.
#pragma once

#include "python/TensorObject.h"

namespace torch::python {

extern const PyMethodDef dlpack_functions[];  // _to_dlpack and _from_dlpack, of torch._C

}  // namespace torch::python
