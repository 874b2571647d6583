// Ops as ranges in the timeline of an outer profiler (NVTX), in place of what Profiler.h records.
#pragma once

namespace torch::autograd {

// From now on, this thread's ops. Throws if this thread is profiled already, or if the build has no NVTX.
void start_marking();
void stop_marking() noexcept;

}  // namespace torch::autograd
