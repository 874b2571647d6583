// Reductions of one dimension of a dense tensor [outer, n, inner]; all elements are [1, n, 1].
//
// A reducer R has the types In (an element) and Acc (what is kept, of 4-byte multiples), and
//     Acc start()                       nothing yet
//     Acc take(Acc, In, int64_t k)      with one more element, number k of its line; k ascends
//     Acc join(Acc, Acc)                two parts of one line
//     void write(int64_t slot, Acc)     the result of the line number `slot`
// Which element meets which in what order depends on the three sizes alone, not on addresses or on timing; nothing is atomic. A
// thread adds up at most some hundred elements one by one, what is left is joined in pairs: so sums err as pairwise ones do.
#pragma once

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCMap.cuh"

constexpr int THC_REDUCE_THREADS = 256;
constexpr int THC_REDUCE_COLUMNS = 32;      // neighbouring lines that a block takes together where lines are not contiguous
constexpr int64_t THC_REDUCE_PART = 65536;  // elements of a contiguous line for one block
constexpr int64_t THC_REDUCE_ROWS = 4096;   // the same of other lines
constexpr int64_t THC_REDUCE_BLOCKS = 1024; // blocks that keep every device busy
constexpr int THC_REDUCE_SHORT = 1024;      // lines up to here are a warp's

// Elements that one thread reads together.
template <class In> constexpr int THC_REDUCE_PACK = sizeof(In) > 8 ? 1 : sizeof(In) > 4 ? 2 : 4;

// The parts of a line as a line of their own.
template <class R> struct THCParts {
    using In = typename R::Acc;
    using Acc = typename R::Acc;
    R reducer;
    __device__ Acc start() const { return reducer.start(); }
    __device__ Acc take(Acc acc, const Acc &part, int64_t) const { return reducer.join(acc, part); }
    __device__ Acc join(Acc a, Acc b) const { return reducer.join(a, b); }
    __device__ void write(int64_t slot, Acc acc) const { reducer.write(slot, acc); }
};

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

template <class In, int V> __device__ void thc_loadPack(const In *in, bool packed, In (&item)[V])
{
    if constexpr (V > 1) {
        if (packed) {
            const THCPack<In, V> pack = *reinterpret_cast<const THCPack<In, V> *>(in);
#pragma unroll
            for (int v = 0; v < V; v++) item[v] = pack.item[v];
            return;
        }
    }
#pragma unroll
    for (int v = 0; v < V; v++) item[v] = in[v];
}

// Elements [first, first + count) of a line for one of `lanes` threads. packed: whole packs are aligned.
template <class R>
__device__ typename R::Acc thc_reduceRun(const R &r, const typename R::In *line, int64_t first, int64_t count, int lane,
                                         int lanes, bool packed)
{
    using In = typename R::In;
    constexpr int V = THC_REDUCE_PACK<In>;
    typename R::Acc acc[V];
    In item[V];
    const int64_t packs = count / V;
#pragma unroll
    for (int v = 0; v < V; v++) acc[v] = r.start();
#pragma unroll 4
    for (int64_t p = lane; p < packs; p += lanes) {
        thc_loadPack<In, V>(line + first + p * V, packed, item);
#pragma unroll
        for (int v = 0; v < V; v++) acc[v] = r.take(acc[v], item[v], first + p * V + v);
    }
    if (packs % lanes == lane) {
#pragma unroll
        for (int v = 0; v < V - 1; v++) {
            const int64_t k = first + packs * V + v;
            if (k < first + count) acc[v] = r.take(acc[v], line[k], k);
        }
    }
#pragma unroll
    for (int step = V / 2; step > 0; step /= 2)
#pragma unroll
        for (int v = 0; v < step; v++) acc[v] = r.join(acc[v], acc[v + step]);
    return acc[0];
}

// Contiguous lines, each in `parts` parts of `chunk` elements: `lanes` threads for one part. parts > 1: results go to
// `partial`, [lines, parts].
template <class R>
__global__ void __launch_bounds__(THC_REDUCE_THREADS)
    thc_reduceLines(const R r, const typename R::In *in, int64_t n, int64_t lines, int64_t chunk, int64_t parts, int lanes,
                    bool packed, typename R::Acc *partial)
{
    const int64_t together = THC_REDUCE_THREADS / lanes, all = lines * parts;
    const int lane = (int)threadIdx.x % lanes;
    for (int64_t base = blockIdx.x * together; base < all; base += gridDim.x * together) {
        const int64_t place = base + (int)threadIdx.x / lanes;
        typename R::Acc acc = r.start();
        if (place < all) {
            const int64_t line = parts == 1 ? place : place / parts, first = (place - line * parts) * chunk;
            const int64_t count = n - first < chunk ? n - first : chunk;
            acc = thc_reduceRun(r, in + line * n, first, count, lane, lanes, packed);
        }
        acc = thc_joinLanes(r, acc, lanes);
        if (lane != 0 || place >= all) continue;
        if (parts > 1)
            partial[place] = acc;
        else
            r.write(place, acc);
    }
}

// Lines whose elements are `inner` apart: V neighbouring lines for each of `width` threads, whose elements the other threads of
// the block share. V divides `inner`; packed: whole packs are aligned.
template <class R, int V>
__global__ void __launch_bounds__(THC_REDUCE_THREADS)
    thc_reduceColumns(const R r, const typename R::In *in, int64_t n, int64_t inner, int64_t lines, int64_t chunk,
                      int64_t parts, int width, bool packed, typename R::Acc *partial)
{
    using In = typename R::In;
    using Acc = typename R::Acc;
    constexpr int U = 4; // elements of a line that a thread has under way
    __shared__ Acc shared[THC_REDUCE_THREADS][V];
    const int t = (int)threadIdx.x, height = THC_REDUCE_THREADS / width, x = t % width, y = t / width;
    const int64_t first = blockIdx.y * chunk, last = n - first < chunk ? n : first + chunk;
    for (int64_t base = (int64_t)blockIdx.x * width * V; base < lines; base += (int64_t)gridDim.x * width * V) {
        const int64_t line = base + x * V;
        Acc acc[U][V];
#pragma unroll
        for (int u = 0; u < U; u++)
#pragma unroll
            for (int v = 0; v < V; v++) acc[u][v] = r.start();
        if (line < lines) {
            const In *const from = in + line / inner * n * inner + line % inner;
            int64_t k = first + y;
            for (; k + (U - 1) * height < last; k += U * height) {
                In item[U][V];
#pragma unroll
                for (int u = 0; u < U; u++) thc_loadPack<In, V>(from + (k + u * height) * inner, packed, item[u]);
#pragma unroll
                for (int u = 0; u < U; u++)
#pragma unroll
                    for (int v = 0; v < V; v++) acc[u][v] = r.take(acc[u][v], item[u][v], k + u * height);
            }
            for (; k < last; k += height) {
#pragma unroll
                for (int v = 0; v < V; v++) acc[0][v] = r.take(acc[0][v], from[k * inner + v], k);
            }
        }
#pragma unroll
        for (int v = 0; v < V; v++) shared[t][v] = r.join(r.join(acc[0][v], acc[1][v]), r.join(acc[2][v], acc[3][v]));
        for (int step = height / 2; step > 0; step /= 2) {
            __syncthreads();
            if (y >= step) continue;
#pragma unroll
            for (int v = 0; v < V; v++) shared[t][v] = r.join(shared[t][v], shared[t + step * width][v]);
        }
        for (int v = 0; y == 0 && line < lines && v < V; v++) {
            if (parts > 1)
                partial[(line + v) * parts + blockIdx.y] = shared[t][v];
            else
                r.write(line + v, shared[t][v]);
        }
        __syncthreads(); // before `shared` is written again
    }
}

inline unsigned thc_reduceGrid(int64_t blocks)
{
    const int64_t most = INT64_C(1) << 20; // blocks take the rest in turns
    return (unsigned)(blocks < most ? blocks : most);
}

// Where one block for a line would leave the device idle, or a thread with too many elements, lines are cut: into many parts
// where there is much, as multiprocessors that have a block less than others wait for them.
inline int64_t thc_linePart(int64_t lines, int64_t n)
{
    int64_t chunk = THC_REDUCE_PART;
    const auto blocks = [&] { return lines * ((n + chunk - 1) / chunk); };
    while (chunk > 16384 && blocks() < 4 * THC_REDUCE_BLOCKS) chunk /= 2;
    while (chunk > 4096 && blocks() < THC_REDUCE_BLOCKS / 4) chunk /= 2;
    return chunk;
}

template <class R>
void thc_startLines(const R &r, const typename R::In *in, int64_t n, int64_t lines, int64_t chunk, int64_t parts,
                    typename R::Acc *partial)
{
    constexpr int V = THC_REDUCE_PACK<typename R::In>;
    const int64_t length = n < chunk ? n : chunk;
    int lanes = THC_REDUCE_THREADS;
    if (length <= THC_REDUCE_SHORT)
        for (lanes = 1; lanes < 32 && (int64_t)lanes * V < length;) lanes *= 2;
    const bool aligned = reinterpret_cast<uintptr_t>(in) % (V * sizeof(typename R::In)) == 0;
    const int64_t together = THC_REDUCE_THREADS / lanes;
    const unsigned blocks = thc_reduceGrid((lines * parts + together - 1) / together);
    thc_reduceLines<R><<<blocks, THC_REDUCE_THREADS, 0, thc_stream()>>>(r, in, n, lines, chunk, parts, lanes,
                                                                        aligned && (lines == 1 || n % V == 0), partial);
}

// The parts of all lines become results.
template <class R> void thc_joinParts(const R &r, const typename R::Acc *partial, int64_t parts, int64_t lines)
{
    thc_startLines(THCParts<R>{r}, partial, parts, lines, parts, 1, nullptr);
}

template <class R>
THStatus thc_reduceLong(const char *op, const R &r, int device, const typename R::In *in, int64_t lines, int64_t n)
{
    using Acc = typename R::Acc;
    const int64_t chunk = thc_linePart(lines, n), parts = n <= chunk ? 1 : (n + chunk - 1) / chunk;
    const THCScratch room(device, parts == 1 ? 0 : lines * parts * (int64_t)sizeof(Acc));
    if (parts > 1 && room.data() == nullptr) return THStatus_last();
    Acc *const partial = reinterpret_cast<Acc *>(room.data());
    thc_startLines(r, in, n, lines, chunk, parts, partial);
    if (parts > 1) thc_joinParts(r, partial, parts, lines);
    return thc_started(op);
}

template <class R, int V>
THStatus thc_reduceStrided(const char *op, const R &r, int device, const typename R::In *in, int64_t lines, int64_t n,
                           int64_t inner)
{
    using Acc = typename R::Acc;
    int width = 1;
    while (width < THC_REDUCE_COLUMNS && width * V < lines) width *= 2;
    const int64_t blocks = (lines + width * V - 1) / (width * V), wanted = (THC_REDUCE_BLOCKS + blocks - 1) / blocks;
    int64_t chunk = (n + wanted - 1) / wanted;
    chunk = chunk < 256 ? 256 : chunk > THC_REDUCE_ROWS ? THC_REDUCE_ROWS : chunk;
    if (n / chunk >= 65535) chunk = n / 65535 + 1; // the grid's second dimension has no more blocks
    const int64_t parts = n <= chunk ? 1 : (n + chunk - 1) / chunk;
    const THCScratch room(device, parts == 1 ? 0 : lines * parts * (int64_t)sizeof(Acc));
    if (parts > 1 && room.data() == nullptr) return THStatus_last();
    Acc *const partial = reinterpret_cast<Acc *>(room.data());
    const dim3 grid(thc_reduceGrid(blocks), (unsigned)parts);
    const bool packed = reinterpret_cast<uintptr_t>(in) % (V * sizeof(typename R::In)) == 0;
    thc_reduceColumns<R, V>
        <<<grid, THC_REDUCE_THREADS, 0, thc_stream()>>>(r, in, n, inner, lines, chunk, parts, width, packed, partial);
    if (parts > 1) thc_joinParts(r, partial, parts, lines);
    return thc_started(op);
}

// Results are written by the reducer, those of [outer, inner] in this order.
template <class R>
THStatus thc_reduce(const char *op, const R &r, int device, const typename R::In *in, int64_t outer, int64_t n, int64_t inner)
{
    if (outer * inner == 0) return TH_OK;
    const THCGuard guard(device);
    if (inner == 1) return thc_reduceLong(op, r, device, in, outer, n);
    // Large accumulators would not leave room for several lines.
    constexpr int V = sizeof(typename R::Acc) > 8 ? 1 : THC_REDUCE_PACK<typename R::In>;
    if constexpr (V > 1)
        if (inner % V == 0) return thc_reduceStrided<R, V>(op, r, device, in, outer * inner, n, inner);
    return thc_reduceStrided<R, 1>(op, r, device, in, outer * inner, n, inner);
}
