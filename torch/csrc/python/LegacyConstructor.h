// torch.Tensor(2, 3), torch.FloatTensor([1, 2]), x.new(2): the constructors of before 0.4.
#pragma once

#include "python/TensorObject.h"

namespace torch::python {

// args: a tuple: nothing (no elements), sizes, one sequence or array of values, or one tensor of this dtype and place (shared).
Tensor legacy_tensor(const char* name, THDtype dtype, PyObject* args, int device);

extern const PyMethodDef legacy_methods[];    // new, of torch.Tensor
extern const PyMethodDef legacy_functions[];  // _legacy_new, of torch._C

}  // namespace torch::python
