/* How several strided operands are walked together: their common shape, sorted and collapsed. */
#ifndef TH_ITER_PLAN_H
#define TH_ITER_PLAN_H

#include "TH/THIter.h"

/* Dimensions of size 1 are gone; dimension 0 is the innermost. ndim 0: a single element. */
typedef struct THIterPlan {
    int nargs;
    int ndim;
    int64_t numel;
    char *data[TH_ITER_MAX_ARGS];
    int64_t size[TH_MAX_DIMS];
    int64_t stride[TH_ITER_MAX_ARGS][TH_MAX_DIMS]; /* bytes; 0 where an input is broadcast */
} THIterPlan;

/* Plans the walk of tensors[0 .. nargs-1] in the shape of tensors[0]. TH_ERR_SHAPE: an input does not broadcast to it, or it is
 * expanded and cannot be written. */
THStatus thIterPlan_build(THIterPlan *plan, const char *op, int nargs, THTensor *const tensors[]);

/* Lets a short innermost dimension change places with the longest one, if that is much longer. */
void thIterPlan_lengthenRuns(THIterPlan *plan);

/* Runs `loop` over the plan, split over threads. */
void thIterPlan_run(const THIterPlan *plan, THLoop loop, const void *args, int64_t grain);

/* True if `input` shares memory with `output` other than by being the same elements in the same order. */
bool thIter_conflicts(const THTensor *output, const THTensor *input);

#endif
