// Index tensors, checked before anything is written.
#pragma once

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCAnswer.cuh"
#include "kernels/THCEach.cuh"
#include "ops/THCOwners.cuh"
#include "ops/THCTarget.cuh"

// f for kernels that are started while entries are being checked: called if all of them were found in range.
template <class F> struct THCGated {
    F f;
    const unsigned long long *gate;
    template <class P> __device__ void operator()(const P &p) const
    {
        if (*gate == THC_FINE) f(p);
    }
};

// A contiguous index with all entries in [0, size), or [-size, size) where negative ones count from the end.
class THCIndexArgument
{
  public:
    THCIndexArgument() : owner_(nullptr), low_(0), size_(0), gate_(nullptr) {}
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
    // After `take`, for what writes into self, which with TH_ERR_INDEX stays as it is and has no write counted. write(to)
    // starts kernels that change `to` where the gate lets them: self or (if not `direct`) a copy that is written back. The
    // device goes on from the check to them by itself; the host waits for the check.
    template <class Write> THStatus change(const char *op, THTensor *self, bool direct, Write write)
    {
        const THCScratch gate(THTensor_device(self), (int64_t)sizeof *gate_);
        if (gate.data() == nullptr) return THStatus_last();
        gate_ = reinterpret_cast<unsigned long long *>(gate.data());
        const THCTarget target = THCTarget::withElements(self, direct);
        if (!target) return THStatus_last();
        TH_TRY(ask(op));
        if (self->numel > 0 && owner_->numel > 0) TH_TRY(write(target.get()));
        TH_TRY(settle(op));
        TH_TRY(thc_outputLike(op, self, self, (THDtype)self->dtype));
        return target.finish();
    }
    // Within `change`: each entry claims the place that it names.
    THStatus claim(const char *op, THCOwners *owners) const;
    template <class F> THCGated<F> gated(const F &f) const { return THCGated<F>{f, gate_}; }
    const unsigned long long *gate() const { return gate_; }
    THCRange range() const { return THCRange{thc_data<int64_t>(owner_), owner_->numel, low_, size_, false, 0}; }
    const THTensor *get() const { return owner_; }

  private:
    THTensor *owner_;
    int64_t low_, size_;
    THCAsked asked_;
    unsigned long long *gate_; // within `change`: memory of the device, THC_FINE if all entries were found in range
};

// Refuses a tensor whose elements share memory with one another (expanded). Its write is counted by thc_outputLike.
THStatus thc_checkWritable(const char *op, const THTensor *self);

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
