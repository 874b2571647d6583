#include "backend/Device.h"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <mutex>
#include <string>

#include "tensor/Tensor.h"

namespace torch::backend {

std::string package_folders;

namespace {

// One library beside libTH (RPATH finds it), opened once.
struct Library {
  Library(const char* name, const char* feature) : name(name), file(std::string("lib") + name + ".so.1"), feature(feature) {}

  const char* name;
  std::string file;
  const char* feature;  // what a build without the library is without
  std::once_flag once;
  void* handle = nullptr;
  std::string reason;

  void open() {
    handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle) return search_packages();
    const char* text = dlerror();
    // glibc's sentence for a file that is nowhere names the file first.
    const bool absent =
        text && std::strstr(text, "cannot open shared object file") && std::strncmp(text, file.c_str(), file.size()) == 0;
    reason = absent ? std::string("this torch was built without ") + feature + " (torch.__config__.show() says why)"
             : text ? text
                    : "unknown";
  }

  // NVIDIA's libraries may be among the Python packages; THC, which all others need, looks for them.
  void search_packages() {
    void* const search = dlsym(handle, "THC_searchIn");
    if (search != nullptr) reinterpret_cast<decltype(&::THC_searchIn)>(search)(package_folders.c_str());
  }
};

std::atomic<pid_t> user{0};  // the process that has found a device: one that it forks cannot use it

Library& opened(const char* name) {
  static Library libraries[] = {{"THC", "CUDA"}, {"THCUNN", "CUDA"}, {"THCUDNN", "cuDNN"}, {"THNCCL", "NCCL"}};
  Library* library = libraries;
  while (std::strcmp(library->name, name) != 0) ++library;
  std::call_once(library->once, [library] { library->open(); });
  return *library;
}

}  // namespace

thread_local Target target;

void* find(const char* library, const char* name) {
  const Library& found = opened(library);
  return found.handle == nullptr ? nullptr : dlsym(found.handle, name);
}

void* required(const char* library, const char* name) {
  const Library& found = opened(library);
  if (found.handle == nullptr) throw Error(TH_ERR_UNSUPPORTED, "[cuda] " + found.reason);
  void* const function = dlsym(found.handle, name);
  if (function == nullptr)
    throw Error(TH_ERR_UNSUPPORTED, "[cuda] " + found.file + " is of another version: it has no " + name);
  return function;
}

int device_count(const char** why) {
  static thread_local std::string reason;
  int count = 0;
  try {
    if (TORCH_THC(THC_getDeviceCount)(&count) != TH_OK) reason = THStatus_message();
  } catch (const Error& error) {
    reason = error.what();
  }
  if (count > 0) user.store(getpid(), std::memory_order_release);
  if (why) *why = count > 0 ? "" : reason.c_str();
  return count;
}

void seed_devices(uint64_t seed) {
  if (user.load(std::memory_order_acquire) == getpid()) check(TORCH_THC(THC_seedAll)(seed));
}

int usable_device(int64_t device) {
  int current = 0;
  check(TORCH_THC(THC_getDevice)(&current));
  if (device < 0) return current;
  int count = 0;
  check(TORCH_THC(THC_getDeviceCount)(&count));
  if (device >= count) {
    throw Error(TH_ERR_INDEX, "[device] cuda:" + std::to_string(device) + ": invalid device ordinal, this machine has " +
                                  std::to_string(count) + " CUDA device" + (count == 1 ? "" : "s") + ", from cuda:0 on");
  }
  return static_cast<int>(device);
}

THTensor* new_on(int device, THDtype dtype, int ndim, const int64_t* size) {
  if (device < 0) return ::THTensor_newWithSize(dtype, ndim, size);
  return TORCH_THC(THCTensor_newWithSize)(device, dtype, ndim, size);
}

THTensor* new_tensor(THDtype dtype, int ndim, const int64_t* size) {
  return new_on(target.device, dtype, ndim, size);
}

THTensor* new_like(const THTensor* like, THDtype dtype, int ndim, const int64_t* size) {
  return new_on(target.overrides ? target.device : THTensor_device(like), dtype, ndim, size);
}

THTensor* new_copy_on(const THTensor* self, int device, bool non_blocking) {
  if (device < 0 && THTensor_device(self) < 0) return ::THTensor_newClone(self);
  THTensor* const copy = new_on(device, static_cast<THDtype>(self->dtype), self->ndim, self->size);
  if (copy == nullptr || TORCH_THC(THCTensor_copyAsync)(copy, self, non_blocking) == TH_OK) return copy;
  THTensor_free(copy);
  return nullptr;
}

}  // namespace torch::backend
