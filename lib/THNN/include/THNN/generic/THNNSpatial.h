/* Torch's typed names of the layers on images. A template, included by THNN/generic/THNN.h. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else
/* weight: O x C x kH x kW, or O x (C * kH * kW). In all of these the batch dimension may be missing. */
TH_API THStatus THNN_(SpatialConvolutionMM_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                         THTensor *bias, THTensor *finput, THTensor *fgradInput, int kW, int kH,
                                                         int dW, int dH, int padW, int padH);
TH_API THStatus THNN_(SpatialConvolutionMM_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                            THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                            int padH);
TH_API THStatus THNN_(SpatialConvolutionMM_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                              THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                              THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                              int padH, double scale);
TH_API THStatus THNN_(SpatialDilatedConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                              THTensor *weight, THTensor *bias, THTensor *columns,
                                                              THTensor *ones, int kW, int kH, int dW, int dH, int padW,
                                                              int padH, int dilationW, int dilationH);
TH_API THStatus THNN_(SpatialDilatedConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradInput, THTensor *weight, THTensor *columns,
                                                                 int kW, int kH, int dW, int dH, int padW, int padH,
                                                                 int dilationW, int dilationH);
TH_API THStatus THNN_(SpatialDilatedConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                   THTensor *gradWeight, THTensor *gradBias, THTensor *columns,
                                                                   THTensor *ones, int kW, int kH, int dW, int dH, int padW,
                                                                   int padH, int dilationW, int dilationH, double scale);
/* weight: M x C x kH x kW; output channel c * M + m is weight[m][c] on channel c. */
TH_API THStatus THNN_(SpatialDepthWiseConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                THTensor *weight, THTensor *bias, THTensor *finput,
                                                                THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                                int padH);
TH_API THStatus THNN_(SpatialDepthWiseConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                   THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                                   THTensor *fgradInput, int kW, int kH, int dW, int dH,
                                                                   int padW, int padH);
TH_API THStatus THNN_(SpatialDepthWiseConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                     THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                                     THTensor *fgradInput, int kW, int kH, int dW, int dH,
                                                                     int padW, int padH, double scale);
TH_API THStatus THNN_(SpatialFullConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                           THTensor *weight, THTensor *bias, THTensor *columns, THTensor *ones,
                                                           int kW, int kH, int dW, int dH, int padW, int padH, int adjW,
                                                           int adjH);
TH_API THStatus THNN_(SpatialFullConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                              THTensor *gradInput, THTensor *weight, THTensor *gradColumns,
                                                              int kW, int kH, int dW, int dH, int padW, int padH, int adjW,
                                                              int adjH);
TH_API THStatus THNN_(SpatialFullConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                THTensor *gradWeight, THTensor *gradBias, THTensor *columns,
                                                                THTensor *ones, int kW, int kH, int dW, int dH, int padW,
                                                                int padH, int adjW, int adjH, double scale);
TH_API THStatus THNN_(SpatialFullDilatedConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                  THTensor *weight, THTensor *bias, THTensor *columns,
                                                                  THTensor *ones, int kW, int kH, int dW, int dH, int padW,
                                                                  int padH, int dilationW, int dilationH, int adjW, int adjH);
TH_API THStatus THNN_(SpatialFullDilatedConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                     THTensor *gradInput, THTensor *weight,
                                                                     THTensor *gradColumns, int kW, int kH, int dW, int dH,
                                                                     int padW, int padH, int dilationW, int dilationH, int adjW,
                                                                     int adjH);
TH_API THStatus THNN_(SpatialFullDilatedConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                       THTensor *gradWeight, THTensor *gradBias,
                                                                       THTensor *columns, THTensor *ones, int kW, int kH,
                                                                       int dW, int dH, int padW, int padH, int dilationW,
                                                                       int dilationH, int adjW, int adjH, double scale);
/* d: the dilation, s: the stride. */
TH_API THStatus THNN_(Im2Col_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t kH, int64_t kW,
                                           int64_t dH, int64_t dW, int64_t padH, int64_t padW, int64_t sH, int64_t sW);
TH_API THStatus THNN_(Im2Col_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, int64_t inputHeight,
                                              int64_t inputWidth, int64_t kH, int64_t kW, int64_t dH, int64_t dW, int64_t padH,
                                              int64_t padW, int64_t sH, int64_t sW);
TH_API THStatus THNN_(Col2Im_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t outputHeight,
                                           int64_t outputWidth, int64_t kH, int64_t kW, int64_t dH, int64_t dW, int64_t padH,
                                           int64_t padW, int64_t sH, int64_t sW);
TH_API THStatus THNN_(Col2Im_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, int64_t kH,
                                              int64_t kW, int64_t dH, int64_t dW, int64_t padH, int64_t padW, int64_t sH,
                                              int64_t sW);
/* unfolded_copy: input C x H x W into finput (C * kH * kW) x oH x oW; unfolded_acc adds it back. */
TH_API THStatus THNN_(unfolded_copy)(THTensor *finput, THTensor *input, int kW, int kH, int dW, int dH, int padW, int padH,
                                     int nInputPlane, int inputWidth, int inputHeight, int outputWidth, int outputHeight);
TH_API THStatus THNN_(unfolded_acc)(THTensor *finput, THTensor *input, int kW, int kH, int dW, int dH, int padW, int padH,
                                    int nInputPlane, int inputWidth, int inputHeight, int outputWidth, int outputHeight);

TH_API THStatus THNN_(SpatialMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                      int kW, int kH, int dW, int dH, int padW, int padH, bool ceil_mode);
TH_API THStatus THNN_(SpatialMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                         THTensor *gradInput, THTensor *indices, int kW, int kH, int dW, int dH,
                                                         int padW, int padH, bool ceil_mode);
TH_API THStatus THNN_(SpatialDilatedMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                             THTensor *indices, int kW, int kH, int dW, int dH, int padW,
                                                             int padH, int dilationW, int dilationH, bool ceil_mode);
TH_API THStatus THNN_(SpatialDilatedMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                THTensor *gradInput, THTensor *indices, int kW, int kH, int dW,
                                                                int dH, int padW, int padH, int dilationW, int dilationH,
                                                                bool ceil_mode);

TH_API THStatus THNN_(SpatialAveragePooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int kW, int kH,
                                                          int dW, int dH, int padW, int padH, bool ceil_mode,
                                                          bool count_include_pad);
TH_API THStatus THNN_(SpatialAveragePooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradInput, int kW, int kH, int dW, int dH, int padW,
                                                             int padH, bool ceil_mode, bool count_include_pad);

/* randomSamples: N x C x 2, the width's first. */
TH_API THStatus THNN_(SpatialAdaptiveMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                              THTensor *indices, int osizeW, int osizeH);
TH_API THStatus THNN_(SpatialAdaptiveMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradInput, THTensor *indices);
TH_API THStatus THNN_(SpatialAdaptiveAveragePooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                  int osizeW, int osizeH);
TH_API THStatus THNN_(SpatialAdaptiveAveragePooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                     THTensor *gradInput);
TH_API THStatus THNN_(SpatialFractionalMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                int outputW, int outputH, int poolSizeW, int poolSizeH,
                                                                THTensor *indices, THTensor *randomSamples);
TH_API THStatus THNN_(SpatialFractionalMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                   THTensor *gradInput, int outputW, int outputH, int poolSizeW,
                                                                   int poolSizeH, THTensor *indices);
TH_API THStatus THNN_(SpatialMaxUnpooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                        int owidth, int oheight);
TH_API THStatus THNN_(SpatialMaxUnpooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                           THTensor *gradInput, THTensor *indices, int owidth, int oheight);
#endif
