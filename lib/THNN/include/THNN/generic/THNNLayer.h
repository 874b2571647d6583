/* Torch's typed names of the layers that know no space. A template, included by THNN/generic/THNN.h. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else
/* save_std receives 1 / standard deviation, as in Torch. */
TH_API THStatus THNN_(BatchNormalization_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                       THTensor *bias, THTensor *running_mean, THTensor *running_var,
                                                       THTensor *save_mean, THTensor *save_std, bool train, double momentum,
                                                       double eps);
TH_API THStatus THNN_(BatchNormalization_backward)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                   THTensor *gradWeight, THTensor *gradBias, THTensor *weight,
                                                   THTensor *running_mean, THTensor *running_var, THTensor *save_mean,
                                                   THTensor *save_std, bool train, double scale, double eps);
/* count, sorted and indices are not used. paddingValue: the row that gets no gradient, or -1. */
TH_API THStatus THNN_(LookupTable_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                     THTensor *gradWeight, THTensor *count, THTensor *sorted, THTensor *indices,
                                                     bool scaleGradByFreq, int paddingValue, double scale);
TH_API THStatus THNN_(LookupTable_renorm)(THNNState *state, THTensor *idx, THTensor *weight, double maxNorm, double normType);
/* output = input weight' + bias; addBuffer is not used. */
TH_API THStatus THNN_(Linear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                           THTensor *bias, THTensor *addBuffer);
TH_API THStatus THNN_(Linear_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                              THTensor *weight);
TH_API THStatus THNN_(Linear_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                THTensor *weight, THTensor *bias, THTensor *gradWeight, THTensor *gradBias,
                                                THTensor *addBuffer, double scale);
/* input and hidden: N x 4H; input becomes the activated gates, which updateGradInput takes as storage. */
TH_API THStatus THNN_(LSTMFused_updateOutput)(THNNState *state, THTensor *input, THTensor *hidden, THTensor *bias1,
                                              THTensor *bias2, THTensor *cell, THTensor *output, THTensor *outputCell);
TH_API THStatus THNN_(LSTMFused_updateGradInput)(THNNState *state, THTensor *storage, THTensor *gradInGates, THTensor *cell,
                                                 THTensor *outputCell, THTensor *gradOutput, THTensor *gradOutputCell,
                                                 THTensor *gradInputCell);
/* input and hidden: N x 3H; storage: N x 5H. */
TH_API THStatus THNN_(GRUFused_updateOutput)(THNNState *state, THTensor *input, THTensor *hidden, THTensor *bias1,
                                             THTensor *bias2, THTensor *hx, THTensor *output, THTensor *storage);
TH_API THStatus THNN_(GRUFused_updateGradInput)(THNNState *state, THTensor *gradInInput, THTensor *gradInHidden,
                                                THTensor *gradOutput, THTensor *gradInputHx, THTensor *storage);
#endif
