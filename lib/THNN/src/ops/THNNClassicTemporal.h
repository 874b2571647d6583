/* Torch's classic layers on sequences, of which the frames (channels) stand last: N x T x frame, or without N. */
#ifndef THNN_CLASSIC_TEMPORAL_H
#define THNN_CLASSIC_TEMPORAL_H

#include "ops/THNNCall.h"

/* indices: places in the sequence. */
THStatus THNNTemporalMax_updateOutput(const THTensor *input, THTensor *output, THTensor *indices, int64_t kernel,
                                      int64_t stride);
THStatus THNNTemporalMax_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                         const THTensor *indices);

/* A convolution of each channel by itself. feat_first: N x frame x T instead. weight: frame x 1 x kernel, or frame x kernel. */
typedef struct THNNRow {
    int64_t kernel;
    int64_t stride;
    int64_t pad;
    bool feat_first;
} THNNRow;

THStatus THNNTemporalRow_updateOutput(const THNNRow *row, const THTensor *input, THTensor *output, const THTensor *weight,
                                      const THTensor *bias);
THStatus THNNTemporalRow_updateGradInput(const THNNRow *row, const THTensor *input, const THTensor *gradOutput,
                                         THTensor *gradInput, const THTensor *weight);
THStatus THNNTemporalRow_accGradParameters(const THNNRow *row, const THTensor *input, const THTensor *gradOutput,
                                           THTensor *gradWeight, THTensor *gradBias, double scale);

/* Each channel's windows, added up, times weight, plus bias (one number a channel). */
THStatus THNNTemporalSub_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight, const THTensor *bias,
                                      int64_t kernel, int64_t stride);
THStatus THNNTemporalSub_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                         const THTensor *weight, int64_t kernel, int64_t stride);
THStatus THNNTemporalSub_accGradParameters(const THTensor *input, const THTensor *gradOutput, THTensor *gradWeight,
                                           THTensor *gradBias, int64_t kernel, int64_t stride, double scale);

#endif
