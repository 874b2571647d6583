// One word for each thread, tested once by every op: which observers of the computation are on.
#pragma once

#include <cstdint>

namespace torch::autograd {

enum ModeBit : uint32_t {
  MODE_GRAD = 1,     // record the gradient graph
  MODE_TRACE = 2,    // reserved
  MODE_PROFILE = 4,  // note when ops run
  MODE_ANOMALY = 8,  // note where nodes are made, and refuse NaN in backward
};

// initial-exec: a load relative to the thread pointer, where the default model would call __tls_get_addr for each op.
__attribute__((tls_model("initial-exec"))) inline thread_local uint32_t mode = MODE_GRAD;

inline bool grad_enabled() noexcept {
  return __builtin_expect((mode & MODE_GRAD) != 0, 1);
}
inline void set_grad_enabled(bool on) noexcept {
  mode = on ? mode | MODE_GRAD : mode & ~uint32_t{MODE_GRAD};
}

// Sets the grad bit for the life of a scope.
class GradScope {
 public:
  explicit GradScope(bool on) noexcept : saved_(mode) { set_grad_enabled(on); }
  GradScope(const GradScope&) = delete;
  GradScope& operator=(const GradScope&) = delete;
  ~GradScope() { mode = saved_; }

 private:
  uint32_t saved_;
};

}  // namespace torch::autograd
