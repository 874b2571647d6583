/* Maxima and minima of short rows with their places, one row after the other: for THReduce.c, of the dtypes and CPU levels
 * where that is faster than a call for each row or a walk by columns. nan wins, the first of equals is named. */
#ifndef TH_EXTREMUM_ROWS_H
#define TH_EXTREMUM_ROWS_H

#include "kernels/THExtremum.h"

#if TH_CPU_IS(AVX512) && (TH_DTYPE_IS(Long) || TH_DTYPE_IS(Float) || TH_DTYPE_IS(Double))
#define HAS_EXTREMUM_ROWS 1

#include <immintrin.h>

#if TH_DTYPE_IS(Float)
typedef __m512 row_vector_t;
typedef __mmask16 row_mask_t;
#define ROW(name) _mm512_##name##_ps
#define ROW_LOAD _mm512_loadu_ps
#define ROW_INDEX(name) _mm512_##name##_epi32
#define ROW_EQUAL(x, y) _mm512_cmp_ps_mask((x), (y), _CMP_EQ_OQ)
#define ROW_NAN(x, y) _mm512_cmp_ps_mask((x), (y), _CMP_UNORD_Q)
#define ROW_MOST __builtin_inff()
#elif TH_DTYPE_IS(Double)
typedef __m512d row_vector_t;
typedef __mmask8 row_mask_t;
#define ROW(name) _mm512_##name##_pd
#define ROW_LOAD _mm512_loadu_pd
#define ROW_INDEX(name) _mm512_##name##_epi64
#define ROW_EQUAL(x, y) _mm512_cmp_pd_mask((x), (y), _CMP_EQ_OQ)
#define ROW_NAN(x, y) _mm512_cmp_pd_mask((x), (y), _CMP_UNORD_Q)
#define ROW_MOST __builtin_inf()
#else
typedef __m512i row_vector_t;
typedef __mmask8 row_mask_t;
#define ROW(name) _mm512_##name##_epi64
#define ROW_LOAD _mm512_loadu_si512
#define ROW_INDEX(name) _mm512_##name##_epi64
#define ROW_EQUAL(x, y) _mm512_cmpeq_epi64_mask((x), (y))
#define ROW_NAN(x, y) ((void)(x), (void)(y), 0)
#define ROW_MOST INT64_MAX
#endif

#define ROW_LANES ((int64_t)(64 / sizeof(scalar_t)))
#define ROW_GUESS (16 * ROW_LANES) /* up to here all is searched: a way out of the search would be guessed wrong */
#define ROW_LONGEST EXTREMUM_BLOCK /* what is read twice stays in the first cache */

/* The place of the first of n > ROW_LANES elements that equals `value`, which is there. The last vector may cover some of the
 * one before: what is in both was found there. */
TH_INLINE int64_t row_find(const scalar_t *a, int64_t n, row_vector_t value)
{
    const int64_t last = n - ROW_LANES;
    if (n <= ROW_GUESS) {
        __m512i begin = ROW_INDEX(set1)((extremum_lane_t)n); /* for each lane, where the first vector that has it begins */
        begin = ROW_INDEX(mask_mov)(begin, ROW_EQUAL(ROW_LOAD(a + last), value), ROW_INDEX(set1)((extremum_lane_t)last));
        int64_t i = (last - 1) / ROW_LANES * ROW_LANES;
        const __m512i step = ROW_INDEX(set1)((extremum_lane_t)ROW_LANES);
        for (__m512i at = ROW_INDEX(set1)((extremum_lane_t)i); i >= 0; i -= ROW_LANES, at = ROW_INDEX(sub)(at, step))
            begin = ROW_INDEX(mask_mov)(begin, ROW_EQUAL(ROW_LOAD(a + i), value), at);
        extremum_lane_t lane[64 / sizeof(extremum_lane_t)];
        for (extremum_lane_t k = 0; k < (extremum_lane_t)ROW_LANES; k++) lane[k] = k;
        return ROW_INDEX(reduce_min)(ROW_INDEX(add)(begin, _mm512_loadu_si512(lane)));
    }
    int64_t i = 0;
    for (; i < last; i += 2 * ROW_LANES) {
        const int64_t next = i + ROW_LANES < last ? i + ROW_LANES : last;
        const unsigned first = ROW_EQUAL(ROW_LOAD(a + i), value), second = ROW_EQUAL(ROW_LOAD(a + next), value);
        if ((first | second) != 0) return first != 0 ? i + __builtin_ctz(first) : next + __builtin_ctz(second);
    }
    return last + __builtin_ctz(ROW_EQUAL(ROW_LOAD(a + last), value));
}

/* Defines TH_KERNEL(arg<name>Rows): `worst` wins against nothing. A place of -1: there is nan, or the row is too long. */
#define DEFINE_EXTREMUM_ROWS(name, worst)                                                                                      \
    /* The place in a row of at most ROW_LANES elements. */                                                                    \
    TH_INLINE int64_t name##_inVector(const scalar_t *a, row_mask_t all)                                                       \
    {                                                                                                                          \
        const row_vector_t x = ROW(mask_loadu)(ROW(set1)(worst), all, a);                                                      \
        const unsigned equal = ROW_EQUAL(x, ROW(set1)(ROW(reduce_##name)(x)));                                                 \
        return ROW_NAN(x, x) != 0 ? -1 : __builtin_ctz(equal);                                                                 \
    }                                                                                                                          \
    /* In a row of up to twice as many, the second vector covering some of the first one. */                                   \
    TH_INLINE int64_t name##_inTwo(const scalar_t *a, int64_t n)                                                               \
    {                                                                                                                          \
        const row_vector_t x = ROW_LOAD(a), y = ROW_LOAD(a + n - ROW_LANES);                                                   \
        const row_vector_t best = ROW(set1)(ROW(reduce_##name)(ROW(name)(x, y)));                                              \
        const unsigned equal = ROW_EQUAL(x, best) | (unsigned)ROW_EQUAL(y, best) << (n - ROW_LANES);                           \
        return ROW_NAN(x, y) != 0 ? -1 : __builtin_ctz(equal);                                                                 \
    }                                                                                                                          \
    /* Of more than that. */                                                                                                   \
    TH_INLINE int64_t name##_inRow(const scalar_t *a, int64_t n)                                                               \
    {                                                                                                                          \
        row_vector_t best[4];                                                                                                  \
        unsigned nans = 0;                                                                                                     \
        int64_t i = 0;                                                                                                         \
        for (int k = 0; k < 4; k++) best[k] = ROW_LOAD(a);                                                                     \
        for (; i + 4 * ROW_LANES <= n; i += 4 * ROW_LANES) {                                                                   \
            row_vector_t x[4];                                                                                                 \
            for (int k = 0; k < 4; k++) x[k] = ROW_LOAD(a + i + k * ROW_LANES);                                                \
            for (int k = 0; k < 4; k++) best[k] = ROW(name)(best[k], x[k]);                                                    \
            nans |= ROW_NAN(x[0], x[1]) | ROW_NAN(x[2], x[3]);                                                                 \
        }                                                                                                                      \
        for (; i < n; i += ROW_LANES) {                                                                                        \
            const row_vector_t x = ROW_LOAD(a + (i + ROW_LANES <= n ? i : n - ROW_LANES));                                     \
            best[0] = ROW(name)(best[0], x);                                                                                   \
            nans |= ROW_NAN(x, x);                                                                                             \
        }                                                                                                                      \
        if (nans != 0) return -1;                                                                                              \
        best[0] = ROW(name)(ROW(name)(best[0], best[1]), ROW(name)(best[2], best[3]));                                         \
        return row_find(a, n, ROW(set1)(ROW(reduce_##name)(best[0])));                                                         \
    }                                                                                                                          \
    TH_INLINE int64_t name##_place(const scalar_t *a, int64_t n, row_mask_t all)                                               \
    {                                                                                                                          \
        if (n <= ROW_LANES) return name##_inVector(a, all);                                                                    \
        if (n <= 2 * ROW_LANES) return name##_inTwo(a, n);                                                                     \
        return n <= ROW_LONGEST ? name##_inRow(a, n) : -1;                                                                     \
    }                                                                                                                          \
    static void TH_KERNEL(arg##name##Rows)(const char *a, int64_t row_stride, int64_t rows, int64_t n, char *out,              \
                                           int64_t out_stride, char *index, int64_t index_stride)                              \
    {                                                                                                                          \
        const row_mask_t all = (row_mask_t)((1u << (n < ROW_LANES ? n : ROW_LANES)) - 1);                                      \
        for (int64_t j = 0; j < rows; j++, a += row_stride, out += out_stride, index += index_stride) {                        \
            const scalar_t *const row = (const scalar_t *)a;                                                                   \
            const int64_t place = name##_place(row, n, all);                                                                   \
            if (place < 0) {                                                                                                   \
                TH_KERNEL(arg##name)(a, sizeof(scalar_t), n, out, (int64_t *)index);                                           \
            } else {                                                                                                           \
                *(scalar_t *)out = row[place];                                                                                 \
                *(int64_t *)index = place;                                                                                     \
            }                                                                                                                  \
        }                                                                                                                      \
    }

#if TH_DTYPE_IS_FLOATING
DEFINE_EXTREMUM_ROWS(max, -ROW_MOST)
#else
DEFINE_EXTREMUM_ROWS(max, -ROW_MOST - 1)
#endif
DEFINE_EXTREMUM_ROWS(min, ROW_MOST)

#elif !TH_DTYPE_IS_FLOATING && !TH_DTYPE_IS(Long)
#define HAS_EXTREMUM_ROWS 1

#define ROW_FEW 32

/* Of few elements value and place are one number, compared without a branch; `number`: of equal values the first wins. */
#define DEFINE_EXTREMUM_ROWS(name, wins, number)                                                                               \
    static void TH_KERNEL(arg##name##Rows)(const char *a, int64_t row_stride, int64_t rows, int64_t n, char *out,              \
                                           int64_t out_stride, char *index, int64_t index_stride)                              \
    {                                                                                                                          \
        for (int64_t j = 0; j < rows; j++, a += row_stride, out += out_stride, index += index_stride) {                        \
            const scalar_t *const row = (const scalar_t *)a;                                                                   \
            if (n >= ROW_FEW) {                                                                                                \
                TH_KERNEL(arg##name)(a, sizeof(scalar_t), n, out, (int64_t *)index);                                           \
                continue;                                                                                                      \
            }                                                                                                                  \
            int64_t best = (int64_t)row[0] * ROW_FEW + number(0);                                                              \
            for (int64_t i = 1; i < n; i++) {                                                                                  \
                const int64_t x = (int64_t)row[i] * ROW_FEW + number(i);                                                       \
                best = wins(x, best) ? x : best;                                                                               \
            }                                                                                                                  \
            *(int64_t *)index = number(best & (ROW_FEW - 1));                                                                  \
            *(scalar_t *)out = row[*(int64_t *)index];                                                                         \
        }                                                                                                                      \
    }

#define ROW_FROM_END(i) (ROW_FEW - 1 - (i))
#define ROW_FROM_BEGIN(i) (i)

DEFINE_EXTREMUM_ROWS(max, IS_GREATER, ROW_FROM_END)
DEFINE_EXTREMUM_ROWS(min, IS_LESS, ROW_FROM_BEGIN)

#endif

#endif
