/* Torch's typed names of the layers on sequences. A template, included by THNN/generic/THNN.h. */

/* TemporalConvolution: input N x T x inputFrameSize, or without N; weight: outputFrameSize x (kW * inputFrameSize). */
TH_API THStatus THNN_(TemporalConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                        THTensor *bias, int kW, int dW, int inputFrameSize,
                                                        int outputFrameSize);
TH_API THStatus THNN_(TemporalConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                           THTensor *gradInput, THTensor *weight, int kW, int dW);
TH_API THStatus THNN_(TemporalConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradWeight, THTensor *gradBias, int kW, int dW,
                                                             double scale);
