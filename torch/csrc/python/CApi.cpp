#include "python/CApi.h"

#include "autograd/Mode.h"
#include "autograd/Variable.h"
#include "python/Errors.h"
#include "python/TensorObject.h"
#include "torch/capi.h"

namespace torch::python {

namespace {

THTensor* get(PyObject* object) {
  if (is_tensor(object)) return as_tensor(object).get();
  PyErr_Format(PyExc_TypeError, "expected a torch.Tensor, got %s", Py_TYPE(object)->tp_name);
  return nullptr;
}

PyObject* wrap_stolen(THTensor* stolen) {
  TORCH_PY_TRY
  Tensor tensor = Tensor::steal(stolen);
  if (tensor.dtype() == THDtype_None) fail(PyExc_RuntimeError, "an extension returned a tensor that no operation has written");
  return wrap(std::move(tensor));
  TORCH_PY_CATCH(nullptr)
}

void raise_failure(THStatus code, const char* message) {
  try {
    throw Error(code, message);
  } catch (...) {
    set_error_from_exception();
  }
}

int recorded(PyObject* object) {
  const THTensor* tensor = get(object);
  return tensor == nullptr ? -1 : autograd::grad_enabled() && autograd::requires_grad(as_tensor(object));
}

}  // namespace

int init_capi(PyObject* module) {
  // As long as the process: extensions keep the pointer.
  static TorchCApi api = {
      TORCH_CAPI_ABI, sizeof(TorchCApi), TH_ABI, TH_VERSION, TensorType, get, wrap_stolen, raise_failure, recorded,
  };
  const PyRef capsule = PyRef::steal(PyCapsule_New(&api, TORCH_CAPI_CAPSULE, nullptr));
  return PyModule_AddObjectRef(module, "_capi", capsule.get());
}

}  // namespace torch::python
