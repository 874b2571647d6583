// torch.Generator: a source of random bits.
#pragma once

#include "TH/TH.h"
#include "python/PyRef.h"

namespace torch::python {

bool is_generator(PyObject* object);
THGenerator* as_generator(PyObject* object);  // borrowed
// A torch.Generator that takes over the reference; a new reference.
PyObject* new_generator(THGenerator* generator);

extern const PyMethodDef generator_functions[];  // manual_seed, initial_seed, seed, get_rng_state, set_rng_state
int init_generator_type(PyObject* module);

}  // namespace torch::python
