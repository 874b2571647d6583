/* Torch's typed names of the layers on images. A template, included by THNN/generic/THNN.h. */

/* weight: O x C x kH x kW, or O x (C * kH * kW). input: N x C x H x W. */
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
