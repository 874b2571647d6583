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

/* --- Threshold: y = x <= threshold ? value : x. ReLU is threshold 0, value 0. nan stays. ----------------------------- */
TH_API THStatus THNN_Threshold_updateOutput(const THTensor *input, THTensor *output, double threshold, double value);
TH_API THStatus THNN_Threshold_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                               double threshold);

/* --- activations, element by element; the output may be the input, the gradient may be what it is computed from ---- */
TH_API THStatus THNN_Abs_updateOutput(const THTensor *input, THTensor *output);
TH_API THStatus THNN_Abs_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput);
/* x > 0 ? scale * x : scale * alpha * (exp(x) - 1) */
TH_API THStatus THNN_ELU_updateOutput(const THTensor *input, THTensor *output, double alpha, double scale);
TH_API THStatus THNN_ELU_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, double alpha,
                                         double scale);
/* |x| > lambda ? x : 0 */
TH_API THStatus THNN_HardShrink_updateOutput(const THTensor *input, THTensor *output, double lambda);
TH_API THStatus THNN_HardShrink_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                double lambda);
/* x within [min_val, max_val] */
TH_API THStatus THNN_HardTanh_updateOutput(const THTensor *input, THTensor *output, double min_val, double max_val);
TH_API THStatus THNN_HardTanh_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                              double min_val, double max_val);
/* x > 0 ? x : negval * x */
TH_API THStatus THNN_LeakyReLU_updateOutput(const THTensor *input, THTensor *output, double negval);
TH_API THStatus THNN_LeakyReLU_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                               double negval);
/* log(1 / (1 + exp(-x))) */
TH_API THStatus THNN_LogSigmoid_updateOutput(const THTensor *input, THTensor *output);
TH_API THStatus THNN_LogSigmoid_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput);
TH_API THStatus THNN_Sigmoid_updateOutput(const THTensor *input, THTensor *output);
TH_API THStatus THNN_Sigmoid_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output);
/* beta * x > threshold ? x : log(1 + exp(beta * x)) / beta */
TH_API THStatus THNN_SoftPlus_updateOutput(const THTensor *input, THTensor *output, double beta, double threshold);
TH_API THStatus THNN_SoftPlus_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                              double beta, double threshold);
/* x without `lambda` of its size, 0 between -lambda and lambda */
TH_API THStatus THNN_SoftShrink_updateOutput(const THTensor *input, THTensor *output, double lambda);
TH_API THStatus THNN_SoftShrink_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                double lambda);
/* The gradient is 0 where the output is 0. */
TH_API THStatus THNN_Sqrt_updateOutput(const THTensor *input, THTensor *output);
TH_API THStatus THNN_Sqrt_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output);
TH_API THStatus THNN_Square_updateOutput(const THTensor *input, THTensor *output);
TH_API THStatus THNN_Square_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput);
TH_API THStatus THNN_Tanh_updateOutput(const THTensor *input, THTensor *output);
TH_API THStatus THNN_Tanh_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output);

/* --- GatedLinear: the first half along dim times the sigmoid of the second ----------------------------------------- */
TH_API THStatus THNN_GatedLinear_updateOutput(const THTensor *input, THTensor *output, int dim);
TH_API THStatus THNN_GatedLinear_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                 int dim);

/* --- PReLU: x > 0 ? x : weight * x. weight: one element, or one for each channel of an input N x C x * ------------- */
TH_API THStatus THNN_PReLU_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight);
TH_API THStatus THNN_PReLU_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                           const THTensor *weight);
TH_API THStatus THNN_PReLU_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                             double scale);

/* --- RReLU: in training a slope in [lower, upper) for each element that is not above 0, else their middle for all -- */
/* noise receives the slopes (1 above 0) while training, and may be NULL without it. generator NULL: the default one. */
TH_API THStatus THNN_RReLU_updateOutput(const THTensor *input, THTensor *output, THTensor *noise, double lower, double upper,
                                        int training, THGenerator *generator);
TH_API THStatus THNN_RReLU_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                           const THTensor *noise, double lower, double upper, int training);

/* --- LogSoftMax, SoftMax along dim --------------------------------------------------------------------------------- */
TH_API THStatus THNN_LogSoftMax_updateOutput(const THTensor *input, THTensor *output, int dim);
TH_API THStatus THNN_LogSoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output,
                                                int dim);
TH_API THStatus THNN_SoftMax_updateOutput(const THTensor *input, THTensor *output, int dim);
TH_API THStatus THNN_SoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim);

/* --- ClassNLLCriterion: -weights[target] * input[target] ----------------------------------------------------------- */
/* input: N x C x * or C; target: N x * (int64) or a scalar, in [0, C) or ignore_index; weights: C, or NULL. total_weight (a
 * scalar tensor) receives the sum of weights, by which MEAN divides; the backward pass needs it. */
TH_API THStatus THNN_ClassNLLCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                    THNNReduction reduction, const THTensor *weights, THTensor *total_weight,
                                                    int64_t ignore_index);
TH_API THStatus THNN_ClassNLLCriterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                       const THTensor *gradOutput, THTensor *gradInput, THNNReduction reduction,
                                                       const THTensor *weights, const THTensor *total_weight,
                                                       int64_t ignore_index);

/* --- losses that compare element with element; shapes equal -------------------------------------------------------- */
/* |input - target| */
TH_API THStatus THNN_AbsCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                               THNNReduction reduction);
TH_API THStatus THNN_AbsCriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                  THTensor *gradInput, THNNReduction reduction);
/* -(target log(input) + (1 - target) log(1 - input)), input in [0, 1] */
TH_API THStatus THNN_BCECriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                               THNNReduction reduction);
TH_API THStatus THNN_BCECriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                  THTensor *gradInput, THNNReduction reduction);
/* the same of sigmoid(input), for any input */
TH_API THStatus THNN_BCEWithLogitsCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                         THNNReduction reduction);
TH_API THStatus THNN_BCEWithLogitsCriterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                            const THTensor *gradOutput, THTensor *gradInput,
                                                            THNNReduction reduction);
/* target (log(target) - input), 0 where target is not above 0 */
TH_API THStatus THNN_DistKLDivCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                     THNNReduction reduction);
TH_API THStatus THNN_DistKLDivCriterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                        const THTensor *gradOutput, THTensor *gradInput,
                                                        THNNReduction reduction);
/* (input - target)^2 */
TH_API THStatus THNN_MSECriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                               THNNReduction reduction);
TH_API THStatus THNN_MSECriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                  THTensor *gradInput, THNNReduction reduction);
/* d^2 / 2 for d = |input - target| below 1, else d - 1/2 */
TH_API THStatus THNN_SmoothL1Criterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                    THNNReduction reduction);
TH_API THStatus THNN_SmoothL1Criterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                       const THTensor *gradOutput, THTensor *gradInput,
                                                       THNNReduction reduction);
/* log(1 + exp(-target input)) */
TH_API THStatus THNN_SoftMarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                      THNNReduction reduction);
TH_API THStatus THNN_SoftMarginCriterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                         const THTensor *gradOutput, THTensor *gradInput,
                                                         THNNReduction reduction);
/* max(0, margin - target input) */
TH_API THStatus THNN_MarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                  THNNReduction reduction, double margin);
TH_API THStatus THNN_MarginCriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                     THTensor *gradInput, THNNReduction reduction, double margin);
/* The sum of |input|. */
TH_API THStatus THNN_L1Cost_updateOutput(const THTensor *input, THTensor *output);
TH_API THStatus THNN_L1Cost_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput);

/* --- hinge losses over the classes of a sample, divided by the number of classes; input: N x C or C ---------------- */
/* The sum over d != target of max(0, margin - input[target] + input[d])^p, p 1 or 2; target: N (int64); weights: C, or NULL. */
TH_API THStatus THNN_MultiMarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                       THNNReduction reduction, int p, const THTensor *weights, double margin);
TH_API THStatus THNN_MultiMarginCriterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                          const THTensor *gradOutput, THTensor *gradInput,
                                                          THNNReduction reduction, int p, const THTensor *weights,
                                                          double margin);
/* target: N x C (int64), the labels of each sample up to the first -1. is_target receives 1 at labels, 0 elsewhere; the
 * backward pass needs it. */
TH_API THStatus THNN_MultiLabelMarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                            THTensor *is_target, THNNReduction reduction);
TH_API THStatus THNN_MultiLabelMarginCriterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                               const THTensor *gradOutput, THTensor *gradInput,
                                                               const THTensor *is_target, THNNReduction reduction);

/* --- BatchNormalization: (x - mean) / sqrt(var + eps) * weight + bias for each channel of N x C x * ---------------- */
/* weight, bias, running_mean, running_var: C, or NULL. train: mean and biased variance of the batch, and the running ones move
 * to momentum * new + (1 - momentum) * old (the variance as the unbiased one); else the running ones are used. save_mean,
 * save_invstd receive what was used, mean and 1 / sqrt(var + eps): the backward pass needs them. */
TH_API THStatus THNN_BatchNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                     const THTensor *bias, THTensor *running_mean, THTensor *running_var,
                                                     THTensor *save_mean, THTensor *save_invstd, int train, double momentum,
                                                     double eps);
/* Adds to gradWeight and gradBias; each of the three gradients may be NULL. */
TH_API THStatus THNN_BatchNormalization_backward(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                 THTensor *gradWeight, THTensor *gradBias, const THTensor *weight,
                                                 const THTensor *save_mean, const THTensor *save_invstd, int train,
                                                 double scale);

/* --- LayerNormalization: (x - mean) / sqrt(var + eps) * weight + bias over the last `dims` dimensions, 1 to the input's  */
/* weight, bias: of these dimensions, or NULL. save_mean, save_invstd receive mean and 1 / sqrt(var + eps), one of each for what
 * the dimensions before leave: the backward pass needs them. */
TH_API THStatus THNN_LayerNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                     const THTensor *bias, THTensor *save_mean, THTensor *save_invstd, int dims,
                                                     double eps);
/* Adds `scale` times the gradients to gradWeight and gradBias; each of the three gradients may be NULL. */
TH_API THStatus THNN_LayerNormalization_backward(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                 THTensor *gradWeight, THTensor *gradBias, const THTensor *weight,
                                                 const THTensor *save_mean, const THTensor *save_invstd, int dims,
                                                 double scale);

/* --- GroupNormalization: (x - mean) / sqrt(var + eps) * weight + bias for each of `groups` groups of channels of each sample
 * of N x C x *, C a multiple of groups ------------------------------------------------------------------------------- */
/* weight, bias: C, or NULL. save_mean, save_invstd receive N x groups, mean and 1 / sqrt(var + eps): the backward pass needs
 * them. TH_ERR_SHAPE: a group of one element. */
TH_API THStatus THNN_GroupNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                     const THTensor *bias, THTensor *save_mean, THTensor *save_invstd,
                                                     int64_t groups, double eps);
/* Adds `scale` times the gradients to gradWeight and gradBias; each of the three gradients may be NULL. */
TH_API THStatus THNN_GroupNormalization_backward(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                 THTensor *gradWeight, THTensor *gradBias, const THTensor *weight,
                                                 const THTensor *save_mean, const THTensor *save_invstd, int64_t groups,
                                                 double scale);

/* --- Convolution: cross-correlation with zero padding of signals, images and volumes, by blocks of columns and gemm  */

#define THNN_SPATIAL_MAX 3

/* For each spatial dimension, in the order of the input's: stride and dilation at least 1, padding on both sides. */
typedef struct THNNGeometry {
    int64_t stride[THNN_SPATIAL_MAX];
    int64_t pad[THNN_SPATIAL_MAX];
    int64_t dilation[THNN_SPATIAL_MAX];
    int64_t groups;
} THNNGeometry;

/* input: N x C x (one to three spatial dimensions); weight: O x C/groups x kernel; bias: O, or NULL. */
TH_API THStatus THNN_Convolution_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                              const THTensor *bias, const THNNGeometry *geometry);
TH_API THStatus THNN_Convolution_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                 const THTensor *weight, const THNNGeometry *geometry);
/* Adds to gradWeight and gradBias (or NULL), which have the parameters' shapes. */
TH_API THStatus THNN_Convolution_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                                   THTensor *gradBias, const THNNGeometry *geometry, double scale);

/* --- FullConvolution (transposed): the gradient of a Convolution, as a layer --------------------------------------- */
/* input: N x C x spatial; weight: C x O/groups x kernel; bias: O, or NULL. adjust: [spatial], added to the output's size
 * (in - 1) * stride - 2 pad + dilation (kernel - 1) + 1; smaller than stride or dilation. */
TH_API THStatus THNN_FullConvolution_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                  const THTensor *bias, const THNNGeometry *geometry, const int64_t *adjust);
TH_API THStatus THNN_FullConvolution_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                     const THTensor *weight, const THNNGeometry *geometry,
                                                     const int64_t *adjust);
TH_API THStatus THNN_FullConvolution_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                                       THTensor *gradBias, const THNNGeometry *geometry, const int64_t *adjust,
                                                       double scale);

/* --- Im2Col: N x C x H x W to N x (C * kH * kW) x windows; Col2Im adds such columns up to images of `size` (H, W) -- */
/* The batch dimension may be missing. Each is the gradient of the other. */
TH_API THStatus THNN_Im2Col_updateOutput(const THTensor *input, THTensor *output, const int64_t kernel[2],
                                         const int64_t dilation[2], const int64_t pad[2], const int64_t stride[2]);
TH_API THStatus THNN_Col2Im_updateOutput(const THTensor *input, THTensor *output, const int64_t size[2],
                                         const int64_t kernel[2], const int64_t dilation[2], const int64_t pad[2],
                                         const int64_t stride[2]);

/* --- SpatialConvolutionMM: a Convolution of images, its arguments one by one --------------------------------------- */
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

/* --- poolings of N x C x spatial or C x spatial; dims: spatial dimensions, 1 to 3 ---------------------------------- */

/* indices (int64): position of each maximum in its plane; the first of equals. kernel, geometry: [dims], groups is not used.
 * ceil_mode: output sizes round up, but no window starts beyond input and padding. */
TH_API THStatus THNN_MaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                             const int64_t *kernel, const THNNGeometry *geometry, int ceil_mode);
/* For every pooling that tells indices. */
TH_API THStatus THNN_MaxPooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                const THTensor *indices, int dims);
/* The mean of what a window covers: with its padding if count_include_pad, never of what lies behind the padding. */
TH_API THStatus THNN_AveragePooling_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *kernel,
                                                 const THNNGeometry *geometry, int ceil_mode, int count_include_pad);
TH_API THStatus THNN_AveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                    int dims, const int64_t *kernel, const THNNGeometry *geometry,
                                                    int ceil_mode, int count_include_pad);
/* Output o of `size` sees [floor(o * in / size), ceil((o + 1) * in / size)). */
TH_API THStatus THNN_AdaptiveMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                                     const int64_t *size);
TH_API THStatus THNN_AdaptiveAveragePooling_updateOutput(const THTensor *input, THTensor *output, int dims,
                                                         const int64_t *size);
TH_API THStatus THNN_AdaptiveAveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput,
                                                            THTensor *gradInput, int dims);
/* Windows of `kernel` at random places (Graham, 2014). randomSamples: `dims` numbers in [0, 1) for each plane, the width's
 * first. */
TH_API THStatus THNN_FractionalMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int dims,
                                                       const int64_t *size, const int64_t *kernel,
                                                       const THTensor *randomSamples);
/* Elements to their indices in planes of `size`, zeros elsewhere. */
TH_API THStatus THNN_MaxUnpooling_updateOutput(const THTensor *input, THTensor *output, const THTensor *indices, int dims,
                                               const int64_t *size);
TH_API THStatus THNN_MaxUnpooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                  const THTensor *indices, int dims, const int64_t *size);

/* The same of images, with arguments one by one. */
TH_API THStatus THNN_SpatialMaxPooling_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int64_t kH,
                                                    int64_t kW, int64_t dH, int64_t dW, int64_t padH, int64_t padW,
                                                    int64_t dilationH, int64_t dilationW, int ceil_mode);
TH_API THStatus THNN_SpatialMaxPooling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                       const THTensor *indices);
TH_API THStatus THNN_SpatialAveragePooling_updateOutput(const THTensor *input, THTensor *output, int64_t kH, int64_t kW,
                                                        int64_t dH, int64_t dW, int64_t padH, int64_t padW, int ceil_mode,
                                                        int count_include_pad);
TH_API THStatus THNN_SpatialAveragePooling_updateGradInput(const THTensor *input, const THTensor *gradOutput,
                                                           THTensor *gradInput, int64_t kH, int64_t kW, int64_t dH, int64_t dW,
                                                           int64_t padH, int64_t padW, int ceil_mode, int count_include_pad);

/* --- Padding and UpSampling of N x C x spatial or C x spatial: output positions are weighted sums of input positions */

typedef enum THNNResampling {
    THNNResampling_REFLECT,   /* padding: the border is a mirror, and not repeated */
    THNNResampling_REPLICATE, /* padding: the border goes on */
    THNNResampling_NEAREST,
    THNNResampling_LINEAR,
    THNNResampling_CUBIC, /* Keys, 1981, with a = -3/4 */
} THNNResampling;

/* pad: before and after for each spatial dimension, in the order of the input's; negative: crops. REFLECT or REPLICATE. */
TH_API THStatus THNN_Padding_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *pad,
                                          THNNResampling mode);
TH_API THStatus THNN_Padding_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, int dims,
                                             const int64_t *pad, THNNResampling mode);
/* size: [dims], of the output. align_corners: the middles of the first and last elements stay where they are, else the edges
 * do (LINEAR and CUBIC). */
TH_API THStatus THNN_UpSampling_updateOutput(const THTensor *input, THTensor *output, int dims, const int64_t *size,
                                             THNNResampling mode, int align_corners);
TH_API THStatus THNN_UpSampling_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                                int dims, THNNResampling mode, int align_corners);

/* --- GridSampler: N x C x spatial (2 or 3), sampled linearly at grid, N x output's spatial x dims ------------------ */
/* The grid's numbers stand width first and go from -1, the middle of the first element, to 1, that of the last. border: places
 * outside count as the nearest inside, else as zeros. */
TH_API THStatus THNN_GridSampler_updateOutput(const THTensor *input, const THTensor *grid, THTensor *output, int border);
TH_API THStatus THNN_GridSampler_updateGradInput(const THTensor *input, const THTensor *grid, const THTensor *gradOutput,
                                                 THTensor *gradInput, THTensor *gradGrid, int border);

/* --- Linear: output = input weight' + bias; input N x in or in, weight out x in, bias out or NULL ------------------------- */
TH_API THStatus THNN_Linear_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias);
TH_API THStatus THNN_Linear_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                            const THTensor *weight);
/* Adds to gradWeight and gradBias (or NULL). */
TH_API THStatus THNN_Linear_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                              THTensor *gradBias, double scale);

/* --- LookupTable: rows of weight (rows x width) at the indices `input` (int64, any shape) -------------------------- */
/* Adds gradOutput (the shape of input x width) to the rows; not to row `padding` (-1: none). scale_by_frequency: over the
 * number of uses of each row. */
TH_API THStatus THNN_LookupTable_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                                   int scale_by_frequency, int64_t padding, double scale);
/* Scales the rows at `input` whose norm is above max_norm down to it. */
TH_API THStatus THNN_LookupTable_renorm(const THTensor *input, THTensor *weight, double max_norm, double norm_type);

/* --- LSTMFused, GRUFused: a step of a recurrent cell after its matrix products; N samples of H elements ------------------ */
/* input, hidden: N x 4H, the gates i, f, g, o of both products; hidden, bias1, bias2 (4H): or NULL. cy = f cx + i g,
 * hy = o tanh(cy). storage receives the activated gates: the backward pass needs them. */
TH_API THStatus THNN_LSTMFused_updateOutput(const THTensor *input, const THTensor *hidden, const THTensor *bias1,
                                            const THTensor *bias2, const THTensor *cx, THTensor *hy, THTensor *cy,
                                            THTensor *storage);
/* gradHy, gradCy: or NULL. gradGates: of input, hidden and biases alike. */
TH_API THStatus THNN_LSTMFused_updateGradInput(const THTensor *storage, THTensor *gradGates, const THTensor *cx,
                                               const THTensor *cy, const THTensor *gradHy, const THTensor *gradCy,
                                               THTensor *gradCx);
/* input, hidden: N x 3H, the gates r, z, n; bias1, bias2 (3H): or NULL. n = tanh(input + r hidden), hy = n + z (hx - n).
 * storage, N x 5H: for the backward pass. */
TH_API THStatus THNN_GRUFused_updateOutput(const THTensor *input, const THTensor *hidden, const THTensor *bias1,
                                           const THTensor *bias2, const THTensor *hx, THTensor *hy, THTensor *storage);
TH_API THStatus THNN_GRUFused_updateGradInput(THTensor *gradInput, THTensor *gradHidden, const THTensor *gradHy,
                                              THTensor *gradHx, const THTensor *storage);

/* --- LSTMSequence, GRUSequence: all steps of one direction of a layer; T steps of N samples of H elements ------- */
/* gates: T x N x 4H, what the input and all biases give to the gates i, f, g, o; weight: 4H x H, of the state before; hx, cx:
 * N x H. reverse: the last step runs first. output, cells: T x N x H, the states after each step. storage, T x N x 4H: for the
 * backward pass. */
TH_API THStatus THNN_LSTMSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *hx,
                                               const THTensor *cx, int reverse, THTensor *output, THTensor *cells,
                                               THTensor *storage);
/* gradOutput, gradCells: or NULL. All gradients are written, not added. */
TH_API THStatus THNN_LSTMSequence_backward(const THTensor *gradOutput, const THTensor *gradCells, const THTensor *weight,
                                           const THTensor *hx, const THTensor *cx, int reverse, const THTensor *output,
                                           const THTensor *cells, const THTensor *storage, THTensor *gradGates,
                                           THTensor *gradWeight, THTensor *gradHx, THTensor *gradCx);
/* gates: T x N x 3H, what the input gives to the gates r, z, n; weight: 3H x H; bias (3H) of its product, or NULL. storage:
 * T x N x 5H. */
TH_API THStatus THNN_GRUSequence_updateOutput(const THTensor *gates, const THTensor *weight, const THTensor *bias,
                                              const THTensor *hx, int reverse, THTensor *output, THTensor *storage);
/* gradHidden, T x N x 3H: of the products of weight and state before, whose sum is the bias's. All are written. */
TH_API THStatus THNN_GRUSequence_backward(const THTensor *gradOutput, const THTensor *weight, const THTensor *hx, int reverse,
                                          const THTensor *output, const THTensor *storage, THTensor *gradGates,
                                          THTensor *gradHidden, THTensor *gradWeight, THTensor *gradHx);

/* --- LSTMPackedSequence, GRUPackedSequence, RNNPackedSequence: the same where steps differ in the number of samples ---- */
/* Step t has the first sizes[t] samples; sizes do not grow, sizes[0] is hx's N. All rows of step 0 come first, then those of
 * step 1, and so on: R x ... where the dense functions have T x N x .... The last state of sample i is its row at its last
 * step, or with `reverse` at step 0. */
TH_API THStatus THNN_LSTMPackedSequence_updateOutput(const THTensor *gates, int steps, const int64_t *sizes,
                                                     const THTensor *weight, const THTensor *hx, const THTensor *cx,
                                                     int reverse, THTensor *output, THTensor *cells, THTensor *storage);
TH_API THStatus THNN_LSTMPackedSequence_backward(const THTensor *gradOutput, const THTensor *gradCells, int steps,
                                                 const int64_t *sizes, const THTensor *weight, const THTensor *hx,
                                                 const THTensor *cx, int reverse, const THTensor *output, const THTensor *cells,
                                                 const THTensor *storage, THTensor *gradGates, THTensor *gradWeight,
                                                 THTensor *gradHx, THTensor *gradCx);
TH_API THStatus THNN_GRUPackedSequence_updateOutput(const THTensor *gates, int steps, const int64_t *sizes,
                                                    const THTensor *weight, const THTensor *bias, const THTensor *hx,
                                                    int reverse, THTensor *output, THTensor *storage);
TH_API THStatus THNN_GRUPackedSequence_backward(const THTensor *gradOutput, int steps, const int64_t *sizes,
                                                const THTensor *weight, const THTensor *hx, int reverse, const THTensor *output,
                                                const THTensor *storage, THTensor *gradGates, THTensor *gradHidden,
                                                THTensor *gradWeight, THTensor *gradHx);
/* h' = tanh(gates + weight h), or with `relu` what of it is above 0. gates: R x H, what the input and all biases give; weight:
 * H x H. */
TH_API THStatus THNN_RNNPackedSequence_updateOutput(const THTensor *gates, int steps, const int64_t *sizes,
                                                    const THTensor *weight, const THTensor *hx, int relu, int reverse,
                                                    THTensor *output);
TH_API THStatus THNN_RNNPackedSequence_backward(const THTensor *gradOutput, int steps, const int64_t *sizes,
                                                const THTensor *weight, const THTensor *hx, int relu, int reverse,
                                                const THTensor *output, THTensor *gradGates, THTensor *gradWeight,
                                                THTensor *gradHx);

/* --- Torch's typed names: THNN_FloatThreshold_updateOutput(state, ...). See THNN/generic/THNN.h. ------------------- */

typedef void THNNState; /* never read; pass NULL */

#define THNN_REAL Float
#include "THNN/generic/THNN.h"
#undef THNN_REAL
#define THNN_REAL Double
#include "THNN/generic/THNN.h"
#undef THNN_REAL

TH_END_DECLS

#endif
