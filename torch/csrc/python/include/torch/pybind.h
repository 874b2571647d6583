// For extensions that are bound by pybind11 (which does not come with torch): torch::Tensor as argument and result.
//
//   PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def("product", &product); }
#ifndef TORCH_PYBIND_H
#define TORCH_PYBIND_H

#include <pybind11/pybind11.h>

#include <torch/extension.h>

namespace pybind11::detail {

template <>
struct type_caster<torch::Tensor> {
  PYBIND11_TYPE_CASTER(torch::Tensor, const_name("torch.Tensor"));

  bool load(handle source, bool) {
    const int is_tensor = TorchTensor_check(source.ptr());
    if (is_tensor < 0) throw error_already_set();
    if (is_tensor > 0) value = torch::python::unwrap(source.ptr());
    return is_tensor > 0;
  }

  static handle cast(torch::Tensor tensor, return_value_policy, handle) {
    if (!tensor) return none().release();
    PyObject* object = TorchTensor_wrap(tensor.release());
    if (object == nullptr) throw error_already_set();
    return object;
  }
};

}  // namespace pybind11::detail

#endif
