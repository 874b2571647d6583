/* Torch's typed names of the layers on sequences. A template, included by THNN/generic/THNN.h. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else
/* TemporalConvolution: input N x T x inputFrameSize, or without N; weight: outputFrameSize x (kW * inputFrameSize). */
TH_API THStatus THNN_(TemporalConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                        THTensor *bias, int kW, int dW, int inputFrameSize,
                                                        int outputFrameSize);
TH_API THStatus THNN_(TemporalConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                           THTensor *gradInput, THTensor *weight, int kW, int dW);
TH_API THStatus THNN_(TemporalConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradWeight, THTensor *gradBias, int kW, int dW,
                                                             double scale);

/* indices: places in the sequence. */
TH_API THStatus THNN_(TemporalMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                       int kW, int dW);
TH_API THStatus THNN_(TemporalMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradInput, THTensor *indices, int kW, int dW);
/* weight: frame x 1 x kW, or frame x kW. featFirst: N x frame x T. */
TH_API THStatus THNN_(TemporalRowConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                           THTensor *weight, THTensor *bias, THTensor *finput,
                                                           THTensor *fgradInput, int kW, int dW, int padW, bool featFirst);
TH_API THStatus THNN_(TemporalRowConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                              THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                              THTensor *fgradInput, int kW, int dW, int padW, bool featFirst);
TH_API THStatus THNN_(TemporalRowConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                                THTensor *fgradInput, int kW, int dW, int padW, bool featFirst,
                                                                double scale);
/* weight, bias: inputFrameSize. */
TH_API THStatus THNN_(TemporalSubSampling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                        THTensor *bias, int kW, int dW, int inputFrameSize);
TH_API THStatus THNN_(TemporalSubSampling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                           THTensor *gradInput, THTensor *weight, int kW, int dW);
TH_API THStatus THNN_(TemporalSubSampling_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradWeight, THTensor *gradBias, int kW, int dW,
                                                             double scale);
#endif
