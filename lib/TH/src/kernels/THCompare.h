/* Comparisons: the table of one dtype and CPU level. */
#ifndef TH_COMPARE_H
#define TH_COMPARE_H

#include "kernels/THLoop.h"

/* data[0]: uint8_t, 0 or 1; data[1], data[2] of the table's dtype. a > b is b < a. */
typedef struct THCompare {
    THLoop lt, le, eq, ne;
    /* 1 if a[i] == b[i] for all i in [0, n), both contiguous; stops early. */
    int (*equal)(const char *a, const char *b, int64_t n);
} THCompare;

extern const THCompare *const THCompare_tables[THDtype_Count][THCpu_Count];

#endif
