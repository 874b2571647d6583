/* Philox 4x32-10 over many counters side by side (J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * A word lies in the low half of a 64-bit lane: multiplication instructions of that width read only the low halves, so the
 * high ones may hold anything until the end. gcc does not find this by itself; plain loops took four times as long. */
#ifndef TH_PHILOX_H
#define TH_PHILOX_H

#include "TH/THKernel.h"

#if TH_CPU_IS(AVX512)
#include <immintrin.h>
#define TH_PHILOX_BYTES 64
#elif TH_CPU_IS(AVX2)
#include <immintrin.h>
#define TH_PHILOX_BYTES 32
#else
#ifdef __SSE2__
#include <emmintrin.h> /* part of the x86-64 ABI */
#endif
#define TH_PHILOX_BYTES 16
#endif

#define TH_PHILOX_LANES 64 /* counters of one call */

typedef struct THPhilox {
    _Alignas(64) uint32_t w[4][TH_PHILOX_LANES]; /* word by word */
} THPhilox;

#define TH_PHILOX_WIDTH (TH_PHILOX_BYTES / 8)
#define TH_PHILOX_GROUP 4 /* vectors in flight: a round is a chain of about 8 cycles */

typedef uint64_t THWide __attribute__((vector_size(TH_PHILOX_BYTES)));
typedef uint32_t THNarrow __attribute__((vector_size(TH_PHILOX_BYTES / 2), aligned(4), may_alias));

/* Products of the low halves. */
TH_INLINE THWide thPhilox_multiply(THWide a, THWide b)
{
#if TH_CPU_IS(AVX512)
    return (THWide)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif TH_CPU_IS(AVX2)
    return (THWide)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
    return (THWide)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
    return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

/* The words of counters first .. first + TH_PHILOX_GROUP * TH_PHILOX_WIDTH - 1, to w[..][place ..]. */
TH_INLINE void thPhilox_group(THPhilox *words, int place, uint64_t seed, uint64_t first)
{
    const THWide zero = {0}, m0 = zero + 0xD2511F53u, m1 = zero + 0xCD9E8D57u;
    THWide w[4][TH_PHILOX_GROUP], key0 = zero + (uint32_t)seed, key1 = zero + (seed >> 32);
    for (int g = 0; g < TH_PHILOX_GROUP; g++) {
        THWide counter;
        for (int l = 0; l < TH_PHILOX_WIDTH; l++) counter[l] = first + (uint64_t)(g * TH_PHILOX_WIDTH + l);
        w[0][g] = counter;
        w[1][g] = counter >> 32;
        w[2][g] = w[3][g] = zero;
    }
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
#pragma GCC unroll 4
        for (int g = 0; g < TH_PHILOX_GROUP; g++) {
            const THWide a = thPhilox_multiply(w[0][g], m0), b = thPhilox_multiply(w[2][g], m1);
            w[0][g] = (b >> 32) ^ w[1][g] ^ key0;
            w[2][g] = (a >> 32) ^ w[3][g] ^ key1;
            w[1][g] = b;
            w[3][g] = a;
        }
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    for (int k = 0; k < 4; k++) {
        for (int g = 0; g < TH_PHILOX_GROUP; g++)
            *(THNarrow *)&words->w[k][place + g * TH_PHILOX_WIDTH] = __builtin_convertvector(w[k][g], THNarrow);
    }
}

/* The words of counters counter .. counter + TH_PHILOX_LANES - 1. */
TH_INLINE void thPhilox_run(THPhilox *words, uint64_t seed, uint64_t counter)
{
    for (int l = 0; l < TH_PHILOX_LANES; l += TH_PHILOX_GROUP * TH_PHILOX_WIDTH)
        thPhilox_group(words, l, seed, counter + (uint64_t)l);
}

#endif
