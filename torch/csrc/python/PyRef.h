// Owning references to Python objects, and the exception that says "a Python error is pending".
#pragma once

#include <Python.h>

#include <utility>

namespace torch::python {

// Thrown after a call into Python failed: the error indicator is set already.
struct PythonError {};

class PyRef {
 public:
  PyRef() noexcept = default;
  PyRef(PyRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  PyRef& operator=(PyRef&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  PyRef(const PyRef&) = delete;
  PyRef& operator=(const PyRef&) = delete;
  ~PyRef() { Py_XDECREF(object_); }

  // Takes over a new reference; NULL throws PythonError.
  static PyRef steal(PyObject* object) {
    if (object == nullptr) throw PythonError{};
    PyRef ref;
    ref.object_ = object;
    return ref;
  }
  static PyRef borrow(PyObject* object) noexcept {
    Py_XINCREF(object);
    PyRef ref;
    ref.object_ = object;
    return ref;
  }

  PyObject* get() const noexcept { return object_; }
  PyObject* release() noexcept { return std::exchange(object_, nullptr); }
  explicit operator bool() const noexcept { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// For functions of CPython that return 0 on success.
inline void check_python(int status) {
  if (status < 0) throw PythonError{};
}

}  // namespace torch::python
