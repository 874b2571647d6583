// Element by element: r[i] = f(a[i], ...) over tensors of any strides.
//
// Operands without gaps, or that stand still (broadcast) along the innermost dimension, go sixteen bytes at a time, which is
// what reaches the memory's bandwidth; others element by element, with neighbouring threads on neighbouring elements of the
// output.
#pragma once

#include <utility>

#include "THC/device/THCArithmetic.cuh"
#include "THC/device/THCDtype.cuh"
#include "THC/device/THCOps.cuh"
#include "THC/device/THCWalk.cuh"

constexpr int THC_MAP_THREADS = 256;
constexpr int THC_MAP_DIMS = 8;                     // a walk with more dimensions, after joining, is cut into several
constexpr int64_t THC_MAP_LIMIT = INT64_C(1) << 30; // elements of one launch

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

// One run without gaps, whose operands start where packs of V elements may.
template <int V, class... T> bool thc_isDense(const THIterPlan &plan)
{
    const int64_t itemsize[] = {(int64_t)sizeof(T)...};
    if (plan.ndim > 1) return false;
    for (int k = 0; k < plan.nargs; k++) {
        if (plan.ndim == 1 && plan.stride[k][0] != itemsize[k]) return false;
        if (reinterpret_cast<uintptr_t>(plan.data[k]) % (uintptr_t)(V * itemsize[k]) != 0) return false;
    }
    return true;
}

// Packs of V elements along the innermost dimension: the output has no gaps there, an input has none or stands still.
// *packs becomes a walk over packs.
template <int V, class... T> bool thc_isPacked(const THIterPlan &plan, THIterPlan *packs, uint32_t *still)
{
    const int64_t itemsize[] = {(int64_t)sizeof(T)...};
    if (plan.ndim < 1 || plan.size[0] % V != 0 || plan.stride[0][0] == 0) return false;
    *packs = plan;
    *still = 0;
    packs->numel /= V;
    packs->size[0] /= V;
    for (int k = 0; k < plan.nargs; k++) {
        const int64_t pack = V * itemsize[k];
        if (plan.stride[k][0] == 0) {
            *still |= 1u << (k - 1);
            continue;
        }
        packs->stride[k][0] = pack;
        bool whole = plan.stride[k][0] == itemsize[k] && reinterpret_cast<uintptr_t>(plan.data[k]) % (uintptr_t)pack == 0;
        for (int d = 1; d < plan.ndim; d++) whole = whole && plan.stride[k][d] % pack == 0;
        if (!whole) return false;
    }
    return true;
}

// A part that one launch holds.
template <class Out, class... In, class F, size_t... K>
void thc_launchMap(const THIterPlan &plan, F f, std::index_sequence<K...>)
{
    constexpr size_t widest = sizeof(Out) > 4 || ((sizeof(In) > 4) || ...) ? 8 : 4;
    constexpr int V = (int)(16 / widest);
    using Walk = THCWalk<1 + (int)sizeof...(In), THC_MAP_DIMS>;
    const cudaStream_t stream = thc_stream();
    THIterPlan packs;
    uint32_t still;
    if (thc_isDense<V, Out, In...>(plan)) {
        const unsigned blocks = thc_blocks((plan.numel + V - 1) / V, THC_MAP_THREADS);
        thc_mapDense<V, F, Out, In...><<<blocks, THC_MAP_THREADS, 0, stream>>>(
            plan.numel, f, reinterpret_cast<Out *>(plan.data[0]), reinterpret_cast<const In *>(plan.data[1 + K])...);
    } else if (thc_isPacked<V, Out, In...>(plan, &packs, &still)) {
        thc_mapPacked<Walk, V, F, Out, In...><<<thc_blocks(packs.numel, THC_MAP_THREADS), THC_MAP_THREADS, 0, stream>>>(
            (uint32_t)packs.numel, Walk(packs), still, f, plan.data[0], reinterpret_cast<const In *>(plan.data[1 + K])...);
    } else {
        thc_mapStrided<Walk, F, Out, In...><<<thc_blocks(plan.numel, THC_MAP_THREADS), THC_MAP_THREADS, 0, stream>>>(
            (uint32_t)plan.numel, Walk(plan), f, plan.data[0], reinterpret_cast<const In *>(plan.data[1 + K])...);
    }
}

// Calls f with the plan, or with parts of it that one launch holds: of at most THC_MAP_DIMS dimensions (one walk for each place
// of the shortest), and halves of the longest dimension, again and again.
template <class F> void thc_inParts(const THIterPlan &plan, F f)
{
    if (plan.ndim > THC_MAP_DIMS) {
        int shortest = 0;
        for (int d = 1; d < plan.ndim; d++)
            if (plan.size[d] < plan.size[shortest]) shortest = d;
        THIterPlan part = plan;
        part.numel /= plan.size[shortest];
        part.ndim--;
        for (int d = shortest; d < part.ndim; d++) {
            part.size[d] = plan.size[d + 1];
            for (int k = 0; k < plan.nargs; k++) part.stride[k][d] = plan.stride[k][d + 1];
        }
        for (int64_t i = 0; i < plan.size[shortest]; i++) {
            for (int k = 0; k < plan.nargs; k++) part.data[k] = plan.data[k] + i * plan.stride[k][shortest];
            thc_inParts(part, f);
        }
        return;
    }
    if (plan.numel <= THC_MAP_LIMIT) {
        f(plan);
        return;
    }
    int longest = 0;
    for (int d = 1; d < plan.ndim; d++)
        if (plan.size[d] > plan.size[longest]) longest = d;
    THIterPlan low = plan, high = plan;
    low.size[longest] = plan.size[longest] / 2;
    high.size[longest] = plan.size[longest] - low.size[longest];
    low.numel = plan.numel / plan.size[longest] * low.size[longest];
    high.numel = plan.numel - low.numel;
    for (int k = 0; k < plan.nargs; k++) high.data[k] += low.size[longest] * plan.stride[k][longest];
    thc_inParts(low, f);
    thc_inParts(high, f);
}

// r, which has its final shape, becomes f of the inputs, which broadcast to it. Their element types are Out and In; f takes and
// returns what these compute in. An input that overlaps r without being the same view of it is copied first.
template <class Out, class... In, class F, class... Tensors>
THStatus thc_map(const char *op, F f, THTensor *r, const Tensors *...in)
{
    static_assert(sizeof...(In) == sizeof...(Tensors), "one element type for each input");
    if (r->numel == 0) return TH_OK;
    const bool conflict = (THIter_conflicts(r, in) || ...);
    if (conflict) {
        const THCOwned apart(THTensor_new());
        if (!apart) return THStatus_last();
        TH_TRY(THTensor_outputOn(apart.get(), op, THTensor_device(r), (THDtype)r->dtype, r->ndim, r->size));
        TH_TRY((thc_map<Out, In...>(op, f, apart.get(), in...)));
        return thc_map<Out, Out>(op, THCIdentity<THCCompute<Out>>{}, r, static_cast<const THTensor *>(apart.get()));
    }
    THTensor *const tensors[] = {r, const_cast<THTensor *>(in)...};
    THIterPlan plan;
    TH_TRY(THIter_plan(&plan, op, 1 + (int)sizeof...(In), tensors));
    const THCGuard guard(r);
    thc_inParts(plan, [&](const THIterPlan &part) { thc_launchMap<Out, In...>(part, f, std::index_sequence_for<In...>()); });
    return thc_started(op);
}
