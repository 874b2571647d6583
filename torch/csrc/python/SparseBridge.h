// Sparse tensors, which are written in Python (torch/sparse.py), as gradients and as arguments of functions for dense ones.
#pragma once

#include "python/TensorObject.h"

namespace torch::python {

bool is_sparse(PyObject* object);

// The tensor, or the carrier of the sparse gradient (see autograd/SparseGradient.h) that `object` is.
Tensor as_gradient(PyObject* object);
// wrap() and wrap_tuple() of gradients: carriers become the sparse tensors that they carry.
PyObject* wrap_gradient(const Tensor& grad);
PyObject* wrap_gradients(const std::vector<Tensor>& grads);

// What torch.sparse says to a call of the function `name` that fits none of its signatures: a new reference, or NULL without
// an error if no argument is sparse, or none of its functions takes them so. Throws what that function raises.
PyObject* answer_sparse(const char* name, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);

int init_sparse_bridge(PyObject* module);

}  // namespace torch::python
