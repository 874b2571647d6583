/* Copies between tensors of one dtype. */
#ifndef TH_ITER_COPY_H
#define TH_ITER_COPY_H

#include "TH/THTensor.h"

/* output[...] = input, broadcast to the output's shape; both have one dtype. Overlap is handled. Counts no write. */
THStatus thIterCopy_run(const char *op, THTensor *output, const THTensor *input);

#endif
