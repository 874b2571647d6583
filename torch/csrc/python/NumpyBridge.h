// Sharing memory with NumPy, through Python's buffer protocol: no NumPy headers, and NumPy is imported only when asked for.
#pragma once

#include "python/TensorObject.h"

namespace torch::python {

// A numpy.ndarray on the tensor's memory. Throws RuntimeError if it requires grad.
PyObject* tensor_to_numpy(const Tensor& tensor);
// numpy's __array__: dtype and copy may be NULL or None.
PyObject* tensor_to_array(const Tensor& tensor, PyObject* dtype, PyObject* copy);
// A tensor on the memory of a numpy.ndarray. Throws TypeError or ValueError.
Tensor tensor_from_numpy(PyObject* array);
// A tensor on any object that has the buffer protocol; an empty handle, without an error, if it has not or its elements
// have no dtype here.
Tensor tensor_from_buffer(PyObject* object);

// An operator once more, with a tensor in place of an operand that is a numpy.ndarray; NotImplemented if neither is one.
PyObject* with_arrays(PyObject* left, PyObject* right, PyObject* (*slot)(PyObject* left, PyObject* right));

// The buffer protocol of torch.Tensor itself.
int tensor_get_buffer(PyObject* self, Py_buffer* view, int flags);

extern const PyMethodDef numpy_functions[];   // from_numpy, of torch
extern const PyMethodDef buffer_functions[];  // _from_buffer, of torch._C
int init_numpy_bridge(PyObject* module);

}  // namespace torch::python
