/* Torch's typed names of layers on sparse inputs. A template, included by THNN/generic/THNN.h. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else
/* input: elements x 3 of (sample, feature, value), counted from 1; output has its shape before. */
TH_API THStatus THNN_(SparseLinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                 THTensor *bias);
TH_API THStatus THNN_(SparseLinear_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradWeight, THTensor *gradBias, THTensor *weight,
                                                      THTensor *bias, double weightDecay, double scale);
TH_API THStatus THNN_(SparseLinear_zeroGradParameters)(THNNState *state, THTensor *gradWeight, THTensor *gradBias,
                                                       THTensor *lastInput);
TH_API THStatus THNN_(SparseLinear_updateParameters)(THNNState *state, THTensor *weight, THTensor *bias, THTensor *gradWeight,
                                                     THTensor *gradBias, THTensor *lastInput, double learningRate);
/* legacy: N x elements x 2 of (feature, value). */
TH_API THStatus THNN_(SparseLinear_legacy_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                        THTensor *bias);
TH_API THStatus THNN_(SparseLinear_legacy_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradWeight, THTensor *gradBias, THTensor *weight,
                                                             THTensor *bias, double weightDecay, double scale);
TH_API THStatus THNN_(SparseLinear_legacy_zeroGradParameters)(THNNState *state, THTensor *gradWeight, THTensor *gradBias,
                                                              THTensor *lastInput);
TH_API THStatus THNN_(SparseLinear_legacy_updateParameters)(THNNState *state, THTensor *weight, THTensor *bias,
                                                            THTensor *gradWeight, THTensor *gradBias, THTensor *lastInput,
                                                            double learningRate);
/* output[sample] = the sum of value * weight[key + keysOffset] over the sample's pairs, + bias. keys, sizes and runningKeys are
 * int64. The pairs of all samples lie behind one another in keys and values; sizes says how many each sample has. weight is
 * inputs x out, or inputs x (4 + out), which normalises each value by the largest that its key ever had: largest, 1 / largest,
 * factor of steps, shift, then the weights. normalizedValues gets what was used then; give it as values to the functions of
 * gradients. train is 0 or 1: whether new largest values are kept. cumSumSizes follows from sizes, is not used, may be NULL. */
TH_API THStatus THNN_(IndexLinear_updateOutput)(THNNState *state, THTensor *keys, int64_t keysOffset, THTensor *values,
                                                THTensor *sizes, THTensor *cumSumSizes, THTensor *output, THTensor *weight,
                                                THTensor *bias, THTensor *normalizedValues, int train);
/* gradWeight becomes pairs x out (pairs x 2 out where values are normalised): a row for each pair, which updateParameters
 * takes. weightDecay and valuesBuffer are not used. */
TH_API THStatus THNN_(IndexLinear_accGradParameters)(THNNState *state, THTensor *keys, int64_t keysOffset, THTensor *values,
                                                     THTensor *sizes, THTensor *cumSumSizes, THTensor *gradOutput,
                                                     THTensor *gradWeight, THTensor *gradBias, THTensor *weight, THTensor *bias,
                                                     THTensor *valuesBuffer, double weightDecay, double scale);
/* Steps at once, pair after pair; scale is the learning rate. weightDecay times a row comes off it for each of its pairs. */
TH_API THStatus THNN_(IndexLinear_accUpdateGradParameters)(THNNState *state, THTensor *keys, int64_t keysOffset,
                                                           THTensor *values, THTensor *sizes, THTensor *cumSumSizes,
                                                           THTensor *gradOutput, THTensor *weight, THTensor *bias,
                                                           double weightDecay, double scale);
TH_API THStatus THNN_(IndexLinear_updateParameters)(THNNState *state, THTensor *gradWeight, THTensor *gradBias,
                                                    THTensor *weight, THTensor *bias, THTensor *runningKeys,
                                                    THTensor *cumSumSizes, int64_t keysOffset, double weightDecay,
                                                    double learningRate);
#endif
