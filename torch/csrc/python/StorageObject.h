// torch._C.StorageBase: the memory behind tensors, as Python sees it. torch/storage.py makes a class of it for each dtype.
#pragma once

#include "python/Errors.h"
#include "tensor/Tensor.h"

namespace torch::python {

// NULL if `object` is no storage. Borrowed.
THStorage* storage_of(PyObject* object);

// Makes the type and adds it to `module`. Returns 0, or -1 with a Python error.
int init_storage_type(PyObject* module);

}  // namespace torch::python
