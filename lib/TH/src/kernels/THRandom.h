/* Random numbers from Philox counters: one table for each floating dtype. */
#ifndef TH_RANDOM_H
#define TH_RANDOM_H

#include "TH/THKernel.h"

/* Numbers that one counter gives: 128 bits are 4 floats or 2 doubles, also of normals. */
#define TH_RANDOM_FLOATS 4
#define TH_RANDOM_DOUBLES 2

/* Fills out[0 .. n-1] from the counters `counter`, counter + 1, ... of the stream `seed`. */
typedef struct THRandom {
    void (*uniform)(void *out, int64_t n, uint64_t seed, uint64_t counter, double low, double high);
    void (*normal)(void *out, int64_t n, uint64_t seed, uint64_t counter, double mean, double stddev);
    void (*exponential)(void *out, int64_t n, uint64_t seed, uint64_t counter, double rate, double unused);
    void (*cauchy)(void *out, int64_t n, uint64_t seed, uint64_t counter, double median, double scale);
    /* e to the power of a normal number. */
    void (*logNormal)(void *out, int64_t n, uint64_t seed, uint64_t counter, double mean, double stddev);
    /* log_failure: log(1 - p) < 0. */
    void (*geometric)(void *out, int64_t n, uint64_t seed, uint64_t counter, double log_failure, double unused);
    /* The raw words; n counts words. */
    void (*words)(uint32_t *out, int64_t n, uint64_t seed, uint64_t counter);
    /* THLoop: data[0], uint8, becomes data[1] < data[2]; *args, an int, becomes 1 if an element of data[2] is not in [0, 1]. */
    void (*below)(char *const data[], const int64_t stride[], int64_t n, const void *args);
    /* THLoop: data[0] becomes data[1] times *args (float, or double of Double) where data[2], uint8, is not 0, else times 0. */
    void (*thin)(char *const data[], const int64_t stride[], int64_t n, const void *args);
} THRandom;

extern const THRandom *const THRandom_tables[THDtype_Count][THCpu_Count];

#endif
