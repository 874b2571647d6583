// torch.Size: a tuple of dimensions.
#pragma once

#include <cstdint>

#include "python/PyRef.h"

namespace torch::python {

// A new torch.Size. NULL with a Python error if memory is short.
PyObject* new_size(int ndim, const int64_t* size);
// A new plain tuple.
PyObject* new_int_tuple(int count, const int64_t* values);
int init_size_type(PyObject* module);

}  // namespace torch::python
