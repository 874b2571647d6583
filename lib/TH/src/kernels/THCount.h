/* Counting: the table of one dtype. */
#ifndef TH_COUNT_H
#define TH_COUNT_H

#include "TH/THKernel.h"

typedef struct THCount {
    /* Floating dtypes: counts[i] gains the number of elements (n, contiguous) in the interval i of `bins` from low to high,
     * low < high. */
    void (*histogram)(const char *a, int64_t n, double low, double high, int64_t bins, int64_t *counts);
    /* Integers, contiguous and within `counts`: counts[a[i]] gains 1. */
    void (*count)(const char *a, int64_t n, int64_t *counts);
} THCount;

extern const THCount *const THCount_tables[THDtype_Count][THCpu_Count];

#endif
