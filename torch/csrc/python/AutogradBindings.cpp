#include "python/AutogradBindings.h"

#include "autograd/Engine.h"
#include "autograd/Mode.h"
#include "python/ArgParser.h"
#include "python/GilRelease.h"
#include "python/PythonFunction.h"
#include "python/PythonHook.h"
#include "python/PythonObservers.h"
#include "python/SparseBridge.h"

namespace torch::python {

namespace {

// A tensor, or a sequence of them; None stands for an empty handle where `optional`.
std::vector<Tensor> to_tensors(PyObject* object, const char* what, bool optional) {
  if (object == nullptr || object == Py_None) return {};
  if (is_tensor(object)) return {as_tensor(object)};
  const PyRef items = PyRef::steal(PySequence_Fast(object, "expected a Tensor or a sequence of Tensors"));
  std::vector<Tensor> tensors;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.get()); ++i) {
    PyObject* item = PySequence_Fast_GET_ITEM(items.get(), i);
    if (optional && item == Py_None) {
      tensors.emplace_back();
    } else if (is_tensor(item) || (optional && is_sparse(item))) {
      tensors.push_back(as_gradient(item));
    } else {
      fail(PyExc_TypeError, "%s: item %zd must be a Tensor%s, not %s", what, i, optional ? " or None" : "",
           Py_TYPE(item)->tp_name);
    }
  }
  return tensors;
}

// The lock is always released: hooks take it, and other threads may go on meanwhile.
template <class Body>
auto without_gil(const Body& body) {
  const GilRelease gil(kGilReleaseNumel + 1);
  return body();
}

PyObject* backward(PyObject*, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {{"tensors", Kind::Object, true},
                                         {"grad_tensors", Kind::Object, false},
                                         {"retain_graph", Kind::Object, false},
                                         {"create_graph", Kind::Bool, false}};
  static const Signature signature = {"(tensors, grad_tensors=None, bool retain_graph=None, bool create_graph=False)",
                                      parameters, 4, 4, false};
  Arguments parsed;
  parsed.parse("backward", &signature, 1, nullptr, args, nargs, kwnames);
  const std::vector<Tensor> roots = to_tensors(parsed.object(0), "backward(): argument 'tensors'", false);
  const std::vector<Tensor> grads = to_tensors(parsed.object(1), "backward(): argument 'grad_tensors'", true);
  autograd::BackwardOptions options;
  options.create_graph = parsed.boolean(3, false);
  options.keep_graph = parsed.given_value(2) ? PyObject_IsTrue(parsed.object(2)) == 1 : options.create_graph;
  without_gil([&] { autograd::backward(roots, grads, options); });
  Py_RETURN_NONE;
  TORCH_PY_CATCH(nullptr)
}

PyObject* grad(PyObject*, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {{"outputs", Kind::Object, true},       {"inputs", Kind::Object, true},
                                         {"grad_outputs", Kind::Object, false}, {"retain_graph", Kind::Object, false},
                                         {"create_graph", Kind::Bool, false},   {"allow_unused", Kind::Bool, false}};
  static const Signature signature = {
      "(outputs, inputs, grad_outputs=None, bool retain_graph=None, bool create_graph=False, bool allow_unused=False)",
      parameters, 6, 6, false};
  Arguments parsed;
  parsed.parse("grad", &signature, 1, nullptr, args, nargs, kwnames);
  const std::vector<Tensor> roots = to_tensors(parsed.object(0), "grad(): argument 'outputs'", false);
  const std::vector<Tensor> inputs = to_tensors(parsed.object(1), "grad(): argument 'inputs'", false);
  const std::vector<Tensor> grads = to_tensors(parsed.object(2), "grad(): argument 'grad_outputs'", true);
  autograd::BackwardOptions options;
  options.create_graph = parsed.boolean(4, false);
  options.keep_graph = parsed.given_value(3) ? PyObject_IsTrue(parsed.object(3)) == 1 : options.create_graph;
  options.allow_unused = parsed.boolean(5, false);
  return wrap_gradients(without_gil([&] { return autograd::gradient(roots, grads, inputs, options); }));
  TORCH_PY_CATCH(nullptr)
}

PyObject* is_grad_enabled(PyObject*, PyObject*) {
  return PyBool_FromLong(autograd::grad_enabled());
}

PyObject* set_grad_enabled(PyObject*, PyObject* on) {
  if (!PyBool_Check(on)) {
    return PyErr_Format(PyExc_TypeError, "set_grad_enabled(): argument 'mode' must be bool, not %s", Py_TYPE(on)->tp_name);
  }
  autograd::set_grad_enabled(on == Py_True);
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    {"backward", as_method(backward), METH_FASTCALL | METH_KEYWORDS,
     "backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False)"},
    {"grad", as_method(grad), METH_FASTCALL | METH_KEYWORDS,
     "grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, allow_unused=False) -> tuple of Tensors"},
    {"is_grad_enabled", is_grad_enabled, METH_NOARGS, "is_grad_enabled() -> bool"},
    {"queue_callback", queue_callback, METH_O, "queue_callback(callable): called when the running backward pass has ended"},
    {"set_grad_enabled", set_grad_enabled, METH_O, "set_grad_enabled(mode)"},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "torch._C.autograd", nullptr, -1, functions, nullptr, nullptr, nullptr, nullptr};

}  // namespace

int init_autograd_module(PyObject* module) {
  PyObject* autograd = PyModule_Create(&definition);
  if (autograd == nullptr) return -1;
  // Python keeps pointers to the entries, and would write to them.
  static std::vector<PyMethodDef> observers;
  for (const PyMethodDef* entry = observer_functions; entry->ml_name; ++entry) observers.push_back(*entry);
  observers.push_back({nullptr, nullptr, 0, nullptr});
  if (PyModule_AddFunctions(autograd, observers.data()) < 0) return -1;
  lend_observers();
  const int status = PyModule_AddObjectRef(module, "autograd", autograd);
  Py_DECREF(autograd);
  return status;
}

}  // namespace torch::python
