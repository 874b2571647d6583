/* The bodies of Torch's typed names of the layers on images. A template, included by typed/THNNTyped.h. */

/* The weight as O x C x kH x kW: a new reference. Torch also takes it as O x (C * kH * kW). */
static THTensor *weightOf(THTensor *weight, const THTensor *input, int kW, int kH)
{
    if (weight->ndim != 2 || input->ndim != 4) {
        THTensor_retain(weight);
        return weight;
    }
    const int64_t shape[4] = {weight->size[0], input->size[1], kH, kW};
    return THTensor_newView(weight, 4, shape);
}

/* kW and kH repeat what the weight says: they have to agree. */
static THStatus checkKernel(const THTensor *weight, int kW, int kH)
{
    TH_FAIL_IF(weight->ndim == 4 && (weight->size[2] != kH || weight->size[3] != kW), TH_ERR_SHAPE,
               "[SpatialConvolutionMM] weight has a kernel of %lld x %lld, kH x kW is %d x %d", (long long)weight->size[2],
               (long long)weight->size[3], kH, kW);
    return TH_OK;
}

THStatus THNN_(SpatialConvolutionMM_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                  THTensor *bias, THTensor *finput, THTensor *fgradInput, int kW, int kH,
                                                  int dW, int dH, int padW, int padH)
{
    (void)state, (void)finput, (void)fgradInput;
    CHECK_INPUT("SpatialConvolutionMM");
    TH_TRY(checkKernel(weight, kW, kH));
    THTensor *w = weightOf(weight, input, kW, kH);
    if (w == NULL) return THStatus_last();
    const THStatus status = THNN_SpatialConvolutionMM_updateOutput(input, output, w, bias, dH, dW, padH, padW, 1, 1, 1);
    THTensor_free(w);
    return status;
}

THStatus THNN_(SpatialConvolutionMM_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                     THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                     THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW, int padH)
{
    (void)state, (void)finput, (void)fgradInput;
    CHECK_INPUT("SpatialConvolutionMM");
    TH_TRY(checkKernel(weight, kW, kH));
    THTensor *w = weightOf(weight, input, kW, kH);
    if (w == NULL) return THStatus_last();
    const THStatus status =
        THNN_SpatialConvolutionMM_updateGradInput(input, gradOutput, gradInput, w, dH, dW, padH, padW, 1, 1, 1);
    THTensor_free(w);
    return status;
}

THStatus THNN_(SpatialConvolutionMM_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                       THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                       THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW, int padH,
                                                       double scale)
{
    (void)state, (void)finput, (void)fgradInput;
    CHECK_INPUT("SpatialConvolutionMM");
    TH_TRY(checkKernel(gradWeight, kW, kH));
    THTensor *w = weightOf(gradWeight, input, kW, kH);
    if (w == NULL) return THStatus_last();
    const THStatus status =
        THNN_SpatialConvolutionMM_accGradParameters(input, gradOutput, w, gradBias, dH, dW, padH, padW, 1, 1, 1, scale);
    THTensor_free(w);
    return status;
}

THStatus THNN_(SpatialDilatedMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                      int kW, int kH, int dW, int dH, int padW, int padH, int dilationW,
                                                      int dilationH, bool ceil_mode)
{
    (void)state;
    CHECK_INPUT("SpatialMaxPooling");
    return THNN_SpatialMaxPooling_updateOutput(input, output, indices, kH, kW, dH, dW, padH, padW, dilationH, dilationW,
                                               ceil_mode);
}

THStatus THNN_(SpatialDilatedMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                         THTensor *gradInput, THTensor *indices, int kW, int kH, int dW, int dH,
                                                         int padW, int padH, int dilationW, int dilationH, bool ceil_mode)
{
    /* The indices say all. */
    (void)state, (void)kW, (void)kH, (void)dW, (void)dH, (void)padW, (void)padH, (void)dilationW, (void)dilationH;
    (void)ceil_mode;
    CHECK_INPUT("SpatialMaxPooling");
    return THNN_SpatialMaxPooling_updateGradInput(input, gradOutput, gradInput, indices);
}

THStatus THNN_(SpatialMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices, int kW,
                                               int kH, int dW, int dH, int padW, int padH, bool ceil_mode)
{
    return THNN_(SpatialDilatedMaxPooling_updateOutput)(state, input, output, indices, kW, kH, dW, dH, padW, padH, 1, 1,
                                                        ceil_mode);
}

THStatus THNN_(SpatialMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                  THTensor *indices, int kW, int kH, int dW, int dH, int padW, int padH,
                                                  bool ceil_mode)
{
    return THNN_(SpatialDilatedMaxPooling_updateGradInput)(state, input, gradOutput, gradInput, indices, kW, kH, dW, dH, padW,
                                                           padH, 1, 1, ceil_mode);
}

THStatus THNN_(SpatialAveragePooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int kW, int kH, int dW,
                                                   int dH, int padW, int padH, bool ceil_mode, bool count_include_pad)
{
    (void)state;
    CHECK_INPUT("SpatialAveragePooling");
    return THNN_SpatialAveragePooling_updateOutput(input, output, kH, kW, dH, dW, padH, padW, ceil_mode, count_include_pad);
}

THStatus THNN_(SpatialAveragePooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradInput, int kW, int kH, int dW, int dH, int padW, int padH,
                                                      bool ceil_mode, bool count_include_pad)
{
    (void)state;
    CHECK_INPUT("SpatialAveragePooling");
    return THNN_SpatialAveragePooling_updateGradInput(input, gradOutput, gradInput, kH, kW, dH, dW, padH, padW, ceil_mode,
                                                      count_include_pad);
}
