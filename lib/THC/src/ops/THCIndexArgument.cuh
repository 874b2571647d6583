// Index tensors, checked before anything is written.
#pragma once

#include "THC/device/THCAllocator.cuh"
#include "kernels/THCEach.cuh"
#include "ops/THCTarget.cuh"

// A contiguous index with all entries in [0, size), or [-size, size) where negative ones count from the end.
class THCIndexArgument
{
  public:
    THCIndexArgument() : owner_(nullptr) {}
    ~THCIndexArgument() { THTensor_free(owner_); }
    THCIndexArgument(const THCIndexArgument &) = delete;
    THCIndexArgument &operator=(const THCIndexArgument &) = delete;
    // TH_ERR_DTYPE unless index is Long, TH_ERR_STATE unless it lives on base's device, TH_ERR_INDEX if an entry is out of
    // range. Waits for the device, as a check of values has to.
    THStatus of(const char *op, const THTensor *index, const THTensor *base, int64_t size, bool wrap);
    const THTensor *get() const { return owner_; }

  private:
    THTensor *owner_;
};

// Counts a write of self, and refuses a tensor whose elements share memory with one another (expanded).
THStatus thc_beginWrite(const char *op, THTensor *self);

__device__ inline int64_t thc_wrapped(int64_t k, int64_t size)
{
    return k < 0 ? k + size : k;
}
