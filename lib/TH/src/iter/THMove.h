/* Moving elements without looking at them: only their size counts. */
#ifndef TH_MOVE_H
#define TH_MOVE_H

#include "TH/THIter.h"

/* Copies n elements from data[1] to data[0]. NULL for an item size that is not 1, 2, 4 or 8. */
THLoop thMove_loop(int64_t itemsize);
/* Writes the element that `args` points at into n elements of data[0]. */
THLoop thMove_fillLoop(int64_t itemsize);

#define TH_TILE 16 /* rows and columns: a row of floats is a cache line */

/* Transposes rows x columns elements (each at most TH_TILE): source row j lies source_stride bytes after row j - 1 and
 * becomes column j of target, whose row i lies target_stride bytes after row i - 1. Elements of a row are neighbours in
 * both. */
typedef void (*THTile)(char *target, int64_t target_stride, const char *source, int64_t source_stride, int64_t rows,
                       int64_t columns);
THTile thMove_tile(int64_t itemsize);

#endif
