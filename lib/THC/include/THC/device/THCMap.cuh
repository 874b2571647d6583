// Element by element: r[i] = f(a[i], ...) over tensors of any strides.
//
// Operands without gaps, or that stand still (broadcast) along the innermost dimension, go sixteen bytes at a time, which is
// what reaches the memory's bandwidth; others element by element, with neighbouring threads on neighbouring elements of the
// output.
#pragma once

#include <utility>

#include "THC/device/THCArithmetic.cuh"
#include "THC/device/THCDtype.cuh"
#include "THC/device/THCLaunch.cuh"
#include "THC/device/THCOps.cuh"
#include "THC/device/THCWalk.cuh"

constexpr int THC_MAP_THREADS = 256;

template <class T, int V> struct alignas(sizeof(T) * V) THCPack {
    T item[V];
};

template <class F, class Out, class... In> __device__ Out thc_applied(const F &f, const In &...in)
{
    return THCElement<Out>::down(static_cast<THCCompute<Out>>(f(THCElement<In>::up(in)...)));
}

// V elements for each thread; the last thread of the grid takes what is left over.
template <int V, class F, class Out, class... In>
__global__ void __launch_bounds__(THC_MAP_THREADS)
    thc_mapDense(int64_t n, F f, Out *__restrict__ out, const In *__restrict__... in)
{
    const int64_t pack = (int64_t)blockIdx.x * THC_MAP_THREADS + threadIdx.x;
    const int64_t first = pack * V;
    if (first + V <= n) {
        THCPack<Out, V> result;
        [&](const THCPack<In, V>... packs) {
#pragma unroll
            for (int v = 0; v < V; v++) result.item[v] = thc_applied<F, Out, In...>(f, packs.item[v]...);
        }(reinterpret_cast<const THCPack<In, V> *>(in)[pack]...);
        reinterpret_cast<THCPack<Out, V> *>(out)[pack] = result;
        return;
    }
    for (int64_t i = first; i < n; i++) out[i] = thc_applied<F, Out, In...>(f, in[i]...);
}

template <class Walk, class F, class Out, class... In, size_t... K>
__device__ void thc_mapOne(const Walk &walk, uint32_t i, const F &f, char *out, std::index_sequence<K...>, const In *...in)
{
    int64_t offset[1 + sizeof...(In)];
    walk.offsets(i, offset);
    *reinterpret_cast<Out *>(out + offset[0]) =
        thc_applied<F, Out, In...>(f, *reinterpret_cast<const In *>(reinterpret_cast<const char *>(in) + offset[1 + K])...);
}

template <class Walk, class F, class Out, class... In>
__global__ void __launch_bounds__(THC_MAP_THREADS) thc_mapStrided(uint32_t n, const Walk walk, F f, char *out, const In *...in)
{
    const uint32_t i = blockIdx.x * THC_MAP_THREADS + threadIdx.x;
    if (i < n) thc_mapOne<Walk, F, Out, In...>(walk, i, f, out, std::index_sequence_for<In...>(), in...);
}

// V elements of an operand at `at`, or one that stands for all of them.
template <class In, int V> __device__ THCPack<In, V> thc_loadOperand(const char *at, bool still)
{
    if (!still) return *reinterpret_cast<const THCPack<In, V> *>(at);
    THCPack<In, V> pack;
    const In item = *reinterpret_cast<const In *>(at);
#pragma unroll
    for (int v = 0; v < V; v++) pack.item[v] = item;
    return pack;
}

template <class Walk, int V, class F, class Out, class... In, size_t... K>
__device__ void thc_mapPack(const Walk &walk, uint32_t i, uint32_t still, const F &f, char *out, std::index_sequence<K...>,
                            const In *...in)
{
    int64_t offset[1 + sizeof...(In)];
    walk.offsets(i, offset);
    THCPack<Out, V> result;
    [&](const THCPack<In, V>... packs) {
#pragma unroll
        for (int v = 0; v < V; v++) result.item[v] = thc_applied<F, Out, In...>(f, packs.item[v]...);
    }(thc_loadOperand<In, V>(reinterpret_cast<const char *>(in) + offset[1 + K], still >> K & 1)...);
    *reinterpret_cast<THCPack<Out, V> *>(out + offset[0]) = result;
}

// n packs. still: the bit k is set if input k stands still within a pack.
template <class Walk, int V, class F, class Out, class... In>
__global__ void __launch_bounds__(THC_MAP_THREADS)
    thc_mapPacked(uint32_t n, const Walk walk, uint32_t still, F f, char *out, const In *...in)
{
    const uint32_t i = blockIdx.x * THC_MAP_THREADS + threadIdx.x;
    if (i < n) thc_mapPack<Walk, V, F, Out, In...>(walk, i, still, f, out, std::index_sequence_for<In...>(), in...);
}

inline unsigned thc_blocks(int64_t count, int threads)
{
    return (unsigned)((count + threads - 1) / threads);
}

// A part that one launch holds.
template <class Out, class... In, class F, size_t... K>
void thc_launchMap(const THIterPlan &plan, F f, std::index_sequence<K...>)
{
    constexpr size_t widest = sizeof(Out) > 4 || ((sizeof(In) > 4) || ...) ? 8 : 4;
    constexpr int V = (int)(16 / widest), DENSE = sizeof(Out) > 2 || ((sizeof(In) > 2) || ...) ? V : 2 * V;
    using Walk = THCWalk<1 + (int)sizeof...(In), THC_MAP_DIMS>;
    constexpr int64_t itemsize[] = {(int64_t)sizeof(Out), (int64_t)sizeof(In)...};
    const cudaStream_t stream = thc_stream();
    THIterPlan packs;
    uint32_t still;
    if (thc_isDense(&plan, DENSE, itemsize)) {
        const unsigned blocks = thc_blocks((plan.numel + DENSE - 1) / DENSE, THC_MAP_THREADS);
        thc_mapDense<DENSE, F, Out, In...><<<blocks, THC_MAP_THREADS, 0, stream>>>(
            plan.numel, f, reinterpret_cast<Out *>(plan.data[0]), reinterpret_cast<const In *>(plan.data[1 + K])...);
    } else if (thc_isPacked(&plan, V, itemsize, &packs, &still)) {
        thc_mapPacked<Walk, V, F, Out, In...><<<thc_blocks(packs.numel, THC_MAP_THREADS), THC_MAP_THREADS, 0, stream>>>(
            (uint32_t)packs.numel, Walk(packs), still, f, plan.data[0], reinterpret_cast<const In *>(plan.data[1 + K])...);
    } else {
        thc_mapStrided<Walk, F, Out, In...><<<thc_blocks(plan.numel, THC_MAP_THREADS), THC_MAP_THREADS, 0, stream>>>(
            (uint32_t)plan.numel, Walk(plan), f, plan.data[0], reinterpret_cast<const In *>(plan.data[1 + K])...);
    }
}

// r, which has its final shape, becomes f of the inputs, which broadcast to it. Their element types are Out and In; f takes and
// returns what these compute in. An input that overlaps r without being the same view of it is copied first.
template <class Out, class... In, class F, class... Tensors>
THStatus thc_map(const char *op, F f, THTensor *r, const Tensors *...in)
{
    static_assert(sizeof...(In) == sizeof...(Tensors), "one element type for each input");
    if (r->numel == 0) return TH_OK;
    if ((THIter_conflicts(r, in) || ...)) {
        const THCOwned apart(thc_newApart(op, r));
        if (!apart) return THStatus_last();
        TH_TRY((thc_map<Out, In...>(op, f, apart.get(), in...)));
        return thc_bringBack(op, r, apart.get());
    }
    THTensor *const tensors[] = {r, const_cast<THTensor *>(in)...};
    const auto launch = [f](const THIterPlan &part) { thc_launchMap<Out, In...>(part, f, std::index_sequence_for<In...>()); };
    return thc_walk(op, 1 + (int)sizeof...(In), tensors, thc_calling<decltype(launch)>, &launch);
}
