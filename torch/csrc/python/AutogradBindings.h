// torch._C.autograd.
#pragma once

#include "python/PyRef.h"

namespace torch::python {

int init_autograd_module(PyObject* module);

}  // namespace torch::python
