// torch._C.SharedMemory: the mapping of a file, on which storages lie that other processes see as well.
#pragma once

#include "python/Errors.h"
#include "tensor/Tensor.h"

namespace torch::python {

// The SharedMemory object that holds the elements of `storage`; NULL if none does. Borrowed.
PyObject* shared_memory_of(const THStorage* storage);

// Moves the elements of `storage` to `memory`, which must be a SharedMemory object that is large enough, and nobody else's.
void move_to_shared_memory(THStorage* storage, PyObject* memory);

// Makes the type and adds it to `module`. Returns 0, or -1 with a Python error.
int init_shared_memory_type(PyObject* module);

}  // namespace torch::python
