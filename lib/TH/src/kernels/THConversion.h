/* Conversion between dtypes: one table for each source dtype. */
#ifndef TH_CONVERSION_H
#define TH_CONVERSION_H

#include "TH/THKernel.h"

typedef struct THConversion {
    /* THLoops; data[0]: target dtype, data[1]: source dtype. NULL for the source dtype itself. */
    void (*to[THDtype_Count])(char *const data[], const int64_t stride[], int64_t n, const void *args);
} THConversion;

extern const THConversion *const THConversion_tables[THDtype_Count][THCpu_Count];

#endif
