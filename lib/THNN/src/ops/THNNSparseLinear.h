/* SparseLinear: output = input weight' + bias for inputs that list their elements.
 *
 * input: elements x 3 of (sample, feature, value), both counted from 1; or, in Torch's legacy form, N x elements x 2 of
 * (feature, value). Features outside of the weight count nothing. */
#ifndef THNN_SPARSE_LINEAR_H
#define THNN_SPARSE_LINEAR_H

#include "ops/THNNCall.h"

/* In the form of three numbers `output` has its shape, N x out, before the call. */
THStatus THNNSparseLinear_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias);
/* Adds scale times the gradients, and decay times the weight. */
THStatus THNNSparseLinear_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                            THTensor *gradBias, const THTensor *weight, double decay, double scale);
/* Zeroes gradBias, and the columns of gradWeight that the input uses. */
THStatus THNNSparseLinear_zeroGradParameters(THTensor *gradWeight, THTensor *gradBias, const THTensor *input);
/* Takes rate times the gradient off the bias and the columns of the weight that the input uses. */
THStatus THNNSparseLinear_updateParameters(THTensor *weight, THTensor *bias, const THTensor *gradWeight,
                                           const THTensor *gradBias, const THTensor *input, double rate);

#endif
