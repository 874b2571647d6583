// dtype, layout, device and requires_grad: the keywords that every function which makes tensors has.
#pragma once

#include "python/ArgParser.h"

namespace torch::python {

// Where to make a tensor: the device that was asked for, else that of `like`, else the default one. Throws RuntimeError for a
// layout or device that is not there.
int factory_device(PyObject* layout, PyObject* device, const Tensor* like = nullptr);
// The same where `out` (NULL, None or a tensor) may be given. Throws RuntimeError if `device` is another than out's.
int device_with_out(PyObject* layout, PyObject* device, PyObject* out);
// tensor.requires_grad = True if `on`.
void require_grad_if(const Tensor& tensor, bool on);
// The dtype to make when `out` (NULL, None or a tensor) is given. Throws RuntimeError if `dtype` is another than out's.
THDtype dtype_with_out(THDtype dtype, PyObject* out);
// out[...] = result, after out was resized; returns a new reference to it.
PyObject* store_out(PyObject* out, const Tensor& result);
// Elements of a tensor of these sizes; 0 if a size is negative.
int64_t numel_of(const Sizes& sizes);

}  // namespace torch::python
