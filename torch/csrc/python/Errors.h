// C++ exceptions and Python errors, both ways.
#pragma once

#include <cstddef>

#include "python/PyRef.h"

namespace torch::python {

// Sets the Python error for the exception in flight: torch::Error by its code (an index error becomes IndexError, lack of
// memory MemoryError, all else RuntimeError), PythonError leaves what is set.
void set_error_from_exception() noexcept;

// Thrown where somebody else has answered a call whose arguments did not fit: its result is the call's.
struct Answered {
  PyRef result;
};

// What a function that Python calls returns for the exception in flight: `failure`, with the error set, or an answer.
PyObject* after_exception(std::nullptr_t failure) noexcept;
int after_exception(int failure) noexcept;

// Sets a Python error (printf-like, as PyErr_Format) and throws PythonError.
[[noreturn]] void fail(PyObject* type, const char* format, ...);

}  // namespace torch::python

// Around the body of every function that Python calls.
#define TORCH_PY_TRY try {
#define TORCH_PY_CATCH(failure)                     \
  }                                                 \
  catch (...) {                                     \
    return torch::python::after_exception(failure); \
  }
