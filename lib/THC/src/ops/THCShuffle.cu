// The exchanges of Fisher and Yates, as if one after another. An exchange may be made as soon as none before it is left that
// touches one of its two places: in each round all that are left put themselves down for both places, the first of several for
// a place has it, and those that have both are made. The longest chain of exchanges that wait for one another has some 3 log n
// links (Shun et al., SODA 2015), and most exchanges are in short ones.
#include <algorithm>

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"
#include "kernels/THCPhilox.cuh"
#include "ops/THCRandomFill.cuh"

namespace
{

constexpr int THREADS = 256;
constexpr int LAST_THREADS = 1024;

struct Shuffle {
    uint32_t n;
    int64_t *numbers;
    uint32_t *other; // of each exchange, the place that is not n - 1 - exchange
    // Of each place, for even rounds and for odd ones: in the lower half the exchange that has it, in the upper one less in
    // later rounds.
    unsigned long long *taken[2];
};

__device__ unsigned long long mark(uint32_t round, uint32_t exchange)
{
    return (unsigned long long)(UINT32_MAX - 1 - round) << 32 | exchange;
}

__device__ void putDown(const Shuffle &s, uint32_t round, uint32_t exchange)
{
    unsigned long long *const taken = s.taken[round % 2];
    atomicMin(&taken[s.n - 1 - exchange], mark(round, exchange));
    atomicMin(&taken[s.other[exchange]], mark(round, exchange));
}

// Whether it was made; else it is put down for the next round.
__device__ bool make(const Shuffle &s, uint32_t round, uint32_t exchange)
{
    const unsigned long long *const taken = s.taken[round % 2], own = mark(round, exchange);
    const uint32_t last = s.n - 1 - exchange, other = s.other[exchange];
    if (__ldcg(&taken[last]) != own || __ldcg(&taken[other]) != own) {
        putDown(s, round + 1, exchange);
        return false;
    }
    const int64_t kept = s.numbers[last];
    s.numbers[last] = s.numbers[other];
    s.numbers[other] = kept;
    return true;
}

__global__ void __launch_bounds__(THREADS) begin(Shuffle s, THCStreamShare share)
{
    const uint32_t step = gridDim.x * THREADS;
    for (uint32_t i = blockIdx.x * THREADS + threadIdx.x; 2 * i < s.n; i += step) {
        const THCWords words = thc_philox(share.seed, share.counter + i);
        for (uint32_t k = 2 * i; k < 2 * i + 2 && k < s.n; k++) {
            const int w = 2 * (int)(k - 2 * i);
            const uint64_t bits = (uint64_t)words.w[w] | (uint64_t)words.w[w + 1] << 32;
            s.other[k] = (uint32_t)__umul64hi(bits, s.n - k);
            s.numbers[k] = k;
            if (k + 1 < s.n) putDown(s, 0, k);
        }
    }
}

// The exchanges in `list` (NULL: the first ones), *count of them; *rest of them go to `left`.
__global__ void __launch_bounds__(THREADS)
    makeAll(Shuffle s, uint32_t round, const uint32_t *list, const uint32_t *count, uint32_t *left, uint32_t *rest)
{
    const uint32_t all = *count, lane = threadIdx.x % 32;
    for (uint32_t base = blockIdx.x * THREADS; base < all; base += gridDim.x * THREADS) {
        const uint32_t i = base + threadIdx.x, exchange = i < all && list != nullptr ? list[i] : i;
        const bool waits = i < all && !make(s, round, exchange);
        const unsigned waiting = __ballot_sync(0xffffffffu, waits); // a warp asks for places together
        uint32_t first = 0;
        if (lane == 0 && waiting != 0) first = atomicAdd(rest, (uint32_t)__popc(waiting));
        first = __shfl_sync(0xffffffffu, first, 0);
        if (waits) left[first + (uint32_t)__popc(waiting & ((1u << lane) - 1))] = exchange;
    }
}

// One block makes what is left, by as many rounds as that takes. list and other have room for all of it.
__global__ void __launch_bounds__(LAST_THREADS)
    makeLast(Shuffle s, uint32_t round, uint32_t *list, uint32_t *other, const uint32_t *count)
{
    __shared__ uint32_t rest;
    for (uint32_t left = *count; left > 0; round++) {
        if (threadIdx.x == 0) rest = 0;
        __syncthreads();
        for (uint32_t i = threadIdx.x; i < left; i += LAST_THREADS)
            if (!make(s, round, list[i])) other[atomicAdd(&rest, 1u)] = list[i];
        __threadfence();
        __syncthreads();
        left = rest;
        uint32_t *const former = list;
        list = other;
        other = former;
        __syncthreads(); // `rest` has been read
    }
}

} // namespace

THStatus thc_shuffle(const char *op, const THCStreamShare &share, int device, int64_t *out)
{
    constexpr int MOST_ROUNDS = 63;
    const uint32_t n = (uint32_t)share.n, exchanges = n - 1;
    const THCGuard guard(device);
    const THCScratch taken(device, 2 * share.n * 8), room(device, (3 * share.n + MOST_ROUNDS + 1) * 4);
    if (taken.data() == nullptr || room.data() == nullptr) return THStatus_last();
    auto *const marks = reinterpret_cast<unsigned long long *>(taken.data());
    uint32_t *const other = reinterpret_cast<uint32_t *>(room.data()), *const counts = other + 3 * share.n;
    uint32_t *const lists[] = {other + share.n, other + 2 * share.n};
    const Shuffle s = {n, out, other, {marks, marks + share.n}};
    const cudaStream_t stream = thc_stream();
    const unsigned most = 16 * (unsigned)thc_multiprocessors();
    THC_TRY(op, cudaMemsetAsync(marks, 0xff, (size_t)(2 * share.n * 8), stream));
    THC_TRY(op, cudaMemsetAsync(counts, 0, (MOST_ROUNDS + 1) * sizeof *counts, stream));
    THC_TRY(op, cudaMemcpyAsync(counts, &exchanges, sizeof exchanges, cudaMemcpyHostToDevice, stream));
    begin<<<std::min(most, thc_blocks(n / 2 + 1, THREADS)), THREADS, 0, stream>>>(s, share);
    uint32_t round = 0;
    // A quarter of what is left is made in each round, a third in the first ones.
    for (uint32_t about = n; about > 2 * LAST_THREADS && round < MOST_ROUNDS; about -= about / 4, round++) {
        makeAll<<<std::min(most, thc_blocks(about, THREADS)), THREADS, 0, stream>>>(
            s, round, round == 0 ? nullptr : lists[round % 2], counts + round, lists[(round + 1) % 2], counts + round + 1);
    }
    makeLast<<<1, LAST_THREADS, 0, stream>>>(s, round, lists[round % 2], lists[(round + 1) % 2], counts + round);
    return thc_started(op);
}
