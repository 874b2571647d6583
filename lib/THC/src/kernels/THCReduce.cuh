// Reductions of one dimension of a dense tensor [outer, n, inner]; all elements are [1, n, 1].
//
// A reducer R has the types In (an element) and Acc (what is kept, of 4-byte multiples), and
//     CHAINS                                  accumulators that a thread keeps for a contiguous line
//     Acc start()                             nothing yet
//     Acc take(Acc, In (&)[N], int64_t (&k)[N])   with N more elements, a power of two, numbers k of their line; k ascends
//     Acc join(Acc, Acc)                      two parts of one line
//     void write(int64_t slot, Acc)           the result of the line number `slot`
// Which element meets which in what order depends on the three sizes alone, not on addresses or on timing: what is atomic is
// the ticket by which the blocks of a line find out which of them is the last. A thread adds up at most some hundred elements
// one by one, what is left is joined in pairs: so sums err as pairwise ones do.
//
// A thread asks for all elements of a `take` before it looks at the first: the memory's speed needs tens of kilobytes under
// way in each multiprocessor. For the same reason accumulators are few; each register more is a thread less.
#pragma once

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"

constexpr int THC_REDUCE_THREADS = 256;
constexpr int THC_REDUCE_LOADS = 4;         // packs that a thread has under way
constexpr int THC_REDUCE_COLUMNS = 32;      // threads side by side in a block where lines are not contiguous
constexpr int64_t THC_REDUCE_PART = 65536;  // bytes of a contiguous line for one block
constexpr int64_t THC_REDUCE_ROWS = 4096;   // elements of another line
constexpr int64_t THC_REDUCE_BLOCKS = 1024; // blocks that keep every device busy
constexpr int64_t THC_REDUCE_DOWN = 256;    // the same where lines are not contiguous: two for each multiprocessor are enough
constexpr int64_t THC_REDUCE_SHORT = 4096;  // bytes: lines up to here are a warp's
constexpr int64_t THC_REDUCE_MANY = 16384;  // the same of THC_REDUCE_BLOCKS lines and more

// Elements that one thread reads together: sixteen bytes, the widest load.
template <class In> constexpr int THC_REDUCE_PACK = 16 % sizeof(In) == 0 ? (int)(16 / sizeof(In)) : 1;

template <int I> struct THCNumber {
    __host__ __device__ constexpr operator int() const { return I; }
};

// item(0) to item(N - 1) joined in pairs. Their numbers are constants for the compiler: no array comes to lie in memory.
template <int N, int FIRST = 0, class Join, class Item>
__device__ __forceinline__ auto thc_tree(const Join &join, const Item &item)
{
    if constexpr (N == 1)
        return item(THCNumber<FIRST>());
    else
        return join(thc_tree<N / 2, FIRST>(join, item), thc_tree<N / 2, FIRST + N / 2>(join, item));
}

template <class Acc> __device__ Acc thc_shuffleDown(const Acc &acc, int distance, int width)
{
    static_assert(sizeof(Acc) % 4 == 0, "accumulators are moved in words of 4 bytes");
    constexpr int WORDS = (int)(sizeof(Acc) / 4);
    uint32_t word[WORDS];
    Acc other;
    memcpy(word, &acc, sizeof acc);
#pragma unroll
    for (int w = 0; w < WORDS; w++) word[w] = __shfl_down_sync(0xffffffffu, word[w], (unsigned)distance, width);
    memcpy(&other, word, sizeof other);
    return other;
}

// Joins the accumulators of `lanes` neighbouring threads, 1 to 32 or the whole block, into that of the first. All threads of
// the block call it.
template <class R> __device__ typename R::Acc thc_joinLanes(const R &r, typename R::Acc acc, int lanes)
{
    __shared__ typename R::Acc warp[THC_REDUCE_THREADS / 32];
    const int width = lanes < 32 ? lanes : 32;
    for (int distance = width / 2; distance > 0; distance /= 2) acc = r.join(acc, thc_shuffleDown(acc, distance, width));
    if (lanes <= 32) return acc;
    if (threadIdx.x % 32 == 0) warp[threadIdx.x / 32] = acc;
    __syncthreads();
    if (threadIdx.x < 32) {
        acc = threadIdx.x < THC_REDUCE_THREADS / 32 ? warp[threadIdx.x] : r.start();
        for (int distance = THC_REDUCE_THREADS / 64; distance > 0; distance /= 2)
            acc = r.join(acc, thc_shuffleDown(acc, distance, 32));
    }
    __syncthreads(); // before `warp` is written again
    return acc;
}

// Whether this block is the last of `parts` to come here with what it has written; then what all of them wrote can be read. The
// ticket begins anew by itself.
inline __device__ bool thc_isLast(unsigned *ticket, unsigned parts)
{
    __shared__ bool last;
    __syncthreads();
    if (threadIdx.x == 0) {
        __threadfence();
        last = atomicInc(ticket, parts - 1) == parts - 1;
        __threadfence();
    }
    __syncthreads();
    return last;
}

// V elements, at most G of them at a time. grain: elements that may be read at a time, a power of two; the same for all
// threads.
template <int G, class In, int V> __device__ __forceinline__ void thc_loadPack(const In *in, int grain, In (&item)[V])
{
    if constexpr (G == 1) {
#pragma unroll
        for (int v = 0; v < V; v++) item[v] = in[v];
    } else if (grain >= G) {
#pragma unroll
        for (int g = 0; g < V / G; g++) {
            const THCPack<In, G> pack = reinterpret_cast<const THCPack<In, G> *>(in)[g];
#pragma unroll
            for (int i = 0; i < G; i++) item[g * G + i] = pack.item[i];
        }
    } else {
        thc_loadPack<(G * sizeof(In) > 4 ? G / 2 : 1)>(in, grain, item);
    }
}

// The grain of packs of `pack` elements at `in` and at multiples of `stride` elements from there.
template <class In> int thc_grain(const In *in, int64_t stride, int pack)
{
    int grain = pack;
    while (grain > 1 && (stride % grain != 0 || reinterpret_cast<uintptr_t>(in) % (grain * sizeof(In)) != 0)) grain /= 2;
    return grain;
}

// Packs that a thread takes together: sixteen elements, as what they are converted to needs registers.
template <class In>
constexpr int THC_REDUCE_TOGETHER = THC_REDUCE_PACK<In> * THC_REDUCE_LOADS <= 16 ? THC_REDUCE_LOADS
                                    : THC_REDUCE_PACK<In> <= 16                  ? 16 / THC_REDUCE_PACK<In>
                                                                                 : 1;

// The packs item[u] to item[u + T - 1], which lie `step` elements apart, the first at number k.
template <int u, int T, class R, int A, int V, int U>
__device__ __forceinline__ void thc_takePacks(const R &r, typename R::Acc (&acc)[A], const typename R::In (&item)[U][V],
                                              int64_t k, int step)
{
    constexpr int N = T * V / A;
#pragma unroll
    for (int a = 0; a < A; a++) {
        typename R::In taken[N];
        int64_t place[N];
#pragma unroll
        for (int i = 0; i < N; i++) {
            const int t = (i * A + a) / V, v = (i * A + a) % V;
            taken[i] = item[u + t][v];
            place[i] = k + t * step + v;
        }
        acc[a] = r.take(acc[a], taken, place);
    }
}

// All packs from item[u] on, T together.
template <int u, int T, class R, int A, int V, int U>
__device__ __forceinline__ void thc_takeAll(const R &r, typename R::Acc (&acc)[A], const typename R::In (&item)[U][V],
                                            int64_t k, int step)
{
    thc_takePacks<u, T>(r, acc, item, k, step);
    if constexpr (u + T < U) thc_takeAll<u + T, T>(r, acc, item, k + T * step, step);
}

// The first `count` packs from item[u] on, fewer than all: T together, as far as there are so many.
template <int u, int T, class R, int A, int V, int U>
__device__ __forceinline__ void thc_takeSome(const R &r, typename R::Acc (&acc)[A], const typename R::In (&item)[U][V],
                                             int count, int64_t k, int step)
{
    if constexpr (T > 1 && u + T < U) {
        if (count >= T) {
            thc_takePacks<u, T>(r, acc, item, k, step);
            return thc_takeSome<u + T, T>(r, acc, item, count - T, k + T * step, step);
        }
    }
    if (count < 1) return;
    thc_takePacks<u, 1>(r, acc, item, k, step);
    if constexpr (T > 2 && u % T + 2 < T || T == 1 && u + 2 < U)
        thc_takeSome<u + 1, T>(r, acc, item, count - 1, k + step, step);
}

// The packs lane, lane + lanes, ... below `packs` of elements from number `first` on, which lie at `from`. U of them are under
// way; those that are taken together do not depend on it.
template <int U, class R, int A>
__device__ __forceinline__ void thc_reducePacks(const R &r, const typename R::In *from, int64_t first, int packs, int lane,
                                                int lanes, int grain, typename R::Acc (&acc)[A])
{
    using In = typename R::In;
    constexpr int V = THC_REDUCE_PACK<In>, T = THC_REDUCE_TOGETHER<In>;
    int p = lane;
    for (; p + (U - 1) * lanes < packs; p += U * lanes) {
        In item[U][V];
#pragma unroll
        for (int u = 0; u < U; u++) thc_loadPack<V>(from + (p + u * lanes) * V, grain, item[u]);
        thc_takeAll<0, T>(r, acc, item, first + p * V, lanes * V);
    }
    if (p >= packs) return;
    In item[U][V];
#pragma unroll
    for (int u = 0; u < U - 1; u++)
        if (p + u * lanes < packs) thc_loadPack<V>(from + (p + u * lanes) * V, grain, item[u]);
    thc_takeSome<0, T>(r, acc, item, (packs - p + lanes - 1) / lanes, first + p * V, lanes * V);
}

// Into acc[v]: the parts k, k + step, ... below `parts` of V neighbouring lines, which lie `stride` apart.
template <int V, class R>
__device__ void thc_joinEvery(const R &r, typename R::Acc (&acc)[V], const typename R::Acc *part, int64_t k, int64_t parts,
                              int step, int64_t stride)
{
    using Acc = typename R::Acc;
    constexpr int ROOM = (int)(128 / sizeof(Acc) / V); // what is under way lies in registers
    constexpr int U = ROOM < 1 ? 1 : ROOM < THC_REDUCE_LOADS ? ROOM : THC_REDUCE_LOADS;
#pragma unroll
    for (int v = 0; v < V; v++) acc[v] = r.start();
    for (; k < parts; k += U * step) {
        Acc item[U][V];
#pragma unroll
        for (int u = 0; u < U; u++)
#pragma unroll
            for (int v = 0; v < V; v++) item[u][v] = k + u * step < parts ? part[(k + u * step) * stride + v] : r.start();
#pragma unroll
        for (int u = 0; u < U; u++)
#pragma unroll
            for (int v = 0; v < V; v++) acc[v] = r.join(acc[v], item[u][v]);
    }
}

// Elements [first, first + count) of a line for one of `lanes` threads. U: packs under way.
template <int U, class R>
__device__ typename R::Acc thc_reduceRun(const R &r, const typename R::In *line, int64_t first, int count, int lane, int lanes,
                                         int grain)
{
    using In = typename R::In;
    constexpr int V = THC_REDUCE_PACK<In>, A = R::CHAINS < V ? R::CHAINS : V;
    const In *const from = line + first;
    typename R::Acc acc[A];
#pragma unroll
    for (int a = 0; a < A; a++) acc[a] = r.start();
    thc_reducePacks<U>(r, from, first, count / V, lane, lanes, grain, acc);
    for (int i = count / V * V + lane; i < count; i += lanes) {
        const In item[1] = {from[i]};
        const int64_t k[1] = {first + i};
        acc[0] = r.take(acc[0], item, k);
    }
    return thc_tree<A>([&](const auto &a, const auto &b) { return r.join(a, b); }, [&](auto a) { return acc[a]; });
}

// Contiguous lines, each in `parts` parts of `chunk` elements: 2^bits threads for one part, the whole block if parts > 1. These
// leave what they found in `partial`, [lines, parts]; with tickets, one for each line, the last of a line joins them. WHOLE:
// packs may be read at once; a kernel of its own, as a choice in each load would take registers.
template <bool WHOLE, class R>
__global__ void __launch_bounds__(THC_REDUCE_THREADS, 1024 / THC_REDUCE_THREADS)
    thc_reduceLines(const R r, const typename R::In *in, int64_t n, int64_t lines, int64_t chunk, unsigned parts, int bits,
                    int grain, typename R::Acc *partial, unsigned *tickets)
{
    constexpr int V = THC_REDUCE_PACK<typename R::In>, U = WHOLE ? THC_REDUCE_LOADS : THC_REDUCE_TOGETHER<typename R::In>;
    const int lanes = 1 << bits, lane = (int)threadIdx.x % lanes;
    const int64_t place = ((int64_t)blockIdx.x * THC_REDUCE_THREADS + threadIdx.x) >> bits;
    const int64_t line = parts == 1 ? place : blockIdx.x / parts, first = parts == 1 ? 0 : blockIdx.x % parts * chunk;
    const int count = (int)(n - first < chunk ? n - first : chunk);
    typename R::Acc acc[1] = {r.start()};
    if (line < lines) acc[0] = thc_reduceRun<U>(r, in + line * n, first, count, lane, lanes, WHOLE ? V : grain);
    acc[0] = thc_joinLanes(r, acc[0], lanes);
    if (parts > 1) {
        if (lane == 0) partial[blockIdx.x] = acc[0];
        if (tickets == nullptr || !thc_isLast(tickets + line, parts)) return;
        thc_joinEvery(r, acc, partial + line * parts, lane, parts, lanes, 1);
        acc[0] = thc_joinLanes(r, acc[0], lanes);
    }
    if (lane == 0 && line < lines) r.write(line, acc[0]);
}

// Elements k, k + height, ... below `last` of V neighbouring lines, which lie at `from`, `step` apart.
template <bool PACKED, int V, class R>
__device__ __forceinline__ void thc_reduceDown(const R &r, const typename R::In *from, int64_t step, int64_t k, int64_t last,
                                               int height, typename R::Acc (&acc)[V])
{
    using In = typename R::In;
    constexpr int U = V > 1 ? THC_REDUCE_LOADS : 2 * THC_REDUCE_LOADS;
    const auto take = [&](auto count) {
        constexpr int N = decltype(count)::value;
        In item[N][V];
        int64_t place[N];
#pragma unroll
        for (int u = 0; u < N; u++) {
            place[u] = k + u * height;
            if (PACKED) thc_loadPack<V>(from + u * step, V, item[u]);
        }
#pragma unroll
        for (int v = 0; v < V; v++) {
            In taken[N];
#pragma unroll
            for (int u = 0; u < N; u++) taken[u] = PACKED ? item[u][v] : from[u * step + v];
            acc[v] = r.take(acc[v], taken, place);
        }
        from += N * step;
        k += N * height;
    };
    while (k + (U - 1) * height < last) take(std::integral_constant<int, U>());
#pragma unroll 1
    while (k < last) take(std::integral_constant<int, 1>());
}

// Joins acc[v] of the threads that are `width` apart into those of the first `width` threads.
template <int V, class R> __device__ void thc_joinDown(const R &r, typename R::Acc (&acc)[V], int width)
{
    __shared__ typename R::Acc shared[V][THC_REDUCE_THREADS];
    const int t = (int)threadIdx.x;
#pragma unroll
    for (int v = 0; v < V; v++) shared[v][t] = acc[v];
    for (int step = THC_REDUCE_THREADS / 2; step >= width; step /= 2) {
        __syncthreads();
        if (t >= step) continue;
#pragma unroll
        for (int v = 0; v < V; v++) shared[v][t] = r.join(shared[v][t], shared[v][t + step]);
    }
#pragma unroll
    for (int v = 0; v < V; v++) acc[v] = shared[v][t];
    __syncthreads(); // before `shared` is written again
}

// Lines whose elements are `inner` apart: V neighbouring lines for each of `width` threads, whose elements the other threads of
// the block share. V divides `inner`; packed: whole packs are aligned. Parts are left in `partial`, [lines, parts]; with
// tickets, one for each column of blocks, in [parts, lines], and the last of such a column joins them.
template <class R, int V>
__global__ void __launch_bounds__(THC_REDUCE_THREADS)
    thc_reduceColumns(const R r, const typename R::In *in, int64_t n, int64_t inner, int64_t lines, int64_t chunk,
                      int64_t parts, int width, bool packed, typename R::Acc *partial, unsigned *tickets)
{
    const int t = (int)threadIdx.x, height = THC_REDUCE_THREADS / width, x = t % width, y = t / width;
    const int64_t first = blockIdx.y * chunk, last = n - first < chunk ? n : first + chunk;
    for (int64_t base = (int64_t)blockIdx.x * width * V; base < lines; base += (int64_t)gridDim.x * width * V) {
        const int64_t line = base + x * V;
        const typename R::In *const from = in + (line / inner * n + first + y) * inner + line % inner;
        typename R::Acc acc[V];
#pragma unroll
        for (int v = 0; v < V; v++) acc[v] = r.start();
        if (line < lines && packed)
            thc_reduceDown<true>(r, from, height * inner, first + y, last, height, acc);
        else if (line < lines)
            thc_reduceDown<false>(r, from, height * inner, first + y, last, height, acc);
        thc_joinDown(r, acc, width);
        if (parts > 1) {
            const int64_t down = tickets == nullptr ? 1 : lines, along = tickets == nullptr ? parts : 1;
            for (int v = 0; y == 0 && line < lines && v < V; v++) partial[(line + v) * along + blockIdx.y * down] = acc[v];
            if (tickets == nullptr || !thc_isLast(tickets + blockIdx.x, (unsigned)parts)) continue;
            thc_joinEvery(r, acc, partial + line, y, line < lines ? parts : 0, height, lines);
            thc_joinDown(r, acc, width);
        }
#pragma unroll
        for (int v = 0; v < V; v++)
            if (y == 0 && line < lines) r.write(line + v, acc[v]);
    }
}

inline unsigned thc_reduceGrid(int64_t blocks)
{
    const int64_t most = INT64_C(1) << 20; // blocks take the rest in turns
    return (unsigned)(blocks < most ? blocks : most);
}

// Where one block for a line would leave the device idle, or a thread with too many elements, lines are cut: into many parts
// where there is much, as multiprocessors that have a block less than others wait for them. A short line is not worth a second
// kernel.
inline int64_t thc_linePart(int64_t lines, int64_t n, int64_t itemsize)
{
    int64_t chunk = 4 * THC_REDUCE_PART / itemsize;
    const auto blocks = [&] { return lines * ((n + chunk - 1) / chunk); };
    if (n * itemsize <= THC_REDUCE_PART / 2) return chunk;
    while (chunk * itemsize > THC_REDUCE_PART && blocks() < 4 * THC_REDUCE_BLOCKS) chunk /= 2;
    while (chunk * itemsize > THC_REDUCE_PART / 4 && blocks() < THC_REDUCE_BLOCKS / 4) chunk /= 2;
    return chunk;
}

// Threads for a part of `length` elements, as a power of two: few, with all their packs under way at once, where there are
// parts enough.
inline int thc_partBits(int64_t parts, int64_t length, int64_t itemsize, int pack)
{
    const bool many = parts >= THC_REDUCE_BLOCKS;
    int bits = 0;
    if (length * itemsize > (many ? THC_REDUCE_MANY : THC_REDUCE_SHORT)) {
        while (1 << bits < THC_REDUCE_THREADS) bits++;
        return bits;
    }
    while (bits < 5 && (int64_t)pack << bits < length &&
           ((int64_t)pack * THC_REDUCE_LOADS << bits < length || parts << bits < THC_REDUCE_BLOCKS * THC_REDUCE_THREADS))
        bits++;
    return bits;
}

template <class R>
void thc_startLines(const R &r, const typename R::In *in, int64_t n, int64_t lines, int64_t chunk, int64_t parts,
                    typename R::Acc *partial, unsigned *tickets)
{
    using In = typename R::In;
    constexpr int V = THC_REDUCE_PACK<In>;
    const int bits = thc_partBits(lines * parts, n < chunk ? n : chunk, sizeof(In), V),
              grain = thc_grain(in, lines == 1 ? 0 : n, V);
    const auto blocks = (unsigned)((((lines * parts) << bits) + THC_REDUCE_THREADS - 1) / THC_REDUCE_THREADS);
    const auto kernel = grain == V ? thc_reduceLines<true, R> : thc_reduceLines<V == 1, R>;
    kernel<<<blocks, THC_REDUCE_THREADS, 0, thc_stream()>>>(r, in, n, lines, chunk, (unsigned)parts, bits, grain, partial,
                                                            tickets);
}

// A warp joins the parts of a line, where there are not tickets enough. partial: [lines, parts].
template <class R>
__global__ void __launch_bounds__(THC_REDUCE_THREADS)
    thc_joinParts(const R r, const typename R::Acc *partial, int64_t parts, int64_t lines)
{
    const int64_t line = ((int64_t)blockIdx.x * THC_REDUCE_THREADS + threadIdx.x) / 32;
    const int lane = (int)threadIdx.x % 32;
    typename R::Acc acc[1];
    thc_joinEvery(r, acc, partial + line * parts, lane, line < lines ? parts : 0, 32, 1);
    acc[0] = thc_joinLanes(r, acc[0], 32);
    if (lane == 0 && line < lines) r.write(line, acc[0]);
}

template <class R> void thc_startJoin(const R &r, const typename R::Acc *partial, int64_t parts, int64_t lines)
{
    const auto blocks = (unsigned)((lines * 32 + THC_REDUCE_THREADS - 1) / THC_REDUCE_THREADS);
    thc_joinParts<R><<<blocks, THC_REDUCE_THREADS, 0, thc_stream()>>>(r, partial, parts, lines);
}

template <class R>
THStatus thc_reduceLong(const char *op, const R &r, int device, const typename R::In *in, int64_t lines, int64_t n)
{
    using Acc = typename R::Acc;
    const int64_t chunk = thc_linePart(lines, n, sizeof(typename R::In)), parts = n <= chunk ? 1 : (n + chunk - 1) / chunk;
    const THCScratch room(device, parts == 1 ? 0 : lines * parts * (int64_t)sizeof(Acc));
    if (parts > 1 && room.data() == nullptr) return THStatus_last();
    Acc *const partial = reinterpret_cast<Acc *>(room.data());
    unsigned *const tickets = parts > 1 && lines <= THC_TICKETS ? thc_tickets() : nullptr;
    thc_startLines(r, in, n, lines, chunk, parts, partial, tickets);
    if (parts > 1 && tickets == nullptr) thc_startJoin(r, partial, parts, lines);
    return thc_started(op);
}

template <class R, int V>
THStatus thc_reduceStrided(const char *op, const R &r, int device, const typename R::In *in, int64_t lines, int64_t n,
                           int64_t inner)
{
    using Acc = typename R::Acc;
    int width = 1;
    while (width < THC_REDUCE_COLUMNS && width * V < lines) width *= 2;
    const int64_t blocks = (lines + width * V - 1) / (width * V), wanted = (THC_REDUCE_DOWN + blocks - 1) / blocks;
    int64_t chunk = (n + wanted - 1) / wanted;
    chunk = chunk < 256 ? 256 : chunk > THC_REDUCE_ROWS ? THC_REDUCE_ROWS : chunk;
    if (n / chunk >= 65535) chunk = n / 65535 + 1; // the grid's second dimension has no more blocks
    const int64_t parts = n <= chunk ? 1 : (n + chunk - 1) / chunk;
    const THCScratch room(device, parts == 1 ? 0 : lines * parts * (int64_t)sizeof(Acc));
    if (parts > 1 && room.data() == nullptr) return THStatus_last();
    Acc *const partial = reinterpret_cast<Acc *>(room.data());
    unsigned *const tickets = parts > 1 && blocks <= THC_TICKETS ? thc_tickets() : nullptr;
    const dim3 grid(thc_reduceGrid(blocks), (unsigned)parts);
    const bool packed = thc_grain(in, inner, V) == V;
    thc_reduceColumns<R, V>
        <<<grid, THC_REDUCE_THREADS, 0, thc_stream()>>>(r, in, n, inner, lines, chunk, parts, width, packed, partial, tickets);
    if (parts > 1 && tickets == nullptr) thc_startJoin(r, partial, parts, lines);
    return thc_started(op);
}

// Results are written by the reducer, those of [outer, inner] in this order.
template <class R>
THStatus thc_reduce(const char *op, const R &r, int device, const typename R::In *in, int64_t outer, int64_t n, int64_t inner)
{
    if (outer * inner == 0) return TH_OK;
    const THCGuard guard(device);
    if (inner == 1) return thc_reduceLong(op, r, device, in, outer, n);
    // Neighbouring lines of a thread: a pack, unless that many accumulators are too large for it.
    constexpr int ROOM = (int)(64 / sizeof(typename R::Acc)), PACK = THC_REDUCE_PACK<typename R::In>;
    constexpr int V = PACK <= ROOM ? PACK : ROOM >= 8 ? 8 : ROOM >= 4 ? 4 : ROOM >= 2 ? 2 : 1;
    if constexpr (V > 1)
        if (inner % V == 0) return thc_reduceStrided<R, V>(op, r, device, in, outer * inner, n, inner);
    if constexpr (V > 4)
        if (inner % 4 == 0) return thc_reduceStrided<R, 4>(op, r, device, in, outer * inner, n, inner);
    return thc_reduceStrided<R, 1>(op, r, device, in, outer * inner, n, inner);
}
