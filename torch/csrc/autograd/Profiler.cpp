#include "autograd/Profiler.h"

#include <ctime>
#include <memory>

#include "autograd/DeviceTimes.h"
#include "autograd/Marks.h"
#include "backend/Device.h"
#include "tensor/Tensor.h"

namespace torch::autograd {
namespace {

struct Profile {
  std::vector<ProfileEvent> events;
  uint64_t first = 1;  // the number of events[0]: those of earlier profiles are smaller
  std::unique_ptr<DeviceTimes> device;
  bool marks = false;  // ranges are begun and ended elsewhere, and nothing is kept here
};

constexpr uint64_t MARK = UINT64_MAX;  // the number of a range

// Of libTHC, where marking has been started.
decltype(&::THC_nvtxRangePush) push_range = nullptr;
decltype(&::THC_nvtxRangePop) pop_range = nullptr;

Profile& profile() {
  static thread_local Profile profile;
  return profile;
}

int64_t now() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<int64_t>(time.tv_sec) * 1000000000 + time.tv_nsec;
}

}  // namespace

void start_profile() {
  if (mode & MODE_PROFILE) throw Error(TH_ERR_STATE, "profiler is already enabled on this thread");
  mode |= MODE_PROFILE;
}

void start_device_profile() {
  auto times = std::make_unique<DeviceTimes>();
  start_profile();
  profile().device = std::move(times);
}

std::vector<double> device_times() {
  const Profile& own = profile();
  return own.device ? own.device->take() : std::vector<double>();
}

std::vector<ProfileEvent> stop_profile() {
  mode &= ~uint32_t{MODE_PROFILE};
  Profile& own = profile();
  for (ProfileEvent& event : own.events) {
    if (event.end == 0) event.end = now();
  }
  own.first += own.events.size();
  own.device.reset();
  return std::move(own.events);
}

void start_marking() {
  if (mode & MODE_PROFILE) throw Error(TH_ERR_STATE, "profiler is already enabled on this thread");
  check(TORCH_THC(THC_nvtxAvailable)());
  static const bool found = [] {
    push_range = TORCH_THC(THC_nvtxRangePush);
    pop_range = TORCH_THC(THC_nvtxRangePop);
    return true;
  }();
  profile().marks = found;
  mode |= MODE_PROFILE;
}

void stop_marking() noexcept {
  profile().marks = false;
  mode &= ~uint32_t{MODE_PROFILE};
}

uint64_t begin_record(const char* name) {
  if (!(mode & MODE_PROFILE)) return 0;
  Profile& own = profile();
  if (own.marks) return push_range(name), MARK;
  if (own.device) own.device->begin();
  own.events.push_back({name, 0, 0});
  own.events.back().start = now();
  return own.first + own.events.size() - 1;
}

void end_record(uint64_t number) noexcept {
  if (number == MARK) {
    pop_range();
    return;
  }
  Profile& own = profile();
  if (number < own.first || number - own.first >= own.events.size()) return;
  own.events[number - own.first].end = now();
  if (own.device) own.device->end(number - own.first);
}

}  // namespace torch::autograd
