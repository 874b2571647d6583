// grad_fn objects.
#pragma once

#include "autograd/Node.h"
#include "python/PyRef.h"

namespace torch::python {

// The one Python object of `node` (its type carries the node's name); None for NULL.
PyObject* wrap_node(autograd::Node* node);
// ((node or None, output_nr), ...), and grad_fn.register_hook(hook); they throw.
PyObject* next_functions(const autograd::Node& node);
PyObject* register_node_hook(autograd::Node* node, PyObject* hook);
int init_node_type(PyObject* module);

}  // namespace torch::python
