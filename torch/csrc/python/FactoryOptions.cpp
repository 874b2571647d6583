#include "python/FactoryOptions.h"

#include "autograd/Variable.h"
#include "ops/Defaults.h"
#include "python/DeviceObject.h"

namespace torch::python {

int factory_device(PyObject* layout, PyObject* device, const Tensor* like) {
  require_strided(layout);
  if (device != nullptr && device != Py_None) return device_ordinal(device);
  return like ? static_cast<int>(like->device()) : ops::default_device();
}

int device_with_out(PyObject* layout, PyObject* device, PyObject* out) {
  if (out == nullptr || out == Py_None) return factory_device(layout, device);
  const int place = factory_device(layout, device, &as_tensor(out));
  if (place != as_tensor(out).device()) {
    const PyRef there = PyRef::steal(new_device(as_tensor(out).device()));
    fail(PyExc_RuntimeError, "device %S does not match the device of out (%S)", device, there.get());
  }
  return place;
}

void require_grad_if(const Tensor& tensor, bool on) {
  if (on) autograd::set_requires_grad(tensor, true);
}

THDtype dtype_with_out(THDtype dtype, PyObject* out) {
  if (out == nullptr || out == Py_None) return dtype;
  const THDtype wanted = as_tensor(out).dtype();
  if (dtype != THDtype_None && dtype != wanted) {
    fail(PyExc_RuntimeError, "dtype torch.%s does not match the dtype of out (torch.%s)", THDtype_pythonName(dtype),
         THDtype_pythonName(wanted));
  }
  return wanted;
}

PyObject* store_out(PyObject* out, const Tensor& result) {
  const Tensor& target = as_tensor(out);
  if (autograd::requires_grad(target)) {
    fail(PyExc_RuntimeError, "functions with out=... arguments don't support automatic differentiation, but out requires grad");
  }
  check(
      THTensor_outputOn(target.get(), "out", THTensor_device(target.get()), target.dtype(), result.ndim(), result.get()->size));
  check(THTensor_copy(target.get(), result.get()));
  return new_reference(target);
}

int64_t numel_of(const Sizes& sizes) {
  int64_t numel = 1;
  for (const int64_t size : sizes) {
    if (size < 0 || __builtin_mul_overflow(numel, size, &numel)) return 0;
  }
  return numel;
}

}  // namespace torch::python
