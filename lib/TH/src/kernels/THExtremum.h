/* Maximum and minimum, with and without their place, for THReduce.c: nan wins, the first of equals is named. */
#ifndef TH_EXTREMUM_H
#define TH_EXTREMUM_H

#include "kernels/THLoop.h"

#define EXTREMUM_BLOCK 4096
#define EXTREMUM_LANES ((int64_t)(256 / sizeof(scalar_t)))
#define EXTREMUM_PART ((int64_t)(32 / sizeof(scalar_t))) /* of what is shorter */
#define EXTREMUM_NEAR (4 * EXTREMUM_LANES)
#define EXTREMUM_WIDTH ((int64_t)(1024 / sizeof(scalar_t)))
/* Bytes that are asked for ahead: with the check for nan in it the loop does not reach far enough by itself. Integers, which
 * are not checked, are slower so. */
#define EXTREMUM_AHEAD 2048

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

/* `of_nan`: the value is nan, which equals no number. */
TH_INLINE int is_value(scalar_t x, scalar_t value, int of_nan)
{
    return of_nan ? IS_NAN(x) : x == value;
}

/* Whether [begin, begin + lanes) has the value; without an early way out, so that it becomes vector code. */
TH_INLINE int has_value(const char *a, int64_t stride, int64_t begin, int64_t lanes, scalar_t value, int of_nan)
{
    extremum_lane_t found = 0;
    for (int64_t k = 0; k < lanes; k++) found |= is_value(TH_CONST_AT(scalar_t, a, stride, begin + k), value, of_nan) ? -1 : 0;
    return found != 0;
}

/* The same place without branches, which would be guessed wrong in a short run. Values of as many lanes as an element has. */
TH_INLINE int64_t find_near(const char *a, int64_t stride, int64_t n, scalar_t value, int of_nan)
{
    extremum_lane_t place = (extremum_lane_t)n;
    for (extremum_lane_t i = 0; i < (extremum_lane_t)n; i++) {
        const extremum_lane_t here = is_value(TH_CONST_AT(scalar_t, a, stride, i), value, of_nan) ? i : (extremum_lane_t)n;
        place = here < place ? here : place;
    }
    return place;
}

TH_INLINE int64_t find_body(const char *a, int64_t stride, int64_t n, scalar_t value, int of_nan)
{
    if (n <= EXTREMUM_NEAR) return find_near(a, stride, n, value, of_nan);
    int64_t i = 0;
    while (i + EXTREMUM_LANES <= n && !has_value(a, stride, i, EXTREMUM_LANES, value, of_nan)) i += EXTREMUM_LANES;
    const int64_t rest = n - i < EXTREMUM_LANES ? n - i : EXTREMUM_LANES;
    return i + find_near(a + i * stride, stride, rest, value, of_nan);
}

static int64_t TH_KERNEL(find)(const char *a, int64_t stride, int64_t n, const char *value)
{
    const scalar_t x = *(const scalar_t *)value;
    if (IS_NAN(x)) return find_body(a, stride, n, x, 1);
    if (stride == sizeof(scalar_t)) return find_body(a, sizeof(scalar_t), n, x, 0);
    return find_body(a, stride, n, x, 0);
}

/* Defines the four kernels of one direction; `wins(a, b)`: a is strictly better than b.
 *
 * The place is found in two steps, so that it costs nothing in the loop: the value of each block, remembering the best block,
 * then a search in that block alone. */
#define DEFINE_EXTREMUM(name, wins)                                                                                            \
    TH_INLINE void name##_step(const char *a, int64_t stride, int64_t i, int64_t half_lanes, scalar_t *lane,                   \
                               extremum_lane_t *nans)                                                                          \
    {                                                                                                                          \
        for (int64_t k = 0; k < half_lanes; k++) {                                                                             \
            const scalar_t x = TH_CONST_AT(scalar_t, a, stride, i + k);                                                        \
            const scalar_t y = TH_CONST_AT(scalar_t, a, stride, i + k + half_lanes);                                           \
            lane[k] = wins(x, lane[k]) ? x : lane[k];                                                                          \
            lane[k + half_lanes] = wins(y, lane[k + half_lanes]) ? y : lane[k + half_lanes];                                   \
            if (TH_DTYPE_IS_FLOATING) nans[k] |= EITHER_NAN(x, y) ? -1 : 0;                                                    \
        }                                                                                                                      \
    }                                                                                                                          \
    TH_INLINE void name##_fold(scalar_t *lane, int64_t half)                                                                   \
    {                                                                                                                          \
        for (int64_t k = 0; k < half; k++) lane[k] = wins(lane[k + half], lane[k]) ? lane[k + half] : lane[k];                 \
    }                                                                                                                          \
    /* Of n >= lanes elements. The last step goes over some of them twice, which changes no extremum. */                       \
    TH_INLINE scalar_t name##_lanes(const char *a, int64_t stride, int64_t n, int64_t lanes)                                   \
    {                                                                                                                          \
        const int64_t half_lanes = lanes / 2;                                                                                  \
        scalar_t lane[EXTREMUM_LANES];                                                                                         \
        extremum_lane_t nans[EXTREMUM_LANES / 2] = {0}; /* one for two lanes: one comparison tells of both */                  \
        const scalar_t first = TH_CONST_AT(scalar_t, a, stride, 0);                                                            \
        for (int64_t k = 0; k < lanes; k++) lane[k] = first;                                                                   \
        for (int64_t i = 0; i + lanes <= n; i += lanes) {                                                                      \
            for (int64_t k = 0; TH_DTYPE_IS_FLOATING && k < (int64_t)sizeof(lane); k += 64)                                    \
                __builtin_prefetch(a + i * stride + EXTREMUM_AHEAD + k);                                                       \
            name##_step(a, stride, i, half_lanes, lane, nans);                                                                 \
        }                                                                                                                      \
        name##_step(a, stride, n - lanes, half_lanes, lane, nans);                                                             \
        extremum_lane_t any_nan = 0;                                                                                           \
        for (int64_t k = 0; k < half_lanes; k++) any_nan |= nans[k];                                                           \
        TH_FOLD(name##_fold, lane, half_lanes);                                                                                \
        return any_nan ? (scalar_t)NAN_OR_ZERO : lane[0];                                                                      \
    }                                                                                                                          \
    TH_INLINE scalar_t name##_block(const char *a, int64_t stride, int64_t n)                                                  \
    {                                                                                                                          \
        if (n >= EXTREMUM_LANES) return name##_lanes(a, stride, n, EXTREMUM_LANES);                                            \
        if (n >= EXTREMUM_PART) return name##_lanes(a, stride, n, EXTREMUM_PART);                                              \
        scalar_t best = TH_CONST_AT(scalar_t, a, stride, 0);                                                                   \
        for (int64_t i = 1; i < n; i++) {                                                                                      \
            const scalar_t x = TH_CONST_AT(scalar_t, a, stride, i);                                                            \
            best = wins(x, best) || IS_NAN(x) ? x : best;                                                                      \
            if (IS_NAN(best)) break;                                                                                           \
        }                                                                                                                      \
        return best;                                                                                                           \
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
