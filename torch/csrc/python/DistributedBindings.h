// torch._C.distributed: what torch.distributed is made of.
#pragma once

#include <pybind11/pybind11.h>

namespace torch::python {

void add_distributed_module(pybind11::module_& module);

}  // namespace torch::python
