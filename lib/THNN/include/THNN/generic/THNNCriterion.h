/* Torch's typed names of the losses. A template, included by THNN/generic/THNN.h. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else
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

TH_API THStatus THNN_(AbsCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                 bool sizeAverage, bool reduce);
TH_API THStatus THNN_(AbsCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                                    THTensor *gradInput, bool sizeAverage, bool reduce);
TH_API THStatus THNN_(DistKLDivCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                       bool sizeAverage, bool reduce);
TH_API THStatus THNN_(DistKLDivCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                          THTensor *gradOutput, THTensor *gradInput, bool sizeAverage,
                                                          bool reduce);
TH_API THStatus THNN_(SmoothL1Criterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                      bool sizeAverage, bool reduce);
TH_API THStatus THNN_(SmoothL1Criterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                         THTensor *gradOutput, THTensor *gradInput, bool sizeAverage,
                                                         bool reduce);
TH_API THStatus THNN_(SoftMarginCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                        bool sizeAverage, bool reduce);
TH_API THStatus THNN_(SoftMarginCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                           THTensor *gradOutput, THTensor *gradInput, bool sizeAverage,
                                                           bool reduce);
TH_API THStatus THNN_(L1Cost_updateOutput)(THNNState *state, THTensor *input, THTensor *output);
TH_API THStatus THNN_(L1Cost_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput);
TH_API THStatus THNN_(MarginCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                    bool sizeAverage, double margin);
TH_API THStatus THNN_(MarginCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                       THTensor *gradOutput, THTensor *gradInput, bool sizeAverage,
                                                       double margin);
TH_API THStatus THNN_(MultiLabelMarginCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target,
                                                              THTensor *output, THTensor *isTarget, bool sizeAverage,
                                                              bool reduce);
TH_API THStatus THNN_(MultiLabelMarginCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                                 THTensor *gradOutput, THTensor *gradInput, THTensor *isTarget,
                                                                 bool sizeAverage, bool reduce);
TH_API THStatus THNN_(MultiMarginCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                         bool sizeAverage, int p, THTensor *weights, double margin,
                                                         bool reduce);
TH_API THStatus THNN_(MultiMarginCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                            THTensor *gradOutput, THTensor *gradInput, bool sizeAverage, int p,
                                                            THTensor *weights, double margin, bool reduce);
TH_API THStatus THNN_(SpatialClassNLLCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target,
                                                             THTensor *output, bool sizeAverage, THTensor *weights,
                                                             THTensor *total_weight, int64_t ignore_index, bool reduce);
TH_API THStatus THNN_(SpatialClassNLLCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                                THTensor *gradOutput, THTensor *gradInput, bool sizeAverage,
                                                                THTensor *weights, THTensor *total_weight, int64_t ignore_index,
                                                                bool reduce);
TH_API THStatus THNN_(BCECriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                 bool sizeAverage, THTensor *weights, bool reduce);
TH_API THStatus THNN_(BCECriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                                    THTensor *gradInput, bool sizeAverage, THTensor *weights, bool reduce);
#endif
