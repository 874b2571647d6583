/* What the LAPACK ops share: column-major copies, their release, and the library's answers. */
#ifndef TH_LAPACK_SCRATCH_H
#define TH_LAPACK_SCRATCH_H

#include "TH/THTensorFill.h"
#include "blas/THLapackLibrary.h"

#define TH_LAPACK_TENSORS 12
#define TH_LAPACK_OUTPUTS 3

/* One call: its temporaries, and what went wrong. After a failure all of the functions below do nothing. */
typedef struct THLapackScratch {
    const char *op;
    const THLapackLibrary *library;
    THDtype dtype;
    THStatus status;
    int count;
    THTensor *tensors[TH_LAPACK_TENSORS];
    int outputs;
    THTensor *output[TH_LAPACK_OUTPUTS], *result[TH_LAPACK_OUTPUTS]; /* what the end moves, and where */
} THLapackScratch;

/* Finds the library for a's dtype; a has `ndim` dimensions, each within 32 bits. */
void thLapackScratch_begin(THLapackScratch *s, const char *op, const THTensor *a, int ndim);
/* Moves results to their outputs if nothing failed and each can take its own: all are written or none. Frees the temporaries;
 * the status. */
THStatus thLapackScratch_end(THLapackScratch *s);

/* A failed check. */
void thLapackScratch_fail(THLapackScratch *s, THStatus status);
/* Checks the dtype of a further input, and its number of dimensions if that is not negative. */
void thLapackScratch_check(THLapackScratch *s, const char *name, const THTensor *t, int ndim);
/* Checks that an output can take elements of `dtype`. */
void thLapackScratch_result(THLapackScratch *s, const THTensor *r, THDtype dtype);
/* Fails unless a is square. */
void thLapackScratch_square(THLapackScratch *s, const THTensor *a);
/* Fails unless all elements of a are finite: on others LAPACK's iterations end with wrong numbers, or print words. */
void thLapackScratch_finite(THLapackScratch *s, const THTensor *a);
/* What the library said, if that is not 0: `found` (with one %d) for a positive info. */
void thLapackScratch_info(THLapackScratch *s, int info, const char *found);

/* Column-major matrix rows x columns; contents undefined. NULL after a failure. */
THTensor *thLapackScratch_matrix(THLapackScratch *s, int64_t rows, int64_t columns);
/* Column-major copy of a matrix, or of a vector as one column. */
THTensor *thLapackScratch_copy(THLapackScratch *s, const THTensor *a);
THTensor *thLapackScratch_vector(THLapackScratch *s, THDtype dtype, int64_t size);

/* Has the end move a temporary to `r`. */
void thLapackScratch_give(THLapackScratch *s, THTensor *r, THTensor *result);

/* The leading dimension of a column-major matrix, and the number of rows and columns. */
static inline int thLapackScratch_leading(const THTensor *t)
{
    return t->size[0] > 1 ? (int)t->size[0] : 1;
}

/* The number that a workspace query left in an element. */
static inline int thLapackScratch_worksize(const THLapackScratch *s, const void *element)
{
    const double size = s->dtype == THDtype_Double ? *(const double *)element : (double)*(const float *)element;
    return size < 1 ? 1 : (int)(size * (1 + 1e-6) + 1); /* a float may have rounded it down */
}

#endif
