/* Torch's classic layers on images that are convolutions in disguise. The batch dimension may be missing. */
#ifndef THNN_CLASSIC_SPATIAL_H
#define THNN_CLASSIC_SPATIAL_H

#include "ops/THNNCall.h"

/* Windows of each channel, added up, times weight, plus bias (one number a channel): a convolution of each channel by itself
 * with equal taps. */
typedef struct THNNSubSampling {
    const char *op;
    int dims; /* 1 or 2 */
    int64_t kernel[2];
    int64_t stride[2];
} THNNSubSampling;

THStatus THNNSubSampling_updateOutput(const THNNSubSampling *self, const THTensor *input, THTensor *output,
                                      const THTensor *weight, const THTensor *bias);
THStatus THNNSubSampling_updateGradInput(const THNNSubSampling *self, const THTensor *input, const THTensor *gradOutput,
                                         THTensor *gradInput, const THTensor *weight);
THStatus THNNSubSampling_accGradParameters(const THNNSubSampling *self, const THTensor *input, const THTensor *gradOutput,
                                           THTensor *gradWeight, THTensor *gradBias, double scale);

/* A convolution (or a full one) whose filters connect only the pairs of planes in connTable, connections x 2 of (input, output)
 * as floating numbers; weight: connections x kH x kW. */
typedef struct THNNMap {
    const char *op;
    bool full;
    int64_t inputs;
    int64_t outputs;
    int64_t stride[2];
} THNNMap;

THStatus THNNMap_updateOutput(const THNNMap *self, const THTensor *input, THTensor *output, const THTensor *weight,
                              const THTensor *bias, const THTensor *connTable);
THStatus THNNMap_updateGradInput(const THNNMap *self, const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                 const THTensor *weight, const THTensor *connTable);
THStatus THNNMap_accGradParameters(const THNNMap *self, const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                   THTensor *gradBias, const THTensor *connTable, double scale);

#endif
