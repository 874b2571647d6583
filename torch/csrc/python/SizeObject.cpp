#include "python/SizeObject.h"

#include "python/Errors.h"

namespace torch::python {

namespace {

PyTypeObject* SizeType = nullptr;

// tuple's own result as a torch.Size; consumes `tuple`.
PyObject* as_size(PyObject* tuple) {
  if (tuple == nullptr || !PyTuple_CheckExact(tuple)) return tuple;
  const Py_ssize_t n = PyTuple_GET_SIZE(tuple);
  PyObject* size = SizeType->tp_alloc(SizeType, n);
  for (Py_ssize_t i = 0; size && i < n; ++i) {
    PyObject* item = PyTuple_GET_ITEM(tuple, i);
    Py_INCREF(item);
    PyTuple_SET_ITEM(size, i, item);
  }
  Py_DECREF(tuple);
  return size;
}

PyObject* Size_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  TORCH_PY_TRY
  const PyRef self = PyRef::steal(PyTuple_Type.tp_new(type, args, kwargs));
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self.get()); ++i) {
    PyObject* item = PyTuple_GET_ITEM(self.get(), i);
    if (PyLong_Check(item)) continue;
    PyObject* number = PyNumber_Index(item);
    if (number == nullptr) {
      fail(PyExc_TypeError, "torch.Size() takes an iterable of 'int' (item %zd is '%s')", i, Py_TYPE(item)->tp_name);
    }
    PyTuple_SET_ITEM(self.get(), i, number);
    Py_DECREF(item);
  }
  Py_INCREF(self.get());
  return self.get();
  TORCH_PY_CATCH(nullptr)
}

PyObject* Size_repr(PyObject* self) {
  TORCH_PY_TRY
  const PyRef list = PyRef::steal(PySequence_List(self));
  return PyUnicode_FromFormat("torch.Size(%R)", list.get());
  TORCH_PY_CATCH(nullptr)
}

PyObject* Size_concat(PyObject* a, PyObject* b) {
  return as_size(PyTuple_Type.tp_as_sequence->sq_concat(a, b));
}

PyObject* Size_repeat(PyObject* a, Py_ssize_t n) {
  return as_size(PyTuple_Type.tp_as_sequence->sq_repeat(a, n));
}

PyObject* Size_subscript(PyObject* self, PyObject* key) {
  return as_size(PyTuple_Type.tp_as_mapping->mp_subscript(self, key));
}

PyObject* Size_numel(PyObject* self, PyObject*) {
  long long numel = 1;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i) numel *= PyLong_AsLongLong(PyTuple_GET_ITEM(self, i));
  if (PyErr_Occurred()) return nullptr;
  return PyLong_FromLongLong(numel);
}

PyObject* Size_reduce(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  const PyRef items = PyRef::steal(PyTuple_New(PyTuple_GET_SIZE(self)));
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(self); ++i) {
    Py_INCREF(PyTuple_GET_ITEM(self, i));
    PyTuple_SET_ITEM(items.get(), i, PyTuple_GET_ITEM(self, i));
  }
  return Py_BuildValue("O(O)", Py_TYPE(self), items.get());
  TORCH_PY_CATCH(nullptr)
}

PyMethodDef methods[] = {
    {"__reduce__", Size_reduce, METH_NOARGS, nullptr},
    {"numel", Size_numel, METH_NOARGS,
     "numel() -> int: the product of the sizes."
     "\n\n>>> torch.Size([2, 3]).numel(), torch.Size([]).numel()\n"
     "(6, 1)"},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(Size_new)},
    {Py_tp_repr, reinterpret_cast<void*>(Size_repr)},
    {Py_sq_concat, reinterpret_cast<void*>(Size_concat)},
    {Py_sq_repeat, reinterpret_cast<void*>(Size_repeat)},
    {Py_mp_subscript, reinterpret_cast<void*>(Size_subscript)},
    {Py_tp_methods, methods},
    {Py_tp_doc, const_cast<char*>("Size(iterable): the sizes of a tensor, one for each dimension."
                                  "\n\n>>> torch.zeros(2, 3).size(), torch.zeros(2, 3).size().numel()\n"
                                  "(torch.Size([2, 3]), 6)")},
    {0, nullptr},
};

PyType_Spec spec = {"torch.Size", 0, 0, Py_TPFLAGS_DEFAULT, slots};

void fill(PyObject* tuple, int count, const int64_t* values) {
  for (int i = 0; i < count; ++i) PyTuple_SET_ITEM(tuple, i, PyLong_FromLongLong(values[i]));
}

}  // namespace

PyObject* new_size(int ndim, const int64_t* size) {
  PyObject* tuple = SizeType->tp_alloc(SizeType, ndim);
  if (tuple) fill(tuple, ndim, size);
  return tuple;
}

PyObject* new_int_tuple(int count, const int64_t* values) {
  PyObject* tuple = PyTuple_New(count);
  if (tuple) fill(tuple, count, values);
  return tuple;
}

int init_size_type(PyObject* module) {
  const PyRef bases = PyRef::steal(PyTuple_Pack(1, &PyTuple_Type));
  SizeType = reinterpret_cast<PyTypeObject*>(PyType_FromSpecWithBases(&spec, bases.get()));
  if (SizeType == nullptr) return -1;
  return PyModule_AddObjectRef(module, "Size", reinterpret_cast<PyObject*>(SizeType));
}

}  // namespace torch::python
