// torch.Tensor as Python sees it: the object, and the ways between it and the C++ handle.
#pragma once

#include "python/Errors.h"
#include "tensor/Tensor.h"

namespace torch::python {

struct TensorObject {
  PyObject_HEAD Tensor tensor;  // never empty once constructed; tensor.get()->pyobj points back here
  PyObject* dict;               // made at the first attribute that is set
  PyObject* weakrefs;           // made at the first weak reference
};

// The heap type `torch.Tensor`; set by init_tensor_type.
extern PyTypeObject* TensorType;

inline bool is_exact_tensor(PyObject* object) {
  return Py_TYPE(object) == TensorType;
}

inline bool is_tensor(PyObject* object) {
  return Py_TYPE(object) == TensorType || PyType_IsSubtype(Py_TYPE(object), TensorType);
}

// `object` must be a tensor. The reference lives as long as the object.
inline const Tensor& as_tensor(PyObject* object) {
  return reinterpret_cast<TensorObject*>(object)->tensor;
}

// A new reference to the one Python object of `tensor`, made if there is none yet; None for an empty handle. NULL with a Python
// error if memory is short.
PyObject* wrap(Tensor tensor);

// The same as an instance of `type`, a subclass of TensorType. The tensor must not have a Python object yet.
PyObject* wrap_as(PyTypeObject* type, Tensor tensor);

// A list or tuple of the tensors' objects.
PyObject* wrap_tuple(const std::vector<Tensor>& tensors);

// Makes the type and adds it to `module`. Returns 0, or -1 with a Python error.
int init_tensor_type(PyObject* module);

}  // namespace torch::python
