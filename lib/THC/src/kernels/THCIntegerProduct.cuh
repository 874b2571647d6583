// Products of integer matrices of any strides, by tiles in shared memory and by rows.
//
// What is kept of a sum are its lowest bits. They are the same for signed and unsigned factors and in whatever order terms are
// added: so there is one kernel for each size of element, sums may be cut into parts, and the result is the host's.
#pragma once

#include <cstdint>

#include "THC/device/THCCore.cuh"

// A word is what a thread multiplies at a time: one element, or four neighbours along the sum for dp4a.
template <class T> struct THCIntegerElement {
    using Word = uint32_t;
    static constexpr int PER_WORD = 1;
};
template <> struct THCIntegerElement<uint8_t> {
    using Word = uint32_t;
    static constexpr int PER_WORD = 4;
};
template <> struct THCIntegerElement<uint64_t> {
    using Word = uint64_t;
    static constexpr int PER_WORD = 1;
};
template <class T> using THCIntegerWord = typename THCIntegerElement<T>::Word;

// Element (i, j) of matrix l lies at data[l * step + i * row + j * column].
template <class T> struct THCIntegerView {
    T *data;
    int64_t row, column, step;
};

// c[l] = beta * c[l] + alpha * a[l] b[l] for l in [0, count): m x n, of m x k and k x n. The sum is cut into `parts` parts of
// `depth` terms; if there are several, they go to `partial`: [parts, count, m, n].
template <class T> struct THCIntegerGemm {
    int64_t count, m, n, k;
    THCIntegerWord<T> alpha, beta;
    THCIntegerView<const T> a, b;
    THCIntegerView<T> c;
    int64_t parts, depth;
    THCIntegerWord<T> *partial;

    __host__ __device__ int64_t outputs() const { return count * m * n; }
    // A sum is complete, or that of a part is.
    __device__ void put(int64_t matrix, int64_t part, int64_t i, int64_t j, THCIntegerWord<T> sum) const
    {
        if (partial != nullptr)
            partial[((part * count + matrix) * m + i) * n + j] = sum;
        else
            finish(matrix, i, j, sum);
    }
    __device__ void finish(int64_t matrix, int64_t i, int64_t j, THCIntegerWord<T> sum) const
    {
        T *const place = c.data + matrix * c.step + i * c.row + j * c.column;
        *place = (T)(beta == 0 ? alpha * sum : alpha * sum + beta * (THCIntegerWord<T>)*place);
    }
    // Four neighbours, of which those left of column n exist.
    __device__ void putGroup(int64_t matrix, int64_t part, int64_t i, int64_t j, const THCIntegerWord<T> *sums) const
    {
        struct alignas(sizeof(T) < 4 ? 4 * sizeof(T) : 16) Group {
            T item[4];
        } group;
        T *const place = c.data + matrix * c.step + i * c.row + j;
        if (partial == nullptr && beta == 0 && c.column == 1 && j + 4 <= n &&
            reinterpret_cast<uintptr_t>(place) % alignof(Group) == 0) {
#pragma unroll
            for (int e = 0; e < 4; e++) group.item[e] = (T)(alpha * sums[e]);
            *reinterpret_cast<Group *>(place) = group;
            return;
        }
#pragma unroll
        for (int e = 0; e < 4; e++) {
            if (j + e < n) put(matrix, part, i, j + e, sums[e]);
        }
    }
};

// One of the blocks' pieces of work: a tile, or rows, of a part of the sum of a matrix.
struct THCIntegerPiece {
    int64_t place, part, matrix;
    __device__ THCIntegerPiece(int64_t piece, int64_t places, int64_t parts)
        : place(piece % places), part(piece / places % parts), matrix(piece / places / parts)
    {
    }
};

template <class T> __device__ uint32_t thc_multiplyAdd(uint32_t x, uint32_t y, uint32_t sum)
{
    if constexpr (sizeof(T) == 1)
        return __dp4a(x, y, sum);
    else
        return x * y + sum;
}
template <class T> __device__ uint64_t thc_multiplyAdd(uint64_t x, uint64_t y, uint64_t sum)
{
    return x * y + sum;
}

// A word of elements `stride` apart, `left` of which exist; the others are 0.
template <class T> __device__ THCIntegerWord<T> thc_loadWord(const T *at, int64_t stride, int64_t left)
{
    constexpr int PER_WORD = THCIntegerElement<T>::PER_WORD;
    THCIntegerWord<T> word = 0;
    if constexpr (PER_WORD == 4) {
        if (stride == 1 && left >= PER_WORD && reinterpret_cast<uintptr_t>(at) % PER_WORD == 0)
            return *reinterpret_cast<const uint32_t *>(at);
    }
#pragma unroll
    for (int e = 0; e < PER_WORD; e++) {
        if (e < left) word |= (THCIntegerWord<T>)at[e * stride] << (8 * sizeof(T) * e % 32);
    }
    return word;
}

// --- tiles -------------------------------------------------------------------------------------------------------------------

// A tile of SIDE x SIDE of the result for a block, X x X of it for a thread, WORDS words of the sum at a time. On an H100,
// elements of 16 and 32 bits are fastest where one block has all registers of a multiprocessor, the others with two blocks.
template <class T, int SIDE_, int X_> struct THCIntegerTile {
    using Word = THCIntegerWord<T>;
    static constexpr int SIDE = SIDE_, X = X_, GROUP = 4, WORDS = sizeof(T) == 1 ? 8 : 16,
                         BLOCKS = sizeof(T) == 2 || sizeof(T) == 4 ? 1 : 2;
    static constexpr int ACROSS = SIDE / X, THREADS = ACROSS * ACROSS;
    static constexpr int PITCH = SIDE + 16 / (int)sizeof(Word); // rows begin at multiples of 16 bytes, in other banks
    static constexpr int HELD = SIDE * WORDS / THREADS;
    static constexpr int64_t DEPTH = WORDS * THCIntegerElement<T>::PER_WORD;
    static_assert(X % GROUP == 0 && HELD % GROUP == 0 && THREADS % WORDS == 0 && THREADS % SIDE == 0 &&
                      SIDE * WORDS % THREADS == 0,
                  "threads share a tile evenly");
    // The thread's rows, and columns, are groups of four neighbours, SIDE / (X / GROUP) apart: vectors without bank conflicts.
    static __device__ int place(int thread, int x) { return x / GROUP * (GROUP * ACROSS) + thread * GROUP + x % GROUP; }
};

// The bytes of a square of four lines, side by side, and four terms, `stride` apart: a word for each line.
inline __device__ void thc_loadSquare(const uint8_t *at, int64_t stride, uint32_t *words)
{
    uint32_t term[4];
#pragma unroll
    for (int e = 0; e < 4; e++) term[e] = *reinterpret_cast<const uint32_t *>(at + e * stride);
    const uint32_t low = __byte_perm(term[0], term[1], 0x5140), low_next = __byte_perm(term[2], term[3], 0x5140);
    const uint32_t high = __byte_perm(term[0], term[1], 0x7362), high_next = __byte_perm(term[2], term[3], 0x7362);
    words[0] = __byte_perm(low, low_next, 0x5410);
    words[1] = __byte_perm(low, low_next, 0x7632);
    words[2] = __byte_perm(high, high_next, 0x5410);
    words[3] = __byte_perm(high, high_next, 0x7632);
}

// Moves words of one operand's tile to shared memory: each thread HELD of them, in groups, of lines (rows of a, columns of b)
// that lie `line_stride` apart, neighbouring threads along the smaller stride. Bytes side by side are moved in squares.
template <class T, class Tile> struct THCIntegerMover {
    using Word = typename Tile::Word;
    static constexpr int PER_WORD = THCIntegerElement<T>::PER_WORD, GROUP = Tile::GROUP;
    // From one word to the next of a group, and from one group to the next.
    struct Step {
        int line, word;
        int64_t elements;
        __device__ Step(int l, int w, int64_t line_stride, int64_t sum_stride)
            : line(l), word(w), elements(l * line_stride + w * PER_WORD * sum_stride)
        {
        }
    };
    const T *at;
    int64_t stride, advance; // along the sum; to the next tile
    int line, word;          // the first
    int lines;               // those that exist
    bool along, squares;
    Step inner, outer;
    Word held[Tile::HELD];

    __device__ THCIntegerMover(const T *data, int64_t line_stride, int64_t sum_stride, int64_t first, int64_t limit)
        : stride(sum_stride), advance(Tile::DEPTH * sum_stride),
          along((sum_stride < 0 ? -sum_stride : sum_stride) < (line_stride < 0 ? -line_stride : line_stride)),
          inner(along           ? Tile::THREADS / Tile::WORDS
                : PER_WORD == 4 ? 1
                                : 0,
                along || PER_WORD == 4 ? 0 : Tile::THREADS / Tile::SIDE, line_stride, sum_stride),
          outer(along ? GROUP * inner.line : 0, along ? 0 : GROUP * (Tile::THREADS / Tile::SIDE), line_stride, sum_stride)
    {
        constexpr int NEIGHBOURS = PER_WORD == 4 ? GROUP : 1; // lines of a thread, if not along the sum
        const int thread = (int)threadIdx.x;
        line = along ? thread / Tile::WORDS : thread % (Tile::SIDE / NEIGHBOURS) * NEIGHBOURS;
        word = along ? thread % Tile::WORDS : thread / (Tile::SIDE / NEIGHBOURS);
        lines = (int)(limit - first < Tile::SIDE ? limit - first : Tile::SIDE);
        at = data + (first + line) * line_stride + word * PER_WORD * sum_stride;
        squares = PER_WORD == 4 && !along && line_stride == 1 && line + GROUP <= lines && sum_stride % GROUP == 0 &&
                  reinterpret_cast<uintptr_t>(at) % GROUP == 0;
    }
    // Of `left` terms from here on; then goes to the next tile.
    __device__ void load(int64_t left)
    {
#pragma unroll
        for (int h = 0; h < Tile::HELD; h += GROUP) {
            const int64_t first = (word + h / GROUP * outer.word) * PER_WORD;
            const T *const from = at + h / GROUP * outer.elements;
            if constexpr (PER_WORD == 4) {
                if (squares && left - first >= PER_WORD) {
                    thc_loadSquare(from, stride, held + h);
                    continue;
                }
            }
#pragma unroll
            for (int e = 0; e < GROUP; e++)
                held[h + e] = line + h / GROUP * outer.line + e * inner.line < lines
                                  ? thc_loadWord<T>(from + e * inner.elements, stride, left - first - e * inner.word * PER_WORD)
                                  : 0;
        }
        at += advance;
    }
    __device__ void store(Word (*tile)[Tile::PITCH]) const
    {
#pragma unroll
        for (int h = 0; h < Tile::HELD; h++)
            tile[word + h / GROUP * outer.word + h % GROUP * inner.word]
                [line + h / GROUP * outer.line + h % GROUP * inner.line] = held[h];
    }
};

template <class Tile> __device__ void thc_loadGroups(const typename Tile::Word *row, int thread, typename Tile::Word *to)
{
    struct alignas(16) Group {
        typename Tile::Word word[Tile::GROUP];
    };
#pragma unroll
    for (int x = 0; x < Tile::X; x += Tile::GROUP) {
        const Group group = *reinterpret_cast<const Group *>(row + Tile::place(thread, x));
#pragma unroll
        for (int e = 0; e < Tile::GROUP; e++) to[x + e] = group.word[e];
    }
}

template <class T, class Tile>
__device__ void thc_multiplyTiles(const typename Tile::Word (*left)[Tile::PITCH],
                                  const typename Tile::Word (*right)[Tile::PITCH], typename Tile::Word sums[Tile::X][Tile::X])
{
    const int row = (int)threadIdx.x / Tile::ACROSS, column = (int)threadIdx.x % Tile::ACROSS;
#pragma unroll
    for (int w = 0; w < Tile::WORDS; w++) {
        typename Tile::Word x[Tile::X], y[Tile::X];
        thc_loadGroups<Tile>(left[w], row, x);
        thc_loadGroups<Tile>(right[w], column, y);
#pragma unroll
        for (int i = 0; i < Tile::X; i++) {
#pragma unroll
            for (int j = 0; j < Tile::X; j++) sums[i][j] = thc_multiplyAdd<T>(x[i], y[j], sums[i][j]);
        }
    }
}

// While a tile is multiplied, the next one is on its way; two places in shared memory take turns.
template <class T, class Tile>
__global__ void __launch_bounds__(Tile::THREADS, Tile::BLOCKS)
    thc_integerTiles(const THCIntegerGemm<T> g, int64_t across, int64_t down)
{
    using Word = typename Tile::Word;
    __shared__ alignas(16) Word left[2][Tile::WORDS][Tile::PITCH];
    __shared__ alignas(16) Word right[2][Tile::WORDS][Tile::PITCH];
    const int64_t pieces = across * down * g.parts * g.count;
    for (int64_t p = blockIdx.x; p < pieces; p += gridDim.x) {
        const THCIntegerPiece piece(p, across * down, g.parts);
        const int64_t i0 = piece.place / across * Tile::SIDE, j0 = piece.place % across * Tile::SIDE;
        const int64_t first = piece.part * g.depth, last = first + g.depth < g.k ? first + g.depth : g.k;
        THCIntegerMover<T, Tile> a(g.a.data + piece.matrix * g.a.step + first * g.a.column, g.a.row, g.a.column, i0, g.m);
        THCIntegerMover<T, Tile> b(g.b.data + piece.matrix * g.b.step + first * g.b.row, g.b.column, g.b.row, j0, g.n);
        Word sums[Tile::X][Tile::X] = {};
        a.load(last - first);
        b.load(last - first);
        int turn = 0;
        for (int64_t k = first; k < last; k += Tile::DEPTH, turn ^= 1) {
            a.store(left[turn]);
            b.store(right[turn]);
            __syncthreads(); // the other place is still read, by those that are one tile behind; this one was read before that
            if (k + Tile::DEPTH < last) {
                a.load(last - k - Tile::DEPTH);
                b.load(last - k - Tile::DEPTH);
            }
            thc_multiplyTiles<T, Tile>(left[turn], right[turn], sums);
        }
        __syncthreads(); // the next piece begins with the first place
#pragma unroll
        for (int i = 0; i < Tile::X; i++) {
            const int64_t row = i0 + Tile::place((int)threadIdx.x / Tile::ACROSS, i);
#pragma unroll
            for (int j = 0; j < Tile::X; j += Tile::GROUP) {
                const int64_t column = j0 + Tile::place((int)threadIdx.x % Tile::ACROSS, j);
                if (row < g.m && column < g.n) g.putGroup(piece.matrix, piece.part, row, column, sums[i] + j);
            }
        }
    }
}

// --- rows by a vector --------------------------------------------------------------------------------------------------------

constexpr int THC_INTEGER_THREADS = 256;

// Of the terms from `first` to `last`, those that are a thread's of `lanes` threads: words of bytes, which lie side by side if
// `along`, or single elements.
template <class T>
__device__ THCIntegerWord<T> thc_sumOfProducts(const T *a, int64_t a_stride, const T *b, int64_t b_stride, int64_t first,
                                               int64_t last, int lane, int lanes, bool along)
{
    constexpr int PER_WORD = THCIntegerElement<T>::PER_WORD;
    THCIntegerWord<T> sum = 0;
    if (PER_WORD > 1 && along) {
#pragma unroll 4
        for (int64_t k = first + lane * PER_WORD; k < last; k += lanes * PER_WORD)
            sum = thc_multiplyAdd<T>(thc_loadWord<T>(a + k * a_stride, a_stride, last - k),
                                     thc_loadWord<T>(b + k * b_stride, b_stride, last - k), sum);
        return sum;
    }
#pragma unroll 8
    for (int64_t k = first + lane; k < last; k += lanes)
        sum += (THCIntegerWord<T>)a[k * a_stride] * (THCIntegerWord<T>)b[k * b_stride];
    return sum;
}

// n = 1. `lanes` threads (a power of 2) share a row; neighbouring threads are those lanes if `along`, else they have
// neighbouring rows.
template <class T>
__global__ void __launch_bounds__(THC_INTEGER_THREADS)
    thc_integerRows(const THCIntegerGemm<T> g, int lanes, bool along, int64_t places)
{
    using Word = THCIntegerWord<T>;
    __shared__ Word sums[THC_INTEGER_THREADS];
    const int me = (int)threadIdx.x, rows = THC_INTEGER_THREADS / lanes;
    const int lane = along ? me % lanes : me / rows, between = along ? 1 : rows;
    const int64_t pieces = places * g.parts * g.count;
    for (int64_t p = blockIdx.x; p < pieces; p += gridDim.x) {
        const THCIntegerPiece piece(p, places, g.parts);
        const int64_t i = piece.place * rows + (along ? me / lanes : me % rows);
        const int64_t first = piece.part * g.depth, last = first + g.depth < g.k ? first + g.depth : g.k;
        Word sum = 0;
        if (i < g.m)
            sum = thc_sumOfProducts<T>(g.a.data + piece.matrix * g.a.step + i * g.a.row, g.a.column,
                                       g.b.data + piece.matrix * g.b.step, g.b.row, first, last, lane, lanes, along);
        sums[me] = sum;
        __syncthreads();
        for (int half = lanes / 2; half > 0; half /= 2) {
            if (lane < half) sums[me] += sums[me + half * between];
            __syncthreads();
        }
        if (lane == 0 && i < g.m) g.put(piece.matrix, piece.part, i, 0, sums[me]);
    }
}

// Adds up the parts.
template <class T> __global__ void __launch_bounds__(THC_INTEGER_THREADS) thc_integerParts(const THCIntegerGemm<T> g)
{
    const int64_t outputs = g.outputs();
    for (int64_t o = (int64_t)blockIdx.x * THC_INTEGER_THREADS + threadIdx.x; o < outputs;
         o += (int64_t)gridDim.x * THC_INTEGER_THREADS) {
        THCIntegerWord<T> sum = 0;
        for (int64_t part = 0; part < g.parts; part++) sum += g.partial[part * outputs + o];
        g.finish(o / g.n / g.m, o / g.n % g.m, o % g.n, sum);
    }
}
