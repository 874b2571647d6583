// A block for each line: the key of the last element that is wanted, digit by digit from the top; those before it; and these in
// order.
#include "ops/THCSelectedLines.cuh"

#include "THC/device/THCMap.cuh"
#include "kernels/THCSortKeys.cuh"

namespace
{

constexpr int THREADS = 256;
constexpr int DIGITS = 256;
constexpr int MOST = 1024; // elements that are sorted in shared memory
constexpr int TOGETHER = 4;

template <class Key> struct Entry {
    Key key;
    uint32_t place;
    __device__ bool before(const Entry &o) const { return key < o.key || (key == o.key && place < o.place); }
};

// Smaller keys come first.
template <class T> __device__ THCSortKey<T> keyOf(T x, bool descending)
{
    const THCSortKey<T> key = thc_sortKey(x);
    return descending ? (THCSortKey<T>)~key : key;
}

// f(i, key) for the elements of a line, in tiles of the block's threads; all threads call it together, with valid false behind
// the end: f(i, key, valid).
template <class T, class F> __device__ void eachKey(const T *line, uint32_t n, bool descending, F f)
{
    for (uint32_t base = 0; base < n; base += TOGETHER * THREADS) {
        T item[TOGETHER];
#pragma unroll
        for (int t = 0; t < TOGETHER; t++) {
            const uint32_t i = base + t * THREADS + threadIdx.x;
            if (i < n) item[t] = line[i];
        }
#pragma unroll
        for (int t = 0; t < TOGETHER; t++) {
            const uint32_t i = base + t * THREADS + threadIdx.x;
            if (base + t * THREADS >= n) break;
            f(i, i < n ? keyOf(item[t], descending) : (THCSortKey<T>)0, i < n);
        }
    }
}

// The keys that are wanted are those below `prefix` in the bits of `mask`, and `ties` of those equal to it, which are `equal`.
template <class Key> struct Bound {
    Key prefix, mask;
    uint32_t ties, equal;
};

// The digit that the element number `wanted` has, by the counts of all digits; a warp finds it.
__device__ void chooseDigit(const uint32_t *count, uint32_t wanted, uint32_t *digit, uint32_t *before)
{
    const int lane = (int)threadIdx.x;
    uint32_t own = 0, sum;
    for (int d = 0; d < DIGITS / 32; d++) own += count[lane * (DIGITS / 32) + d];
    sum = own;
    for (int step = 1; step < 32; step *= 2) {
        const uint32_t other = __shfl_up_sync(0xffffffffu, sum, (unsigned)step);
        if (lane >= step) sum += other;
    }
    uint32_t seen = sum - own;
    if (wanted <= seen || wanted > sum) return; // another lane's
    int d = lane * (DIGITS / 32);
    while (seen + count[d] < wanted) seen += count[d++];
    *digit = (uint32_t)d;
    *before = seen;
}

template <class T> __device__ Bound<THCSortKey<T>> findBound(const T *line, uint32_t n, uint32_t k, bool descending)
{
    using Key = THCSortKey<T>;
    __shared__ uint32_t count[DIGITS], digit, before;
    Bound<Key> bound = {0, 0, k, n};
    for (int shift = 8 * (int)sizeof(Key) - 8; shift >= 0 && bound.ties < bound.equal; shift -= 8) {
        __syncthreads(); // the former digit has been read
        count[threadIdx.x] = 0;
        __syncthreads();
        eachKey(line, n, descending, [&](uint32_t, Key key, bool valid) {
            const bool counts = valid && (Key)(key & bound.mask) == bound.prefix;
            const uint32_t own = counts ? (uint32_t)(key >> shift) & 255 : DIGITS;
            const unsigned peers = __match_any_sync(0xffffffffu, own);
            if (counts && (int)threadIdx.x % 32 == __ffs((int)peers) - 1) atomicAdd(&count[own], (uint32_t)__popc(peers));
        });
        __syncthreads();
        if (threadIdx.x < 32) chooseDigit(count, bound.ties, &digit, &before);
        __syncthreads();
        bound.prefix = (Key)(bound.prefix | (Key)((Key)digit << shift));
        bound.mask = (Key)(bound.mask | (Key)((Key)255 << shift));
        bound.ties -= before;
        bound.equal = count[digit];
    }
    return bound;
}

// Leaves the k entries of the line in `entries`, in any order.
template <class T>
__device__ void collect(const T *line, uint32_t n, bool descending, const Bound<THCSortKey<T>> &bound,
                        Entry<THCSortKey<T>> *entries)
{
    using Key = THCSortKey<T>;
    __shared__ uint32_t filled, warp_ties[THREADS / 32];
    const bool all = bound.ties == bound.equal;
    const int warp = (int)threadIdx.x / 32, lane = (int)threadIdx.x % 32;
    uint32_t seen = 0; // ties
    __syncthreads();
    if (threadIdx.x == 0) filled = 0;
    __syncthreads();
    eachKey(line, n, descending, [&](uint32_t i, Key key, bool valid) {
        const Key part = (Key)(key & bound.mask);
        bool taken = valid && (part < bound.prefix || (all && part == bound.prefix));
        if (!all) { // the first of several that are equal
            const bool tie = valid && part == bound.prefix;
            const unsigned ties = __ballot_sync(0xffffffffu, tie);
            __syncthreads();
            if (lane == 0) warp_ties[warp] = (uint32_t)__popc(ties);
            __syncthreads();
            uint32_t rank = seen + (uint32_t)__popc(ties & ((1u << lane) - 1));
            for (int w = 0; w < THREADS / 32; w++) {
                if (w < warp) rank += warp_ties[w];
                seen += warp_ties[w];
            }
            taken = taken || (tie && rank < bound.ties);
        }
        if (taken) entries[atomicAdd(&filled, 1u)] = Entry<Key>{key, i};
    });
    __syncthreads();
}

// Bitonic; `room`, a power of two, entries.
template <class Key> __device__ void sortEntries(Entry<Key> *entries, uint32_t room)
{
    for (uint32_t size = 2; size <= room; size *= 2) {
        for (uint32_t step = size / 2; step > 0; step /= 2) {
            for (uint32_t i = threadIdx.x; i < room; i += THREADS) {
                const uint32_t other = i ^ step;
                if (other < i) continue;
                const bool upwards = (i & size) == 0;
                const Entry<Key> a = entries[i], b = entries[other];
                if (b.before(a) != upwards) continue;
                entries[i] = b;
                entries[other] = a;
            }
            __syncthreads();
        }
    }
}

template <class T>
__global__ void __launch_bounds__(THREADS)
    select(const T *a, int64_t lines, uint32_t n, uint32_t k, uint32_t room, bool descending, T *values, int64_t *indices)
{
    using Key = THCSortKey<T>;
    __shared__ Entry<Key> entries[MOST];
    for (int64_t l = blockIdx.x; l < lines; l += gridDim.x) {
        const T *const line = a + l * n;
        const Bound<Key> bound = findBound(line, n, k, descending);
        for (uint32_t i = k + threadIdx.x; i < room; i += THREADS) entries[i] = Entry<Key>{(Key) ~(Key)0, UINT32_MAX};
        collect(line, n, descending, bound, entries);
        sortEntries(entries, room);
        for (uint32_t i = threadIdx.x; i < k; i += THREADS) {
            values[l * k + i] = line[entries[i].place];
            indices[l * k + i] = entries[i].place;
        }
        __syncthreads(); // before the entries are the next line's
    }
}

} // namespace

bool thc_selects(int64_t lines, int64_t length, int64_t k)
{
    return k <= MOST && 4 * k <= length && length >= THREADS && length < UINT32_MAX && (lines >= 32 || length <= 32768);
}

THStatus thc_selectLines(const char *op, const THTensor *dense, int64_t lines, int64_t length, int64_t k, bool descending,
                         THTensor *values, THTensor *indices)
{
    uint32_t room = 1;
    while (room < k) room *= 2;
    const int64_t most = INT64_C(1) << 20;
    THC_FOR_ALL(op, dense->dtype, T, {
        select<T><<<(unsigned)(lines < most ? lines : most), THREADS, 0, thc_stream()>>>(
            reinterpret_cast<const T *>(THTensor_dataBytes(dense)), lines, (uint32_t)length, (uint32_t)k, room, descending,
            reinterpret_cast<T *>(THTensor_dataBytes(values)), reinterpret_cast<int64_t *>(THTensor_dataBytes(indices)));
        return thc_started(op);
    })
}
