// cuDNN in the place of THCUNN: libTHCUDNN has functions of the same types as THCUNN's, which are asked first. Without the
// library, without cuDNN and without a device the switches keep what they are set to, and THCUNN does the work.
#pragma once

#include <cstdint>
#include <string>

namespace torch::backend {

struct CudnnSwitches {
  bool enabled = true, benchmark = false, deterministic = false, allow_tf32 = false;
};

CudnnSwitches cudnn_switches();
void set_cudnn_switches(const CudnnSwitches& switches);
bool cudnn_enabled() noexcept;
// Enabled, and there; where tensors are on a device.
bool cudnn_usable();

// Whether cuDNN does work; "why not" in *why.
bool cudnn_available(std::string* why);
// As cuDNN counts: 90501 is 9.5.1. Throws Error, which says why, if there is none.
int64_t cudnn_version();
// Problems found again, looked for and left to THCUNN, and plans that are kept.
struct CudnnPlans {
  int64_t hits = 0, misses = 0, refusals = 0, kept = 0;
};
CudnnPlans cudnn_plans();

// THCUDNN's counterpart of a function of THNN, to be asked before THCUNN's while cudnn_enabled(); NULL if there is none.
void* preferred(const char* name);

}  // namespace torch::backend
