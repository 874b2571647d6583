/* IndexLinear: output = the sum of value * weight[key] over the (key, value) pairs of a sample, + bias.
 *
 * The pairs of all samples lie behind one another in keys (int64) and values; sizes (int64) says how many each sample has.
 * keysOffset is added to each key; what comes out counts rows of the weight from 0. The weight is inputs x out, or, where
 * values are normalised by the largest that their feature ever had, inputs x (4 + out): largest, 1 / largest, factor of steps,
 * shift of the normalised value, then the weights. */
#ifndef THNN_INDEX_LINEAR_H
#define THNN_INDEX_LINEAR_H

#include "ops/THNNCall.h"

/* The pairs of a batch. sizes NULL: no samples are asked for. */
typedef struct THNNPairs {
    const THTensor *keys;
    int64_t keysOffset;
    const THTensor *values;
    const THTensor *sizes;
} THNNPairs;

/* output: samples x out. With a normalising weight, normalized gets the values as they were used, and `train` keeps the
 * largest values in the weight. */
THStatus THNNIndexLinear_updateOutput(const THNNPairs *pairs, THTensor *output, THTensor *weight, const THTensor *bias,
                                      THTensor *normalized, bool train);
/* gradWeight becomes pairs x out, one row for each pair: scale * value * gradOutput; of a normalising weight pairs x 2 out,
 * with scale * gradOutput, the gradient of value and shift, in front. Adds to gradBias. pairs->values: the normalised ones. */
THStatus THNNIndexLinear_accGradParameters(const THNNPairs *pairs, const THTensor *gradOutput, THTensor *gradWeight,
                                           THTensor *gradBias, const THTensor *weight, const THTensor *bias, double scale);
/* What accGradParameters and updateParameters do, pair after pair, without keeping a gradient; scale is the rate. */
THStatus THNNIndexLinear_accUpdateGradParameters(const THNNPairs *pairs, const THTensor *gradOutput, THTensor *weight,
                                                 THTensor *bias, double decay, double scale);
/* Takes rate * gradient off bias and weight, and decay * weight off the rows that are named, once for each pair. */
THStatus THNNIndexLinear_updateParameters(const THNNPairs *pairs, const THTensor *gradWeight, const THTensor *gradBias,
                                          THTensor *weight, THTensor *bias, double decay, double rate);

#endif
