// One call's share of a generator's stream, and what fills a run of floating elements with it.
#pragma once

#include "THC/device/THCCore.cuh"

// GEOMETRIC: b is the largest number.
enum class THCLaw { UNIFORM, NORMAL, EXPONENTIAL, LOG_NORMAL, CAUCHY, GEOMETRIC };

struct THCStreamShare {
    uint64_t seed, counter;
    int64_t n;   // elements
    double a, b; // the law's parameters
};

// A thread makes the numbers of one counter: four floats (also for Half) or two doubles.
THStatus thc_fillFloat(const char *op, THCLaw law, const THCStreamShare &share, float *out);
THStatus thc_fillHalf(const char *op, THCLaw law, const THCStreamShare &share, void *out);
THStatus thc_fillDouble(const char *op, THCLaw law, const THCStreamShare &share, double *out);

// out becomes a permutation of 0 .. share.n - 1, share.n < 2^31: the one of the host. Below this many the host is faster.
constexpr int64_t THC_SHUFFLES_FROM = 2048;
THStatus thc_shuffle(const char *op, const THCStreamShare &share, int device, int64_t *out);
