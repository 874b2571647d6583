// The table of functions that extensions fetch: include/torch/capi.h describes it.
#pragma once

#include <Python.h>

namespace torch::python {

// Adds the capsule to `module`. Returns 0, or -1 with a Python error.
int init_capi(PyObject* module);

}  // namespace torch::python
