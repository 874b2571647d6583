/* Sums, products, norms; extrema are in THExtremum.h.
 *
 * A float sum is never vectorised without reassociation. Here the order is fixed by hand: blocks of 4,096 elements are summed
 * in independent lanes (256 bytes of them), lanes and blocks then pairwise. It depends on nothing but the count. */
#include "kernels/THReduce.h"

#include <math.h>

#include "kernels/THExtremum.h"
#include "kernels/THExtremumRows.h"

#define BLOCK 4096
#define FEW 16
#define LANES ((int64_t)(256 / sizeof(acc_t)))
#define PART (LANES / 8)                        /* the lanes that take what is less than LANES: one vector register */
#define WIDTH ((int64_t)(1024 / sizeof(acc_t))) /* columns that are reduced together, in the first cache */
#define LINEAR_ROWS 64                          /* rows that are added one by one; above, halves are added pairwise */

#if TH_DTYPE_IS_FLOATING
#define ADD(a, b) ((a) + (b))
#define MULTIPLY(a, b) ((a) * (b))
#else
#define ADD(a, b) ((acc_t)((uint64_t)(a) + (uint64_t)(b)))
#define MULTIPLY(a, b) ((acc_t)((uint64_t)(a) * (uint64_t)(b)))
#endif

/* For the recursive functions: gcc would unfold them into themselves. */
#define NOT_INLINED static __attribute__((noinline))

/* The first multiple of BLOCK that is at least half of n. */
TH_INLINE int64_t split_blocks(int64_t n)
{
    return (n / BLOCK + 1) / 2 * BLOCK;
}

/* Defines <name>_term: what x (of column j) contributes. `setup` may unpack args. */
#define DEFINE_TERM(name, setup, term)                                                                                         \
    TH_INLINE acc_t name##_term(acc_t x, const void *args, int64_t j)                                                          \
    {                                                                                                                          \
        (void)args;                                                                                                            \
        (void)j;                                                                                                               \
        setup;                                                                                                                 \
        return term;                                                                                                           \
    }

/* Defines <name>_pairwise and TH_KERNEL(name): combines the terms of a run, beginning with `start`. */
#define DEFINE_RUN(name, combine, start)                                                                                       \
    TH_INLINE void name##_fold(acc_t *lane, int64_t half)                                                                      \
    {                                                                                                                          \
        for (int64_t k = 0; k < half; k++) lane[k] = combine(lane[k], lane[k + half]);                                         \
    }                                                                                                                          \
    TH_INLINE acc_t name##_block(const char *a, int64_t stride, int64_t n, const void *args)                                   \
    {                                                                                                                          \
        acc_t lane[LANES];                                                                                                     \
        int64_t i = 0;                                                                                                         \
        for (int64_t k = 0; k < LANES; k++) lane[k] = start;                                                                   \
        for (; i + LANES <= n; i += LANES) {                                                                                   \
            for (int64_t k = 0; k < LANES; k++) {                                                                              \
                const acc_t x = (acc_t)TH_CONST_AT(scalar_t, a, stride, i + k);                                                \
                lane[k] = combine(lane[k], name##_term(x, args, 0));                                                           \
            }                                                                                                                  \
        }                                                                                                                      \
        for (; i + PART <= n; i += PART) {                                                                                     \
            for (int64_t k = 0; k < PART; k++) {                                                                               \
                const acc_t x = (acc_t)TH_CONST_AT(scalar_t, a, stride, i + k);                                                \
                lane[k] = combine(lane[k], name##_term(x, args, 0));                                                           \
            }                                                                                                                  \
        }                                                                                                                      \
        acc_t rest = start;                                                                                                    \
        for (; i < n; i++) {                                                                                                   \
            const acc_t x = (acc_t)TH_CONST_AT(scalar_t, a, stride, i);                                                        \
            rest = combine(rest, name##_term(x, args, 0));                                                                     \
        }                                                                                                                      \
        TH_FOLD(name##_fold, lane, LANES / 2);                                                                                 \
        return combine(lane[0], rest);                                                                                         \
    }                                                                                                                          \
    NOT_INLINED acc_t name##_pairwise(const char *a, int64_t stride, int64_t n, const void *args)                              \
    {                                                                                                                          \
        if (n <= FEW) { /* the lanes would cost more than the elements */                                                      \
            acc_t all = start;                                                                                                 \
            for (int64_t i = 0; i < n; i++)                                                                                    \
                all = combine(all, name##_term((acc_t)TH_CONST_AT(scalar_t, a, stride, i), args, 0));                          \
            return all;                                                                                                        \
        }                                                                                                                      \
        if (n <= BLOCK) {                                                                                                      \
            if (stride == sizeof(scalar_t)) return name##_block(a, sizeof(scalar_t), n, args);                                 \
            return name##_block(a, stride, n, args);                                                                           \
        }                                                                                                                      \
        const int64_t half = split_blocks(n);                                                                                  \
        const acc_t first = name##_pairwise(a, stride, half, args);                                                            \
        return combine(first, name##_pairwise(a + half * stride, stride, n - half, args));                                     \
    }                                                                                                                          \
    static void TH_KERNEL(name)(const char *a, int64_t stride, int64_t n, const void *args, char *out)                         \
    {                                                                                                                          \
        *(acc_t *)out = name##_pairwise(a, stride, n, args);                                                                   \
    }

/* Defines <name>_rows: the same for each of up to WIDTH columns, into acc. Four rows at a time, so that the accumulators are
 * read and written once for four elements. */
#define DEFINE_ROWS(name, combine, start)                                                                                      \
    TH_INLINE acc_t name##_at(const char *row, int64_t stride, int64_t j, const void *args)                                    \
    {                                                                                                                          \
        return name##_term((acc_t)TH_CONST_AT(scalar_t, row, stride, j), args, j);                                             \
    }                                                                                                                          \
    TH_INLINE void name##_linear(const char *a, int64_t row_stride, int64_t rows, int64_t stride, int64_t columns,             \
                                 const void *args, acc_t *acc)                                                                 \
    {                                                                                                                          \
        int64_t i = 0;                                                                                                         \
        for (int64_t j = 0; j < columns; j++) acc[j] = start;                                                                  \
        for (; i + 4 <= rows; i += 4, a += 4 * row_stride) {                                                                   \
            const char *const b = a + row_stride, *const c = b + row_stride, *const d = c + row_stride;                        \
            TH_INDEPENDENT                                                                                                     \
            for (int64_t j = 0; j < columns; j++) {                                                                            \
                const acc_t first = combine(name##_at(a, stride, j, args), name##_at(b, stride, j, args));                     \
                const acc_t second = combine(name##_at(c, stride, j, args), name##_at(d, stride, j, args));                    \
                acc[j] = combine(acc[j], combine(first, second));                                                              \
            }                                                                                                                  \
        }                                                                                                                      \
        for (; i < rows; i++, a += row_stride) {                                                                               \
            TH_INDEPENDENT                                                                                                     \
            for (int64_t j = 0; j < columns; j++) acc[j] = combine(acc[j], name##_at(a, stride, j, args));                     \
        }                                                                                                                      \
    }                                                                                                                          \
    NOT_INLINED void name##_rows(const char *a, int64_t row_stride, int64_t rows, int64_t stride, int64_t columns,             \
                                 const void *args, acc_t *acc)                                                                 \
    {                                                                                                                          \
        const int64_t s = sizeof(scalar_t);                                                                                    \
        if (rows > LINEAR_ROWS) {                                                                                              \
            const int64_t half = rows / 2;                                                                                     \
            acc_t second[WIDTH];                                                                                               \
            name##_rows(a, row_stride, half, stride, columns, args, acc);                                                      \
            name##_rows(a + half * row_stride, row_stride, rows - half, stride, columns, args, second);                        \
            for (int64_t j = 0; j < columns; j++) acc[j] = combine(acc[j], second[j]);                                         \
        } else if (stride == s && columns == WIDTH) {                                                                          \
            name##_linear(a, row_stride, rows, s, WIDTH, args, acc);                                                           \
        } else if (stride == s) {                                                                                              \
            name##_linear(a, row_stride, rows, s, columns, args, acc);                                                         \
        } else {                                                                                                               \
            name##_linear(a, row_stride, rows, stride, columns, args, acc);                                                    \
        }                                                                                                                      \
    }

#define DEFINE_COLUMNS(name)                                                                                                   \
    static void TH_KERNEL(name##Columns)(const char *a, int64_t row_stride, int64_t rows, int64_t stride, int64_t columns,     \
                                         const void *args, char *out, int64_t out_stride)                                      \
    {                                                                                                                          \
        acc_t acc[WIDTH];                                                                                                      \
        for (int64_t begin = 0; begin < columns; begin += WIDTH) {                                                             \
            const int64_t width = columns - begin < WIDTH ? columns - begin : WIDTH;                                           \
            name##_rows(a + begin * stride, row_stride, rows, stride, width, args, acc);                                       \
            for (int64_t j = 0; j < width; j++) TH_AT(acc_t, out, out_stride, begin + j) = acc[j];                             \
        }                                                                                                                      \
    }

#define DEFINE_FOLD(name, combine, start, setup, term)                                                                         \
    DEFINE_TERM(name, setup, term)                                                                                             \
    DEFINE_RUN(name, combine, start)                                                                                           \
    DEFINE_ROWS(name, combine, start)                                                                                          \
    DEFINE_COLUMNS(name)

#define FOLD(name) {TH_KERNEL(name), TH_KERNEL(name##Columns)}

DEFINE_FOLD(sum, ADD, 0, (void)0, x)
DEFINE_FOLD(prod, MULTIPLY, 1, (void)0, x)

#if TH_DTYPE_IS_FLOATING

#if TH_DTYPE_IS(Float)
#define FN(name) __builtin_##name##f
#else
#define FN(name) __builtin_##name
#endif

/* nan stays: either as the accumulator or as the new term. */
#define LARGER(a, b) ((b) > (a) || (b) != (b) ? (b) : (a))

DEFINE_FOLD(sumAbs, ADD, 0, (void)0, FN(fabs)(x))
DEFINE_FOLD(sumSquares, ADD, 0, (void)0, x *x)
DEFINE_FOLD(countNonzero, ADD, 0, (void)0, (acc_t)(x != 0))
DEFINE_FOLD(sumPower, ADD, 0, const acc_t p = *(const acc_t *)args, FN(pow)(FN(fabs)(x), p))
DEFINE_FOLD(maxAbs, LARGER, 0, (void)0, FN(fabs)(x))
DEFINE_TERM(squaredDistance, const acc_t mean = *(const acc_t *)args, (x - mean) * (x - mean))
DEFINE_RUN(squaredDistance, ADD, 0)
DEFINE_TERM(distances, const acc_t *mean = args, (x - mean[j]) * (x - mean[j]))
DEFINE_ROWS(distances, ADD, 0)

static void TH_KERNEL(spread)(const char *a, int64_t stride, int64_t n, const void *args, char *out)
{
    const acc_t mean = sum_pairwise(a, stride, n, args) / (acc_t)n;
    *(acc_t *)out = squaredDistance_pairwise(a, stride, n, &mean);
}

/* The mean, then the distances, of one group of columns after the other, so that the second pass finds them in the cache. */
static void spread_rows(const char *a, int64_t row_stride, int64_t rows, int64_t stride, int64_t columns, const void *args,
                        acc_t *acc)
{
    acc_t mean[WIDTH];
    sum_rows(a, row_stride, rows, stride, columns, args, mean);
    for (int64_t j = 0; j < columns; j++) mean[j] /= (acc_t)rows;
    distances_rows(a, row_stride, rows, stride, columns, mean, acc);
}

DEFINE_COLUMNS(spread)

#endif

const THReduce TH_TABLE(THReduce) = {
    .sum = FOLD(sum),
    .prod = FOLD(prod),
#if TH_DTYPE_IS_FLOATING
    .sumAbs = FOLD(sumAbs),
    .sumSquares = FOLD(sumSquares),
    .countNonzero = FOLD(countNonzero),
    .sumPower = FOLD(sumPower),
    .maxAbs = FOLD(maxAbs),
    .spread = FOLD(spread),
    .squaredDistance = TH_KERNEL(squaredDistance),
#endif
    .max = TH_KERNEL(max),
    .min = TH_KERNEL(min),
    .argmax = TH_KERNEL(argmax),
    .argmin = TH_KERNEL(argmin),
    .argmaxColumns = TH_KERNEL(argmaxColumns),
    .argminColumns = TH_KERNEL(argminColumns),
#ifdef HAS_EXTREMUM_ROWS
    .argmaxRows = TH_KERNEL(argmaxRows),
    .argminRows = TH_KERNEL(argminRows),
#endif
    .find = TH_KERNEL(find),
};
