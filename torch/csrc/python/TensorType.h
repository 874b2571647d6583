// The pieces of which init_tensor_type puts the type together; each table ends with an empty entry.
#pragma once

#include "python/TensorObject.h"

namespace torch::python {

extern const PyType_Slot tensor_slots[];                // TensorSlots.cpp: numbers, mapping, sequence
extern const PyMethodDef tensor_methods[];              // TensorMethods.cpp
extern const PyGetSetDef tensor_attributes[];           // TensorAttributes.cpp
extern const PyMethodDef tensor_conversion_methods[];   // TensorConversion.cpp
extern const PyMethodDef tensor_autograd_methods[];     // TensorAutograd.cpp
extern const PyGetSetDef tensor_autograd_attributes[];  // TensorAutograd.cpp

PyObject* Tensor_new(PyTypeObject* type, PyObject* args, PyObject* kwargs);  // LegacyConstructor.cpp

// Shows the object to the garbage collector; before anything that can refer back to it is hung on it.
void track(PyObject* self);

}  // namespace torch::python
