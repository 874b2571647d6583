// Calls of the C libraries that go to the device where the tensors are.
//
// backend/Functions.h defines, in namespace torch, a function object for each function of TH and THNN that touches elements,
// under its own name: within the extension THTensor_cadd(r, a, b, alpha) means the object, which calls TH's function for
// tensors of the host and THC's function of the same type for tensors of a device. (An object hides the global function also
// from argument-dependent lookup, which a function would not.)
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

#include "THC/THC.h"
#include "THNN/THNN.h"
#include "backend/Cudnn.h"
#include "backend/Device.h"

namespace torch::backend {

constexpr int MIXED = -3;  // on more than one device

inline int merge(int seen, const THTensor* tensor) noexcept {
  if (tensor == nullptr || tensor->storage == nullptr) return seen;
  const int device = tensor->storage->device;
  return seen == UNSET || seen == device ? device : MIXED;
}
inline int merge(int seen, THTensor* const* tensors) noexcept {  // a list: the library looks at the others
  return merge(seen, *tensors);
}
template <class T>
inline std::enable_if_t<!std::is_convertible_v<T, const THTensor*> && !std::is_convertible_v<T, THTensor* const*>, int> merge(
    int seen, const T&) noexcept {
  return seen;
}

// Sets the failure that names both places.
THStatus fail_mixed(const char* name, std::initializer_list<const THTensor*> tensors);
THStatus fail_missing(const char* name);
// THC's or THCUNN's counterpart of a function of TH or THNN; NULL if it has none.
void* counterpart(const char* name);

inline const THTensor* tensor_or_null(const THTensor* tensor) noexcept {
  return tensor;
}
template <class T>
inline std::enable_if_t<!std::is_convertible_v<T, const THTensor*>, const THTensor*> tensor_or_null(const T&) noexcept {
  return nullptr;
}

template <auto Host>
class Function;

template <class R, class... A, R (*Host)(A...)>
class Function<Host> {
 public:
  // across: the tensors may be in several places.
  explicit constexpr Function(const char* name, bool across = false) noexcept : name_(name), across_(across) {}

  R operator()(A... args) const {
    int device = UNSET;
    ((device = merge(device, args)), ...);
    if (__builtin_expect(device == HOST || device == UNSET, 1)) return Host(args...);
    return elsewhere(device, args...);
  }

 private:
  __attribute__((noinline, cold)) R elsewhere(int device, A... args) const {
    if (device == MIXED && !across_) return failed(fail_mixed(name_, {tensor_or_null(args)...}));
    if constexpr (std::is_same_v<R, THStatus>) {
      static const auto vendor = reinterpret_cast<R (*)(A...)>(preferred(name_));
      const R status = vendor != nullptr && cudnn_enabled() ? vendor(args...) : TH_ERR_UNSUPPORTED;
      if (status != TH_ERR_UNSUPPORTED) return status;
    }
    static const auto cuda = reinterpret_cast<R (*)(A...)>(counterpart(name_));
    return cuda == nullptr ? failed(fail_missing(name_)) : cuda(args...);
  }

  static R failed(THStatus status) {
    if constexpr (std::is_pointer_v<R>)
      return static_cast<void>(status), nullptr;
    else
      return status;
  }

  const char* name_;
  bool across_;
};

}  // namespace torch::backend
