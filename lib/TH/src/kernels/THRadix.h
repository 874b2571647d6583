/* Sorting and selecting unsigned numbers, for THOrder.c: each macro defines functions for one type of number. */
#ifndef TH_RADIX_H
#define TH_RADIX_H

#include <string.h>

#include "TH/THKernel.h"

#define RADIX_FEW 48    /* numbers that an insertion sort has ordered before a radix sort has cleared its counters */
#define RADIX_MANY 4096 /* from here on wide digits pay for their counters */

#define DEFINE_INSERTION(name, type)                                                                                           \
    static void name(type *x, int64_t n)                                                                                       \
    {                                                                                                                          \
        for (int64_t i = 1; i < n; i++) {                                                                                      \
            const type kept = x[i];                                                                                            \
            int64_t k = i;                                                                                                     \
            for (; k > 0 && kept < x[k - 1]; k--) x[k] = x[k - 1];                                                             \
            x[k] = kept;                                                                                                       \
        }                                                                                                                      \
    }

/* name_radix_8, name_radix_11: sort by the bits [low, low + bits), least digit first, with digits of so many bits; return the
 * one of the two arrays that holds the result. All digits are counted in one scan; one that is the same everywhere is skipped.
 * */
#define DEFINE_RADIX(name, type, low, bits)                                                                                    \
    DEFINE_RADIX_OF(name##_radix_8, type, low, bits, 8)                                                                        \
    DEFINE_RADIX_OF(name##_radix_11, type, low, bits, ((bits) > 16 ? 11 : 8))

#define DEFINE_RADIX_OF(name, type, low, bits, width)                                                                          \
    static type *name(type *from, type *to, int64_t n)                                                                         \
    {                                                                                                                          \
        enum { DIGITS = ((bits) + (width) - 1) / (width), SIZE = 1 << (width) };                                               \
        int64_t counts[DIGITS][SIZE];                                                                                          \
        memset(counts, 0, sizeof(counts));                                                                                     \
        for (int64_t i = 0; i < n; i++) {                                                                                      \
            const uint64_t key = (uint64_t)(from[i] >> (low));                                                                 \
            for (int d = 0; d < DIGITS; d++) counts[d][key >> (d * (width)) & (SIZE - 1)]++;                                   \
        }                                                                                                                      \
        for (int d = 0; d < DIGITS; d++) {                                                                                     \
            int64_t *const next = counts[d];                                                                                   \
            int64_t sum = 0;                                                                                                   \
            if (next[(uint64_t)(from[0] >> (low)) >> (d * (width)) & (SIZE - 1)] == n) continue;                               \
            for (int b = 0; b < SIZE; b++) {                                                                                   \
                const int64_t count = next[b];                                                                                 \
                next[b] = sum;                                                                                                 \
                sum += count;                                                                                                  \
            }                                                                                                                  \
            for (int64_t i = 0; i < n; i++) {                                                                                  \
                const uint64_t key = (uint64_t)(from[i] >> (low));                                                             \
                to[next[key >> (d * (width)) & (SIZE - 1)]++] = from[i];                                                       \
            }                                                                                                                  \
            type *const sorted = to;                                                                                           \
            to = from;                                                                                                         \
            from = sorted;                                                                                                     \
        }                                                                                                                      \
        return from;                                                                                                           \
    }

/* Moves the k least of n numbers to the front, in any order; 0 < k < n.
 *
 * Quick selection; the pivot is the median of three places that follow from n and the round, so that no regular arrangement of
 * the input makes it slow. The partition has no branch on the numbers. */
#define DEFINE_SELECT(name, type)                                                                                              \
    static type name##_pivot(const type *x, int64_t n, uint64_t *state)                                                        \
    {                                                                                                                          \
        type p[3];                                                                                                             \
        for (int i = 0; i < 3; i++) {                                                                                          \
            *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);                                   \
            p[i] = x[(*state >> 33) % (uint64_t)n];                                                                            \
        }                                                                                                                      \
        const type low = p[0] < p[1] ? p[0] : p[1], high = p[0] < p[1] ? p[1] : p[0];                                          \
        return p[2] < low ? low : (p[2] < high ? p[2] : high);                                                                 \
    }                                                                                                                          \
    static int64_t name##_partition(type *x, int64_t n, type pivot, int with_equal)                                            \
    {                                                                                                                          \
        int64_t front = 0;                                                                                                     \
        for (int64_t i = 0; i < n; i++) {                                                                                      \
            const type kept = x[i];                                                                                            \
            x[i] = x[front];                                                                                                   \
            x[front] = kept;                                                                                                   \
            front += with_equal ? kept <= pivot : kept < pivot;                                                                \
        }                                                                                                                      \
        return front;                                                                                                          \
    }                                                                                                                          \
    static void name(type *x, int64_t n, int64_t k)                                                                            \
    {                                                                                                                          \
        uint64_t state = (uint64_t)n;                                                                                          \
        while (n > 1) {                                                                                                        \
            const type pivot = name##_pivot(x, n, &state);                                                                     \
            const int64_t less = name##_partition(x, n, pivot, 0);                                                             \
            if (k <= less) {                                                                                                   \
                if (k == less) return;                                                                                         \
                n = less;                                                                                                      \
                continue;                                                                                                      \
            }                                                                                                                  \
            x += less;                                                                                                         \
            n -= less;                                                                                                         \
            k -= less;                                                                                                         \
            if (less > 0) continue;                                                                                            \
            const int64_t equal = name##_partition(x, n, pivot, 1); /* the least itself: gone with all that equal it */        \
            if (k <= equal) return;                                                                                            \
            x += equal;                                                                                                        \
            n -= equal;                                                                                                        \
            k -= equal;                                                                                                        \
        }                                                                                                                      \
    }

#endif
