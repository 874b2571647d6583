// torch._C.nccl: what torch.cuda.nccl is made of.
#pragma once

#include <pybind11/pybind11.h>

namespace torch::python {

void add_nccl_module(pybind11::module_& module);

}  // namespace torch::python
