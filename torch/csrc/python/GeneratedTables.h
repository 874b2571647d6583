// What tools/codegen/emit_bindings.py writes from the declarations (BindingTables.cpp and Bindings_<group>.cpp).
#pragma once

#include <Python.h>

namespace torch::python {

// Lists of tables; both levels end with an empty entry.
extern const PyMethodDef* const generated_methods[];       // of torch.Tensor
extern const PyMethodDef* const generated_functions[];     // of torch
extern const PyMethodDef* const generated_nn_functions[];  // of torch._C.nn
extern const PyType_Slot generated_slots[];                // operators of torch.Tensor

}  // namespace torch::python
