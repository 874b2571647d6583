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

int Buffer_get(PyObject* object, Py_buffer* view, int) {
  auto* self = reinterpret_cast<BufferObject*>(object);
  const THTensor* tensor = self->tensor.get();
  const auto dtype = static_cast<THDtype>(tensor->dtype);
  static char nothing;
  view->obj = object;
  Py_INCREF(object);
  view->buf = tensor->numel > 0 ? THTensor_dataBytes(tensor) : &nothing;
  view->itemsize = static_cast<Py_ssize_t>(THDtype_size(dtype));
  view->len = tensor->numel * view->itemsize;
  view->readonly = 0;
  view->format = const_cast<char*>(kFormats[dtype]);
  view->ndim = tensor->ndim;
  view->shape = self->shape;
  view->strides = self->strides;
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
         "some of the strides of the array are negative or no multiple of its element size, which a tensor cannot have; "
         "copy it first: array.copy()");
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

PyObject* from_numpy(PyObject*, PyObject* array) {
  TORCH_PY_TRY
  return wrap(tensor_from_numpy(array));
  TORCH_PY_CATCH(nullptr)
}

}  // namespace

const PyMethodDef numpy_functions[] = {
    {"from_numpy", from_numpy, METH_O, "from_numpy(ndarray) -> Tensor that shares the memory"},
    {nullptr, nullptr, 0, nullptr},
};

PyObject* tensor_to_numpy(const Tensor& tensor) {
  if (autograd::requires_grad(tensor)) {
    fail(PyExc_RuntimeError, "Can't call numpy() on Variable that requires grad. Use var.detach().numpy() instead.");
  }
  const PyRef numpy = import_numpy();
  const PyRef buffer = PyRef::steal(BufferType->tp_alloc(BufferType, 0));
  auto* self = reinterpret_cast<BufferObject*>(buffer.get());
  // A handle of its own: later changes of the tensor's shape do not reach the array. The memory must not move any more.
  new (&self->tensor) Tensor(autograd::detach(tensor));
  self->tensor.get()->storage->flags &= static_cast<uint8_t>(~THStorage_RESIZABLE);
  const auto itemsize = static_cast<Py_ssize_t>(THDtype_size(tensor.dtype()));
  for (int d = 0; d < tensor.ndim(); ++d) {
    self->shape[d] = tensor.size(d);
    self->strides[d] = tensor.get()->stride[d] * itemsize;
  }
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
