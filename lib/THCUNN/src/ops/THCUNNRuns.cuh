// Numbers in order, and the runs of equal ones among them: for layers whose inputs list elements in any order. A run's elements
// keep the order of the list, in which the host takes them.
#pragma once

#include "ops/THCUNNCall.cuh"

class CunnRuns
{
  public:
    CunnRuns() : keys_(nullptr), order_(nullptr) {}
    ~CunnRuns()
    {
        THTensor_free(keys_);
        THTensor_free(order_);
    }
    CunnRuns(const CunnRuns &) = delete;
    CunnRuns &operator=(const CunnRuns &) = delete;
    // keys: 1-d, Long.
    THStatus open(const THTensor *keys)
    {
        keys_ = THTensor_new();
        order_ = THTensor_new();
        if (keys_ == nullptr || order_ == nullptr) return THStatus_last();
        return THCTensor_sort(keys_, order_, keys, 0, 0);
    }
    int64_t count() const { return keys_->numel; }
    const int64_t *keys() const { return thc_data<int64_t>(keys_); }
    // Where each stood in the list.
    const int64_t *order() const { return thc_data<int64_t>(order_); }

  private:
    THTensor *keys_, *order_;
};

// f(key, first, last, k) for each run, of the elements first .. last - 1 in order, and each k in [0, width); runs of negative
// keys are left out. One thread for each.
template <class F> struct CunnEachRun {
    int64_t n, width;
    const int64_t *keys;
    F f;
    __device__ void operator()(int64_t i) const
    {
        const int64_t first = i / width, key = keys[first];
        if (key < 0 || (first > 0 && keys[first - 1] == key)) return;
        int64_t last = first + 1;
        while (last < n && keys[last] == key) last++;
        f(key, first, last, i - first * width);
    }
};

template <class F> THStatus cunn_eachRun(const char *op, const CunnRuns &runs, int64_t width, F f)
{
    return cunn_each(op, runs.count() * width, CunnEachRun<F>{runs.count(), width, runs.keys(), f});
}
