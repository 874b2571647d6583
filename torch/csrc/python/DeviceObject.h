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
// Throws RuntimeError unless tensors can live on the device: this build has the CPU only. NULL and None mean the CPU.
void require_usable_device(PyObject* object);
// torch.device("cpu"), borrowed.
PyObject* cpu_device_object();

bool is_layout(PyObject* object);
PyObject* strided_layout_object();  // borrowed
// Throws RuntimeError for anything but NULL, None and torch.strided.
void require_strided(PyObject* object);

int init_device_types(PyObject* module);

}  // namespace torch::python
