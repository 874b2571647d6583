// Python callables as autograd hooks.
#pragma once

#include <memory>

#include "autograd/Hook.h"
#include "autograd/Node.h"
#include "python/PyRef.h"

namespace torch::python {

// hook(grad) -> Tensor or None
std::shared_ptr<autograd::Hook> make_tensor_hook(PyObject* callable);
// hook(grad_inputs, grad_outputs) -> None or a replacement of grad_inputs
std::shared_ptr<autograd::PostHook> make_node_hook(PyObject* callable);

// An object whose remove() takes hook `id` off `node` again; also a context manager.
PyObject* new_hook_handle(autograd::Node* node, uint64_t id);

// From now on visit_hooks knows when Python's collector runs.
void watch_collections();
// For tp_traverse of a tensor: its node's callables, if the tensor's object is all that keeps them. sole: it is all that keeps
// the tensor. The answer is found out once in a collection, because threads that run graphs change counts meanwhile.
int visit_hooks(autograd::Node* node, bool sole, visitproc visit, void* arg);

// Counts the collections of Python's collector that were seen; odd while one runs.
uint32_t collection_number();

// queue_callback(callable): it is called when the backward pass that runs in this thread has ended.
PyObject* queue_callback(PyObject*, PyObject* callable);

int init_hook_types(PyObject* module);

}  // namespace torch::python
