// One RAII handle over THTensor: the only place of the extension that retains and frees tensors.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "backend/Functions.h"

namespace torch {

// A failure of a library call, on its way to a Python exception.
class Error : public std::runtime_error {
 public:
  Error(THStatus code, const std::string& message) : std::runtime_error(message), code_(code) {}
  THStatus code() const noexcept { return code_; }

 private:
  THStatus code_;
};

// Out of line, so that the callers stay small.
[[noreturn]] void throw_last_error();

inline void check(THStatus status) {
  if (__builtin_expect(status != TH_OK, 0)) throw_last_error();
}

using Scalar = THScalar;
using Sizes = std::vector<int64_t>;

class Tensor {
 public:
  Tensor() noexcept = default;
  Tensor(const Tensor& other) noexcept : impl_(other.impl_) {
    if (impl_) THRefcount_retain(&impl_->refcount);
  }
  Tensor(Tensor&& other) noexcept : impl_(std::exchange(other.impl_, nullptr)) {}
  Tensor& operator=(Tensor other) noexcept {
    std::swap(impl_, other.impl_);
    return *this;
  }
  ~Tensor() {
    if (impl_ && THRefcount_release(&impl_->refcount)) THTensor_free(impl_);
  }

  // Takes over a reference that a `new` function returned; NULL throws that function's failure.
  static Tensor steal(THTensor* impl) {
    if (__builtin_expect(impl == nullptr, 0)) throw_last_error();
    Tensor t;
    t.impl_ = impl;
    return t;
  }
  static Tensor borrow(THTensor* impl) noexcept {
    THRefcount_retain(&impl->refcount);
    Tensor t;
    t.impl_ = impl;
    return t;
  }
  // A place for the output of an op.
  static Tensor fresh() { return steal(THTensor_new()); }

  explicit operator bool() const noexcept { return impl_ != nullptr; }  // is there a tensor at all
  THTensor* get() const noexcept { return impl_; }
  THTensor* release() noexcept { return std::exchange(impl_, nullptr); }
  bool is(const Tensor& other) const noexcept { return impl_ == other.impl_; }

  THDtype dtype() const noexcept { return static_cast<THDtype>(impl_->dtype); }
  int ndim() const noexcept { return impl_->ndim; }
  int64_t numel() const noexcept { return impl_->numel; }
  int64_t size(int dim) const noexcept { return impl_->size[dim]; }   // dim in 0 .. ndim-1
  int64_t device() const noexcept { return THTensor_device(impl_); }  // -1: the host
  Sizes sizes() const { return Sizes(impl_->size, impl_->size + impl_->ndim); }

 private:
  THTensor* impl_ = nullptr;
};

}  // namespace torch
