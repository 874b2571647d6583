/* The outputs of a reduction, made ready. */
#ifndef TH_REDUCE_OUTPUT_H
#define TH_REDUCE_OUTPUT_H

#include "TH/THTensor.h"

/* A scalar tensor. TH_ERR_VALUE if r shares memory with a: the result would overwrite what is still to be read. */
THStatus THReduceOutput_all(const char *op, THTensor *r, const THTensor *a, THDtype dtype);
/* a's shape without dim, or with size 1 there. *dim: negative allowed; non-negative afterwards. */
THStatus THReduceOutput_dim(const char *op, int count, THTensor *const outputs[], const THDtype dtypes[], const THTensor *a,
                            int *dim, int keepdim);

#endif
