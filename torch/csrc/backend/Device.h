// Devices besides the host, and the library that knows them: libTHC, opened when it is first needed. A build without CUDA has
// the same functions, which say so.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

#include "THC/THC.h"

namespace torch::backend {

constexpr int HOST = TH_DEVICE_HOST;
constexpr int UNSET = -2;  // no tensor has said where yet

// Where Python packages lie, separated by colons: set before the first use.
extern std::string package_folders;

// A function of one of the libraries on CUDA; NULL if there is none of this name, or no such library.
void* find(const char* library, const char* name);

// A function that every build of the library has. Throws Error, which says why, if the library is not there.
void* required(const char* library, const char* name);
#define TORCH_OF(library, function) \
  (reinterpret_cast<std::add_pointer_t<decltype(::function)>>(torch::backend::required(library, #function)))
#define TORCH_THC(function) TORCH_OF("THC", function)

// The number of devices; 0, with the reason in *why, if there is none that can be used.
int device_count(const char** why);
// Seeds the default generators of all devices, if libTHC is in use.
void seed_devices(uint64_t seed);
// The ordinal, checked; `device` < 0 is the calling thread's current one. Throws Error if there is no such device.
int usable_device(int64_t device);

// Where the calling thread makes new tensors that no other tensor gives a place: UNSET means the host.
struct Target {
  int device = UNSET;
  bool overrides = false;  // also those made like another tensor
};
extern thread_local Target target;

// Sets the target while it lives.
class DeviceScope {
 public:
  explicit DeviceScope(int device, bool overrides = false) noexcept : before_(target) { target = Target{device, overrides}; }
  ~DeviceScope() { target = before_; }
  DeviceScope(const DeviceScope&) = delete;
  DeviceScope& operator=(const DeviceScope&) = delete;

 private:
  Target before_;
};

// Contents undefined; NULL with the failure set.
THTensor* new_on(int device, THDtype dtype, int ndim, const int64_t* size);
// On the target.
THTensor* new_tensor(THDtype dtype, int ndim, const int64_t* size);
// Where `like` is, unless the target overrides that.
THTensor* new_like(const THTensor* like, THDtype dtype, int ndim, const int64_t* size);
// A copy on `device`; NULL with the failure set.
THTensor* new_copy_on(const THTensor* self, int device, bool non_blocking);

}  // namespace torch::backend
