// torch.autograd.Function: steps of the backward pass that are written in Python.
#pragma once

#include "autograd/Node.h"
#include "python/PyRef.h"

namespace torch::python {

// The context object (the `ctx` of forward and backward) if `node` is such a step, as a new reference; else NULL, no error.
PyObject* function_context(autograd::Node* node);

// For tp_traverse of a tensor: its node's context object, if the tensor's object is all that keeps it; see visit_hooks.
int visit_context(autograd::Node* node, bool sole, visitproc visit, void* arg);

// FunctionBase: base class of torch.autograd.Function.
int init_function_type(PyObject* module);

}  // namespace torch::python
