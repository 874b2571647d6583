/* The bodies of Torch's typed names of the losses. A template, included by typed/THNNTyped.h. */

/* What is left of BCECriterion with weights: output *= weights, then the reduction. */
static THStatus reduceWeighted(THTensor *output, const THTensor *weights, THNNReduction reduction)
{
    TH_TRY(THTensor_cmul(output, output, weights));
    if (reduction == THNNReduction_NONE) return TH_OK;
    THTensor *losses = THTensor_newClone(output);
    if (losses == NULL) return THStatus_last();
    const THStatus status =
        reduction == THNNReduction_MEAN ? THTensor_meanall(output, losses) : THTensor_sumall(output, losses);
    THTensor_free(losses);
    return status;
}

THStatus THNN_(ClassNLLCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                               bool sizeAverage, THTensor *weights, THTensor *total_weight,
                                               int64_t ignore_index, bool reduce)
{
    (void)state;
    CHECK_INPUT("ClassNLLCriterion");
    return THNN_ClassNLLCriterion_updateOutput(input, target, output, reductionOf(sizeAverage, reduce), weights, total_weight,
                                               ignore_index);
}

THStatus THNN_(ClassNLLCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                                  THTensor *gradInput, bool sizeAverage, THTensor *weights,
                                                  THTensor *total_weight, int64_t ignore_index, bool reduce)
{
    (void)state;
    CHECK_INPUT("ClassNLLCriterion");
    return THNN_ClassNLLCriterion_updateGradInput(input, target, gradOutput, gradInput, reductionOf(sizeAverage, reduce),
                                                  weights, total_weight, ignore_index);
}

THStatus THNN_(MSECriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                          bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("MSECriterion");
    return THNN_MSECriterion_updateOutput(input, target, output, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(MSECriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                             THTensor *gradInput, bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("MSECriterion");
    return THNN_MSECriterion_updateGradInput(input, target, gradOutput, gradInput, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(AbsCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                          bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("AbsCriterion");
    return THNN_AbsCriterion_updateOutput(input, target, output, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(AbsCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                             THTensor *gradInput, bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("AbsCriterion");
    return THNN_AbsCriterion_updateGradInput(input, target, gradOutput, gradInput, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(DistKLDivCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("DistKLDivCriterion");
    return THNN_DistKLDivCriterion_updateOutput(input, target, output, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(DistKLDivCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                                   THTensor *gradInput, bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("DistKLDivCriterion");
    return THNN_DistKLDivCriterion_updateGradInput(input, target, gradOutput, gradInput, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(SmoothL1Criterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                               bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("SmoothL1Criterion");
    return THNN_SmoothL1Criterion_updateOutput(input, target, output, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(SmoothL1Criterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                                  THTensor *gradInput, bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("SmoothL1Criterion");
    return THNN_SmoothL1Criterion_updateGradInput(input, target, gradOutput, gradInput, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(SoftMarginCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                 bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("SoftMarginCriterion");
    return THNN_SoftMarginCriterion_updateOutput(input, target, output, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(SoftMarginCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                                    THTensor *gradInput, bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("SoftMarginCriterion");
    return THNN_SoftMarginCriterion_updateGradInput(input, target, gradOutput, gradInput, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(L1Cost_updateOutput)(THNNState *state, THTensor *input, THTensor *output)
{
    (void)state;
    CHECK_INPUT("L1Cost");
    return THNN_L1Cost_updateOutput(input, output);
}

THStatus THNN_(L1Cost_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput)
{
    (void)state;
    CHECK_INPUT("L1Cost");
    return THNN_L1Cost_updateGradInput(input, gradOutput, gradInput);
}

THStatus THNN_(MarginCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                             bool sizeAverage, double margin)
{
    (void)state;
    CHECK_INPUT("MarginCriterion");
    return THNN_MarginCriterion_updateOutput(input, target, output, reductionOf(sizeAverage, true), margin);
}

THStatus THNN_(MarginCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                                THTensor *gradInput, bool sizeAverage, double margin)
{
    (void)state;
    CHECK_INPUT("MarginCriterion");
    return THNN_MarginCriterion_updateGradInput(input, target, gradOutput, gradInput, reductionOf(sizeAverage, true), margin);
}

THStatus THNN_(MultiLabelMarginCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                       THTensor *isTarget, bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("MultiLabelMarginCriterion");
    return THNN_MultiLabelMarginCriterion_updateOutput(input, target, output, isTarget, reductionOf(sizeAverage, reduce));
}

THStatus THNN_(MultiLabelMarginCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                          THTensor *gradOutput, THTensor *gradInput, THTensor *isTarget,
                                                          bool sizeAverage, bool reduce)
{
    (void)state;
    CHECK_INPUT("MultiLabelMarginCriterion");
    return THNN_MultiLabelMarginCriterion_updateGradInput(input, target, gradOutput, gradInput, isTarget,
                                                          reductionOf(sizeAverage, reduce));
}

THStatus THNN_(MultiMarginCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                  bool sizeAverage, int p, THTensor *weights, double margin, bool reduce)
{
    (void)state;
    CHECK_INPUT("MultiMarginCriterion");
    return THNN_MultiMarginCriterion_updateOutput(input, target, output, reductionOf(sizeAverage, reduce), p, weights, margin);
}

THStatus THNN_(MultiMarginCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                                     THTensor *gradInput, bool sizeAverage, int p, THTensor *weights,
                                                     double margin, bool reduce)
{
    (void)state;
    CHECK_INPUT("MultiMarginCriterion");
    return THNN_MultiMarginCriterion_updateGradInput(input, target, gradOutput, gradInput, reductionOf(sizeAverage, reduce), p,
                                                     weights, margin);
}

THStatus THNN_(SpatialClassNLLCriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                                      bool sizeAverage, THTensor *weights, THTensor *total_weight,
                                                      int64_t ignore_index, bool reduce)
{
    TH_GIVEN("SpatialClassNLLCriterion", input, target, output, total_weight);
    return THNN_(ClassNLLCriterion_updateOutput)(state, input, target, output, sizeAverage, weights, total_weight, ignore_index,
                                                 reduce);
}

THStatus THNN_(SpatialClassNLLCriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target,
                                                         THTensor *gradOutput, THTensor *gradInput, bool sizeAverage,
                                                         THTensor *weights, THTensor *total_weight, int64_t ignore_index,
                                                         bool reduce)
{
    TH_GIVEN("SpatialClassNLLCriterion", input, target, gradOutput, gradInput, total_weight);
    return THNN_(ClassNLLCriterion_updateGradInput)(state, input, target, gradOutput, gradInput, sizeAverage, weights,
                                                    total_weight, ignore_index, reduce);
}

THStatus THNN_(BCECriterion_updateOutput)(THNNState *state, THTensor *input, THTensor *target, THTensor *output,
                                          bool sizeAverage, THTensor *weights, bool reduce)
{
    (void)state;
    TH_GIVEN("BCECriterion", input, target, output);
    CHECK_INPUT("BCECriterion");
    const THNNReduction reduction = reductionOf(sizeAverage, reduce);
    TH_TRY(THNN_BCECriterion_updateOutput(input, target, output, weights == NULL ? reduction : THNNReduction_NONE));
    return weights == NULL ? TH_OK : reduceWeighted(output, weights, reduction);
}

THStatus THNN_(BCECriterion_updateGradInput)(THNNState *state, THTensor *input, THTensor *target, THTensor *gradOutput,
                                             THTensor *gradInput, bool sizeAverage, THTensor *weights, bool reduce)
{
    (void)state;
    TH_GIVEN("BCECriterion", input, target, gradOutput, gradInput);
    CHECK_INPUT("BCECriterion");
    TH_TRY(THNN_BCECriterion_updateGradInput(input, target, gradOutput, gradInput, reductionOf(sizeAverage, reduce)));
    return weights == NULL ? TH_OK : THTensor_cmul(gradInput, gradInput, weights);
}
