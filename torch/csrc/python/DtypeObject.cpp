#include "python/DtypeObject.h"

#include <cstring>
#include <string>

#include "ops/Defaults.h"
#include "python/Errors.h"

namespace torch::python {

namespace {

struct DtypeObject {
  PyObject_HEAD THDtype dtype;
};

PyTypeObject* DtypeType = nullptr;
PyObject* instances[THDtype_Count];

PyObject* Dtype_repr(PyObject* self) {
  return PyUnicode_FromFormat("torch.%s", THDtype_pythonName(as_dtype(self)));
}

// Pickle then stores the name only: torch.float32.
PyObject* Dtype_reduce(PyObject* self, PyObject*) {
  return PyUnicode_FromString(THDtype_pythonName(as_dtype(self)));
}

PyObject* Dtype_is_floating_point(PyObject* self, void*) {
  return PyBool_FromLong(THDtype_isFloating(as_dtype(self)));
}

PyObject* Dtype_itemsize(PyObject* self, void*) {
  return PyLong_FromSize_t(THDtype_size(as_dtype(self)));
}

PyMethodDef methods[] = {
    {"__reduce__", Dtype_reduce, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef attributes[] = {
    {"is_floating_point", Dtype_is_floating_point, nullptr,
     "True for float16, float32 and float64."
     "\n\n>>> torch.float16.is_floating_point, torch.int64.is_floating_point\n"
     "(True, False)",
     nullptr},
    {"itemsize", Dtype_itemsize, nullptr,
     "Bytes of one element."
     "\n\n>>> torch.float16.itemsize, torch.int64.itemsize\n"
     "(2, 8)",
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_repr, reinterpret_cast<void*>(Dtype_repr)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_doc, const_cast<char*>("The type of a tensor's elements."
                                  "\n\n>>> x = torch.tensor([1.5])\n"
                                  ">>> x.dtype, x.dtype.is_floating_point, torch.int16.itemsize\n"
                                  "(torch.float32, True, 2)")},
    {0, nullptr},
};

PyType_Spec spec = {"torch.dtype", sizeof(DtypeObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

PyObject* set_default_dtype(PyObject*, PyObject* argument) {
  TORCH_PY_TRY
  if (!is_dtype(argument)) {
    fail(PyExc_TypeError, "set_default_dtype(): argument 'd' must be torch.dtype, not %s", Py_TYPE(argument)->tp_name);
  }
  if (!THDtype_isFloating(as_dtype(argument))) {
    fail(PyExc_TypeError, "set_default_dtype(): only floating-point dtypes can be the default, got %R", argument);
  }
  ops::set_default_dtype(as_dtype(argument));
  Py_RETURN_NONE;
  TORCH_PY_CATCH(nullptr)
}

PyObject* get_default_dtype(PyObject*, PyObject*) {
  PyObject* object = dtype_object(ops::default_dtype());
  Py_INCREF(object);
  return object;
}

}  // namespace

const PyMethodDef dtype_functions[] = {
    {"set_default_dtype", set_default_dtype, METH_O,
     "set_default_dtype(d): the dtype of new floating tensors."
     "\n\n>>> torch.set_default_dtype(torch.float64)\n"
     ">>> torch.tensor([1.5]).dtype\n"
     "torch.float64\n"
     ">>> torch.set_default_dtype(torch.float32)"},
    {"get_default_dtype", get_default_dtype, METH_NOARGS,
     "get_default_dtype() -> dtype: of tensors made from Python floats, and of new ones without a dtype; at first float32."
     "\n\n>>> torch.get_default_dtype()\n"
     "torch.float32"},
    {nullptr, nullptr, 0, nullptr},
};

bool is_dtype(PyObject* object) {
  return Py_TYPE(object) == DtypeType;
}

THDtype as_dtype(PyObject* object) {
  return reinterpret_cast<DtypeObject*>(object)->dtype;
}

PyObject* dtype_object(THDtype dtype) {
  return dtype < THDtype_Count ? instances[dtype] : Py_None;
}

const char* legacy_type_name(THDtype dtype) {
  static const char* const names[] = {
#define X(Name, ctype, acc, python) "torch." #Name "Tensor",
      TH_FORALL_DTYPES(X)
#undef X
          "torch.Tensor"};
  return names[dtype];
}

THDtype dtype_of_legacy_name(const char* name) {
  if (std::strcmp(name, "torch.Tensor") == 0) return ops::default_dtype();
  for (int d = 0; d < THDtype_Count; ++d) {
    if (std::strcmp(name, legacy_type_name(static_cast<THDtype>(d))) == 0) return static_cast<THDtype>(d);
  }
  return THDtype_None;
}

int init_dtype_type(PyObject* module) {
  DtypeType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (DtypeType == nullptr) return -1;
  for (int d = 0; d < THDtype_Count; ++d) {
    auto* object = PyObject_New(DtypeObject, DtypeType);
    if (object == nullptr) return -1;
    object->dtype = static_cast<THDtype>(d);
    instances[d] = reinterpret_cast<PyObject*>(object);
    if (PyModule_AddObjectRef(module, THDtype_pythonName(object->dtype), instances[d]) < 0) return -1;
  }
  const struct {
    const char* name;
    THDtype dtype;
  } aliases[] = {{"half", THDtype_Half},   {"float", THDtype_Float}, {"double", THDtype_Double},
                 {"short", THDtype_Short}, {"int", THDtype_Int},     {"long", THDtype_Long}};
  for (const auto& alias : aliases) {
    if (PyModule_AddObjectRef(module, alias.name, instances[alias.dtype]) < 0) return -1;
  }
  return PyModule_AddObjectRef(module, "dtype", reinterpret_cast<PyObject*>(DtypeType));
}

}  // namespace torch::python
