// Changing dtype or device: x.to(...), x.type(...), x.float() and its like.
#include <cstring>
#include <optional>

#include "generated/Ops.h"
#include "python/ArgParser.h"
#include "python/DeviceObject.h"
#include "python/DtypeObject.h"
#include "python/GilRelease.h"
#include "python/TensorType.h"

namespace torch::python {

namespace {

constexpr int KEEP = backend::UNSET;  // the tensor stays where it is

// The object itself if nothing changes and no copy was asked for.
PyObject* converted(PyObject* self, THDtype dtype, bool copy, int device = KEEP, bool non_blocking = false) {
  const Tensor& tensor = as_tensor(self);
  const bool stays = device == KEEP || device == tensor.device();
  const bool same = dtype == THDtype_None || dtype == tensor.dtype();
  if (same && stays && !copy) {
    Py_INCREF(self);
    return self;
  }
  return wrap([&] {
    const GilRelease gil(stays ? tensor.numel() : kGilReleaseNumel + 1);  // between places a device may be waited for
    if (stays) return ops::convert(tensor, same ? tensor.dtype() : dtype);
    // The narrower form travels.
    if (same) return ops::to_device(tensor, device, non_blocking);
    if (THDtype_itemsize(dtype) < THDtype_itemsize(tensor.dtype())) {
      return ops::to_device(ops::convert(tensor, dtype), device, non_blocking);
    }
    return ops::convert(ops::to_device(tensor, device, non_blocking), dtype);
  }());
}

template <THDtype dtype>
PyObject* to_dtype(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  return converted(self, dtype, false);
  TORCH_PY_CATCH(nullptr)
}

PyObject* cpu(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  return converted(self, THDtype_None, false, backend::HOST);
  TORCH_PY_CATCH(nullptr)
}

PyObject* cuda(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {
      {"self", Kind::Tensor, true}, {"device", Kind::Device, false}, {"non_blocking", Kind::Bool, false}};
  static const Signature signature = {"(torch.device device=None, bool non_blocking=False)", parameters, 3, 3, false};
  Arguments parsed;
  parsed.parse("cuda", &signature, 1, self, args, nargs, kwnames);
  const PyRef current = PyRef::steal(PyUnicode_FromString("cuda"));
  const int device = device_ordinal(parsed.given_value(1) ? parsed.object(1) : current.get());
  if (device < 0) fail(PyExc_RuntimeError, "cuda(): device, %S: must be a CUDA device", parsed.object(1));
  return converted(self, THDtype_None, false, device, parsed.boolean(2, false));
  TORCH_PY_CATCH(nullptr)
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
      return converted(self, parsed.dtype(2), parsed.boolean(4, false),
                       parsed.given_value(1) ? device_ordinal(parsed.object(1)) : KEEP, parsed.boolean(3, false));
    default:
      return converted(self, parsed.tensor(1).dtype(), parsed.boolean(3, false), static_cast<int>(parsed.tensor(1).device()),
                       parsed.boolean(2, false));
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

PyObject* type_name(const Tensor& tensor) {
  const char* name = legacy_type_name(tensor.dtype());
  if (tensor.device() < 0) return PyUnicode_FromString(name);
  return PyUnicode_FromFormat("torch.cuda.%s", name + std::strlen("torch."));
}

// "torch.FloatTensor" for "torch.cuda.FloatTensor"; nothing for anything else.
PyRef host_name_of(PyObject* object) {
  static const char prefix[] = "torch.cuda.";
  const char* name = PyUnicode_Check(object) ? PyUnicode_AsUTF8(object) : nullptr;
  if (name == nullptr || std::strncmp(name, prefix, sizeof prefix - 1) != 0) return PyRef();
  return PyRef::steal(PyUnicode_FromFormat("torch.%s", name + sizeof prefix - 1));
}

// A dtype says nothing of the place; the name of a tensor type does.
int place_named_by(PyObject* object, bool cuda_name) {
  if (is_dtype(object) || is_tensor(object)) return KEEP;
  int cuda = cuda_name;
  if (!cuda && !PyUnicode_Check(object)) {
    PyObject* const marked = PyObject_GetAttrString(object, "is_cuda");
    if (marked == nullptr) PyErr_Clear();
    cuda = marked == Py_True;
    Py_XDECREF(marked);
  }
  if (!cuda) return backend::HOST;
  const PyRef current = PyRef::steal(PyUnicode_FromString("cuda"));
  return device_ordinal(current.get());
}

PyObject* type(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {
      {"self", Kind::Tensor, true}, {"dtype", Kind::Object, false}, {"non_blocking", Kind::Bool, false}};
  static const Signature signature = {"(dtype=None, bool non_blocking=False)", parameters, 3, 3, false};
  Arguments parsed;
  parsed.parse("type", &signature, 1, self, args, nargs, kwnames);
  if (!parsed.given_value(1)) return type_name(as_tensor(self));
  PyObject* const wanted = parsed.object(1);
  const PyRef host = host_name_of(wanted);
  return converted(self, dtype_named_by(host ? host.get() : wanted), false, place_named_by(wanted, static_cast<bool>(host)));
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
     "cpu() -> Tensor: itself if it is there already"
     "\n\n>>> x = torch.zeros(2)\n"
     ">>> x.cpu() is x\n"
     "True"},
    {"cuda", as_method(cuda), METH_FASTCALL | METH_KEYWORDS,
     "cuda(device=None, non_blocking=False) -> Tensor: a copy on a CUDA device, itself if it is there"
     "\n\n>>> torch.zeros(2).cuda() if torch.cuda.is_available() else \"no device\"\n"
     "'no device'"},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace torch::python
