// Philox 4x32-10, one counter at a time: the words that TH's kernels make of it (TH/THGenerator.h).
#pragma once

#include <cstdint>

struct THCWords {
    uint32_t w[4];
};

__device__ inline THCWords thc_philox(uint64_t seed, uint64_t counter)
{
    uint32_t w0 = (uint32_t)counter, w1 = (uint32_t)(counter >> 32), w2 = 0, w3 = 0;
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)w0 * 0xD2511F53u, b = (uint64_t)w2 * 0xCD9E8D57u;
        w0 = (uint32_t)(b >> 32) ^ w1 ^ key0;
        w2 = (uint32_t)(a >> 32) ^ w3 ^ key1;
        w1 = (uint32_t)b;
        w3 = (uint32_t)a;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return THCWords{{w0, w1, w2, w3}};
}
