// The exchanges of Fisher and Yates, all at once. Exchange k swaps place n - 1 - k, its last, which nothing touches any more
// afterwards, with a drawn place, its other, that is not after it. So what stands at a place before exchange k was brought by
// the last exchange before k that drew the place: the number that had stood at the last place of that exchange, which is found
// in the same way. Where none drew it, the place still has its own number. Half of the places were never drawn, and chains of
// such steps have some log n of them at most.
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"
#include "kernels/THCPhilox.cuh"
#include "ops/THCRandomFill.cuh"

namespace
{

constexpr int THREADS = 256;

// Exchanges are counted from 1: 0 is none.
struct Shuffle {
    uint32_t n;
    uint32_t *first, *next; // of each place a list of the exchanges that drew it, in no order: its first, of each the next
    uint32_t *latest;       // of each place the last exchange that drew it
    uint32_t *other;        // of each exchange the place that it drew
};

__global__ void __launch_bounds__(THREADS) draw(Shuffle s, THCStreamShare share)
{
    const uint32_t i = blockIdx.x * THREADS + threadIdx.x;
    if (2 * i >= s.n) return;
    const THCWords words = thc_philox(share.seed, share.counter + i);
#pragma unroll
    for (uint32_t w = 0; w < 2; w++) {
        const uint32_t k = 2 * i + w;
        if (k >= s.n) break;
        const uint64_t bits = (uint64_t)words.w[2 * w] | (uint64_t)words.w[2 * w + 1] << 32;
        const uint32_t other = (uint32_t)__umul64hi(bits, s.n - k);
        s.other[k] = other;
        if (other == s.n - 1 - k) continue; // its own last: nothing is brought anywhere
        s.next[k] = atomicExch(&s.first[other], k + 1);
        atomicMax(&s.latest[other], k + 1);
    }
}

__global__ void __launch_bounds__(THREADS) follow(Shuffle s, int64_t *out)
{
    const uint32_t place = blockIdx.x * THREADS + threadIdx.x;
    if (place >= s.n) return;
    const uint32_t own = s.n - place, other = s.other[own - 1];
    uint32_t bringer = 0;
    if (other == place)
        bringer = s.latest[place];
    else
        for (uint32_t k = s.first[other]; k != 0; k = s.next[k - 1])
            if (k < own && k > bringer) bringer = k;
    uint32_t number = other;
    while (bringer != 0) {
        number = s.n - bringer;
        bringer = s.latest[number];
    }
    out[place] = number;
}

} // namespace

THStatus thc_shuffle(const char *op, const THCStreamShare &share, int device, int64_t *out)
{
    const THCGuard guard(device);
    const int64_t n = share.n;
    const THCScratch room(device, 4 * n * (int64_t)sizeof(uint32_t));
    if (room.data() == nullptr) return THStatus_last();
    uint32_t *const lists = reinterpret_cast<uint32_t *>(room.data());
    const Shuffle s = {(uint32_t)n, lists, lists + 2 * n, lists + n, lists + 3 * n};
    THC_TRY(op, cudaMemsetAsync(lists, 0, (size_t)(2 * n) * sizeof(uint32_t), thc_stream()));
    draw<<<thc_blocks((n + 1) / 2, THREADS), THREADS, 0, thc_stream()>>>(s, share);
    follow<<<thc_blocks(n, THREADS), THREADS, 0, thc_stream()>>>(s, out);
    return thc_started(op);
}
