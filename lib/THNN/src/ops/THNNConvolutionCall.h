/* From tensors and arguments to a THNNConvolution. */
#ifndef THNN_CONVOLUTION_CALL_H
#define THNN_CONVOLUTION_CALL_H

#include "ops/THNNConvolution.h"

/* Checks, and everything but pointers. */
THStatus THNNConvolution_init(THNNConvolution *conv, const char *op, const THTensor *input, const THTensor *weight,
                              const THNNGeometry *geometry);
/* The convolution whose gradient a full convolution is: its result has the shape of `input`. */
THStatus THNNConvolution_initFull(THNNConvolution *conv, const char *op, const THTensor *input, const THTensor *weight,
                                  const THNNGeometry *geometry, const int64_t *adjust);
/* shape[2 + dims]: of the convolution's input, or of its result. */
void THNNConvolution_shape(const THNNConvolution *conv, int dims, bool of_input, int64_t *shape);

#endif
