#include "python/LegacyConstructor.h"

#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Defaults.h"
#include "python/ArgParser.h"
#include "python/DeviceObject.h"
#include "python/DtypeObject.h"
#include "python/TensorData.h"
#include "python/TensorType.h"

namespace torch::python {

namespace {

Tensor with_sizes(const char* name, THDtype dtype, const Sizes& sizes, int device) {
  for (const int64_t size : sizes) {
    if (size < 0) fail(PyExc_RuntimeError, "%s(): sizes must be 0 or more, got %lld", name, static_cast<long long>(size));
  }
  return Tensor::steal(backend::new_on(device, dtype, static_cast<int>(sizes.size()), sizes.data()));
}

void require_place(const char* name, const Tensor& tensor, int device) {
  if (tensor.device() == device) return;
  const PyRef wanted = PyRef::steal(new_device(device));
  const PyRef found = PyRef::steal(new_device(tensor.device()));
  fail(PyExc_TypeError, "%s(): expected a tensor on %S, got one on %S; move it first: x.to(\"%S\")", name, wanted.get(),
       found.get(), wanted.get());
}

int take_device(const char* name, PyObject* kwargs, int otherwise) {
  if (kwargs == nullptr || PyDict_GET_SIZE(kwargs) == 0) return otherwise;
  PyObject* device = PyDict_GetItemString(kwargs, "device");
  if (device == nullptr || PyDict_GET_SIZE(kwargs) > 1) fail(PyExc_TypeError, "%s(): the only keyword is 'device'", name);
  return device_ordinal(device);
}

// x.new(...): as the constructor of x's type.
PyObject* new_(PyObject* self, PyObject* args, PyObject* kwargs) {
  TORCH_PY_TRY
  const int device = take_device("new", kwargs, static_cast<int>(as_tensor(self).device()));
  return wrap(legacy_tensor("new", as_tensor(self).dtype(), args, device));
  TORCH_PY_CATCH(nullptr)
}

// _legacy_new(dtype, args, device): for torch.FloatTensor and its like, and for those of torch.cuda.
PyObject* legacy_new(PyObject*, PyObject* args) {
  TORCH_PY_TRY
  PyObject* dtype = nullptr;
  PyObject* arguments = nullptr;
  PyObject* device = nullptr;
  if (!PyArg_ParseTuple(args, "OO!|O:_legacy_new", &dtype, &PyTuple_Type, &arguments, &device)) return nullptr;
  if (!is_dtype(dtype)) fail(PyExc_TypeError, "_legacy_new(): argument 'dtype' must be torch.dtype");
  return wrap(legacy_tensor(legacy_type_name(as_dtype(dtype)), as_dtype(dtype), arguments, device_ordinal(device)));
  TORCH_PY_CATCH(nullptr)
}

}  // namespace

const PyMethodDef legacy_methods[] = {
    {"new", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(new_)), METH_VARARGS | METH_KEYWORDS,
     "new(*size) or new(sequence) -> Tensor of the same dtype"
     "\n\n>>> x = torch.zeros(1, dtype=torch.int64)\n"
     ">>> x.new([1, 2]), x.new(2, 3).size()\n"
     "(tensor([1, 2]), torch.Size([2, 3]))"},
    {nullptr, nullptr, 0, nullptr},
};

const PyMethodDef legacy_functions[] = {
    {"_legacy_new", legacy_new, METH_VARARGS, "_legacy_new(dtype, args, device=None) -> Tensor"},
    {nullptr, nullptr, 0, nullptr},
};

Tensor legacy_tensor(const char* name, THDtype dtype, PyObject* args, int device) {
  const Py_ssize_t n = PyTuple_GET_SIZE(args);
  if (n == 0) return with_sizes(name, dtype, {0}, device);
  PyObject* first = PyTuple_GET_ITEM(args, 0);
  if (n == 1 && is_tensor(first)) {
    if (as_tensor(first).dtype() != dtype) {
      fail(PyExc_TypeError, "%s(): expected a tensor of torch.%s, got one of torch.%s; convert it first: x.to(torch.%s)", name,
           THDtype_pythonName(dtype), THDtype_pythonName(as_tensor(first).dtype()), THDtype_pythonName(dtype));
    }
    require_place(name, as_tensor(first), device);
    return autograd::detach(as_tensor(first));
  }
  const bool is_size = n == 1 && PyTuple_Check(first) && !PyTuple_CheckExact(first);  // torch.Size
  if (n == 1 && !is_size && !PyLong_Check(first)) return ops::to_device(tensor_from_data(first, dtype), device, false);
  Sizes sizes;
  to_sizes(is_size ? first : args, &sizes);
  return with_sizes(name, dtype, sizes, device);
}

PyObject* Tensor_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  TORCH_PY_TRY
  const int device = take_device("Tensor", kwargs, ops::default_device());
  if ((device >= 0) != ops::default_is_cuda()) {
    fail(PyExc_RuntimeError,
         "Tensor(): makes tensors of the default type only, which is on %s; use torch.empty(..., device=...) "
         "or torch.tensor(...)",
         ops::default_is_cuda() ? "CUDA" : "the host");
  }
  return wrap_as(type, legacy_tensor("Tensor", ops::default_dtype(), args, device));
  TORCH_PY_CATCH(nullptr)
}

}  // namespace torch::python
