// Lets other Python threads run during long ops.
#pragma once

#include <Python.h>

#include <cstdint>

#include "tensor/Tensor.h"

namespace torch::python {

// Below this many elements an op takes less time than giving the lock away and waiting for it again.
constexpr int64_t kGilReleaseNumel = 32768;

// Releases the interpreter lock for its lifetime if `numel` is large. Nothing inside may touch a Python object.
class GilRelease {
 public:
  explicit GilRelease(int64_t numel) : state_(numel > kGilReleaseNumel ? PyEval_SaveThread() : nullptr) {}
  ~GilRelease() {
    if (state_) PyEval_RestoreThread(state_);
  }
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;

 private:
  PyThreadState* state_;
};

// Takes the lock from any thread, also from one that Python does not know.
class GilAcquire {
 public:
  GilAcquire() : state_(PyGILState_Ensure()) {}
  ~GilAcquire() { PyGILState_Release(state_); }
  GilAcquire(const GilAcquire&) = delete;
  GilAcquire& operator=(const GilAcquire&) = delete;

 private:
  PyGILState_STATE state_;
};

// How much work an argument stands for.
inline int64_t numel_or_zero(const Tensor& tensor) {
  return tensor ? tensor.numel() : 0;
}
inline int64_t numel_or_zero(const std::vector<Tensor>& tensors) {
  int64_t numel = 0;
  for (const Tensor& tensor : tensors) numel += numel_or_zero(tensor);
  return numel;
}

}  // namespace torch::python
