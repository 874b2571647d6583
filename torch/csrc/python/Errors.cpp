#include "python/Errors.h"

#include <cstdarg>
#include <new>
#include <stdexcept>

#include "tensor/Tensor.h"

namespace torch::python {

namespace {

// A MemoryError for Python, and a RuntimeError for programs that catch that of CUDA, as PyTorch 0.4 raises it.
PyObject* out_of_memory() {
  static PyObject* const type = [] {
    PyObject* const bases = PyTuple_Pack(2, PyExc_MemoryError, PyExc_RuntimeError);
    PyObject* const made = bases ? PyErr_NewException("torch.OutOfMemoryError", bases, nullptr) : nullptr;
    Py_XDECREF(bases);
    return made ? made : PyExc_MemoryError;
  }();
  return type;
}

PyObject* type_for(THStatus code) {
  switch (code) {
    case TH_ERR_INDEX:
      return PyExc_IndexError;
    case TH_ERR_MEMORY:
      return out_of_memory();
    default:
      return PyExc_RuntimeError;
  }
}

}  // namespace

void set_error_from_exception() noexcept {
  try {
    throw;
  } catch (const PythonError&) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "an error was reported without a message");
  } catch (const Error& error) {
    PyErr_SetString(type_for(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  } catch (...) {
    PyErr_SetString(PyExc_SystemError, "an unknown C++ exception reached Python");
  }
}

PyObject* after_exception(std::nullptr_t) noexcept {
  try {
    throw;
  } catch (Answered& answered) {
    return answered.result.release();
  } catch (...) {
    set_error_from_exception();
    return nullptr;
  }
}

int after_exception(int failure) noexcept {
  set_error_from_exception();
  return failure;
}

void fail(PyObject* type, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyErr_FormatV(type, format, arguments);
  va_end(arguments);
  throw PythonError{};
}

}  // namespace torch::python
