/* SpatialConvolutionLocal, a convolution with weights of its own for each place; and FeatureLPPooling. */
#ifndef THNN_CLASSIC_LOCAL_H
#define THNN_CLASSIC_LOCAL_H

#include "ops/THNNCall.h"

typedef struct THNNLocal {
    int64_t kernel[2];
    int64_t stride[2];
    int64_t pad[2];
    int64_t input[2];  /* H, W */
    int64_t output[2]; /* oH, oW */
} THNNLocal;

/* input: N x C x H x W or C x H x W; weight: (oH * oW) x O x (C * kH * kW), or oH x oW x O x C x kH x kW; bias: O x oH x oW. */
THStatus THNNLocal_updateOutput(const THNNLocal *self, const THTensor *input, THTensor *output, const THTensor *weight,
                                const THTensor *bias);
THStatus THNNLocal_updateGradInput(const THNNLocal *self, const THTensor *input, const THTensor *gradOutput,
                                   THTensor *gradInput, const THTensor *weight);
THStatus THNNLocal_accGradParameters(const THNNLocal *self, const THTensor *input, const THTensor *gradOutput,
                                     THTensor *gradWeight, THTensor *gradBias, double scale);

/* (The sum of x^power over `width` features from each stride-th on)^(1/power); features are dimension 0, or 1 with a batch. */
typedef struct THNNFeatureLP {
    double power;
    int64_t width;
    int64_t stride;
    bool batch;
} THNNFeatureLP;

THStatus THNNFeatureLP_updateOutput(const THNNFeatureLP *self, const THTensor *input, THTensor *output);
THStatus THNNFeatureLP_updateGradInput(const THNNFeatureLP *self, const THTensor *gradOutput, const THTensor *input,
                                       const THTensor *output, THTensor *gradInput);

#endif
