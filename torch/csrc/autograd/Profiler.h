// Which ops ran, and when: recorded for one thread between start_profile and stop_profile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "autograd/Mode.h"

namespace torch::autograd {

struct ProfileEvent {
  std::string name;
  int64_t start;  // ns of the monotonic clock
  int64_t end;
};

// Throws if this thread is profiled already.
void start_profile();
// The events in the order of their start. One that has not ended yet ends now.
std::vector<ProfileEvent> stop_profile();

// A number for end_record; 0 if nothing is recorded (any more).
uint64_t begin_record(const char* name);
void end_record(uint64_t number) noexcept;

// Records its own lifetime. Off, it costs a load and a test.
class Record {
 public:
  explicit Record(const char* name) : number_(__builtin_expect(mode & MODE_PROFILE, 0) ? begin_record(name) : 0) {}
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record() {
    if (__builtin_expect(number_ != 0, 0)) end_record(number_);
  }

 private:
  const uint64_t number_;
};

}  // namespace torch::autograd
