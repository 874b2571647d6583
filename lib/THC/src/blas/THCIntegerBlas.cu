#include "blas/THCIntegerBlas.cuh"

#include <climits>

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCDtype.cuh"
#include "kernels/THCIntegerProduct.cuh"

namespace
{

// A big tile reads the least; small ones fill the device, and leave less over at the edges.
template <class T> using BigTile = THCIntegerTile<T, sizeof(T) == 8 ? 64 : 128, sizeof(T) == 8 ? 4 : 8>;
template <class T> using SmallTile = THCIntegerTile<T, 32, 4>;
constexpr int64_t SMALL_COST = 2;   // of a product, in a small tile, beside a big one
constexpr int64_t LEAST_DEPTH = 8;  // of a part of the sum, in tiles
constexpr int64_t LEAST_WORDS = 16; // of a part of the sum, for each thread that works on a row

int64_t ceilDivide(int64_t a, int64_t b)
{
    return a / b + (a % b != 0);
}

int64_t magnitude(int64_t stride)
{
    return stride < 0 ? -stride : stride;
}

unsigned blocksFor(int64_t pieces)
{
    return (unsigned)(pieces < INT_MAX ? pieces : INT_MAX);
}

template <class T> THCIntegerGemm<T> gemmOf(const THCIntegerProduct &p)
{
    using Word = THCIntegerWord<T>;
    return {p.count,
            p.m,
            p.n,
            p.k,
            (Word)THScalar_toLong(p.alpha),
            (Word)THScalar_toLong(p.beta),
            {static_cast<const T *>(p.a.data), p.a.row, p.a.column, p.a.step},
            {static_cast<const T *>(p.b.data), p.b.row, p.b.column, p.b.step},
            {static_cast<T *>(const_cast<void *>(p.c.data)), p.c.row, p.c.column, p.c.step},
            1,
            p.k,
            nullptr};
}

// Where `pieces` would leave multiprocessors without work, the sum is cut into as many parts as give each `wanted` pieces,
// of at least `least` terms.
template <class T> void cutSum(THCIntegerGemm<T> *g, int64_t pieces, int64_t wanted, int64_t least)
{
    const int64_t most = ceilDivide(g->k, least), missing = wanted * thc_multiprocessors() / pieces;
    const int64_t parts = missing < most ? missing : most;
    if (parts < 2) return;
    g->depth = ceilDivide(ceilDivide(g->k, parts), least) * least;
    g->parts = ceilDivide(g->k, g->depth);
}

// Calls launch(g), with memory for the parts of the sums if there are any, and adds them up.
template <class T, class Launch> THStatus runParts(const char *op, THCIntegerGemm<T> g, Launch launch)
{
    if (g.parts == 1) {
        launch(g);
        return thc_started(op);
    }
    const THCScratch scratch(thc_currentDevice(), g.parts * g.outputs() * (int64_t)sizeof(THCIntegerWord<T>));
    if (scratch.data() == nullptr) return THStatus_last();
    g.partial = reinterpret_cast<THCIntegerWord<T> *>(scratch.data());
    launch(g);
    TH_TRY(thc_started(op));
    const unsigned blocks = blocksFor(ceilDivide(g.outputs(), THC_INTEGER_THREADS));
    thc_integerParts<T><<<blocks, THC_INTEGER_THREADS, 0, thc_stream()>>>(g);
    return thc_started(op);
}

template <class T, class Tile> THStatus multiplyByTiles(const char *op, THCIntegerGemm<T> g)
{
    const int64_t across = ceilDivide(g.n, Tile::SIDE), down = ceilDivide(g.m, Tile::SIDE);
    cutSum(&g, across * down * g.count, 512 / Tile::THREADS, LEAST_DEPTH * Tile::DEPTH);
    return runParts(op, g, [=](const THCIntegerGemm<T> &gemm) {
        thc_integerTiles<T, Tile>
            <<<blocksFor(across * down * gemm.parts * gemm.count), Tile::THREADS, 0, thc_stream()>>>(gemm, across, down);
    });
}

int64_t powerOfTwo(int64_t least, int64_t most)
{
    int64_t power = 1;
    while (power < least && power < most) power *= 2;
    return power;
}

// n = 1.
template <class T> THStatus multiplyByRows(const char *op, THCIntegerGemm<T> g)
{
    const bool along = g.m == 1 || magnitude(g.a.column) <= magnitude(g.a.row);
    const bool many = g.m * g.count >= (int64_t)64 * thc_multiprocessors();
    const int64_t lanes = along
                              ? powerOfTwo(ceilDivide(g.k, 8 * THCIntegerElement<T>::PER_WORD), many ? 32 : THC_INTEGER_THREADS)
                              : THC_INTEGER_THREADS / powerOfTwo(g.m, sizeof(T) > 4 ? 32 : 128 / sizeof(T));
    const int64_t places = ceilDivide(g.m, THC_INTEGER_THREADS / lanes);
    cutSum(&g, places * g.count, 8, LEAST_WORDS * THCIntegerElement<T>::PER_WORD * lanes);
    return runParts(op, g, [=](const THCIntegerGemm<T> &gemm) {
        thc_integerRows<T><<<blocksFor(places * gemm.parts * gemm.count), THC_INTEGER_THREADS, 0, thc_stream()>>>(
            gemm, (int)lanes, along, places);
    });
}

// What the tiles' multiplications come to, those at the edges for nothing included.
double costOf(const THCIntegerProduct &p, int64_t side)
{
    return (double)ceilDivide(p.m, side) * (double)ceilDivide(p.n, side) * (double)(side * side);
}

template <class T> THStatus multiply(const char *op, const THCIntegerProduct &p)
{
    if (p.n == 1) return multiplyByRows<T>(op, gemmOf<T>(p));
    const double big = costOf(p, BigTile<T>::SIDE), small = costOf(p, SmallTile<T>::SIDE) * SMALL_COST;
    // The big tiles that there are, and may be by cutting the sum.
    const double tiles = big / (BigTile<T>::SIDE * BigTile<T>::SIDE) * (double)p.count *
                         (double)ceilDivide(p.k, LEAST_DEPTH * BigTile<T>::DEPTH);
    if (big <= small && tiles >= thc_multiprocessors()) return multiplyByTiles<T, BigTile<T>>(op, gemmOf<T>(p));
    return multiplyByTiles<T, SmallTile<T>>(op, gemmOf<T>(p));
}

// The transposed product, c' = b' a'.
THCIntegerProduct transposed(const THCIntegerProduct &p)
{
    const auto turned = [](const THCIntegerMatrix &m) { return THCIntegerMatrix{m.data, m.column, m.row, m.step}; };
    return {p.dtype, p.count, p.n, p.m, p.k, p.alpha, p.beta, turned(p.b), turned(p.a), turned(p.c)};
}

} // namespace

THStatus thcInteger_multiply(const char *op, const THCIntegerProduct &product)
{
    if (product.dtype == THDtype_None || THDtype_isFloating(product.dtype)) return thc_unsupported(op, product.dtype);
    // A vector is a column; else neighbouring threads, which have neighbouring columns, write neighbours.
    const bool turn = product.n > 1 && (product.m == 1 || magnitude(product.c.row) < magnitude(product.c.column));
    const THCIntegerProduct p = turn ? transposed(product) : product;
    switch (THDtype_itemsize(p.dtype)) { // signs do not matter
    case 1:
        return multiply<uint8_t>(op, p);
    case 2:
        return multiply<uint16_t>(op, p);
    case 4:
        return multiply<uint32_t>(op, p);
    default:
        return multiply<uint64_t>(op, p);
    }
}
