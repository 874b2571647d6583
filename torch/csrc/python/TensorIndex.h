// x[key] and x[key] = value.
#pragma once

#include "python/TensorObject.h"

namespace torch::python {

PyObject* get_item(PyObject* self, PyObject* key);
int set_item(PyObject* self, PyObject* key, PyObject* value);
// x[i] with i >= 0, IndexError behind the end: iteration stops there.
PyObject* get_row(PyObject* self, Py_ssize_t i);

}  // namespace torch::python
