// A walk that hands out addresses: f(p) with the addresses of an element of each operand, for what reads or writes elsewhere
// than at its own place. Which thread has which element is not defined.
#pragma once

#include "THC/device/THCMap.cuh"

template <int ARGS> struct THCPlaces {
    char *data[ARGS];
};

template <class Walk, int ARGS, class F>
__global__ void __launch_bounds__(THC_MAP_THREADS) thc_eachOf(uint32_t n, const Walk walk, F f, const THCPlaces<ARGS> places)
{
    const uint32_t i = blockIdx.x * THC_MAP_THREADS + threadIdx.x;
    if (i >= n) return;
    int64_t offset[ARGS];
    char *p[ARGS];
    walk.offsets(i, offset);
#pragma unroll
    for (int k = 0; k < ARGS; k++) p[k] = places.data[k] + offset[k];
    f(p);
}

template <int ARGS, class F> void thc_startEach(const THIterPlan &plan, F f)
{
    using Walk = THCWalk<ARGS, THC_MAP_DIMS>;
    THCPlaces<ARGS> places;
    for (int k = 0; k < ARGS; k++) places.data[k] = plan.data[k];
    const unsigned blocks = thc_blocks(plan.numel, THC_MAP_THREADS);
    thc_eachOf<Walk, ARGS, F><<<blocks, THC_MAP_THREADS, 0, thc_stream()>>>((uint32_t)plan.numel, Walk(plan), f, places);
}

// The walk has the shape of the first operand, which is not expanded. Operands lie on one device.
template <class F, class... Tensors> THStatus thc_each(const char *op, F f, const THTensor *first, const Tensors *...others)
{
    constexpr int ARGS = 1 + (int)sizeof...(Tensors);
    THTensor *const tensors[] = {const_cast<THTensor *>(first), const_cast<THTensor *>(others)...};
    if (first->numel == 0) return TH_OK;
    const auto launch = [f](const THIterPlan &part) { thc_startEach<ARGS>(part, f); };
    return thc_walk(op, ARGS, tensors, thc_calling<decltype(launch)>, &launch);
}

// A tensor's memory seen with other sizes and strides, for a walk only: it owns nothing, and strides of 0 may be written
// through.
class THCView
{
  public:
    THCView(const THTensor *t, int ndim, const int64_t *size) : header_(*t)
    {
        header_.ndim = (int16_t)ndim;
        header_.numel = 1;
        header_.size = size_;
        header_.stride = stride_;
        for (int d = 0; d < ndim; d++) {
            size_[d] = size[d];
            stride_[d] = 0;
            header_.numel *= size[d];
        }
    }
    // t's strides, but none along dim: the place there comes from an index.
    static THCView indexed(const THTensor *t, int ndim, const int64_t *size, int dim)
    {
        THCView view(t, ndim, size);
        for (int d = 0; d < ndim; d++) view.stride_[d] = d == dim ? 0 : t->stride[d];
        return view;
    }
    // A 1-d tensor along dim.
    static THCView along(const THTensor *t, int ndim, const int64_t *size, int dim)
    {
        THCView view(t, ndim, size);
        if (ndim > 0 && t->ndim > 0) view.stride_[dim] = t->stride[0];
        return view;
    }
    // Row-major: gives a walk its shape.
    static THCView shape(const THTensor *t, int ndim, const int64_t *size)
    {
        THCView view(t, ndim, size);
        int64_t step = 1;
        for (int d = ndim - 1; d >= 0; step *= size[d--]) view.stride_[d] = step;
        return view;
    }
    THCView(const THCView &other) : header_(other.header_)
    {
        header_.size = size_;
        header_.stride = stride_;
        for (int d = 0; d < header_.ndim; d++) {
            size_[d] = other.size_[d];
            stride_[d] = other.stride_[d];
        }
    }
    THCView &operator=(const THCView &) = delete;
    const THTensor *get() const { return &header_; }

  private:
    THTensor header_;
    int64_t size_[TH_MAX_DIMS], stride_[TH_MAX_DIMS];
};
