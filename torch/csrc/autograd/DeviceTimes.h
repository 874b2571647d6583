// How long the current device takes for the ops of a profile: from where its stream is when an op begins to where it is at the
// end, as the device comes by there.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "THC/THC.h"

namespace torch::autograd {

class DeviceTimes {
 public:
  // Throws Error where there is no device.
  DeviceTimes();
  ~DeviceTimes();
  DeviceTimes(const DeviceTimes&) = delete;
  DeviceTimes& operator=(const DeviceTimes&) = delete;

  // The next op begins.
  void begin();
  // Op number `number` ends. One whose end cannot be noted counts as none.
  void end(size_t number) noexcept;
  // Microseconds of each op, 0 for those that have not ended. Waits for the device.
  std::vector<double> take() const;

 private:
  THCEvent* here() const;

  int device_;
  std::vector<std::pair<THCEvent*, THCEvent*>> events_;
};

// As start_profile() (Profiler.h), with these times.
void start_device_profile();
// Of the running profile's ops, in the order of their start; empty if it was started without.
std::vector<double> device_times();

}  // namespace torch::autograd
