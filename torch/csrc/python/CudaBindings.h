// torch._C.cuda: what torch.cuda is made of.
#pragma once

#include <pybind11/pybind11.h>

namespace torch::python {

void add_cuda_module(pybind11::module_& module);

}  // namespace torch::python
