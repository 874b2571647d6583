/* Torch's typed names of subsampling, and of convolutions by tables. A template, included by THNN/generic/THNN.h. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else
/* weight, bias: one number for each plane. */
TH_API THStatus THNN_(SpatialSubSampling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                       THTensor *bias, int kW, int kH, int dW, int dH);
TH_API THStatus THNN_(SpatialSubSampling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradInput, THTensor *weight, int kW, int kH, int dW,
                                                          int dH);
TH_API THStatus THNN_(SpatialSubSampling_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradWeight, THTensor *gradBias, int kW, int kH, int dW,
                                                            int dH, double scale);
/* connTable: connections x 2 of (input plane, output plane), from 0; weight: connections x kH x kW. */
TH_API THStatus THNN_(SpatialConvolutionMap_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                          THTensor *bias, THTensor *connTable, int nInputPlane,
                                                          int nOutputPlane, int dW, int dH);
TH_API THStatus THNN_(SpatialConvolutionMap_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradInput, THTensor *weight, THTensor *bias,
                                                             THTensor *connTable, int nInputPlane, int nOutputPlane, int dW,
                                                             int dH);
TH_API THStatus THNN_(SpatialConvolutionMap_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                               THTensor *gradWeight, THTensor *gradBias, THTensor *connTable,
                                                               int nInputPlane, int nOutputPlane, int dW, int dH, double scale);
TH_API THStatus THNN_(SpatialFullConvolutionMap_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                              THTensor *weight, THTensor *bias, THTensor *connTable,
                                                              int nInputPlane, int nOutputPlane, int dW, int dH);
TH_API THStatus THNN_(SpatialFullConvolutionMap_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradInput, THTensor *weight, THTensor *bias,
                                                                 THTensor *connTable, int nInputPlane, int nOutputPlane, int dW,
                                                                 int dH);
TH_API THStatus THNN_(SpatialFullConvolutionMap_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                   THTensor *gradWeight, THTensor *gradBias,
                                                                   THTensor *connTable, int nInputPlane, int nOutputPlane,
                                                                   int dW, int dH, double scale);
/* weight: (oH * oW) x O x (C * kH * kW); bias: O x oH x oW. */
TH_API THStatus THNN_(SpatialConvolutionLocal_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                            THTensor *weight, THTensor *bias, THTensor *finput,
                                                            THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                            int padH, int64_t inputWidth, int64_t inputHeight,
                                                            int64_t outputWidth, int64_t outputHeight);
TH_API THStatus THNN_(SpatialConvolutionLocal_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                               THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                               THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                               int padH, int64_t inputWidth, int64_t inputHeight,
                                                               int64_t outputWidth, int64_t outputHeight);
TH_API THStatus THNN_(SpatialConvolutionLocal_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                                 THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                                 int padH, int64_t inputWidth, int64_t inputHeight,
                                                                 int64_t outputWidth, int64_t outputHeight, double scale);
/* batchMode: features are dimension 1, else 0. */
TH_API THStatus THNN_(FeatureLPPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double power,
                                                     int width, int stride, bool batchMode);
TH_API THStatus THNN_(FeatureLPPooling_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *input,
                                                        THTensor *output, THTensor *gradInput, double power, int width,
                                                        int stride, bool batchMode);
#endif
