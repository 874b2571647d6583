/* The one strided walk: turns tensors into runs of pointers, strides and a count, and splits them over threads.
 *
 * Sister libraries may use it; kernels never see a tensor. */
#ifndef TH_ITER_H
#define TH_ITER_H

#include <stdint.h>

#include "TH/THTensor.h"

#define TH_ITER_MAX_ARGS 4

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

TH_END_DECLS

#endif
