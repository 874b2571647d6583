/* What depends on where tensors lie, for sources that THCUNN compiles, too: there these functions are of its own. */
#ifndef THNN_PLACE_H
#define THNN_PLACE_H

#include "ops/THNNCall.h"

/* A new tensor where `neighbour` lies, contents undefined. */
THTensor *THNNPlace_newBeside(const THTensor *neighbour, THDtype dtype, int ndim, const int64_t *size);

/* TH_ERR_STATE for a tensor that the library cannot reach. */
THStatus THNNPlace_check(const char *op, const char *argument, const THTensor *tensor);

#endif
