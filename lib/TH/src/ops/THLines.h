/* A tensor as lines: the elements along one dimension, side by side, one line behind the other. For operations that need a
 * whole line at once; what lies otherwise is copied, which costs little beside them. */
#ifndef TH_LINES_H
#define TH_LINES_H

#include "TH/THTensor.h"

typedef struct THLines {
    THTensor *owner; /* contiguous, the dimension last; give back with THTensor_free */
    char *data;
    int64_t count, length;
    int64_t bytes; /* of one line */
} THLines;

/* Of an input. dim: wrapped (0 for a scalar). */
THStatus thLines_read(THLines *self, const THTensor *a, int dim);
/* Of an output that has its shape: r itself, or a buffer that thLines_finish copies into r. */
THStatus thLines_write(THLines *self, THTensor *r, int dim);
/* Frees the lines of an output, after `status` of what came before; returns it, or the failure of the copy. */
THStatus thLines_finish(THLines *self, THTensor *r, int dim, THStatus status);

/* a's size with `n` in place of dim; a scalar stays one. */
void thLines_size(const THTensor *a, int dim, int64_t n, int64_t *size);

#endif
