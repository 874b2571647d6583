// The heap type torch.Tensor: life of its objects, and the assembly of its slots and methods.
#include "python/TensorType.h"

#include <structmember.h>

#include <new>
#include <vector>

#include "autograd/AutogradMeta.h"
#include "python/GeneratedTables.h"
#include "python/LegacyConstructor.h"
#include "python/PythonFunction.h"
#include "python/PythonHook.h"
#include "python/TensorData.h"

namespace torch::python {

PyTypeObject* TensorType = nullptr;

namespace {

// Memory of dead tensors of the exact type, for the next ones. Guarded by the interpreter lock.
constexpr int kFreeObjects = 128;
PyObject* free_objects[kFreeObjects];
int free_count = 0;

TensorObject* allocate(PyTypeObject* type) {
  if (type != TensorType) {
    auto* self = reinterpret_cast<TensorObject*>(type->tp_alloc(type, 0));
    if (self) new (&self->tensor) Tensor();
    return self;
  }
  TensorObject* self;
  if (free_count > 0) {
    self = reinterpret_cast<TensorObject*>(free_objects[--free_count]);
    PyObject_Init(reinterpret_cast<PyObject*>(self), type);
  } else {
    self = PyObject_GC_New(TensorObject, type);
    if (self == nullptr) return nullptr;
  }
  // Not tracked: an object without attributes is part of no cycle. Tensor_setattro tracks it.
  new (&self->tensor) Tensor();
  self->dict = nullptr;
  self->weakrefs = nullptr;
  return self;
}

PyObject* attach(TensorObject* self, Tensor&& tensor) {
  if (self == nullptr) return nullptr;
  tensor.get()->pyobj = self;
  self->tensor = std::move(tensor);
  return reinterpret_cast<PyObject*>(self);
}

void Tensor_dealloc(PyObject* object) {
  auto* self = reinterpret_cast<TensorObject*>(object);
  PyTypeObject* type = Py_TYPE(object);
  if (PyObject_GC_IsTracked(object)) PyObject_GC_UnTrack(object);
  if (self->weakrefs) PyObject_ClearWeakRefs(object);
  Py_CLEAR(self->dict);
  if (self->tensor) self->tensor.get()->pyobj = nullptr;
  self->tensor.~Tensor();
  if (type == TensorType && free_count < kFreeObjects) {
    free_objects[free_count++] = object;
  } else {
    type->tp_free(object);
  }
  Py_DECREF(type);
}

int Tensor_traverse(PyObject* object, visitproc visit, void* arg) {
  auto* self = reinterpret_cast<TensorObject*>(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->dict);
  const autograd::AutogradMeta* m = self->tensor ? autograd::meta(self->tensor) : nullptr;
  if (__builtin_expect(m == nullptr, 1)) return 0;
  const bool sole = __atomic_load_n(&self->tensor.get()->refcount, __ATOMIC_ACQUIRE) == 1;
  int status = visit_hooks(m->grad_fn.get(), sole, visit, arg);
  if (status == 0) status = visit_context(m->grad_fn.get(), sole, visit, arg);
  return status ? status : visit_hooks(m->slot.get(), sole, visit, arg);
}

int Tensor_clear(PyObject* object) {
  Py_CLEAR(reinterpret_cast<TensorObject*>(object)->dict);
  return 0;
}

int Tensor_setattro(PyObject* self, PyObject* name, PyObject* value) {
  track(self);
  return PyObject_GenericSetAttr(self, name, value);
}

Py_hash_t Tensor_hash(PyObject* self) {
  return static_cast<Py_hash_t>(reinterpret_cast<uintptr_t>(self) >> 4);
}

PyObject* get_dict(PyObject* self, void* context) {
  track(self);  // the dict's items can refer to the tensor
  return PyObject_GenericGetDict(self, context);
}

PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(TensorObject, dict), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(TensorObject, weakrefs), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

// The tables must live as long as the type, which lives as long as the process.
std::vector<PyMethodDef>& method_table() {
  static std::vector<PyMethodDef> table;
  return table;
}

std::vector<PyGetSetDef>& attribute_table() {
  static std::vector<PyGetSetDef> table;
  return table;
}

void collect(const PyMethodDef* methods) {
  for (; methods->ml_name; ++methods) method_table().push_back(*methods);
}

void collect_tables() {
  for (auto tables = generated_methods; *tables; ++tables) collect(*tables);
  collect(tensor_methods);
  collect(tensor_conversion_methods);
  collect(tensor_autograd_methods);
  collect(tensor_data_methods);
  collect(legacy_methods);
  method_table().push_back({nullptr, nullptr, 0, nullptr});
  for (const PyGetSetDef* attributes : {tensor_attributes, tensor_autograd_attributes}) {
    for (; attributes->name; ++attributes) attribute_table().push_back(*attributes);
  }
  attribute_table().push_back({"__dict__", get_dict, PyObject_GenericSetDict, nullptr, nullptr});
  attribute_table().push_back({nullptr, nullptr, nullptr, nullptr, nullptr});
}

}  // namespace

void track(PyObject* self) {
  if (!PyObject_GC_IsTracked(self)) PyObject_GC_Track(self);
}

PyObject* wrap(Tensor tensor) {
  if (!tensor) Py_RETURN_NONE;
  if (void* existing = tensor.get()->pyobj) {
    Py_INCREF(static_cast<PyObject*>(existing));
    return static_cast<PyObject*>(existing);
  }
  return attach(allocate(TensorType), std::move(tensor));
}

PyObject* wrap_as(PyTypeObject* type, Tensor tensor) {
  return attach(allocate(type), std::move(tensor));
}

PyObject* wrap_tuple(const std::vector<Tensor>& tensors) {
  PyRef tuple = PyRef::steal(PyTuple_New(static_cast<Py_ssize_t>(tensors.size())));
  for (size_t i = 0; i < tensors.size(); ++i) {
    PyObject* item = wrap(tensors[i]);
    if (item == nullptr) return nullptr;
    PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), item);
  }
  return tuple.release();
}

int init_tensor_type(PyObject* module) {
  collect_tables();
  std::vector<PyType_Slot> slots = {
      {Py_tp_dealloc, reinterpret_cast<void*>(Tensor_dealloc)},
      {Py_tp_traverse, reinterpret_cast<void*>(Tensor_traverse)},
      {Py_tp_clear, reinterpret_cast<void*>(Tensor_clear)},
      {Py_tp_setattro, reinterpret_cast<void*>(Tensor_setattro)},
      {Py_tp_hash, reinterpret_cast<void*>(Tensor_hash)},
      {Py_tp_new, reinterpret_cast<void*>(Tensor_new)},
      {Py_tp_members, members},
      {Py_tp_methods, method_table().data()},
      {Py_tp_getset, attribute_table().data()},
      {Py_tp_doc, const_cast<char*>("A multi-dimensional array of elements of one dtype."
                                    "\n\n>>> x = torch.tensor([[1., 2.], [3., 4.]])\n"
                                    ">>> x[0], x.size(), x.dtype\n"
                                    "(tensor([1., 2.]), torch.Size([2, 2]), torch.float32)\n"
                                    ">>> x @ x + 1\n"
                                    "tensor([[ 8., 11.],\n"
                                    "        [16., 23.]])")},
  };
  for (const PyType_Slot* table : {generated_slots, tensor_slots}) {
    for (; table->slot; ++table) slots.push_back(*table);
  }
  slots.push_back({0, nullptr});
  PyType_Spec spec = {"torch.Tensor", sizeof(TensorObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
                      slots.data()};
  TensorType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (TensorType == nullptr) return -1;
  return PyModule_AddObjectRef(module, "Tensor", reinterpret_cast<PyObject*>(TensorType));
}

}  // namespace torch::python
