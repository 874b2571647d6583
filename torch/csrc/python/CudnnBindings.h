#pragma once

#include <pybind11/pybind11.h>

namespace torch::python {

void add_cudnn_module(pybind11::module_& module);
// RecurrentBindings.cpp
void add_recurrent_functions(pybind11::module_& cudnn);

}  // namespace torch::python
