/* What the op files share: checks of dtypes and shapes before a kernel runs. */
#ifndef TH_OPS_H
#define TH_OPS_H

#include <string.h>

#include "TH/THIter.h"
#include "TH/THKernel.h"
#include "TH/THTensor.h"
#include "ops/THHalfLoop.h"

/* The kernel table of `dtype` as `name`, or TH_ERR_UNSUPPORTED from the enclosing function. */
#define TH_OPS_TABLE(Table, name, op, dtype)                                                                                   \
    const Table *const name = (dtype) == THDtype_None ? NULL : TH_PICK(Table##_tables, dtype);                                 \
    if (__builtin_expect(name == NULL, 0)) return THOps_unsupported((op), (dtype))

/* The same for ops that compute Half in float. */
#define TH_OPS_COMPUTE(Table, name, op, dtype) TH_OPS_TABLE(Table, name, op, THHalfLoop_computes(dtype))

/* Always fail. */
THStatus THOps_unsupported(const char *op, THDtype dtype);
THStatus THOps_mixed(const char *op, const THTensor *a, const THTensor *b);

/* Makes r ready for an element-wise result with the broadcast shape of a and b, or of a, b and c. Fails if r is one of them
 * and has another shape: resizing it would destroy the input. */
THStatus THOps_outputBroadcast(const char *op, THTensor *r, const THTensor *a, const THTensor *b, THDtype dtype);
THStatus THOps_outputBroadcast3(const char *op, THTensor *r, const THTensor *a, const THTensor *b, const THTensor *c,
                                THDtype dtype);

/* Makes r ready. TH_ERR_VALUE if it shares memory with a: what is still to be read would be overwritten. */
THStatus THOps_outputApart(const char *op, THTensor *r, const THTensor *a, THDtype dtype, int ndim, const int64_t *size);
/* What THTensor_output refuses, and an r of this size whose elements share memory. */
THStatus THOps_checkOutput(const char *op, const THTensor *r, THDtype dtype, int ndim, const int64_t *size);
/* What THOps_outputApart refuses, and an r whose elements share memory. Ops of several results ask for each before they touch
 * one. */
THStatus THOps_checkApart(const char *op, const THTensor *r, const THTensor *a, THDtype dtype, int ndim, const int64_t *size);
/* TH_ERR_VALUE if two outputs are one tensor, or share memory. */
THStatus THOps_checkTwo(const char *op, const THTensor *r, const THTensor *other);

/* TH_ERR_DTYPE unless a and b have one dtype. */
static inline THStatus THOps_sameDtype(const char *op, const THTensor *a, const THTensor *b)
{
    return __builtin_expect(a->dtype == b->dtype, 1) ? TH_OK : THOps_mixed(op, a, b);
}

static inline bool THOps_sameSize(const THTensor *a, const THTensor *b)
{
    if (a->ndim != b->ndim) return false;
    for (int d = 0; d < a->ndim; d++)
        if (a->size[d] != b->size[d]) return false;
    return true;
}

/* Makes r ready for a result of a's shape. */
static inline THStatus THOps_outputLike(const char *op, THTensor *r, const THTensor *a, THDtype dtype)
{
    return THTensor_output(r, op, dtype, a->ndim, a->size);
}

/* Makes r ready for the broadcast of a and b; the case of equal shapes is inline. */
static inline THStatus THOps_outputOfTwo(const char *op, THTensor *r, const THTensor *a, const THTensor *b, THDtype dtype)
{
    return THOps_sameSize(a, b) ? THTensor_output(r, op, dtype, a->ndim, a->size) : THOps_outputBroadcast(op, r, a, b, dtype);
}

static inline THStatus THOps_map1(const char *op, THLoop loop, const void *args, THTensor *r, const THTensor *a)
{
    THTensor *const tensors[] = {r, (THTensor *)a};
    return THOps_map(op, loop, args, TH_GRAIN, 2, tensors);
}

static inline THStatus THOps_map2(const char *op, THLoop loop, const void *args, THTensor *r, const THTensor *a,
                                  const THTensor *b)
{
    THTensor *const tensors[] = {r, (THTensor *)a, (THTensor *)b};
    return THOps_map(op, loop, args, TH_GRAIN, 3, tensors);
}

#endif
