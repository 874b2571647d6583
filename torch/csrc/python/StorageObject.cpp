#include "python/StorageObject.h"

#include "python/ArgParser.h"
#include "python/DtypeObject.h"
#include "python/SharedMemoryObject.h"

namespace torch::python {

namespace {

struct StorageObject {
  PyObject_HEAD THStorage* storage;  // owned
};

PyTypeObject* StorageType = nullptr;

THStorage* own(PyObject* self) {
  return reinterpret_cast<StorageObject*>(self)->storage;
}

// An object of `type` for `storage`, whose reference it takes over; NULL throws that function's failure.
PyObject* new_storage(PyTypeObject* type, THStorage* storage) {
  if (storage == nullptr) throw_last_error();
  PyObject* self = type->tp_alloc(type, 0);
  if (self == nullptr) {
    THStorage_free(storage);
    throw PythonError{};
  }
  reinterpret_cast<StorageObject*>(self)->storage = storage;
  return self;
}

void Storage_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  THStorage_free(own(self));
  type->tp_free(self);
  Py_DECREF(type);
}

// Class method: an object of this class for the memory that a tensor looks into.
PyObject* Storage_of(PyObject* type, PyObject* tensor) {
  TORCH_PY_TRY
  if (!is_tensor(tensor)) fail(PyExc_TypeError, "_of(): argument must be Tensor, not %s", Py_TYPE(tensor)->tp_name);
  THStorage* storage = as_tensor(tensor).get()->storage;
  THStorage_retain(storage);
  return new_storage(reinterpret_cast<PyTypeObject*>(type), storage);
  TORCH_PY_CATCH(nullptr)
}

// All elements as a tensor on the same memory.
PyObject* Storage_tensor(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  THStorage* storage = own(self);
  const int64_t numel = THStorage_size(storage);
  return wrap(Tensor::steal(THTensor_newWithStorage(storage, static_cast<THDtype>(storage->dtype), 0, 1, &numel, nullptr)));
  TORCH_PY_CATCH(nullptr)
}

void drop_base(void* owner, void*) {
  THStorage_free(static_cast<THStorage*>(owner));
}

// The elements from start to stop as a storage of their own on the same memory.
PyObject* Storage_slice(PyObject* self, PyObject* args) {
  TORCH_PY_TRY
  Py_ssize_t start = 0;
  Py_ssize_t stop = 0;
  if (!PyArg_ParseTuple(args, "nn:_slice", &start, &stop)) return nullptr;
  THStorage* base = own(self);
  if (start < 0 || stop < start || stop > THStorage_size(base)) fail(PyExc_IndexError, "_slice(): out of range");
  if (base->device >= 0) fail(PyExc_RuntimeError, "a storage of a CUDA device has no slices: take storage.cpu()");
  const auto dtype = static_cast<THDtype>(base->dtype);
  char* data = stop > start ? base->data + start * static_cast<int64_t>(THDtype_size(dtype)) : nullptr;
  THStorage* part = THStorage_newWithData(dtype, stop - start, data, drop_base, base);
  if (part == nullptr) throw_last_error();
  THStorage_retain(base);
  base->flags |= THStorage_FIXED;
  part->flags |= THStorage_FIXED | (base->flags & THStorage_SHARED);
  return new_storage(Py_TYPE(self), part);
  TORCH_PY_CATCH(nullptr)
}

PyObject* Storage_resize(PyObject* self, PyObject* argument) {
  TORCH_PY_TRY
  THStorage* storage = own(self);
  const int64_t numel = to_int64(argument);
  if (numel < THStorage_size(storage) && __atomic_load_n(&storage->refcount, __ATOMIC_ACQUIRE) > 1) {
    fail(PyExc_RuntimeError,
         "resize_(): a tensor or another storage object looks into this storage, which can therefore only grow; make a new "
         "one: storage[:%lld].clone()",
         static_cast<long long>(numel));
  }
  check(THStorage_resize(storage, numel));
  Py_INCREF(self);
  return self;
  TORCH_PY_CATCH(nullptr)
}

// Moves the elements into a SharedMemory object of at least their size, which then lives as long as the storage.
PyObject* Storage_move(PyObject* self, PyObject* memory) {
  TORCH_PY_TRY
  move_to_shared_memory(own(self), memory);
  Py_RETURN_NONE;
  TORCH_PY_CATCH(nullptr)
}

PyObject* Storage_shared_memory(PyObject* self, PyObject*) {
  PyObject* memory = shared_memory_of(own(self));
  return Py_NewRef(memory ? memory : Py_None);
}

PyObject* Storage_size(PyObject* self, PyObject*) {
  return PyLong_FromLongLong(THStorage_size(own(self)));
}
PyObject* Storage_data_ptr(PyObject* self, PyObject*) {
  return PyLong_FromVoidPtr(own(self)->data);
}
PyObject* Storage_is_shared(PyObject* self, PyObject*) {
  return PyBool_FromLong(own(self)->flags & THStorage_SHARED);
}
Py_ssize_t Storage_length(PyObject* self) {
  return THStorage_size(own(self));
}
PyObject* Storage_cdata(PyObject* self, void*) {
  return PyLong_FromVoidPtr(own(self));
}
PyObject* Storage_dtype(PyObject* self, void*) {
  PyObject* dtype = dtype_object(static_cast<THDtype>(own(self)->dtype));
  Py_INCREF(dtype);
  return dtype;
}

PyMethodDef methods[] = {
    {"_of", Storage_of, METH_O | METH_CLASS, "_of(tensor): the storage that a tensor looks into"},
    {"_tensor", Storage_tensor, METH_NOARGS, "_tensor() -> Tensor: all elements, on the same memory"},
    {"_slice", Storage_slice, METH_VARARGS, "_slice(start, stop) -> storage on the same memory"},
    {"resize_", Storage_resize, METH_O,
     "resize_(size): keeps the first elements; where tensors look into it, it only grows"
     "\n\n>>> torch.FloatStorage([1, 2]).resize_(1).tolist()\n"
     "[1.0]"},
    {"_move", Storage_move, METH_O, "_move(SharedMemory): moves the elements there"},
    {"_shared_memory", Storage_shared_memory, METH_NOARGS, "_shared_memory() -> SharedMemory that holds the elements, or None"},
    {"is_shared", Storage_is_shared, METH_NOARGS,
     "is_shared() -> bool: whether other processes can see writes"
     "\n\n>>> torch.FloatStorage([1, 2]).is_shared()\n"
     "False"},
    {"size", Storage_size, METH_NOARGS,
     "size() -> int: the number of elements"
     "\n\n>>> torch.FloatStorage([1, 2]).size()\n"
     "2"},
    {"data_ptr", Storage_data_ptr, METH_NOARGS,
     "data_ptr() -> int: address of the first element"
     "\n\n>>> x = torch.zeros(4)\n"
     ">>> x[1:].data_ptr() - x.storage().data_ptr()\n"
     "4"},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef attributes[] = {
    {"dtype", Storage_dtype, nullptr,
     "torch.dtype of the elements."
     "\n\n>>> torch.FloatStorage([1, 2]).dtype\n"
     "torch.float32",
     nullptr},
    {"_cdata", Storage_cdata, nullptr, "Equal for two objects of the same memory.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(Storage_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_sq_length, reinterpret_cast<void*>(Storage_length)},
    {Py_tp_doc, const_cast<char*>("The memory behind tensors: a run of elements of one dtype."
                                  "\n\n>>> torch.zeros(2, 3).storage().size()\n"
                                  "6")},
    {0, nullptr},
};

PyType_Spec spec = {"torch._C.StorageBase", sizeof(StorageObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};

}  // namespace

THStorage* storage_of(PyObject* object) {
  return PyObject_TypeCheck(object, StorageType) ? own(object) : nullptr;
}

int init_storage_type(PyObject* module) {
  StorageType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (StorageType == nullptr) return -1;
  return PyModule_AddObjectRef(module, "StorageBase", reinterpret_cast<PyObject*>(StorageType));
}

}  // namespace torch::python
