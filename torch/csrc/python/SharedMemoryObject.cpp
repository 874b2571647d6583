#include "python/SharedMemoryObject.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "python/DtypeObject.h"
#include "python/GilRelease.h"
#include "python/TensorObject.h"

namespace torch::python {

namespace {

struct SharedMemoryObject {
  PyObject_HEAD char* data;  // NULL if nbytes is 0
  int64_t nbytes;
  int64_t holders;  // storages that lie here; each owns a reference to this object. Guarded by the interpreter lock
  int fd;           // owned; -1 once it is closed
};

PyTypeObject* SharedMemoryType = nullptr;

SharedMemoryObject* own(PyObject* self) {
  return reinterpret_cast<SharedMemoryObject*>(self);
}

void close_descriptor(SharedMemoryObject* self) {
  if (self->fd >= 0) close(self->fd);
  self->fd = -1;
}

// A file shorter than its mapping would be a SIGBUS at the first access.
void map(SharedMemoryObject* self, int fd, int64_t nbytes) {
  struct stat status{};
  if (nbytes < 0) fail(PyExc_ValueError, "SharedMemory(): nbytes must not be negative");
  if (fstat(fd, &status) != 0) {
    PyErr_SetFromErrno(PyExc_OSError);
    throw PythonError{};
  }
  if (status.st_size < nbytes) {
    fail(PyExc_ValueError, "SharedMemory(): the file has %lld bytes, not %lld", static_cast<long long>(status.st_size),
         static_cast<long long>(nbytes));
  }
  if (nbytes > 0) {
    void* data = mmap(nullptr, static_cast<size_t>(nbytes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED) {
      PyErr_SetFromErrno(PyExc_OSError);
      throw PythonError{};
    }
    self->data = static_cast<char*>(data);
  }
  self->nbytes = nbytes;
  self->fd = fd;  // only now: a call that fails leaves it to the caller
}

PyObject* SharedMemory_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  TORCH_PY_TRY
  static const char* names[] = {"fd", "nbytes", nullptr};
  int fd = -1;
  long long nbytes = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "iL:SharedMemory", const_cast<char**>(names), &fd, &nbytes)) return nullptr;
  PyRef self = PyRef::steal(type->tp_alloc(type, 0));
  own(self.get())->fd = -1;
  map(own(self.get()), fd, nbytes);
  return self.release();
  TORCH_PY_CATCH(nullptr)
}

void SharedMemory_dealloc(PyObject* object) {
  SharedMemoryObject* self = own(object);
  if (self->data) munmap(self->data, static_cast<size_t>(self->nbytes));
  close_descriptor(self);
  PyTypeObject* type = Py_TYPE(object);
  type->tp_free(object);
  Py_DECREF(type);
}

void drop(void* owner, void*) {
  if (!Py_IsInitialized()) return;  // at exit the interpreter may be gone before the last tensor
  const GilAcquire gil;
  auto* object = static_cast<PyObject*>(owner);
  own(object)->holders--;
  Py_DECREF(object);
}

void hold(PyObject* self) {
  own(self)->holders++;
  Py_INCREF(self);
}

PyObject* SharedMemory_tensor(PyObject* self, PyObject* dtype) {
  TORCH_PY_TRY
  if (!is_dtype(dtype)) fail(PyExc_TypeError, "tensor(): argument must be torch.dtype, not %s", Py_TYPE(dtype)->tp_name);
  const THDtype type = as_dtype(dtype);
  const int64_t numel = own(self)->nbytes / static_cast<int64_t>(THDtype_size(type));
  THStorage* storage = THStorage_newWithData(type, numel, own(self)->data, drop, self);
  if (storage == nullptr) throw_last_error();
  hold(self);
  storage->flags |= THStorage_SHARED;
  THTensor* tensor = THTensor_newWithStorage(storage, type, 0, 1, &numel, nullptr);
  THStorage_free(storage);
  return wrap(Tensor::steal(tensor));
  TORCH_PY_CATCH(nullptr)
}

PyObject* SharedMemory_close(PyObject* self, PyObject*) {
  close_descriptor(own(self));
  Py_RETURN_NONE;
}
PyObject* SharedMemory_fd(PyObject* self, void*) {
  return PyLong_FromLong(own(self)->fd);
}
PyObject* SharedMemory_nbytes(PyObject* self, void*) {
  return PyLong_FromLongLong(own(self)->nbytes);
}
PyObject* SharedMemory_holders(PyObject* self, void*) {
  return PyLong_FromLongLong(own(self)->holders);
}

PyMethodDef methods[] = {
    {"tensor", SharedMemory_tensor, METH_O, "tensor(dtype) -> Tensor of one dimension on all of this memory"},
    {"close", SharedMemory_close, METH_NOARGS, "close(): closes the descriptor; the memory stays mapped"},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef attributes[] = {
    {"fd", SharedMemory_fd, nullptr, "The descriptor of the file; -1 once it is closed.", nullptr},
    {"nbytes", SharedMemory_nbytes, nullptr, "The size in bytes.", nullptr},
    {"holders", SharedMemory_holders, nullptr, "How many storages lie here in this process.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(SharedMemory_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(SharedMemory_dealloc)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_doc, const_cast<char*>("SharedMemory(fd, nbytes): the first bytes of an open file, which it takes over.")},
    {0, nullptr},
};

PyType_Spec spec = {"torch._C.SharedMemory", sizeof(SharedMemoryObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

PyObject* shared_memory_of(const THStorage* storage) {
  return storage->drop == drop ? static_cast<PyObject*>(storage->owner) : nullptr;
}

void move_to_shared_memory(THStorage* storage, PyObject* memory) {
  if (!PyObject_TypeCheck(memory, SharedMemoryType)) {
    fail(PyExc_TypeError, "_move(): argument must be SharedMemory, not %s", Py_TYPE(memory)->tp_name);
  }
  if (own(memory)->nbytes < storage->nbytes || own(memory)->holders > 0) {
    fail(PyExc_ValueError, "_move(): the memory is too small or in use");
  }
  check(THStorage_shareIn(storage, own(memory)->data, drop, memory));
  hold(memory);
}

int init_shared_memory_type(PyObject* module) {
  SharedMemoryType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (SharedMemoryType == nullptr) return -1;
  return PyModule_AddObjectRef(module, "SharedMemory", reinterpret_cast<PyObject*>(SharedMemoryType));
}

}  // namespace torch::python
