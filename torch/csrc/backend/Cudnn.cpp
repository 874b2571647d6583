#include "backend/Cudnn.h"

#include <atomic>
#include <cstring>
#include <mutex>

#include "THCUDNN/THCUDNN.h"
#include "backend/Device.h"
#include "tensor/Tensor.h"

namespace torch::backend {
namespace {

std::atomic<bool> enabled{true};
std::mutex mutex;
CudnnSwitches switches;

#define TORCH_THCUDNN(function) TORCH_OF("THCUDNN", function)

void tell_switches() {
  const auto set = TORCH_THCUDNN(THCUDNN_setOption);
  set(THCUDNN_BENCHMARK, switches.benchmark);
  set(THCUDNN_DETERMINISTIC, switches.deterministic);
  set(THCUDNN_ALLOW_TF32, switches.allow_tf32);
}

// The bridge with cuDNN behind it; what is wrong, or "".
const std::string& trouble() {
  static const std::string found = [] {
    try {
      if (TORCH_THCUDNN(THCUDNN_open)() != TH_OK) return std::string(THStatus_message());
    } catch (const Error& error) {  // there is no bridge
      return std::string(error.what());
    }
    const std::lock_guard<std::mutex> lock(mutex);
    tell_switches();
    return std::string();
  }();
  return found;
}

std::atomic<bool> asked{false};  // the bridge has been opened, if there is one

bool usable() {
  const bool fine = trouble().empty();
  asked.store(true, std::memory_order_release);
  return fine;
}

}  // namespace

CudnnSwitches cudnn_switches() {
  const std::lock_guard<std::mutex> lock(mutex);
  return switches;
}

void set_cudnn_switches(const CudnnSwitches& wanted) {
  const bool open = asked.load(std::memory_order_acquire) && usable();
  const std::lock_guard<std::mutex> lock(mutex);
  switches = wanted;
  enabled.store(wanted.enabled, std::memory_order_relaxed);
  if (open) tell_switches();
}

bool cudnn_enabled() noexcept {
  return enabled.load(std::memory_order_relaxed);
}

bool cudnn_usable() {
  return cudnn_enabled() && usable();
}

bool cudnn_available(std::string* why) {
  const char* no_device = nullptr;
  const bool device = device_count(&no_device) > 0;
  *why = !device ? std::string(no_device) : usable() ? "" : trouble();
  return why->empty();
}

int64_t cudnn_version() {
  if (!usable()) throw Error(TH_ERR_UNSUPPORTED, trouble());
  int64_t version = 0;
  check(TORCH_THCUDNN(THCUDNN_getVersion)(&version));
  return version;
}

CudnnPlans cudnn_plans() {
  if (!usable()) return {};
  THCUDNNPlanUse use;
  TORCH_THCUDNN(THCUDNN_getPlanUse)(&use);
  return {use.hits, use.misses, use.refusals, use.kept};
}

void* preferred(const char* name) {
  if (std::strncmp(name, "THNN_", 5) != 0) return nullptr;
  void* const function = find("THCUDNN", ("THCUDNN_" + std::string(name + 5)).c_str());
  return function != nullptr && usable() ? function : nullptr;
}

}  // namespace torch::backend
