// What a tensor is: shape, dtype, place.
#include "python/ArgParser.h"
#include "python/DeviceObject.h"
#include "python/DtypeObject.h"
#include "python/SizeObject.h"
#include "python/TensorType.h"

namespace torch::python {

namespace {

PyObject* get_shape(PyObject* self, void*) {
  const Tensor& tensor = as_tensor(self);
  return new_size(tensor.ndim(), tensor.get()->size);
}

PyObject* get_dtype(PyObject* self, void*) {
  PyObject* dtype = dtype_object(as_tensor(self).dtype());
  Py_INCREF(dtype);
  return dtype;
}

PyObject* get_device(PyObject* self, void*) {
  TORCH_PY_TRY
  return new_device(as_tensor(self).device());
  TORCH_PY_CATCH(nullptr)
}

PyObject* get_is_cuda(PyObject* self, void*) {
  return PyBool_FromLong(as_tensor(self).device() >= 0);
}

PyObject* get_layout(PyObject*, void*) {
  Py_INCREF(strided_layout_object());
  return strided_layout_object();
}

PyObject* get_false(PyObject*, void*) {
  Py_RETURN_FALSE;
}

PyObject* get_ndim(PyObject* self, void*) {
  return PyLong_FromLong(as_tensor(self).ndim());
}

// Makes NumPy ask our reflected operators first: array + tensor is a tensor's sum.
PyObject* get_array_priority(PyObject*, void*) {
  return PyLong_FromLong(1000);
}

}  // namespace

const PyGetSetDef tensor_attributes[] = {
    {"shape", get_shape, nullptr,
     "torch.Size of the dimensions."
     "\n\n>>> torch.zeros(2, 3).shape\n"
     "torch.Size([2, 3])",
     nullptr},
    {"dtype", get_dtype, nullptr,
     "torch.dtype of the elements."
     "\n\n>>> torch.tensor([1, 2]).dtype\n"
     "torch.int64",
     nullptr},
    {"device", get_device, nullptr,
     "torch.device where the elements are."
     "\n\n>>> torch.zeros(2).device\n"
     "device(type='cpu')",
     nullptr},
    {"layout", get_layout, nullptr,
     "How the elements are stored: torch.strided."
     "\n\n>>> torch.zeros(2).layout\n"
     "torch.strided",
     nullptr},
    {"is_cuda", get_is_cuda, nullptr,
     "True if the elements are on a CUDA device."
     "\n\n>>> torch.zeros(2).is_cuda\n"
     "False",
     nullptr},
    {"is_sparse", get_false, nullptr,
     "True for a sparse layout."
     "\n\n>>> torch.zeros(2).is_sparse\n"
     "False",
     nullptr},
    {"ndim", get_ndim, nullptr,
     "Number of dimensions."
     "\n\n>>> torch.zeros(2, 3).ndim\n"
     "2",
     nullptr},
    {"__array_priority__", get_array_priority, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

}  // namespace torch::python
