// Philox 4x32-10, one counter at a time: the words that TH's kernels make of it (TH/THGenerator.h).
#pragma once

#include <cstdint>

struct THCWords {
    uint32_t w[4];
};

// The keys of the rounds. A kernel that is bound by arithmetic takes them as an argument, made once on the host.
struct THCRoundKeys {
    uint32_t first[10], second[10];

    __host__ __device__ explicit THCRoundKeys(uint64_t seed)
    {
#pragma unroll
        for (int round = 0; round < 10; round++) {
            first[round] = (uint32_t)seed + (uint32_t)round * 0x9E3779B9u;
            second[round] = (uint32_t)(seed >> 32) + (uint32_t)round * 0xBB67AE85u;
        }
    }
};

// One instruction; of a product of two converted numbers nvcc makes two.
__device__ inline uint64_t thc_wideProduct(uint32_t a, uint32_t b)
{
    uint64_t product;
    asm("mul.wide.u32 %0, %1, %2;" : "=l"(product) : "r"(a), "r"(b));
    return product;
}

__device__ inline THCWords thc_philox(const THCRoundKeys &keys, uint64_t counter)
{
    uint32_t w0 = (uint32_t)counter, w1 = (uint32_t)(counter >> 32), w2 = 0, w3 = 0;
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const uint64_t a = thc_wideProduct(w0, 0xD2511F53u), b = round == 0 ? 0 : thc_wideProduct(w2, 0xCD9E8D57u);
        w0 = (uint32_t)(b >> 32) ^ w1 ^ keys.first[round];
        w2 = (uint32_t)(a >> 32) ^ w3 ^ keys.second[round];
        w1 = (uint32_t)b;
        w3 = (uint32_t)a;
    }
    return THCWords{{w0, w1, w2, w3}};
}

__device__ inline THCWords thc_philox(uint64_t seed, uint64_t counter)
{
    return thc_philox(THCRoundKeys(seed), counter);
}
