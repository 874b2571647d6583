/* Sorting and selecting unsigned numbers, for THOrder.c: each macro defines functions for one type of number. */
#ifndef TH_RADIX_H
#define TH_RADIX_H

#include <string.h>

#include "TH/THKernel.h"

#define RADIX_FEW 48  /* numbers that an insertion sort has ordered before a radix sort has cleared its counters */
#define RADIX_WIDTH 9 /* bits of a digit: 512 places fit the first-level cache, and four digits a key of 32 bits */
#define RADIX_WIDE 11 /* of many numbers: three digits a key of 32 bits */
#define RADIX_MANY 32768

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

/* The first place from `shift` on of a bit that is set in `bits`, or 64. */
TH_INLINE int radix_next(uint64_t bits, int shift)
{
    const uint64_t rest = shift < 64 ? bits >> shift : 0;
    return rest == 0 ? 64 : shift + __builtin_ctzll(rest);
}

/* Sorts fewer than 2^32 numbers by the bits [low, low + bits), least digit first; returns the one of the two arrays that holds
 * the result. Digits of `width` bits begin at a bit that differs somewhere. While one is sorted, the next one is counted. */
#define DEFINE_RADIX(name, type, low, bits, width)                                                                             \
    static type *name(type *from, type *to, int64_t n)                                                                         \
    {                                                                                                                          \
        enum { SIZE = 1 << (width), MASK = SIZE - 1 };                                                                         \
        uint32_t counts[2][SIZE];                                                                                              \
        uint64_t differ = 0;                                                                                                   \
        const uint64_t first = (uint64_t)(from[0] >> (low));                                                                   \
        for (int64_t i = 0; i < n; i++) differ |= (uint64_t)(from[i] >> (low)) ^ first;                                        \
        differ &= UINT64_MAX >> (64 - (bits));                                                                                 \
        int shift = radix_next(differ, 0);                                                                                     \
        if (shift == 64) return from;                                                                                          \
        memset(counts[0], 0, sizeof(counts[0]));                                                                               \
        for (int64_t i = 0; i < n; i++) counts[0][(uint64_t)(from[i] >> (low)) >> shift & MASK]++;                             \
        for (int turn = 0; shift < 64; turn = !turn) {                                                                         \
            uint32_t *const places = counts[turn], *const later = counts[!turn];                                               \
            const int next = radix_next(differ, shift + (width)), counted = next < 64 ? next : shift;                          \
            uint32_t sum = 0;                                                                                                  \
            for (int b = 0; b < SIZE; b++) {                                                                                   \
                const uint32_t count = places[b];                                                                              \
                places[b] = sum;                                                                                               \
                sum += count;                                                                                                  \
            }                                                                                                                  \
            memset(later, 0, sizeof(counts[0]));                                                                               \
            for (int64_t i = 0; i < n; i++) {                                                                                  \
                const uint64_t key = (uint64_t)(from[i] >> (low));                                                             \
                to[places[key >> shift & MASK]++] = from[i];                                                                   \
                later[key >> counted & MASK]++;                                                                                \
            }                                                                                                                  \
            type *const sorted = to;                                                                                           \
            to = from;                                                                                                         \
            from = sorted;                                                                                                     \
            shift = next;                                                                                                      \
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
