/* The one strided walk: turns tensors into runs of pointers, strides and a count, and splits them over threads.
 *
 * Sister libraries may use it; kernels never see a tensor. */
#ifndef TH_ITER_H
#define TH_ITER_H

#include <stdint.h>

#include "TH/THTensor.h"

#define TH_ITER_MAX_ARGS 4

/* How several strided operands are walked together: their common shape, sorted and collapsed. Dimensions of size 1 are gone;
 * dimension 0 is the innermost. ndim 0: a single element. */
typedef struct THIterPlan {
    int nargs;
    int ndim;
    int64_t numel;
    char *data[TH_ITER_MAX_ARGS];
    int64_t size[TH_MAX_DIMS];
    int64_t stride[TH_ITER_MAX_ARGS][TH_MAX_DIMS]; /* bytes; 0 where an input is broadcast */
} THIterPlan;

/* An inner loop: n elements; data[k] walks by stride[k] bytes (0: the same element each time). data[0] is the output. */
typedef void (*THLoop)(char *const data[], const int64_t stride[], int64_t n, const void *args);

/* Below this many elements a region stays in the calling thread. */
#define TH_GRAIN 32768

TH_BEGIN_DECLS

/* Runs `loop` over tensors[0 .. nargs-1]. tensors[0] is the output and has its final shape (THTensor_output); the others are
 * broadcast to it. An input that overlaps the output without being the same view of it is handled by computing into fresh
 * memory first. `op` names the caller in messages. `args` is handed to the loop. grain: TH_GRAIN unless an element is
 * unusually dear. */
TH_API THStatus THIter_map(const char *op, THLoop loop, const void *args, int64_t grain, int nargs, THTensor *const tensors[]);

/* Plans the walk of tensors[0 .. nargs-1] in the shape of tensors[0], the output. Looks at no element: the tensors may lie on a
 * device. TH_ERR_SHAPE: an input does not broadcast to it, or it is expanded and cannot be written. */
TH_API THStatus THIter_plan(THIterPlan *plan, const char *op, int nargs, THTensor *const tensors[]);

/* True if `input` shares memory with `output` other than by being the same elements in the same order. */
TH_API bool THIter_conflicts(const THTensor *output, const THTensor *input);

TH_END_DECLS

#endif
