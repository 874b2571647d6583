#include "python/SparseBridge.h"

#include "autograd/SparseGradient.h"
#include "autograd/Variable.h"
#include "python/ArgParser.h"
#include "python/DeviceObject.h"
#include "python/GilRelease.h"

namespace torch::python {

namespace {

// Both are set once, when torch.sparse is imported: before there is any sparse tensor.
PyTypeObject* SparseType = nullptr;
PyObject* sparse_functions = nullptr;  // name -> callable that returns NotImplemented where it has no answer

class PythonSparse final : public autograd::SparseGradient {
 public:
  explicit PythonSparse(PyObject* object) : object_(object) { Py_INCREF(object_); }

  PyObject* object() const { return object_; }
  Tensor dense() const override {
    const GilAcquire gil;
    const PyRef result = call("to_dense", nullptr);
    if (!is_tensor(result.get()))
      fail(PyExc_TypeError, "to_dense() must give a Tensor, not %s", Py_TYPE(result.get())->tp_name);
    return as_tensor(result.get());
  }
  Tensor copy() const override {
    const GilAcquire gil;
    return as_gradient(call("_alias", nullptr).get());
  }
  Tensor plus(const SparseGradient& other) const override {
    const GilAcquire gil;
    return as_gradient(call("add", object_of(other)).get());
  }
  void add(const SparseGradient& other) override {
    const GilAcquire gil;
    call("add_", object_of(other));
  }

 protected:
  ~PythonSparse() override {
    if (!Py_IsInitialized()) return;
    const GilAcquire gil;
    Py_DECREF(object_);
  }

 private:
  static PyObject* object_of(const SparseGradient& other) { return static_cast<const PythonSparse&>(other).object_; }
  PyRef call(const char* method, PyObject* argument) const {
    return PyRef::steal(PyObject_CallMethod(object_, method, argument ? "(O)" : nullptr, argument));
  }

  PyObject* object_;
};

PyObject* lend_sparse(PyObject*, PyObject* args) {
  PyObject* type;
  PyObject* functions;
  if (!PyArg_ParseTuple(args, "O!O!", &PyType_Type, &type, &PyDict_Type, &functions)) return nullptr;
  Py_INCREF(type);
  Py_XSETREF(SparseType, reinterpret_cast<PyTypeObject*>(type));
  Py_INCREF(functions);
  Py_XSETREF(sparse_functions, functions);
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    {"_lend_sparse", lend_sparse, METH_VARARGS,
     "_lend_sparse(type, functions): what sparse tensors are, and which functions take them."},
    {nullptr, nullptr, 0, nullptr},
};

// Whether an argument is a sparse tensor, or the layout of one: then torch.sparse is imported.
bool any_sparse(PyObject* const* args, Py_ssize_t count) {
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (is_sparse(args[i])) return true;
    if (!is_layout(args[i]) || args[i] == strided_layout_object()) continue;
    if (SparseType == nullptr) PyRef::steal(PyImport_ImportModule("torch.sparse"));
    return true;
  }
  return false;
}

}  // namespace

bool is_sparse(PyObject* object) {
  return SparseType && PyObject_TypeCheck(object, SparseType);
}

Tensor as_gradient(PyObject* object) {
  if (is_tensor(object)) return as_tensor(object);
  if (!is_sparse(object)) fail(PyExc_TypeError, "expected a gradient, not %s", Py_TYPE(object)->tp_name);
  const PyRef values = PyRef::steal(PyObject_CallMethod(object, "_values", nullptr));
  const PyRef size = PyRef::steal(PyObject_CallMethod(object, "size", nullptr));
  if (!is_tensor(values.get())) fail(PyExc_TypeError, "_values() must give a Tensor");
  Sizes sizes;
  to_sizes(size.get(), &sizes);
  return autograd::carrier(as_tensor(values.get()), sizes, autograd::make_ref<PythonSparse>(object));
}

PyObject* wrap_gradient(const Tensor& grad) {
  const autograd::SparseGradient* sparse = grad ? autograd::sparse_gradient(grad) : nullptr;
  if (sparse == nullptr) return wrap(grad);
  PyObject* object = static_cast<const PythonSparse*>(sparse)->object();
  Py_INCREF(object);
  return object;
}

PyObject* wrap_gradients(const std::vector<Tensor>& grads) {
  PyRef tuple = PyRef::steal(PyTuple_New(static_cast<Py_ssize_t>(grads.size())));
  for (size_t i = 0; i < grads.size(); ++i) {
    PyObject* item = wrap_gradient(grads[i]);
    if (item == nullptr) throw PythonError{};
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), item);
  }
  return tuple.release();
}

PyObject* answer_sparse(const char* name, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  const Py_ssize_t keywords = kwnames ? PyTuple_GET_SIZE(kwnames) : 0;
  if (!any_sparse(args, nargs + keywords)) return nullptr;
  PyObject* function = PyDict_GetItemString(sparse_functions, name);
  if (function == nullptr) return nullptr;
  std::vector<PyObject*> all;
  if (self) all.push_back(self);
  all.insert(all.end(), args, args + nargs + keywords);
  const size_t count = static_cast<size_t>(nargs) + (self ? 1 : 0);
  PyRef result = PyRef::steal(PyObject_Vectorcall(function, all.data(), count, kwnames));
  return result.get() == Py_NotImplemented ? nullptr : result.release();
}

int init_sparse_bridge(PyObject* module) {
  return PyModule_AddFunctions(module, functions);
}

}  // namespace torch::python
