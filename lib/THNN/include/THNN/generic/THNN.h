/* Torch's typed names, with Torch's arguments in Torch's order: THNN_FloatThreshold_updateOutput and so on.
 *
 * A template, included by THNN/THNN.h once for each THNN_REAL (Float, Double). What differs from Torch: void became THStatus,
 * and tensors are tagged, so that one whose dtype is not THNN_REAL is TH_ERR_DTYPE. `state` is not used, and neither are the
 * buffers finput, fgradInput (working memory is the library's own): all three may be NULL. Spatial arguments come as in Torch,
 * width first. sizeAverage counts only where `reduce` is true. */
#ifndef THNN_REAL
#error "include THNN/THNN.h"
#endif

#define THNN_CONCAT_(a, b, c) a##b##c
#define THNN_CONCAT(a, b, c) THNN_CONCAT_(a, b, c)
#define THNN_(name) THNN_CONCAT(THNN_, THNN_REAL, name)

TH_API THStatus THNN_(Threshold_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double threshold, double val,
                                              bool inplace);
/* inplace: gradOutput becomes the gradient, and gradInput a view of it. */
TH_API THStatus THNN_(Threshold_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                 double threshold, double val, bool inplace);

TH_API THStatus THNN_(LogSoftMax_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t dim);
TH_API THStatus THNN_(LogSoftMax_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                  THTensor *output, int64_t dim);
TH_API THStatus THNN_(SoftMax_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t dim);
TH_API THStatus THNN_(SoftMax_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                               THTensor *output, int64_t dim);

TH_API THStatus THNN_(ClassNLLCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                      bool sizeAverage, THTensor *weights, THTensor *total_weight,
                                                      int64_t ignore_index, bool reduce);
TH_API THStatus THNN_(ClassNLLCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                         THTensor *gradOutput, THTensor *gradInput, bool sizeAverage,
                                                         THTensor *weights, THTensor *total_weight, int64_t ignore_index,
                                                         bool reduce);

TH_API THStatus THNN_(MSECriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                 bool sizeAverage, bool reduce);
TH_API THStatus THNN_(MSECriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                                    THTensor *gradInput, bool sizeAverage, bool reduce);

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
