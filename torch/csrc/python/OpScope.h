// What surrounds the call of an op: other Python threads run meanwhile if it takes long, and a profile notes it.
#pragma once

#include "autograd/Profiler.h"
#include "python/GilRelease.h"

namespace torch::python {

// The usual case, a small op that nobody profiles, costs two tests in one branch. Nothing inside may touch a Python object.
class OpScope {
 public:
  // name: of the op, a literal. numel: how many elements it works on.
  OpScope(const char* name, int64_t numel) {
    if (__builtin_expect(numel > kGilReleaseNumel || (autograd::mode & autograd::MODE_PROFILE) != 0, 0)) enter(name, numel);
  }
  ~OpScope() {
    if (__builtin_expect(entered_, 0)) leave();
  }
  OpScope(const OpScope&) = delete;
  OpScope& operator=(const OpScope&) = delete;

 private:
  __attribute__((noinline)) void enter(const char* name, int64_t numel) {
    record_ = autograd::begin_record(name);
    state_ = numel > kGilReleaseNumel ? PyEval_SaveThread() : nullptr;
    entered_ = true;
  }
  __attribute__((noinline)) void leave() {
    if (record_) autograd::end_record(record_);
    if (state_) PyEval_RestoreThread(state_);
  }

  bool entered_ = false;
  uint64_t record_;
  PyThreadState* state_;
};

}  // namespace torch::python
