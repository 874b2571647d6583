#include "python/NumpyBridge.h"

#include <array>
#include <cstring>

#include "autograd/Variable.h"
#include "python/DtypeObject.h"
#include "python/GilRelease.h"

namespace torch::python {

namespace {

// One struct-module character for each dtype, in native byte order.
constexpr const char* kFormats[THDtype_Count] = {"B", "b", "h", "i", "l", "e", "f", "d"};

THDtype dtype_of_format(const Py_buffer& view) {
  const char* format = view.format ? view.format : "B";
  if (*format == '@' || *format == '=' || *format == '<') ++format;  // x86-64 and aarch64 are little-endian
  if (std::strlen(format) != 1) return THDtype_None;
  if (std::strcmp(format, "?") == 0) return THDtype_Byte;
  if (std::strcmp(format, "q") == 0) return THDtype_Long;
  for (int d = 0; d < THDtype_Count; ++d) {
    const auto dtype = static_cast<THDtype>(d);
    if (*format == *kFormats[d] && view.itemsize == static_cast<Py_ssize_t>(THDtype_size(dtype))) return dtype;
  }
  return THDtype_None;
}

// Exports a tensor's memory; keeps the tensor alive while an array looks into it.
struct BufferObject {
  PyObject_HEAD Tensor tensor;
  Py_ssize_t shape[TH_MAX_DIMS];
  Py_ssize_t strides[TH_MAX_DIMS];
};

PyTypeObject* BufferType = nullptr;

int Buffer_get(PyObject* object, Py_buffer* view, int flags) {
  auto* self = reinterpret_cast<BufferObject*>(object);
  const THTensor* tensor = self->tensor.get();
  const auto dtype = static_cast<THDtype>(tensor->dtype);
  static char nothing;
  const bool strided = (flags & PyBUF_STRIDES) == PyBUF_STRIDES;
  const bool c_order = !strided || (flags & PyBUF_C_CONTIGUOUS) == PyBUF_C_CONTIGUOUS;
  view->obj = nullptr;
  if (self->tensor.device() >= 0) {
    PyErr_SetString(PyExc_BufferError, "the tensor is on a CUDA device: use x.cpu() to copy it to host memory first");
    return -1;
  }
  if (c_order && !THTensor_isContiguous(tensor)) {
    PyErr_SetString(PyExc_BufferError, "the tensor is not contiguous: take x.contiguous()");
    return -1;
  }
  view->obj = object;
  Py_INCREF(object);
  view->buf = tensor->numel > 0 ? THTensor_dataBytes(tensor) : &nothing;
  view->itemsize = static_cast<Py_ssize_t>(THDtype_size(dtype));
  view->len = tensor->numel * view->itemsize;
  view->readonly = 0;
  view->format = flags & PyBUF_FORMAT ? const_cast<char*>(kFormats[dtype]) : nullptr;
  view->ndim = flags & PyBUF_ND ? tensor->ndim : 1;  // without a shape the memory is one run of bytes
  view->shape = flags & PyBUF_ND ? self->shape : nullptr;
  view->strides = strided ? self->strides : nullptr;
  view->suboffsets = nullptr;
  view->internal = nullptr;
  return 0;
}

void Buffer_dealloc(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  reinterpret_cast<BufferObject*>(object)->tensor.~Tensor();
  type->tp_free(object);
  Py_DECREF(type);
}

PyType_Slot slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(Buffer_dealloc)},
    {Py_bf_getbuffer, reinterpret_cast<void*>(Buffer_get)},
    {0, nullptr},
};

PyType_Spec spec = {"torch._C.TensorBuffer", sizeof(BufferObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                    slots};

PyRef new_buffer(const Tensor& tensor) {
  PyRef buffer = PyRef::steal(BufferType->tp_alloc(BufferType, 0));
  auto* self = reinterpret_cast<BufferObject*>(buffer.get());
  // A handle of its own: later changes of the tensor's shape do not reach the reader. The memory must not move any more.
  new (&self->tensor) Tensor(autograd::detach(tensor));
  self->tensor.get()->storage->flags |= THStorage_FIXED;
  const auto itemsize = static_cast<Py_ssize_t>(THDtype_size(tensor.dtype()));
  for (int d = 0; d < tensor.ndim(); ++d) {
    self->shape[d] = tensor.size(d);
    self->strides[d] = tensor.get()->stride[d] * itemsize;
  }
  return buffer;
}

PyRef import_numpy() {
  PyObject* numpy = PyImport_ImportModule("numpy");
  if (numpy == nullptr && PyErr_ExceptionMatches(PyExc_ImportError)) {
    PyErr_Clear();
    fail(PyExc_RuntimeError, "this needs NumPy, which is not installed here: python -m pip install numpy");
  }
  return PyRef::steal(numpy);
}

// What the tensor's storage keeps of somebody else's memory.
void drop_buffer(void* owner, void*) {
  auto* view = static_cast<Py_buffer*>(owner);
  if (Py_IsInitialized()) {  // at exit the interpreter may be gone before the last tensor
    const GilAcquire gil;
    PyBuffer_Release(view);
  }
  delete view;
}

// Geometry of a buffer in elements. False if it is not one that a tensor can have.
bool element_strides(const Py_buffer& view, std::array<int64_t, TH_MAX_DIMS>* strides, int64_t* extent) {
  *extent = 1;
  if (reinterpret_cast<uintptr_t>(view.buf) % static_cast<uintptr_t>(view.itemsize) != 0) return false;
  for (int d = 0; d < view.ndim; ++d) {
    if (view.strides[d] < 0 || view.strides[d] % view.itemsize != 0) return false;
    (*strides)[d] = view.strides[d] / view.itemsize;
    *extent += (view.shape[d] - 1) * (*strides)[d];
    if (view.shape[d] == 0) {
      *extent = 0;
      return true;
    }
  }
  return true;
}

// Takes over `view`.
Tensor adopt(Py_buffer* view, THDtype dtype) {
  std::array<int64_t, TH_MAX_DIMS> strides{};
  std::array<int64_t, TH_MAX_DIMS> size{};
  int64_t extent = 0;
  if (view->ndim > TH_MAX_DIMS || !element_strides(*view, &strides, &extent)) {
    drop_buffer(view, nullptr);
    fail(PyExc_ValueError,
         "some of the strides of the array are negative or no multiple of its element size, or its elements are not aligned, "
         "which a tensor cannot have; copy it first: array.copy()");
  }
  for (int d = 0; d < view->ndim; ++d) size[d] = view->shape[d];
  const bool empty = extent == 0;
  THStorage* storage = THStorage_newWithData(dtype, extent, view->buf, drop_buffer, view);
  if (storage == nullptr) {
    drop_buffer(view, nullptr);
    throw_last_error();
  }
  THTensor* tensor = THTensor_newWithStorage(storage, dtype, 0, view->ndim, size.data(), empty ? nullptr : strides.data());
  THStorage_free(storage);
  return Tensor::steal(tensor);
}

// A tensor on the memory of anything with the buffer protocol.
PyObject* from_buffer(PyObject*, PyObject* object) {
  TORCH_PY_TRY
  Tensor tensor = tensor_from_buffer(object);
  if (!tensor) fail(PyExc_TypeError, "_from_buffer(): %s gives no elements of a known dtype", Py_TYPE(object)->tp_name);
  return wrap(std::move(tensor));
  TORCH_PY_CATCH(nullptr)
}

PyObject* from_numpy(PyObject*, PyObject* array) {
  TORCH_PY_TRY
  return wrap(tensor_from_numpy(array));
  TORCH_PY_CATCH(nullptr)
}

}  // namespace

const PyMethodDef numpy_functions[] = {
    {"from_numpy", from_numpy, METH_O,
     "from_numpy(ndarray) -> Tensor that shares the memory"
     "\n\n>>> import numpy\n"
     ">>> array = numpy.array([1, 2, 3])\n"
     ">>> x = torch.from_numpy(array)\n"
     ">>> x[0] = 7\n"
     ">>> array\n"
     "array([7, 2, 3])"},
    {nullptr, nullptr, 0, nullptr},
};

const PyMethodDef buffer_functions[] = {
    {"_from_buffer", from_buffer, METH_O, "_from_buffer(object) -> Tensor on the memory of a buffer"},
    {nullptr, nullptr, 0, nullptr},
};

PyObject* with_arrays(PyObject* left, PyObject* right, PyObject* (*slot)(PyObject* left, PyObject* right)) {
  PyObject* operands[2] = {left, right};
  for (PyObject*& operand : operands) {
    if (std::strcmp(Py_TYPE(operand)->tp_name, "numpy.ndarray") != 0) continue;
    const PyRef tensor = PyRef::steal(wrap(tensor_from_numpy(operand)));
    operand = tensor.get();
    return slot(operands[0], operands[1]);
  }
  Py_RETURN_NOTIMPLEMENTED;
}

int tensor_get_buffer(PyObject* self, Py_buffer* view, int flags) {
  TORCH_PY_TRY
  view->obj = nullptr;
  if (autograd::requires_grad(as_tensor(self))) {
    fail(PyExc_BufferError, "the memory of a tensor that requires grad is not given away: take x.detach()");
  }
  const PyRef buffer = new_buffer(as_tensor(self));
  return Buffer_get(buffer.get(), view, flags);
  TORCH_PY_CATCH(-1)
}

PyObject* tensor_to_numpy(const Tensor& tensor) {
  if (autograd::requires_grad(tensor)) {
    fail(PyExc_RuntimeError, "Can't call numpy() on Variable that requires grad. Use var.detach().numpy() instead.");
  }
  if (tensor.device() >= 0) {
    fail(PyExc_TypeError, "can't convert a CUDA tensor to numpy: use x.cpu() to copy it to host memory first");
  }
  const PyRef numpy = import_numpy();
  const PyRef buffer = new_buffer(tensor);
  return PyObject_CallMethod(numpy.get(), "asarray", "O", buffer.get());
}

PyObject* tensor_to_array(const Tensor& tensor, PyObject* dtype, PyObject* copy) {
  PyRef array = PyRef::steal(tensor_to_numpy(tensor));
  if (dtype && dtype != Py_None) {
    const PyRef current = PyRef::steal(PyObject_GetAttrString(array.get(), "dtype"));
    const int same = PyObject_RichCompareBool(current.get(), dtype, Py_EQ);
    check_python(same);
    if (!same && copy == Py_False) {
      fail(PyExc_ValueError, "__array__(): a conversion to %R needs a copy, which copy=False forbids", dtype);
    }
    if (!same) return PyObject_CallMethod(array.get(), "astype", "O", dtype);
  }
  if (copy == Py_True) return PyObject_CallMethod(array.get(), "copy", nullptr);
  return array.release();
}

Tensor tensor_from_numpy(PyObject* array) {
  const PyRef numpy = import_numpy();
  const PyRef ndarray = PyRef::steal(PyObject_GetAttrString(numpy.get(), "ndarray"));
  const int is_array = PyObject_IsInstance(array, ndarray.get());
  check_python(is_array);
  if (!is_array) fail(PyExc_TypeError, "expected np.ndarray (got %s)", Py_TYPE(array)->tp_name);
  const PyRef dtype = PyRef::steal(PyObject_GetAttrString(array, "dtype"));
  auto* view = new Py_buffer;
  if (PyObject_GetBuffer(array, view, PyBUF_STRIDED_RO | PyBUF_FORMAT) < 0) {
    delete view;
    PyErr_Clear();
    fail(PyExc_TypeError,
         "can't convert np.ndarray of type %S. The supported types are: double, float, float16, int64, int32, "
         "int16, int8, and uint8.",
         dtype.get());
  }
  const bool boolean = view->format && std::strcmp(view->format, "?") == 0;
  const THDtype converted = boolean ? THDtype_None : dtype_of_format(*view);
  if (converted == THDtype_None) {
    drop_buffer(view, nullptr);
    fail(PyExc_TypeError,
         "can't convert np.ndarray of type %S. The supported types are: double, float, float16, int64, int32, "
         "int16, int8, and uint8.",
         dtype.get());
  }
  if (view->readonly) {
    const int raised =
        PyErr_WarnEx(PyExc_UserWarning,
                     "from_numpy(): the array is not writable, but a tensor always is; writing through it changes "
                     "memory that NumPy protects. Copy it first: array.copy()",
                     1);
    if (raised < 0) drop_buffer(view, nullptr);
    check_python(raised);
  }
  return adopt(view, converted);
}

Tensor tensor_from_buffer(PyObject* object) {
  if (!PyObject_CheckBuffer(object) || PyBytes_Check(object) || PyByteArray_Check(object)) return Tensor();
  auto* view = new Py_buffer;
  if (PyObject_GetBuffer(object, view, PyBUF_STRIDED_RO | PyBUF_FORMAT) < 0) {
    delete view;
    PyErr_Clear();
    return Tensor();
  }
  std::array<int64_t, TH_MAX_DIMS> strides{};
  int64_t extent = 0;
  const THDtype dtype = dtype_of_format(*view);
  if (dtype == THDtype_None || view->ndim > TH_MAX_DIMS || !element_strides(*view, &strides, &extent)) {
    drop_buffer(view, nullptr);
    return Tensor();
  }
  return adopt(view, dtype);
}

int init_numpy_bridge(PyObject*) {
  BufferType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return BufferType ? 0 : -1;
}

}  // namespace torch::python
