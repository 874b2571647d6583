/* The walk of a reduction: which elements belong to which output, as pointers and strides. */
#ifndef TH_ITER_REDUCE_H
#define TH_ITER_REDUCE_H

#include "TH/THTensor.h"

#define TH_REDUCE_OUTPUTS 2 /* values and indices */

/* One dimension of `a` is reduced, the kept ones are walked; neighbours among them are merged where all strides allow, and the
 * last, the columns, lies closest together in `a`. */
typedef struct THIterReduce {
    const char *a;
    int64_t n;      /* elements that are reduced to one */
    int64_t stride; /* between them, in bytes */
    int64_t outputs;
    int noutputs; /* tensors */
    char *out[TH_REDUCE_OUTPUTS];
    int ndim; /* >= 1 */
    int64_t size[TH_MAX_DIMS];
    int64_t a_stride[TH_MAX_DIMS]; /* bytes */
    int64_t out_stride[TH_REDUCE_OUTPUTS][TH_MAX_DIMS];
    bool by_columns; /* many columns at a time are better than one output at a time */
} THIterReduce;

/* Reduces `columns` outputs: the first one's elements begin at `a`, the next one's plan->a_stride[ndim - 1] bytes further. */
typedef void (*THReducePiece)(const THIterReduce *plan, const char *a, char *const out[], int64_t columns, const void *args);

/* outputs: their final shape, with or without `dim` (0 .. max(ndim, 1) - 1). */
void thIterReduce_plan(THIterReduce *plan, const THTensor *a, int dim, int noutputs, THTensor *const outputs[]);
/* Calls `piece` until all outputs are done, by several threads where that pays. No output's value depends on that. */
void thIterReduce_run(const THIterReduce *plan, THReducePiece piece, const void *args);

/* All elements of a tensor, as one run. */
typedef struct THFlat {
    THTensor *owner; /* give back with THTensor_free */
    const char *data;
    int64_t n, stride; /* bytes */
} THFlat;

/* ordered: in row-major order; else in any. Copies only where the memory is not evenly spaced. */
THStatus thFlat_of(THFlat *self, const THTensor *a, bool ordered);

#endif
