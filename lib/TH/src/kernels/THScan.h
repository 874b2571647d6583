/* Running sums and products: the table of one dtype.
 *
 * Strides are in bytes. Sums and products of integers are int64 (they wrap); of Float they are kept in double and rounded once
 * for each element; of Double they are kept in double. */
#ifndef TH_SCAN_H
#define TH_SCAN_H

#include "TH/THKernel.h"

/* What a scan keeps: 8 bytes, int64_t or double. It begins as the operation's neutral element. */
typedef union THScanState {
    int64_t i;
    double d;
} THScanState;

typedef struct THScanKernels {
    THScanState neutral;
    /* Parts of a line may be scanned apart: the state before a part is the combination of the earlier parts' states. */
    int parted;
    /* out[i] = state o a[0] o ... o a[i]; then *state is the last one, unrounded. out NULL: only the state. `a` begins at a
     * multiple of TH_SCAN_PART elements of its line. */
    void (*run)(const char *a, int64_t stride, int64_t n, char *out, int64_t out_stride, THScanState *state);
    /* The same for `columns` lines side by side, whose elements are rows; columns <= TH_SCAN_COLUMNS. */
    void (*columns)(const char *a, int64_t row_stride, int64_t rows, int64_t stride, int64_t columns, char *out,
                    int64_t out_row_stride, int64_t out_stride);
} THScanKernels;

#define TH_SCAN_PART 65536
#define TH_SCAN_COLUMNS 256

typedef struct THScan {
    THScanKernels sum, prod;
    /* Floating dtypes: y = a[i] + x[i] * y for i in [0, n), y first 0. */
    void (*recurrence)(const char *a, const char *x, int64_t n, char *out);
} THScan;

extern const THScan *const THScan_tables[THDtype_Count][THCpu_Count];

#endif
