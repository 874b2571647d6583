/* Torch's typed names of paddings, interpolations and grid samplers. A template, included by THNN/generic/THNN.h. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else
TH_API THStatus THNN_(TemporalReflectionPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pad_l,
                                                              int pad_r);
TH_API THStatus THNN_(TemporalReflectionPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradInput, int pad_l, int pad_r);
TH_API THStatus THNN_(TemporalReplicationPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pad_l,
                                                               int pad_r);
TH_API THStatus THNN_(TemporalReplicationPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                  THTensor *gradInput, int pad_l, int pad_r);
TH_API THStatus THNN_(SpatialReflectionPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pad_l,
                                                             int pad_r, int pad_t, int pad_b);
TH_API THStatus THNN_(SpatialReflectionPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                THTensor *gradInput, int pad_l, int pad_r, int pad_t,
                                                                int pad_b);
TH_API THStatus THNN_(SpatialReplicationPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pad_l,
                                                              int pad_r, int pad_t, int pad_b);
TH_API THStatus THNN_(SpatialReplicationPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradInput, int pad_l, int pad_r, int pad_t,
                                                                 int pad_b);
TH_API THStatus THNN_(VolumetricReplicationPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pleft,
                                                                 int pright, int ptop, int pbottom, int pfront, int pback);
TH_API THStatus THNN_(VolumetricReplicationPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                    THTensor *gradInput, int pleft, int pright, int ptop,
                                                                    int pbottom, int pfront, int pback);

/* Each gradInput knows its size from input, or from the numbers before the output's. */
TH_API THStatus THNN_(TemporalUpSamplingNearest_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                              int scale_factor);
TH_API THStatus THNN_(TemporalUpSamplingNearest_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradInput, int scale_factor);
TH_API THStatus THNN_(SpatialUpSamplingNearest_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                             int scale_factor);
TH_API THStatus THNN_(SpatialUpSamplingNearest_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                THTensor *gradInput, int scale_factor);
TH_API THStatus THNN_(VolumetricUpSamplingNearest_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                int scale_factor);
TH_API THStatus THNN_(VolumetricUpSamplingNearest_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                   THTensor *gradInput, int scale_factor);
TH_API THStatus THNN_(TemporalUpSamplingLinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                             int outputWidth, bool align_corners);
TH_API THStatus THNN_(TemporalUpSamplingLinear_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput,
                                                                int nbatch, int nchannels, int inputWidth, int outputWidth,
                                                                bool align_corners);
TH_API THStatus THNN_(SpatialUpSamplingBilinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                              int outputHeight, int outputWidth, bool align_corners);
TH_API THStatus THNN_(SpatialUpSamplingBilinear_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput,
                                                                 int nbatch, int nchannels, int inputHeight, int inputWidth,
                                                                 int outputHeight, int outputWidth, bool align_corners);
TH_API THStatus THNN_(SpatialUpSamplingBicubic_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                             int outputHeight, int outputWidth, bool align_corners);
TH_API THStatus THNN_(SpatialUpSamplingBicubic_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput,
                                                                int nbatch, int nchannels, int inputHeight, int inputWidth,
                                                                int outputHeight, int outputWidth, bool align_corners);
TH_API THStatus THNN_(VolumetricUpSamplingTrilinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                  int outputDepth, int outputHeight, int outputWidth,
                                                                  bool align_corners);
TH_API THStatus THNN_(VolumetricUpSamplingTrilinear_updateGradInput)(THNNState *state, THTensor *gradOutput,
                                                                     THTensor *gradInput, int nbatch, int nchannels,
                                                                     int inputDepth, int inputHeight, int inputWidth,
                                                                     int outputDepth, int outputHeight, int outputWidth,
                                                                     bool align_corners);

/* padding_mode: 0 zeros, 1 border. */
TH_API THStatus THNN_(SpatialGridSamplerBilinear_updateOutput)(THNNState *state, THTensor *input, THTensor *grid,
                                                               THTensor *output, int padding_mode);
TH_API THStatus THNN_(SpatialGridSamplerBilinear_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradInput,
                                                                  THTensor *grid, THTensor *gradGrid, THTensor *gradOutput,
                                                                  int padding_mode);
TH_API THStatus THNN_(VolumetricGridSamplerBilinear_updateOutput)(THNNState *state, THTensor *input, THTensor *grid,
                                                                  THTensor *output, int padding_mode);
TH_API THStatus THNN_(VolumetricGridSamplerBilinear_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradInput,
                                                                     THTensor *grid, THTensor *gradGrid, THTensor *gradOutput,
                                                                     int padding_mode);
#endif
