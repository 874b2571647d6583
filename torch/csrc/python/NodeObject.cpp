#include "python/NodeObject.h"

#include "python/ArgParser.h"
#include "python/PythonFunction.h"
#include "python/PythonHook.h"

namespace torch::python {

namespace {

struct NodeObject {
  PyObject_HEAD autograd::Node* node;  // owned
};

PyTypeObject* NodeType = nullptr;
PyObject* types_by_name = nullptr;  // a dict: name -> subclass of NodeType

autograd::Node* node_of(PyObject* self) {
  return reinterpret_cast<NodeObject*>(self)->node;
}

void Node_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  if (autograd::Node* node = node_of(self)) {
    node->python = nullptr;
    node->release();
  }
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* Node_name(PyObject* self, PyObject*) {
  return PyUnicode_FromString(node_of(self)->name());
}

PyObject* Node_repr(PyObject* self) {
  return PyUnicode_FromFormat("<%s object at %p>", node_of(self)->name(), self);
}

PyObject* Node_next_functions(PyObject* self, void*) {
  TORCH_PY_TRY
  return next_functions(*node_of(self));
  TORCH_PY_CATCH(nullptr)
}

PyObject* Node_register_hook(PyObject* self, PyObject* hook) {
  TORCH_PY_TRY
  return register_node_hook(node_of(self), hook);
  TORCH_PY_CATCH(nullptr)
}

PyMethodDef methods[] = {
    {"name", Node_name, METH_NOARGS, "name() -> str"},
    {"register_hook", Node_register_hook, METH_O,
     "register_hook(hook) -> handle\n\nCalls hook(grad_inputs, grad_outputs) after this step of the backward pass."},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef attributes[] = {
    {"next_functions", Node_next_functions, nullptr, "((node or None, output_nr), ...): where the gradients go.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(Node_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(Node_repr)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, nullptr},
};

PyType_Spec spec = {"torch._C.Node", sizeof(NodeObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

// A subclass for each name, so that type(fn).__name__ tells the op.
PyTypeObject* type_for(const char* name) {
  const PyRef key = PyRef::steal(PyUnicode_FromString(name));
  if (PyObject* found = PyDict_GetItemWithError(types_by_name, key.get())) return reinterpret_cast<PyTypeObject*>(found);
  if (PyErr_Occurred()) throw PythonError{};
  const PyRef made = PyRef::steal(PyObject_CallFunction(reinterpret_cast<PyObject*>(&PyType_Type), "s(O){s(),ss}", name,
                                                        NodeType, "__slots__", "__module__", "torch._C"));
  check_python(PyDict_SetItem(types_by_name, key.get(), made.get()));
  return reinterpret_cast<PyTypeObject*>(made.get());
}

}  // namespace

PyObject* next_functions(const autograd::Node& node) {
  PyRef tuple = PyRef::steal(PyTuple_New(node.inputs()));
  for (uint32_t i = 0; i < node.inputs(); ++i) {
    const autograd::Edge& edge = node.edge(i);
    PyObject* pair = Py_BuildValue("(NI)", wrap_node(edge.node.get()), edge.output_nr);
    if (pair == nullptr) throw PythonError{};
    PyTuple_SET_ITEM(tuple.get(), i, pair);
  }
  return tuple.release();
}

PyObject* register_node_hook(autograd::Node* node, PyObject* hook) {
  if (!PyCallable_Check(hook)) {
    fail(PyExc_TypeError, "register_hook(): argument 'hook' must be callable, not %s", Py_TYPE(hook)->tp_name);
  }
  return new_hook_handle(node, node->add_post_hook(make_node_hook(hook)));
}

PyObject* wrap_node(autograd::Node* node) {
  if (node == nullptr) Py_RETURN_NONE;
  if (PyObject* context = function_context(node)) return context;
  if (node->python) {
    auto* existing = static_cast<PyObject*>(node->python);
    Py_INCREF(existing);
    return existing;
  }
  PyTypeObject* type = type_for(node->name());
  PyObject* self = type->tp_alloc(type, 0);
  if (self == nullptr) return nullptr;
  reinterpret_cast<NodeObject*>(self)->node = node;
  node->retain();
  node->python = self;
  return self;
}

int init_node_type(PyObject* module) {
  types_by_name = PyDict_New();
  NodeType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (NodeType == nullptr || types_by_name == nullptr) return -1;
  return PyModule_AddObjectRef(module, "Node", reinterpret_cast<PyObject*>(NodeType));
}

}  // namespace torch::python
