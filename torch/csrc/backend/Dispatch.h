// Calls of the C libraries that go to the device where the tensors are.
//
// backend/Functions.h defines, in namespace torch, a function object for each function of TH and THNN that touches elements,
// under its own name: within the extension THTensor_cadd(r, a, b, alpha) means the object, which calls TH's function for
// tensors of the host and THC's function of the same type for tensors of a device. (An object hides the global function also
// from argument-dependent lookup, which a function would not.)
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
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

// Where tensors may be.
enum class Places {
  ONE,
  SCALARS,  // scalars (tensors without dimensions) of the host that are only read may stand among tensors of a device
  ANY,
};

// Where an operation runs whose scalars of the host do not count: MIXED if its other tensors do not agree.
template <class T>
inline int merge_others(int seen, const T& argument) noexcept {
  if constexpr (std::is_same_v<T, const THTensor*>) {
    if (argument != nullptr && THTensor_device(argument) == HOST && argument->ndim == 0) return seen;
  }
  return merge(seen, argument);
}

// Scalars of the host on a device, as long as it lives. They are filled there: nothing waits.
class ScalarsOn {
 public:
  explicit ScalarsOn(int device) noexcept : device_(device) {}
  ScalarsOn(const ScalarsOn&) = delete;
  ScalarsOn& operator=(const ScalarsOn&) = delete;
  ~ScalarsOn();

  template <class T>
  T operator()(T argument) {
    if constexpr (std::is_same_v<T, const THTensor*>) {
      if (argument != nullptr && argument->storage != nullptr && THTensor_device(argument) == HOST) return moved(argument);
    }
    return argument;
  }
  bool failed() const noexcept { return failed_; }

 private:
  const THTensor* moved(const THTensor* scalar);

  int device_;
  int count_ = 0;
  bool failed_ = false;
  THTensor* made_[4];  // no operation has more
};

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
  explicit constexpr Function(const char* name, Places places = Places::ONE) noexcept : name_(name), places_(places) {}

  R operator()(A... args) const {
    int device = UNSET;
    ((device = merge(device, args)), ...);
    if (__builtin_expect(device == HOST || device == UNSET, 1)) return Host(args...);
    return elsewhere(device, args...);
  }

 private:
  __attribute__((noinline, cold)) R elsewhere(int device, A... args) const {
    if (device == MIXED && places_ != Places::ANY) return among_scalars(args...);
    if constexpr (std::is_same_v<R, THStatus>) {
      static const auto vendor = reinterpret_cast<R (*)(A...)>(preferred(name_));
      const R status = vendor != nullptr && cudnn_enabled() ? vendor(args...) : TH_ERR_UNSUPPORTED;
      if (status != TH_ERR_UNSUPPORTED) return status;
    }
    static const auto cuda = reinterpret_cast<R (*)(A...)>(counterpart(name_));
    return cuda == nullptr ? failed(fail_missing(name_)) : cuda(args...);
  }

  // Not all on one device: with its scalars of the host on the device of the others, if that will do.
  R among_scalars(A... args) const {
    int others = UNSET;
    ((others = merge_others<A>(others, args)), ...);
    if (places_ == Places::ONE || others < 0) return failed(fail_mixed(name_, {tensor_or_null(args)...}));
    ScalarsOn scalars(others);
    const std::tuple<A...> there{scalars(args)...};  // braces: from left to right
    return scalars.failed() ? failed(THStatus_last()) : std::apply(*this, there);
  }

  static R failed(THStatus status) {
    if constexpr (std::is_pointer_v<R>)
      return static_cast<void>(status), nullptr;
    else
      return status;
  }

  const char* name_;
  Places places_;
};

}  // namespace torch::backend
