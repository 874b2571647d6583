// torch.dtype: one object for each THDtype, and the process-wide default.
#pragma once

#include "TH/TH.h"
#include "python/PyRef.h"

namespace torch::python {

bool is_dtype(PyObject* object);
THDtype as_dtype(PyObject* object);
// Borrowed; lives as long as the process.
PyObject* dtype_object(THDtype dtype);

// "torch.FloatTensor", as Tensor.type() shows it, and back; THDtype_None if `name` is none of these.
const char* legacy_type_name(THDtype dtype);
THDtype dtype_of_legacy_name(const char* name);

extern const PyMethodDef dtype_functions[];  // set_default_dtype, get_default_dtype
int init_dtype_type(PyObject* module);

}  // namespace torch::python
