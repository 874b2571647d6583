/* Indexed operations that compute: the table of one dtype. */
#ifndef TH_INDEX_H
#define TH_INDEX_H

#include "kernels/THLoop.h"

typedef struct THIndex {
    /* r[index[k] * stride + k * step] += source[k], k < n, in order; stride and step in bytes; source contiguous. */
    void (*scatterAdd)(char *r, const int64_t *index, const char *source, int64_t n, int64_t stride, int64_t step);
    /* How many of n contiguous elements are not 0. */
    int64_t (*countNonzero)(const char *a, int64_t n);
    /* Writes the places (begin + k) of the elements that are not 0, `count` of them, to `place`. */
    void (*nonzero)(const char *a, int64_t begin, int64_t count, int64_t *place);
} THIndex;

extern const THIndex *const THIndex_tables[THDtype_Count][THCpu_Count];

#endif
