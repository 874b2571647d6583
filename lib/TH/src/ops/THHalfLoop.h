/* Half is stored as 16 bits and computes in float: a loop over floats becomes one over halves by converting blocks. So no
 * kernel is compiled for Half. */
#ifndef TH_HALF_LOOP_H
#define TH_HALF_LOOP_H

#include "TH/THIter.h"

/* The dtype whose kernels compute for `dtype`, and in which their args are. */
static inline THDtype THHalfLoop_computes(THDtype dtype)
{
    return dtype == THDtype_Half ? THDtype_Float : dtype;
}

/* THIter_map with a loop of the inputs' computing dtype. */
THStatus THHalfLoop_map(const char *op, THLoop loop, const void *args, int64_t grain, int count, THTensor *const tensors[]);

/* a, row-major and in its computing dtype: a itself where it is that already. */
static inline THTensor *THHalfLoop_newDense(const THTensor *a)
{
    return a->dtype == THDtype_Half ? THTensor_newConvert(a, THDtype_Float) : THTensor_newContiguous((THTensor *)a);
}

/* A reduction: `run` of a float copy of a, then rounded once into r. */
typedef THStatus (*THHalfReduction)(const void *call, THTensor *r, const THTensor *a);
THStatus THHalfLoop_reduce(const char *op, THHalfReduction run, const void *call, THTensor *r, const THTensor *a);

/* A change of self by source: `run` of float copies of both, then rounded once into self. */
typedef THStatus (*THHalfUpdate)(const void *call, THTensor *self, const THTensor *source);
THStatus THHalfLoop_update(THHalfUpdate run, const void *call, THTensor *self, const THTensor *source);

/* THIter_map, or the first of these where inputs (all of one dtype) are Half. */
static inline THStatus THOps_map(const char *op, THLoop loop, const void *args, int64_t grain, int count,
                                 THTensor *const tensors[])
{
    if (__builtin_expect(tensors[1]->dtype == THDtype_Half, 0)) return THHalfLoop_map(op, loop, args, grain, count, tensors);
    return THIter_map(op, loop, args, grain, count, tensors);
}

#endif
