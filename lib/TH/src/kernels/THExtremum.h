/* Maximum and minimum, with and without their place, for THReduce.c: nan wins, the first of equals is named. */
#ifndef TH_EXTREMUM_H
#define TH_EXTREMUM_H

#include "kernels/THLoop.h"

#define EXTREMUM_BLOCK 4096
#define EXTREMUM_LANES ((int64_t)(256 / sizeof(scalar_t)))
#define EXTREMUM_WIDTH ((int64_t)(1024 / sizeof(scalar_t)))

/* A lane that counts rows or collects a condition, as wide as the elements where a vector needs that. */
#if TH_DTYPE_IS(Long) || TH_DTYPE_IS(Double)
typedef int64_t extremum_lane_t;
#else
typedef int32_t extremum_lane_t;
#endif

#if TH_DTYPE_IS_FLOATING
#define IS_NAN(x) ((x) != (x))
#define EITHER_NAN(x, y) __builtin_isunordered((x), (y))
#else
#define IS_NAN(x) ((void)(x), 0)
#define EITHER_NAN(x, y) ((void)(x), (void)(y), 0)
#endif

#define IS_GREATER(a, b) ((a) > (b))
#define IS_LESS(a, b) ((a) < (b))

TH_INLINE int64_t find_between(const char *a, int64_t stride, int64_t begin, int64_t end, scalar_t value)
{
    int64_t i = begin;
    for (; i < end; i++) {
        const scalar_t x = TH_CONST_AT(scalar_t, a, stride, i);
        if (x == value || (IS_NAN(value) && IS_NAN(x))) break;
    }
    return i;
}

/* Whether [begin, begin + EXTREMUM_LANES) has the value; without an early way out, so that it becomes vector code. */
TH_INLINE int has_value(const char *a, int64_t stride, int64_t begin, scalar_t value)
{
    extremum_lane_t found = 0;
    for (int64_t k = 0; k < EXTREMUM_LANES; k++) {
        const scalar_t x = TH_CONST_AT(scalar_t, a, stride, begin + k);
        found |= x == value || (IS_NAN(value) && IS_NAN(x));
    }
    return found != 0;
}

TH_INLINE int64_t find_body(const char *a, int64_t stride, int64_t n, scalar_t value)
{
    int64_t i = 0;
    while (i + EXTREMUM_LANES <= n && !has_value(a, stride, i, value)) i += EXTREMUM_LANES;
    return find_between(a, stride, i, n, value);
}

static int64_t TH_KERNEL(find)(const char *a, int64_t stride, int64_t n, const char *value)
{
    if (stride == sizeof(scalar_t)) return find_body(a, sizeof(scalar_t), n, *(const scalar_t *)value);
    return find_body(a, stride, n, *(const scalar_t *)value);
}

/* Defines the four kernels of one direction; `wins(a, b)`: a is strictly better than b.
 *
 * The place is found in two steps, so that it costs nothing in the loop: the value of each block, remembering the best block,
 * then a search in that block alone. */
#define DEFINE_EXTREMUM(name, wins)                                                                                            \
    TH_INLINE scalar_t name##_block(const char *a, int64_t stride, int64_t n)                                                  \
    {                                                                                                                          \
        const int64_t half_lanes = EXTREMUM_LANES / 2;                                                                         \
        scalar_t lane[EXTREMUM_LANES];                                                                                         \
        extremum_lane_t nans[EXTREMUM_LANES / 2] = {0}; /* one for two lanes: one comparison tells of both */                  \
        int64_t i = 0;                                                                                                         \
        const scalar_t first = TH_CONST_AT(scalar_t, a, stride, 0);                                                            \
        for (int64_t k = 0; k < EXTREMUM_LANES; k++) lane[k] = first;                                                          \
        for (; i + EXTREMUM_LANES <= n; i += EXTREMUM_LANES) {                                                                 \
            for (int64_t k = 0; k < half_lanes; k++) {                                                                         \
                const scalar_t x = TH_CONST_AT(scalar_t, a, stride, i + k);                                                    \
                const scalar_t y = TH_CONST_AT(scalar_t, a, stride, i + k + half_lanes);                                       \
                lane[k] = wins(x, lane[k]) ? x : lane[k];                                                                      \
                lane[k + half_lanes] = wins(y, lane[k + half_lanes]) ? y : lane[k + half_lanes];                               \
                if (TH_DTYPE_IS_FLOATING) nans[k] |= EITHER_NAN(x, y) ? -1 : 0;                                                \
            }                                                                                                                  \
        }                                                                                                                      \
        for (; i < n; i++) {                                                                                                   \
            const scalar_t x = TH_CONST_AT(scalar_t, a, stride, i);                                                            \
            lane[0] = wins(x, lane[0]) ? x : lane[0];                                                                          \
            nans[0] |= IS_NAN(x) ? -1 : 0;                                                                                     \
        }                                                                                                                      \
        extremum_lane_t any_nan = 0;                                                                                           \
        for (int64_t k = 0; k < EXTREMUM_LANES / 2; k++) any_nan |= nans[k];                                                   \
        for (int64_t half = EXTREMUM_LANES / 2; half > 0; half /= 2)                                                           \
            for (int64_t k = 0; k < half; k++) lane[k] = wins(lane[k + half], lane[k]) ? lane[k + half] : lane[k];             \
        return any_nan ? (scalar_t)NAN_OR_ZERO : lane[0];                                                                      \
    }                                                                                                                          \
    static scalar_t name##_of(const char *a, int64_t stride, int64_t n)                                                        \
    {                                                                                                                          \
        if (stride == sizeof(scalar_t)) return name##_block(a, sizeof(scalar_t), n);                                           \
        return name##_block(a, stride, n);                                                                                     \
    }                                                                                                                          \
    static void TH_KERNEL(name)(const char *a, int64_t stride, int64_t n, const void *args, char *out)                         \
    {                                                                                                                          \
        (void)args;                                                                                                            \
        *(scalar_t *)out = name##_of(a, stride, n);                                                                            \
    }                                                                                                                          \
    static void TH_KERNEL(arg##name)(const char *a, int64_t stride, int64_t n, char *out, int64_t *index)                      \
    {                                                                                                                          \
        scalar_t best = TH_CONST_AT(scalar_t, a, stride, 0);                                                                   \
        int64_t place = 0;                                                                                                     \
        for (int64_t begin = 0; begin < n && !IS_NAN(best); begin += EXTREMUM_BLOCK) {                                         \
            const int64_t count = n - begin < EXTREMUM_BLOCK ? n - begin : EXTREMUM_BLOCK;                                     \
            const scalar_t x = name##_of(a + begin * stride, stride, count);                                                   \
            if (wins(x, best) || IS_NAN(x)) best = x, place = begin;                                                           \
        }                                                                                                                      \
        *index = place + TH_KERNEL(find)(a + place * stride, stride, n - place, (const char *)&best);                          \
        *(scalar_t *)out = best;                                                                                               \
    }                                                                                                                          \
    TH_INLINE void name##_rows(const char *a, int64_t row_stride, int64_t rows, int64_t stride, int64_t columns,               \
                               scalar_t *best, extremum_lane_t *row)                                                           \
    {                                                                                                                          \
        for (int64_t j = 0; j < columns; j++) best[j] = TH_CONST_AT(scalar_t, a, stride, j), row[j] = 0;                       \
        for (int64_t i = 1; i < rows; i++) {                                                                                   \
            a += row_stride;                                                                                                   \
            TH_INDEPENDENT                                                                                                     \
            for (int64_t j = 0; j < columns; j++) {                                                                            \
                const scalar_t x = TH_CONST_AT(scalar_t, a, stride, j), m = best[j];                                           \
                const int better = wins(x, m) | (IS_NAN(x) & !IS_NAN(m));                                                      \
                best[j] = better ? x : m;                                                                                      \
                row[j] = better ? (extremum_lane_t)i : row[j];                                                                 \
            }                                                                                                                  \
        }                                                                                                                      \
    }                                                                                                                          \
    static void TH_KERNEL(arg##name##Columns)(const char *a, int64_t row_stride, int64_t rows, int64_t stride,                 \
                                              int64_t columns, char *out, int64_t out_stride, char *index,                     \
                                              int64_t index_stride)                                                            \
    {                                                                                                                          \
        const int64_t s = sizeof(scalar_t), most = INT32_MAX; /* rows that one lane can count */                               \
        scalar_t best[EXTREMUM_WIDTH];                                                                                         \
        extremum_lane_t row[EXTREMUM_WIDTH];                                                                                   \
        for (int64_t begin = 0; begin < columns; begin += EXTREMUM_WIDTH) {                                                    \
            const int64_t width = columns - begin < EXTREMUM_WIDTH ? columns - begin : EXTREMUM_WIDTH;                         \
            for (int64_t done = 0; done < rows; done += most) {                                                                \
                const int64_t count = rows - done < most ? rows - done : most;                                                 \
                const char *from = a + begin * stride + done * row_stride;                                                     \
                if (stride == s && width == EXTREMUM_WIDTH)                                                                    \
                    name##_rows(from, row_stride, count, s, EXTREMUM_WIDTH, best, row);                                        \
                else                                                                                                           \
                    name##_rows(from, row_stride, count, stride, width, best, row);                                            \
                for (int64_t j = 0; j < width; j++) {                                                                          \
                    scalar_t *const m = &TH_AT(scalar_t, out, out_stride, begin + j);                                          \
                    if (done > 0 && !wins(best[j], *m) && !(IS_NAN(best[j]) && !IS_NAN(*m))) continue;                         \
                    *m = best[j];                                                                                              \
                    TH_AT(int64_t, index, index_stride, begin + j) = done + row[j];                                            \
                }                                                                                                              \
            }                                                                                                                  \
        }                                                                                                                      \
    }

#if TH_DTYPE_IS_FLOATING
#define NAN_OR_ZERO __builtin_nanf("")
#else
#define NAN_OR_ZERO 0
#endif

DEFINE_EXTREMUM(max, IS_GREATER)
DEFINE_EXTREMUM(min, IS_LESS)

#endif
