#include "python/TensorData.h"

#include <algorithm>
#include <cmath>

#include "generated/Ops.h"
#include "ops/Defaults.h"
#include "python/FactoryOptions.h"
#include "python/GilRelease.h"
#include "python/NumpyBridge.h"

namespace torch::python {

namespace {

bool is_sequence(PyObject* object) {
  if (is_tensor(object)) return as_tensor(object).ndim() > 0;
  if (PyList_Check(object) || PyTuple_Check(object)) return true;
  Scalar ignored;
  return PySequence_Check(object) && !PyUnicode_Check(object) && !PyBytes_Check(object) && !number_to_scalar(object, &ignored);
}

PyRef items_of(PyObject* sequence) {
  return PyRef::steal(PySequence_Fast(sequence, "data must be a sequence"));
}

// A nested sequence: its sizes follow from the first item of each level.
Sizes sizes_of(PyObject* data) {
  Sizes sizes;
  PyRef level = PyRef::borrow(data);
  while (is_sequence(level.get())) {
    const PyRef items = items_of(level.get());
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(items.get());
    sizes.push_back(n);
    if (sizes.size() > TH_MAX_DIMS) fail(PyExc_ValueError, "too many dimensions: data is nested deeper than %d", TH_MAX_DIMS);
    if (n == 0) break;
    level = PyRef::borrow(PySequence_Fast_GET_ITEM(items.get(), 0));
  }
  return sizes;
}

[[noreturn]] void fail_value(PyObject* object) {
  fail(PyExc_TypeError, "tensor(): invalid data type '%s'; expected numbers, sequences of numbers, or an array",
       Py_TYPE(object)->tp_name);
}

// Bools count less than integers, integers less than floats. NumPy's scalars and tensors bring no dtype of their own.
THDtype dtype_of_number(PyObject* object) {
  if (PyBool_Check(object)) return THDtype_Byte;
  if (is_tensor(object)) return as_tensor(object).dtype();
  Scalar scalar;
  if (!number_to_scalar(object, &scalar)) fail_value(object);
  return scalar.is_float ? ops::default_dtype() : THDtype_Long;
}

THDtype widest(THDtype a, THDtype b) {
  if (a == THDtype_None || b == THDtype_None) return a == THDtype_None ? b : a;
  return std::max(a, b);  // the enum goes from Byte to Double
}

THDtype dtype_of(PyObject* data) {
  if (!is_sequence(data)) return dtype_of_number(data);
  if (is_tensor(data)) return as_tensor(data).dtype();
  const PyRef items = items_of(data);
  THDtype dtype = THDtype_None;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items.get()); ++i) {
    dtype = widest(dtype, dtype_of(PySequence_Fast_GET_ITEM(items.get(), i)));
  }
  return dtype;
}

// A float for an integer dtype: without its fraction.
Scalar truncated(PyObject* object, const Scalar& scalar) {
  const double whole = std::trunc(scalar.value.d);
  if (!(whole >= -0x1p63 && whole < 0x1p63)) fail(PyExc_ValueError, "[tensor] data, %S: does not fit into an integer", object);
  return THScalar_fromLong(static_cast<int64_t>(whole));
}

// Writes nested sequences in row-major order.
class Writer {
 public:
  Writer(const Sizes& sizes, const Tensor& tensor)
      : sizes_(sizes),
        dtype_(tensor.dtype()),
        step_(THDtype_size(dtype_)),
        next_(tensor.numel() > 0 ? THTensor_dataBytes(tensor.get()) : nullptr) {}

  void write(PyObject* data, size_t dim) {
    if (dim == sizes_.size()) return write_number(data);
    if (!is_sequence(data)) {
      fail(PyExc_ValueError, "expected sequence of length %lld at dim %zu (got a number)", static_cast<long long>(sizes_[dim]),
           dim);
    }
    const PyRef items = items_of(data);
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(items.get());
    if (n != sizes_[dim]) {
      fail(PyExc_ValueError, "expected sequence of length %lld at dim %zu (got %zd)", static_cast<long long>(sizes_[dim]), dim,
           n);
    }
    for (Py_ssize_t i = 0; i < n; ++i) {
      // A list may change while an item's __float__ runs.
      if (PySequence_Fast_GET_SIZE(items.get()) != n) fail(PyExc_ValueError, "the data changed while it was read");
      const PyRef item = PyRef::borrow(PySequence_Fast_GET_ITEM(items.get(), i));
      write(item.get(), dim + 1);
    }
  }

 private:
  void write_number(PyObject* object) {
    Scalar scalar;
    if (is_tensor(object) && as_tensor(object).numel() == 1) {
      scalar = to_scalar(object, "data");
    } else if (is_sequence(object)) {
      fail(PyExc_ValueError, "expected a number at dim %zu (got a %s)", sizes_.size(), Py_TYPE(object)->tp_name);
    } else if (!number_to_scalar(object, &scalar)) {
      fail_value(object);
    }
    // Floats are truncated where the caller asked for an integer dtype; what does not fit then is an error.
    if (scalar.is_float && !THDtype_isFloating(dtype_)) scalar = truncated(object, scalar);
    if (!scalar.is_float) check(THScalar_check(scalar, dtype_, "tensor", "data"));
    THScalar_store(scalar, dtype_, next_);
    next_ += step_;
  }

  const Sizes& sizes_;
  THDtype dtype_;
  size_t step_;
  char* next_;
};

PyObject* make(const char* name, const Arguments& parsed, int first, THDtype absent) {
  const THDtype dtype = parsed.dtype(first);
  // new_tensor stays where its tensor is, the copy of a tensor where that is; the rest goes to the default device.
  const Tensor* const like = first > 1                     ? &parsed.tensor(0)
                             : is_tensor(parsed.object(0)) ? &as_tensor(parsed.object(0))
                                                           : nullptr;
  const int asked = factory_device(nullptr, parsed.object(first + 1), like);
  Tensor tensor = tensor_from_data(parsed.object(first - 1), dtype == THDtype_None ? absent : dtype);
  if (asked != tensor.device()) tensor = ops::to_device(tensor, asked, false);
  if (parsed.boolean(first + 2, false) && !THDtype_isFloating(tensor.dtype())) {
    fail(PyExc_RuntimeError,
         "%s(): Only Tensors of floating point dtype can require gradients, but this one is torch.%s; give "
         "dtype=torch.float32",
         name, THDtype_pythonName(tensor.dtype()));
  }
  require_grad_if(tensor, parsed.boolean(first + 2, false));
  return wrap(std::move(tensor));
}

PyObject* tensor(PyObject*, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {{"data", Kind::Object, true},
                                         {"dtype", Kind::Dtype, false},
                                         {"device", Kind::Device, false},
                                         {"requires_grad", Kind::Bool, false}};
  static const Signature signature = {"(data, *, dtype=None, device=None, requires_grad=False)", parameters, 4, 1, false};
  Arguments parsed;
  parsed.parse("tensor", &signature, 1, nullptr, args, nargs, kwnames);
  return make("tensor", parsed, 1, THDtype_None);
  TORCH_PY_CATCH(nullptr)
}

PyObject* new_tensor(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {{"self", Kind::Tensor, true},
                                         {"data", Kind::Object, true},
                                         {"dtype", Kind::Dtype, false},
                                         {"device", Kind::Device, false},
                                         {"requires_grad", Kind::Bool, false}};
  static const Signature signature = {"(data, *, dtype=None, device=None, requires_grad=False)", parameters, 5, 2, false};
  Arguments parsed;
  parsed.parse("new_tensor", &signature, 1, self, args, nargs, kwnames);
  return make("new_tensor", parsed, 2, as_tensor(self).dtype());
  TORCH_PY_CATCH(nullptr)
}

}  // namespace

const PyMethodDef data_functions[] = {
    {"tensor", as_method(tensor), METH_FASTCALL | METH_KEYWORDS,
     "tensor(data, *, dtype=None, device=None, requires_grad=False) -> Tensor\n\nA copy of numbers, nested sequences or an "
     "array."
     "\n\n>>> torch.tensor([[1, 2], [3, 4]])\n"
     "tensor([[1, 2],\n"
     "        [3, 4]])\n"
     ">>> torch.tensor(3.14), torch.tensor([]), torch.tensor([1, 0], dtype=torch.uint8)\n"
     "(tensor(3.1400), tensor([]), tensor([1, 0], dtype=torch.uint8))"},
    {nullptr, nullptr, 0, nullptr},
};

const PyMethodDef tensor_data_methods[] = {
    {"new_tensor", as_method(new_tensor), METH_FASTCALL | METH_KEYWORDS,
     "new_tensor(data, *, dtype=None, device=None, requires_grad=False) -> Tensor"
     "\n\n>>> torch.zeros(1, dtype=torch.int8).new_tensor([[1, 2], [3, 4]])\n"
     "tensor([[1, 2],\n"
     "        [3, 4]], dtype=torch.int8)"},
    {nullptr, nullptr, 0, nullptr},
};

Scalar element_of(const Tensor& tensor) {
  Scalar scalar;
  THStatus status;
  {
    const GilRelease gil(tensor.device() >= 0 ? kGilReleaseNumel + 1 : 0);
    status = THTensor_item(tensor.get(), &scalar);
  }
  check(status);
  return scalar;
}

Tensor tensor_from_data(PyObject* data, THDtype dtype) {
  const Tensor source = is_tensor(data) ? as_tensor(data) : tensor_from_buffer(data);
  if (source) return Tensor::steal(THTensor_newConvert(source.get(), dtype == THDtype_None ? source.dtype() : dtype));
  const Sizes sizes = sizes_of(data);
  if (dtype == THDtype_None) dtype = dtype_of(data);
  if (dtype == THDtype_None) dtype = ops::default_dtype();  // no numbers at all
  Tensor result = Tensor::steal(THTensor_newWithSize(dtype, static_cast<int>(sizes.size()), sizes.data()));
  Writer(sizes, result).write(data, 0);
  return result;
}

}  // namespace torch::python
