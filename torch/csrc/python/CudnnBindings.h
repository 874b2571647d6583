#pragma once

#include <pybind11/pybind11.h>

namespace torch::python {

void add_cudnn_module(pybind11::module_& module);

}  // namespace torch::python
