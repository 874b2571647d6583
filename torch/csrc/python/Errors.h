// C++ exceptions and Python errors, both ways.
#pragma once

#include "python/PyRef.h"

namespace torch::python {

// Sets the Python error for the exception in flight: torch::Error by its code (an index error becomes IndexError, lack of
// memory MemoryError, all else RuntimeError), PythonError leaves what is set.
void set_error_from_exception() noexcept;

// Sets a Python error (printf-like, as PyErr_Format) and throws PythonError.
[[noreturn]] void fail(PyObject* type, const char* format, ...);

}  // namespace torch::python

// Around the body of every function that Python calls.
#define TORCH_PY_TRY try {
#define TORCH_PY_CATCH(result)                 \
  }                                            \
  catch (...) {                                \
    torch::python::set_error_from_exception(); \
    return result;                             \
  }
