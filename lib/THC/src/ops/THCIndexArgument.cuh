// Index tensors, checked before anything is written.
#pragma once

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCAnswer.cuh"
#include "kernels/THCEach.cuh"
#include "ops/THCTarget.cuh"

// A contiguous index with all entries in [0, size), or [-size, size) where negative ones count from the end.
class THCIndexArgument
{
  public:
    THCIndexArgument() : owner_(nullptr), low_(0), size_(0) {}
    ~THCIndexArgument() { THTensor_free(owner_); }
    THCIndexArgument(const THCIndexArgument &) = delete;
    THCIndexArgument &operator=(const THCIndexArgument &) = delete;
    // TH_ERR_DTYPE unless index is Long, TH_ERR_STATE unless it lives on base's device, TH_ERR_INDEX if an entry is out of
    // range. Waits for the device, as a check of values has to.
    THStatus of(const char *op, const THTensor *index, const THTensor *base, int64_t size, bool wrap);
    // The same in three steps: `take`, `ask` for the check of the entries, and `settle`, which waits for it alone. Kernels
    // started between the last two have to do without the check (thc_inside). For what writes to memory that nobody knows yet.
    THStatus take(const char *op, const THTensor *index, const THTensor *base, int64_t size, bool wrap);
    THStatus ask(const char *op);
    THStatus settle(const char *op);
    // Instead of `ask`, `watch` opens the check for a kernel that makes it beside its own work (THCAnswer.cuh), with thc_look
    // at `range`, or with thc_note, after which `tell` is called.
    THStatus watch(const char *op, THCWatch *watch) { return asked_.open(op, THTensor_device(owner_), watch); }
    THStatus tell(const char *op) { return asked_.tell(op); }
    THCRange range() const { return THCRange{thc_data<int64_t>(owner_), owner_->numel, low_, size_, false, 0}; }
    const THTensor *get() const { return owner_; }

  private:
    THTensor *owner_;
    int64_t low_, size_;
    THCAsked asked_;
};

// Counts a write of self, and refuses a tensor whose elements share memory with one another (expanded).
THStatus thc_beginWrite(const char *op, THTensor *self);

__device__ inline int64_t thc_wrapped(int64_t k, int64_t size)
{
    return k < 0 ? k + size : k;
}

// The same for indices that are still being checked: 0 in place of one that is out of range.
__device__ inline int64_t thc_inside(int64_t k, int64_t size)
{
    const int64_t place = thc_wrapped(k, size);
    return (uint64_t)place < (uint64_t)size ? place : 0;
}
