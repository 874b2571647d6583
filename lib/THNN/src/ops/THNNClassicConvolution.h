/* Torch's classic convolutions on those of THNN: the batch dimension may be missing, weights may be matrices, the kernel's size
 * is an argument as well. For the typed names. */
#ifndef THNN_CLASSIC_CONVOLUTION_H
#define THNN_CLASSIC_CONVOLUTION_H

#include "ops/THNNCall.h"

typedef struct THNNClassic {
    const char *op;
    THDtype dtype;                    /* of the typed name */
    int dims;                         /* 2 or 3 */
    bool full;                        /* a FullConvolution */
    int64_t kernel[THNN_SPATIAL_MAX]; /* 0: whatever the weight says */
    THNNGeometry geometry;
    int64_t adjust[THNN_SPATIAL_MAX];
} THNNClassic;

THStatus THNNClassic_updateOutput(const THNNClassic *self, THTensor *input, THTensor *output, THTensor *weight,
                                  const THTensor *bias);
THStatus THNNClassic_updateGradInput(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                     THTensor *weight);
THStatus THNNClassic_accGradParameters(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                       THTensor *gradBias, double scale);

/* SpatialDepthWiseConvolution: weight M x C x kH x kW and bias M x C; output channel c * M + m is weight[m][c] on channel c. */
THStatus THNNDepthWise_updateOutput(const THNNClassic *self, THTensor *input, THTensor *output, THTensor *weight,
                                    const THTensor *bias);
THStatus THNNDepthWise_updateGradInput(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                       THTensor *weight);
THStatus THNNDepthWise_accGradParameters(const THNNClassic *self, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                         THTensor *gradBias, double scale);

/* TemporalConvolution: input N x T x in or T x in; weight out x (kW * in). */
THStatus THNNTemporal_updateOutput(THDtype dtype, THTensor *input, THTensor *output, THTensor *weight, const THTensor *bias,
                                   int64_t kernel, int64_t stride);
THStatus THNNTemporal_updateGradInput(THDtype dtype, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                      THTensor *weight, int64_t kernel, int64_t stride);
THStatus THNNTemporal_accGradParameters(THDtype dtype, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                        THTensor *gradBias, int64_t kernel, int64_t stride, double scale);

#endif
