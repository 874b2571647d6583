// Anomaly mode, profiles and Ctrl-C: what the Python layer lends to autograd, and the switches of it.
#pragma once

#include "python/Errors.h"

namespace torch::python {

extern const PyMethodDef observer_functions[];  // of torch._C.autograd

// From now on a long backward pass answers Ctrl-C, and anomaly mode notes where nodes are made.
void lend_observers();

}  // namespace torch::python
