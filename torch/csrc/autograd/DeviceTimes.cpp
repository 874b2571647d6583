#include "autograd/DeviceTimes.h"

#include "backend/Device.h"
#include "tensor/Tensor.h"

namespace torch::autograd {

DeviceTimes::DeviceTimes() : device_(backend::usable_device(-1)) {}

DeviceTimes::~DeviceTimes() {
  static const auto drop = TORCH_THC(THCEvent_free);
  for (const auto& [begin, end] : events_) {
    drop(begin);
    if (end != nullptr) drop(end);
  }
}

// An event where the device's stream is; NULL with the failure set.
THCEvent* DeviceTimes::here() const {
  static const auto make = TORCH_THC(THCEvent_new);
  static const auto record = TORCH_THC(THCEvent_record);
  static const auto stream = TORCH_THC(THC_getStream);
  THCEvent* const event = make(device_, true, false);
  if (event != nullptr && record(event, stream(device_)) != TH_OK) {
    TORCH_THC(THCEvent_free)(event);
    return nullptr;
  }
  return event;
}

void DeviceTimes::begin() {
  THCEvent* const begin = here();
  if (begin == nullptr) throw_last_error();
  events_.emplace_back(begin, nullptr);
}

void DeviceTimes::end(size_t number) noexcept {
  if (number < events_.size() && events_[number].second == nullptr) events_[number].second = here();
}

std::vector<double> DeviceTimes::take() const {
  check(TORCH_THC(THC_synchronize)(device_));
  const auto elapsed = TORCH_THC(THCEvent_elapsed);
  std::vector<double> times;
  for (const auto& [begin, end] : events_) {
    float milliseconds = 0;
    if (end != nullptr) check(elapsed(begin, end, &milliseconds));
    times.push_back(1000.0 * static_cast<double>(milliseconds));
  }
  return times;
}

}  // namespace torch::autograd
