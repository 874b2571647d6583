// Conversions to Python numbers, length, iteration, printing: the slots that are not made from declarations.
#include "autograd/Variable.h"
#include "python/ArgParser.h"
#include "python/NumpyBridge.h"
#include "python/TensorData.h"
#include "python/TensorIndex.h"
#include "python/TensorType.h"

namespace torch::python {

namespace {

Scalar only_element(PyObject* self) {
  return element_of(as_tensor(self));
}

int Tensor_bool(PyObject* self) {
  TORCH_PY_TRY
  const int64_t numel = as_tensor(self).numel();
  if (numel == 0) fail(PyExc_RuntimeError, "bool value of Tensor with no values is ambiguous");
  if (numel > 1) fail(PyExc_RuntimeError, "bool value of Tensor with more than one value is ambiguous");
  return THScalar_toDouble(only_element(self)) != 0.0;
  TORCH_PY_CATCH(-1)
}

PyObject* Tensor_float(PyObject* self) {
  TORCH_PY_TRY
  return PyFloat_FromDouble(THScalar_toDouble(only_element(self)));
  TORCH_PY_CATCH(nullptr)
}

PyObject* Tensor_int(PyObject* self) {
  TORCH_PY_TRY
  const Scalar scalar = only_element(self);
  return scalar.is_float ? PyLong_FromDouble(scalar.value.d) : PyLong_FromLongLong(scalar.value.i);
  TORCH_PY_CATCH(nullptr)
}

PyObject* Tensor_index(PyObject* self) {
  TORCH_PY_TRY
  if (as_tensor(self).numel() != 1 || THDtype_isFloating(as_tensor(self).dtype())) {
    fail(PyExc_TypeError, "only integer tensors of a single element can be converted to an index");
  }
  return PyLong_FromLongLong(only_element(self).value.i);
  TORCH_PY_CATCH(nullptr)
}

Py_ssize_t Tensor_length(PyObject* self) {
  const Tensor& tensor = as_tensor(self);
  if (tensor.ndim() > 0) return tensor.size(0);
  PyErr_SetString(PyExc_TypeError, "len() of a 0-d tensor");
  return -1;
}

PyObject* Tensor_iter(PyObject* self) {
  if (as_tensor(self).ndim() > 0) return PySeqIter_New(self);
  PyErr_SetString(PyExc_TypeError, "iteration over a 0-d tensor");
  return nullptr;
}

}  // namespace

const PyType_Slot tensor_slots[] = {
    {Py_nb_bool, reinterpret_cast<void*>(Tensor_bool)},
    {Py_nb_float, reinterpret_cast<void*>(Tensor_float)},
    {Py_nb_int, reinterpret_cast<void*>(Tensor_int)},
    {Py_nb_index, reinterpret_cast<void*>(Tensor_index)},
    {Py_sq_length, reinterpret_cast<void*>(Tensor_length)},
    {Py_sq_item, reinterpret_cast<void*>(get_row)},
    {Py_mp_length, reinterpret_cast<void*>(Tensor_length)},
    {Py_mp_subscript, reinterpret_cast<void*>(get_item)},
    {Py_mp_ass_subscript, reinterpret_cast<void*>(set_item)},
    {Py_tp_iter, reinterpret_cast<void*>(Tensor_iter)},
    {Py_bf_getbuffer, reinterpret_cast<void*>(tensor_get_buffer)},
    {0, nullptr},
};

}  // namespace torch::python
