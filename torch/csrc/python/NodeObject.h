// grad_fn objects.
#pragma once

#include "autograd/Node.h"
#include "python/PyRef.h"

namespace torch::python {

// The one Python object of `node` (its type carries the node's name); None for NULL.
PyObject* wrap_node(autograd::Node* node);
int init_node_type(PyObject* module);

}  // namespace torch::python
