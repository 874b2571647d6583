// torch.device and torch.layout.
#pragma once

#include <cstdint>

#include "python/PyRef.h"

namespace torch::python {

struct Device {
  bool cuda = false;
  int64_t index = -1;  // -1: not given
};

bool is_device(PyObject* object);
// A torch.device, a string like "cuda:1", or the number of a CUDA device. Throws RuntimeError on a bad string.
Device to_device(PyObject* object);
// -1 for the host, else the ordinal of a CUDA device, "cuda" being the current one. NULL and None mean the host. Throws
// RuntimeError unless tensors can live there.
int device_ordinal(PyObject* object);
// The torch.device of an ordinal; a new reference.
PyObject* new_device(int64_t ordinal);

bool is_layout(PyObject* object);
PyObject* strided_layout_object();  // borrowed
// Throws RuntimeError for anything but NULL, None and torch.strided.
void require_strided(PyObject* object);

int init_device_types(PyObject* module);

}  // namespace torch::python
