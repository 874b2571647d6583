// Tensors from Python data: numbers, nested sequences, arrays, other tensors.
#pragma once

#include "python/TensorObject.h"

namespace torch::python {

// A copy of `data` as a new tensor. dtype THDtype_None: of the data (int64 for ints, uint8 for bools, the default for floats).
// Throws TypeError or ValueError.
Tensor tensor_from_data(PyObject* data, THDtype dtype);

// The only element. Other Python threads run while a device is waited for.
Scalar element_of(const Tensor& tensor);

extern const PyMethodDef data_functions[];       // tensor, of torch
extern const PyMethodDef tensor_data_methods[];  // new_tensor, of torch.Tensor

}  // namespace torch::python
