// Changing dtype or device: x.to(...), x.type(...), x.float() and its like.
#include <optional>

#include "generated/Ops.h"
#include "python/ArgParser.h"
#include "python/DeviceObject.h"
#include "python/DtypeObject.h"
#include "python/GilRelease.h"
#include "python/TensorType.h"

namespace torch::python {

namespace {

// The object itself if nothing changes and no copy was asked for.
PyObject* converted(PyObject* self, THDtype dtype, bool copy) {
  const Tensor& tensor = as_tensor(self);
  if ((dtype == THDtype_None || dtype == tensor.dtype()) && !copy) {
    Py_INCREF(self);
    return self;
  }
  return wrap([&] {
    const GilRelease gil(tensor.numel());
    return ops::convert(tensor, dtype == THDtype_None ? tensor.dtype() : dtype);
  }());
}

template <THDtype dtype>
PyObject* to_dtype(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  return converted(self, dtype, false);
  TORCH_PY_CATCH(nullptr)
}

PyObject* cpu(PyObject* self, PyObject*) {
  Py_INCREF(self);
  return self;
}

PyObject* cuda(PyObject*, PyObject* const*, Py_ssize_t, PyObject*) {
  PyErr_SetString(PyExc_RuntimeError,
                  "cuda(): this build of torch has no CUDA; ask torch.cuda.is_available() first, or use x.to(device) with "
                  "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')");
  return nullptr;
}

PyObject* to(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter by_dtype[] = {{"self", Kind::Tensor, true},
                                       {"dtype", Kind::Dtype, true},
                                       {"non_blocking", Kind::Bool, false},
                                       {"copy", Kind::Bool, false}};
  static const Parameter by_device[] = {{"self", Kind::Tensor, true},
                                        {"device", Kind::Device, false},
                                        {"dtype", Kind::Dtype, false},
                                        {"non_blocking", Kind::Bool, false},
                                        {"copy", Kind::Bool, false}};
  static const Parameter by_tensor[] = {{"self", Kind::Tensor, true},
                                        {"other", Kind::Tensor, true},
                                        {"non_blocking", Kind::Bool, false},
                                        {"copy", Kind::Bool, false}};
  static const Signature signatures[] = {
      {"(torch.dtype dtype, bool non_blocking=False, bool copy=False)", by_dtype, 4, 4, false},
      {"(torch.device device=None, torch.dtype dtype=None, bool non_blocking=False, bool copy=False)", by_device, 5, 5, false},
      {"(Tensor other, bool non_blocking=False, bool copy=False)", by_tensor, 4, 4, false}};
  Arguments parsed;
  switch (parsed.parse("to", signatures, 3, self, args, nargs, kwnames)) {
    case 0:
      return converted(self, parsed.dtype(1), parsed.boolean(3, false));
    case 1:
      require_usable_device(parsed.object(1));
      return converted(self, parsed.dtype(2), parsed.boolean(4, false));
    default:
      return converted(self, parsed.tensor(1).dtype(), parsed.boolean(3, false));
  }
  TORCH_PY_CATCH(nullptr)
}

// A dtype, "torch.FloatTensor", or a class like torch.FloatTensor (anything with a dtype).
THDtype dtype_named_by(PyObject* object) {
  if (is_dtype(object)) return as_dtype(object);
  if (PyUnicode_Check(object)) {
    const char* name = PyUnicode_AsUTF8(object);
    const THDtype dtype = name ? dtype_of_legacy_name(name) : THDtype_None;
    if (dtype == THDtype_None) fail(PyExc_ValueError, "invalid type: %R; expected a name like 'torch.FloatTensor'", object);
    return dtype;
  }
  PyObject* dtype = is_tensor(object) ? nullptr : PyObject_GetAttrString(object, "dtype");
  if (dtype == nullptr || !is_dtype(dtype)) {
    PyErr_Clear();
    Py_XDECREF(dtype);
    fail(PyExc_TypeError, "type(): argument 'dtype' must be torch.dtype, str or a tensor type, not %s",
         Py_TYPE(object)->tp_name);
  }
  Py_DECREF(dtype);  // dtypes live for ever
  return as_dtype(dtype);
}

PyObject* type(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {
      {"self", Kind::Tensor, true}, {"dtype", Kind::Object, false}, {"non_blocking", Kind::Bool, false}};
  static const Signature signature = {"(dtype=None, bool non_blocking=False)", parameters, 3, 3, false};
  Arguments parsed;
  parsed.parse("type", &signature, 1, self, args, nargs, kwnames);
  if (!parsed.given_value(1)) return PyUnicode_FromString(legacy_type_name(as_tensor(self).dtype()));
  return converted(self, dtype_named_by(parsed.object(1)), false);
  TORCH_PY_CATCH(nullptr)
}

}  // namespace

const PyMethodDef tensor_conversion_methods[] = {
    {"to", as_method(to), METH_FASTCALL | METH_KEYWORDS,
     "to(dtype), to(device, dtype=None) or to(other) -> Tensor"
     "\n\n>>> x = torch.tensor([1.7, -1.7])\n"
     ">>> x.to(torch.int64), x.to(\"cpu\", torch.float64).dtype\n"
     "(tensor([ 1, -1]), torch.float64)\n"
     ">>> x.to(torch.float32) is x\n"
     "True"},
    {"type", as_method(type), METH_FASTCALL | METH_KEYWORDS,
     "type(dtype=None) -> str or Tensor\n\nThe name of its type; or the tensor converted: itself if it is of that dtype "
     "already. "
     "dtype: a torch.dtype, a type such as torch.IntTensor, or its name."
     "\n\n>>> x = torch.tensor([1.7, -1.7])\n"
     ">>> x.type(), x.type(\"torch.IntTensor\"), x.type(torch.float64).type()\n"
     "('torch.FloatTensor', tensor([ 1, -1], dtype=torch.int32), 'torch.DoubleTensor')"},
    {"byte", to_dtype<THDtype_Byte>, METH_NOARGS,
     "byte() -> Tensor of torch.uint8: itself if it is that already. Floats lose their fractions to integers."
     "\n\n>>> torch.tensor([1.7, 255.]).byte()\n"
     "tensor([  1, 255], dtype=torch.uint8)"},
    {"char", to_dtype<THDtype_Char>, METH_NOARGS,
     "char() -> Tensor of torch.int8: itself if it is that already. Floats lose their fractions to integers."
     "\n\n>>> torch.tensor([1.7, -1.7]).char()\n"
     "tensor([ 1, -1], dtype=torch.int8)"},
    {"short", to_dtype<THDtype_Short>, METH_NOARGS,
     "short() -> Tensor of torch.int16: itself if it is that already. Floats lose their fractions to integers."
     "\n\n>>> torch.tensor([1.7, -1.7]).short()\n"
     "tensor([ 1, -1], dtype=torch.int16)"},
    {"int", to_dtype<THDtype_Int>, METH_NOARGS,
     "int() -> Tensor of torch.int32: itself if it is that already. Floats lose their fractions to integers."
     "\n\n>>> torch.tensor([1.7, -1.7]).int()\n"
     "tensor([ 1, -1], dtype=torch.int32)"},
    {"long", to_dtype<THDtype_Long>, METH_NOARGS,
     "long() -> Tensor of torch.int64: itself if it is that already. Floats lose their fractions to integers."
     "\n\n>>> torch.tensor([1.7, -1.7]).long()\n"
     "tensor([ 1, -1])"},
    {"half", to_dtype<THDtype_Half>, METH_NOARGS,
     "half() -> Tensor of torch.float16: itself if it is that already."
     "\n\n>>> torch.tensor([0.1, 1e6]).half()\n"
     "tensor([0.1000,    inf], dtype=torch.float16)"},
    {"float", to_dtype<THDtype_Float>, METH_NOARGS,
     "float() -> Tensor of torch.float32: itself if it is that already."
     "\n\n>>> torch.tensor([1, 2]).float()\n"
     "tensor([1., 2.])"},
    {"double", to_dtype<THDtype_Double>, METH_NOARGS,
     "double() -> Tensor of torch.float64: itself if it is that already."
     "\n\n>>> torch.tensor([1, 2]).double()\n"
     "tensor([1., 2.], dtype=torch.float64)"},
    {"cpu", cpu, METH_NOARGS,
     "cpu() -> Tensor: itself, since it is there already"
     "\n\n>>> x = torch.zeros(2)\n"
     ">>> x.cpu() is x\n"
     "True"},
    {"cuda", as_method(cuda), METH_FASTCALL | METH_KEYWORDS,
     "cuda(): a copy on a CUDA device. A RuntimeError, as this build has none."
     "\n\n>>> torch.zeros(2).cuda() if torch.cuda.is_available() else \"no device\"\n"
     "'no device'"},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace torch::python
