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
#endif
