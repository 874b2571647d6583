// Methods that ask a tensor about itself or give its values to Python.
#include <algorithm>

#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "python/ArgParser.h"
#include "python/GilRelease.h"
#include "python/NumpyBridge.h"
#include "python/SizeObject.h"
#include "python/StorageObject.h"
#include "python/TensorData.h"
#include "python/TensorType.h"

namespace torch::python {

namespace {

// size() -> torch.Size, size(dim) -> int; the same for strides.
PyObject* extent(const char* name, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, bool strides) {
  static const Parameter parameters[] = {{"self", Kind::Tensor, true}, {"dim", Kind::IntOrNone, false}};
  static const Signature signature = {"(int dim=None)", parameters, 2, 2, false};
  const Tensor& tensor = as_tensor(self);
  Arguments parsed;
  parsed.parse(name, &signature, 1, self, args, nargs, kwnames);
  const int64_t* values = strides ? tensor.get()->stride : tensor.get()->size;
  if (!parsed.given_value(1)) return strides ? new_int_tuple(tensor.ndim(), values) : new_size(tensor.ndim(), values);
  int dim = 0;
  check(THTensor_wrapDim(tensor.get(), static_cast<int>(parsed.integer(1)), name, &dim));
  if (tensor.ndim() == 0) fail(PyExc_IndexError, "dimension specified as %d but tensor has no dimensions", dim);
  return PyLong_FromLongLong(values[dim]);
}

PyObject* size(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  return extent("size", self, args, nargs, kwnames, false);
  TORCH_PY_CATCH(nullptr)
}

PyObject* stride(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  return extent("stride", self, args, nargs, kwnames, true);
  TORCH_PY_CATCH(nullptr)
}

PyObject* storage_offset(PyObject* self, PyObject*) {
  return PyLong_FromLongLong(as_tensor(self).get()->offset);
}
PyObject* dim(PyObject* self, PyObject*) {
  return PyLong_FromLong(as_tensor(self).ndim());
}
PyObject* numel(PyObject* self, PyObject*) {
  return PyLong_FromLongLong(as_tensor(self).numel());
}
PyObject* element_size(PyObject* self, PyObject*) {
  return PyLong_FromSize_t(THDtype_size(as_tensor(self).dtype()));
}
PyObject* data_ptr(PyObject* self, PyObject*) {
  return PyLong_FromVoidPtr(THTensor_dataBytes(as_tensor(self).get()));
}
PyObject* is_contiguous(PyObject* self, PyObject*) {
  return PyBool_FromLong(THTensor_isContiguous(as_tensor(self).get()));
}

PyObject* is_same_size(PyObject* self, PyObject* other) {
  TORCH_PY_TRY
  if (!is_tensor(other)) {
    fail(PyExc_TypeError, "is_same_size(): argument 'other' must be Tensor, not %s", Py_TYPE(other)->tp_name);
  }
  return PyBool_FromLong(THTensor_isSameSizeAs(as_tensor(self).get(), as_tensor(other).get()));
  TORCH_PY_CATCH(nullptr)
}

PyObject* is_set_to(PyObject* self, PyObject* other) {
  TORCH_PY_TRY
  if (!is_tensor(other))
    fail(PyExc_TypeError, "is_set_to(): argument 'tensor' must be Tensor, not %s", Py_TYPE(other)->tp_name);
  const THTensor* a = as_tensor(self).get();
  const THTensor* b = as_tensor(other).get();
  bool same = a->storage == b->storage && a->offset == b->offset && THTensor_isSameSizeAs(a, b);
  for (int d = 0; same && d < a->ndim; ++d) same = a->stride[d] == b->stride[d];
  return PyBool_FromLong(same);
  TORCH_PY_CATCH(nullptr)
}

PyObject* item(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  const Tensor& tensor = as_tensor(self);
  if (tensor.numel() != 1) fail(PyExc_ValueError, "only one element tensors can be converted to Python scalars");
  return scalar_to_python(element_of(tensor));
  TORCH_PY_CATCH(nullptr)
}

PyObject* nested_list(const THTensor* tensor, int dim, const char* data) {
  const auto dtype = static_cast<THDtype>(tensor->dtype);
  if (dim == tensor->ndim) return scalar_to_python(THScalar_load(dtype, data));
  PyRef list = PyRef::steal(PyList_New(tensor->size[dim]));
  const int64_t step = tensor->stride[dim] * static_cast<int64_t>(THDtype_size(dtype));
  for (int64_t i = 0; i < tensor->size[dim]; ++i) {
    PyObject* value = nested_list(tensor, dim + 1, data + i * step);
    if (value == nullptr) throw PythonError{};
    PyList_SET_ITEM(list.get(), i, value);
  }
  return list.release();
}

Tensor on_host(const Tensor& tensor) {
  const GilRelease gil(tensor.device() >= 0 ? kGilReleaseNumel + 1 : 0);  // a device is waited for
  return ops::to_device(tensor, backend::HOST, false);
}

PyObject* tolist(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  const Tensor host = on_host(as_tensor(self));
  const THTensor* tensor = host.get();
  return nested_list(tensor, 0, tensor->storage ? THTensor_dataBytes(tensor) : nullptr);
  TORCH_PY_CATCH(nullptr)
}

PyObject* resize_(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {{"self", Kind::Tensor, true}, {"size", Kind::IntList, true}};
  static const Signature signature = {"(tuple of ints size)", parameters, 2, 2, true};
  Arguments parsed;
  parsed.parse("resize_", &signature, 1, self, args, nargs, kwnames);
  const Tensor& tensor = as_tensor(self);
  if (autograd::requires_grad(tensor)) fail(PyExc_RuntimeError, "cannot resize variables that require grad");
  ScratchSizes scratch;
  const Sizes& sizes = parsed.sizes(1, scratch);
  check(THTensor_resize(tensor.get(), static_cast<int>(sizes.size()), sizes.data()));
  return new_reference(tensor);
  TORCH_PY_CATCH(nullptr)
}

// What set_ shall look into. Sizes that are not given are those of a source tensor, or all of a storage.
Tensor set_source(const Arguments& parsed, THDtype dtype, int device) {
  const int64_t nothing = 0;
  if (!parsed.given_value(1)) return Tensor::steal(backend::new_on(device, dtype, 1, &nothing));
  PyObject* source = parsed.object(1);
  THStorage* storage = is_tensor(source) ? as_tensor(source).get()->storage : storage_of(source);
  if (storage == nullptr) {
    fail(PyExc_TypeError, "set_(): argument 'source' must be Tensor or a storage, not %s", Py_TYPE(source)->tp_name);
  }
  const auto theirs = is_tensor(source) ? as_tensor(source).dtype() : static_cast<THDtype>(storage->dtype);
  if (theirs != dtype) {
    fail(PyExc_TypeError, "set_(): the tensor is torch.%s, the source torch.%s: dtypes must agree", THDtype_pythonName(dtype),
         THDtype_pythonName(theirs));
  }
  if (is_tensor(source) && !parsed.given_value(2) && !parsed.given_value(3)) return as_tensor(source);
  const int64_t offset = parsed.integer(2, 0);
  if (offset < 0)
    fail(PyExc_RuntimeError, "set_(): storage_offset must be 0 or more, not %lld", static_cast<long long>(offset));
  ScratchSizes sizes;
  ScratchSizes strides;
  if (parsed.given_value(3)) {
    parsed.sizes(3, sizes);
  } else {
    sizes.value.assign(1, std::max<int64_t>(THStorage_size(storage) - offset, 0));
  }
  if (parsed.given_value(4) && parsed.sizes(4, strides).size() != sizes.value.size()) {
    fail(PyExc_RuntimeError, "set_(): size has %zu dimensions and stride %zu", sizes.value.size(), strides.value.size());
  }
  return Tensor::steal(THTensor_newWithStorage(storage, dtype, offset, static_cast<int>(sizes.value.size()), sizes.value.data(),
                                               parsed.given_value(4) ? strides.value.data() : nullptr));
}

PyObject* set_(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {{"self", Kind::Tensor, true},
                                         {"source", Kind::Object, false},
                                         {"storage_offset", Kind::Int, false},
                                         {"size", Kind::IntList, false},
                                         {"stride", Kind::IntList, false}};
  static const Signature signature = {"(source=None, int storage_offset=0, tuple of ints size=None, tuple of ints stride=None)",
                                      parameters, 5, 5, false};
  Arguments parsed;
  parsed.parse("set_", &signature, 1, self, args, nargs, kwnames);
  const Tensor& tensor = as_tensor(self);
  if (autograd::requires_grad(tensor)) fail(PyExc_RuntimeError, "cannot set_ a variable that requires grad");
  const Tensor source = set_source(parsed, tensor.dtype(), static_cast<int>(tensor.device()));
  autograd::detach_(tensor);  // it is no view of its former base any more
  check(THTensor_set(tensor.get(), source.get()));
  return new_reference(tensor);
  TORCH_PY_CATCH(nullptr)
}

// An instance of `cls`, a subclass, on the tensor's memory: torch.nn.Parameter is made so.
PyObject* make_subclass(PyObject*, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {
      {"cls", Kind::Object, true}, {"data", Kind::Tensor, true}, {"requires_grad", Kind::Bool, false}};
  static const Signature signature = {"(cls, Tensor data, bool requires_grad=False)", parameters, 3, 3, false};
  Arguments parsed;
  parsed.parse("_make_subclass", &signature, 1, nullptr, args, nargs, kwnames);
  auto* type = reinterpret_cast<PyTypeObject*>(parsed.object(0));
  if (!PyType_Check(parsed.object(0)) || !PyType_IsSubtype(type, TensorType)) {
    fail(PyExc_TypeError, "_make_subclass(): argument 'cls' must be a subclass of torch.Tensor, not %R", parsed.object(0));
  }
  Tensor tensor = autograd::detach(parsed.tensor(1));
  autograd::set_requires_grad(tensor, parsed.boolean(2, false));
  return wrap_as(type, std::move(tensor));
  TORCH_PY_CATCH(nullptr)
}

PyObject* to_numpy(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  return tensor_to_numpy(as_tensor(self));
  TORCH_PY_CATCH(nullptr)
}

PyObject* to_array(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {
      {"self", Kind::Tensor, true}, {"dtype", Kind::Object, false}, {"copy", Kind::Object, false}};
  static const Signature signature = {"(dtype=None, *, copy=None)", parameters, 3, 2, false};
  Arguments parsed;
  parsed.parse("__array__", &signature, 1, self, args, nargs, kwnames);
  return tensor_to_array(as_tensor(self), parsed.object(1), parsed.object(2));
  TORCH_PY_CATCH(nullptr)
}

}  // namespace

const PyMethodDef tensor_methods[] = {
    {"size", as_method(size), METH_FASTCALL | METH_KEYWORDS,
     "size(dim=None) -> torch.Size or int: of one dimension, from -ndim to ndim - 1; others are an IndexError."
     "\n\n>>> x = torch.zeros(2, 3, 0)\n"
     ">>> x.size(), x.size(-2)\n"
     "(torch.Size([2, 3, 0]), 3)"},
    {"stride", as_method(stride), METH_FASTCALL | METH_KEYWORDS,
     "stride(dim=None) -> tuple or int, in elements"
     "\n\n>>> x = torch.zeros(2, 3)\n"
     ">>> x.stride(), x.t().stride(), x.stride(0)\n"
     "((3, 1), (1, 3), 3)"},
    {"storage_offset", storage_offset, METH_NOARGS,
     "storage_offset() -> int: the elements of the storage that are in front of the first one here."
     "\n\n>>> torch.arange(6)[2:].storage_offset()\n"
     "2"},
    {"dim", dim, METH_NOARGS,
     "dim() -> int: the number of dimensions"
     "\n\n>>> torch.zeros(2, 3).dim(), torch.tensor(5).dim()\n"
     "(2, 0)"},
    {"ndimension", dim, METH_NOARGS,
     "ndimension() -> int: the number of dimensions"
     "\n\n>>> torch.zeros(2, 3).ndimension()\n"
     "2"},
    {"numel", numel, METH_NOARGS,
     "numel() -> int: the number of elements"
     "\n\n>>> torch.zeros(2, 3).numel(), torch.tensor(5).numel(), torch.zeros(2, 0).numel()\n"
     "(6, 1, 0)"},
    {"nelement", numel, METH_NOARGS,
     "nelement() -> int: the number of elements"
     "\n\n>>> torch.zeros(2, 3).nelement()\n"
     "6"},
    {"element_size", element_size, METH_NOARGS,
     "element_size() -> int: bytes of one element"
     "\n\n>>> torch.zeros(1).element_size(), torch.zeros(1, dtype=torch.uint8).element_size()\n"
     "(4, 1)"},
    {"data_ptr", data_ptr, METH_NOARGS,
     "data_ptr() -> int: address of the first element"
     "\n\n>>> x = torch.zeros(4)\n"
     ">>> x[1:].data_ptr() - x.data_ptr()\n"
     "4"},
    {"is_contiguous", is_contiguous, METH_NOARGS,
     "is_contiguous() -> bool: row-major without gaps"
     "\n\n>>> x = torch.zeros(2, 3)\n"
     ">>> x.is_contiguous(), x.t().is_contiguous()\n"
     "(True, False)"},
    {"is_same_size", is_same_size, METH_O,
     "is_same_size(other) -> bool: whether all sizes are equal."
     "\n\n>>> torch.zeros(2).is_same_size(torch.ones(2)), torch.zeros(2).is_same_size(torch.zeros(2, 1))\n"
     "(True, False)"},
    {"is_set_to", is_set_to, METH_O,
     "is_set_to(tensor) -> bool: the same memory and geometry"
     "\n\n>>> x = torch.zeros(2, 3)\n"
     ">>> x.is_set_to(x.view(2, 3)), x.is_set_to(x.clone())\n"
     "(True, False)"},
    {"item", item, METH_NOARGS,
     "item() -> int or float: the only element. A ValueError if there are more, or none."
     "\n\n>>> torch.tensor([2.5]).item(), torch.tensor(3).item()\n"
     "(2.5, 3)\n"
     ">>> torch.tensor([1, 2]).item()\n"
     "Traceback (most recent call last):\n"
     "    ...\n"
     "ValueError: only one element tensors can be converted to Python scalars"},
    {"tolist", tolist, METH_NOARGS,
     "tolist() -> nested lists of numbers; a number for a 0-d tensor"
     "\n\n>>> torch.tensor([[1, 2], [3, 4]]).tolist(), torch.tensor(1.5).tolist()\n"
     "([[1, 2], [3, 4]], 1.5)"},
    {"resize_", as_method(resize_), METH_FASTCALL | METH_KEYWORDS,
     "resize_(*size) -> Tensor: itself.\n\nThe first elements in memory stay; further ones are undefined. An error where "
     "gradients "
     "are recorded, and where another library looks at the memory."
     "\n\n>>> torch.tensor([[1, 2], [3, 4]]).resize_(3)\n"
     "tensor([1, 2, 3])"},
    {"set_", as_method(set_), METH_FASTCALL | METH_KEYWORDS,
     "set_(source=None, storage_offset=0, size=None, stride=None) -> Tensor\n\nLooks into the memory of a tensor or storage of "
     "its dtype from now on; into none without a source."
     "\n\n>>> x = torch.arange(6)\n"
     ">>> torch.tensor([], dtype=torch.int64).set_(x.storage(), 1, (2, 2), (3, 1))\n"
     "tensor([[1, 2],\n"
     "        [4, 5]])"},
    {"_make_subclass", as_method(make_subclass), METH_FASTCALL | METH_KEYWORDS | METH_STATIC,
     "_make_subclass(cls, data, requires_grad=False) -> cls"},
    {"numpy", to_numpy, METH_NOARGS,
     "numpy() -> numpy.ndarray that shares the memory"
     "\n\n>>> x = torch.zeros(3)\n"
     ">>> array = x.numpy()\n"
     ">>> array[1] = 5\n"
     ">>> x\n"
     "tensor([0., 5., 0.])"},
    {"__array__", as_method(to_array), METH_FASTCALL | METH_KEYWORDS, "__array__(dtype=None, *, copy=None) -> numpy.ndarray"},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace torch::python
