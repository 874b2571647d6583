/* THNN: forward and backward passes of neural-network layers on TH tensors (Float and Double).
 *
 * updateOutput computes the output, updateGradInput the gradient with respect to the input, accGradParameters adds
 * `scale` times the gradient with respect to the parameters. Outputs are made ready by the callee (THTensor_output); tensors
 * marked "or NULL" are optional. Layouts are N x C x H x W; the batch dimension may be missing where the text says so. */
#ifndef THNN_H
#define THNN_H

#include <stdbool.h>
#include <stdint.h>

#include "TH/TH.h"

TH_BEGIN_DECLS

/* How a criterion turns one loss for each sample into its output. */
typedef enum THNNReduction {
    THNNReduction_NONE, /* one loss for each sample */
    THNNReduction_MEAN, /* weighted mean: a scalar */
    THNNReduction_SUM,  /* a scalar */
} THNNReduction;

/* --- Threshold: y = x > threshold ? x : value. ReLU is threshold 0, value 0. ---------------------------------------- */
TH_API THStatus THNN_Threshold_updateOutput(const THTensor *input, THTensor *output, double threshold, double value);
TH_API THStatus THNN_Threshold_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                               double threshold);

/* --- LogSoftMax, SoftMax along dim ----------------------------------------------------------------------------------- */
TH_API THStatus THNN_LogSoftMax_updateOutput(const THTensor *input, THTensor *output, int dim);
TH_API THStatus THNN_LogSoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output,
                                                int dim);
TH_API THStatus THNN_SoftMax_updateOutput(const THTensor *input, THTensor *output, int dim);
TH_API THStatus THNN_SoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim);

/* --- ClassNLLCriterion: -weights[target] * input[target] -------------------------------------------------------------- */
/* input: N x C or C; target: N (int64) or a scalar, in [0, C) or ignore_index; weights: C, or NULL. total_weight (a scalar
 * tensor) receives the sum of weights, by which MEAN divides; the backward pass needs it. */
TH_API THStatus THNN_ClassNLLCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                    THNNReduction reduction, const THTensor *weights, THTensor *total_weight,
                                                    int64_t ignore_index);
TH_API THStatus THNN_ClassNLLCriterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                       const THTensor *gradOutput, THTensor *gradInput, THNNReduction reduction,
                                                       const THTensor *weights, const THTensor *total_weight,
                                                       int64_t ignore_index);

/* --- MSECriterion: (input - target)^2; shapes equal -------------------------------------------------------------------- */
TH_API THStatus THNN_MSECriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                               THNNReduction reduction);
TH_API THStatus THNN_MSECriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                  THTensor *gradInput, THNNReduction reduction);

/* --- SpatialConvolutionMM: cross-correlation with zero padding, by blocks of im2col and gemm ------------------------------ */
/* input: N x C x H x W; weight: O x C/groups x kH x kW; bias: O, or NULL. d: stride, pad: on both sides, dilation >= 1. */
TH_API THStatus THNN_SpatialConvolutionMM_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                       const THTensor *bias, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                       int64_t dilationH, int64_t dilationW, int64_t groups);
TH_API THStatus THNN_SpatialConvolutionMM_updateGradInput(const THTensor *input, const THTensor *gradOutput,
                                                          THTensor *gradInput, const THTensor *weight, int64_t dH, int64_t dW,
                                                          int64_t padH, int64_t padW, int64_t dilationH, int64_t dilationW,
                                                          int64_t groups);
/* Adds to gradWeight and gradBias (or NULL), which have the parameters' shapes. */
TH_API THStatus THNN_SpatialConvolutionMM_accGradParameters(const THTensor *input, const THTensor *gradOutput,
                                                            THTensor *gradWeight, THTensor *gradBias, int64_t dH, int64_t dW,
                                                            int64_t padH, int64_t padW, int64_t dilationH, int64_t dilationW,
                                                            int64_t groups, double scale);

/* --- SpatialMaxPooling -------------------------------------------------------------------------------------------------- */
/* input: N x C x H x W or C x H x W. indices (int64): position of each maximum in its H x W plane; the first of equals.
 * ceil_mode: output sizes round up, but no window starts beyond input and padding. */
TH_API THStatus THNN_SpatialMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int64_t kH,
                                                    int64_t kW, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                    int64_t dilationH, int64_t dilationW, int ceil_mode);
TH_API THStatus THNN_SpatialMaxPooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                       const THTensor *indices);

/* --- SpatialAveragePooling ------------------------------------------------------------------------------------------------ */
TH_API THStatus THNN_SpatialAveragePooling_updateOutput(const THTensor *input, THTensor *output, int64_t kH, int64_t kW,
                                                        int64_t dH, int64_t dW, int64_t padH, int64_t padW, int ceil_mode,
                                                        int count_include_pad);
TH_API THStatus THNN_SpatialAveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput,
                                                           THTensor *gradInput, int64_t kH, int64_t kW, int64_t dH, int64_t dW,
                                                           int64_t padH, int64_t padW, int ceil_mode, int count_include_pad);

/* --- Torch's typed names: THNN_FloatThreshold_updateOutput(state, ...). See THNN/generic/THNN.h. ------------------------- */

typedef void THNNState; /* never read; pass NULL */

#define THNN_REAL Float
#include "THNN/generic/THNN.h"
#undef THNN_REAL
#define THNN_REAL Double
#include "THNN/generic/THNN.h"
#undef THNN_REAL

TH_END_DECLS

#endif
