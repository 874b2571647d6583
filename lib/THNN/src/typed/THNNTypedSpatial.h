/* The bodies of Torch's typed names of the layers on images. A template, included by typed/THNNTyped.h. */

THStatus THNN_(SpatialConvolutionMM_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                  THTensor *bias, THTensor *finput, THTensor *fgradInput, int kW, int kH,
                                                  int dW, int dH, int padW, int padH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("SpatialConvolutionMM", input, output, weight);
    const THNNClassic call = imageCall("SpatialConvolutionMM", kW, kH, dW, dH, padW, padH);
    return THNNClassic_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(SpatialConvolutionMM_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                     THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                     THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW, int padH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("SpatialConvolutionMM", input, gradOutput, gradInput, weight);
    const THNNClassic call = imageCall("SpatialConvolutionMM", kW, kH, dW, dH, padW, padH);
    return THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(SpatialConvolutionMM_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                       THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                       THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW, int padH,
                                                       double scale)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("SpatialConvolutionMM", input, gradOutput, gradWeight);
    const THNNClassic call = imageCall("SpatialConvolutionMM", kW, kH, dW, dH, padW, padH);
    return THNNClassic_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(SpatialDilatedConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                       THTensor *bias, THTensor *columns, THTensor *ones, int kW, int kH,
                                                       int dW, int dH, int padW, int padH, int dilationW, int dilationH)
{
    (void)state, (void)columns, (void)ones;
    TH_GIVEN("SpatialDilatedConvolution", input, output, weight);
    const THNNClassic call =
        dilated(imageCall("SpatialDilatedConvolution", kW, kH, dW, dH, padW, padH), (const int64_t[]){dilationH, dilationW});
    return THNNClassic_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(SpatialDilatedConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradInput, THTensor *weight, THTensor *columns, int kW,
                                                          int kH, int dW, int dH, int padW, int padH, int dilationW,
                                                          int dilationH)
{
    (void)state, (void)columns;
    TH_GIVEN("SpatialDilatedConvolution", input, gradOutput, gradInput, weight);
    const THNNClassic call =
        dilated(imageCall("SpatialDilatedConvolution", kW, kH, dW, dH, padW, padH), (const int64_t[]){dilationH, dilationW});
    return THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(SpatialDilatedConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradWeight, THTensor *gradBias, THTensor *columns,
                                                            THTensor *ones, int kW, int kH, int dW, int dH, int padW, int padH,
                                                            int dilationW, int dilationH, double scale)
{
    (void)state, (void)columns, (void)ones;
    TH_GIVEN("SpatialDilatedConvolution", input, gradOutput, gradWeight);
    const THNNClassic call =
        dilated(imageCall("SpatialDilatedConvolution", kW, kH, dW, dH, padW, padH), (const int64_t[]){dilationH, dilationW});
    return THNNClassic_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(SpatialDepthWiseConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                         THTensor *bias, THTensor *finput, THTensor *fgradInput, int kW, int kH,
                                                         int dW, int dH, int padW, int padH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("SpatialDepthWiseConvolution", input, output, weight);
    const THNNClassic call = imageCall("SpatialDepthWiseConvolution", kW, kH, dW, dH, padW, padH);
    return THNNDepthWise_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(SpatialDepthWiseConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                            THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                            int padH)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("SpatialDepthWiseConvolution", input, gradOutput, gradInput, weight);
    const THNNClassic call = imageCall("SpatialDepthWiseConvolution", kW, kH, dW, dH, padW, padH);
    return THNNDepthWise_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(SpatialDepthWiseConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                              THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                              THTensor *fgradInput, int kW, int kH, int dW, int dH, int padW,
                                                              int padH, double scale)
{
    (void)state, (void)finput, (void)fgradInput;
    TH_GIVEN("SpatialDepthWiseConvolution", input, gradOutput, gradWeight);
    const THNNClassic call = imageCall("SpatialDepthWiseConvolution", kW, kH, dW, dH, padW, padH);
    return THNNDepthWise_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(SpatialFullConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                    THTensor *bias, THTensor *columns, THTensor *ones, int kW, int kH, int dW,
                                                    int dH, int padW, int padH, int adjW, int adjH)
{
    (void)state, (void)columns, (void)ones;
    TH_GIVEN("SpatialFullConvolution", input, output, weight);
    const THNNClassic call =
        full(imageCall("SpatialFullConvolution", kW, kH, dW, dH, padW, padH), (const int64_t[]){adjH, adjW});
    return THNNClassic_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(SpatialFullConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                       THTensor *gradInput, THTensor *weight, THTensor *gradColumns, int kW,
                                                       int kH, int dW, int dH, int padW, int padH, int adjW, int adjH)
{
    (void)state, (void)gradColumns;
    TH_GIVEN("SpatialFullConvolution", input, gradOutput, gradInput, weight);
    const THNNClassic call =
        full(imageCall("SpatialFullConvolution", kW, kH, dW, dH, padW, padH), (const int64_t[]){adjH, adjW});
    return THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(SpatialFullConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                         THTensor *gradWeight, THTensor *gradBias, THTensor *columns,
                                                         THTensor *ones, int kW, int kH, int dW, int dH, int padW, int padH,
                                                         int adjW, int adjH, double scale)
{
    (void)state, (void)columns, (void)ones;
    TH_GIVEN("SpatialFullConvolution", input, gradOutput, gradWeight);
    const THNNClassic call =
        full(imageCall("SpatialFullConvolution", kW, kH, dW, dH, padW, padH), (const int64_t[]){adjH, adjW});
    return THNNClassic_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(SpatialFullDilatedConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                           THTensor *weight, THTensor *bias, THTensor *columns, THTensor *ones,
                                                           int kW, int kH, int dW, int dH, int padW, int padH, int dilationW,
                                                           int dilationH, int adjW, int adjH)
{
    (void)state, (void)columns, (void)ones;
    TH_GIVEN("SpatialFullDilatedConvolution", input, output, weight);
    const THNNClassic call = full(dilated(imageCall("SpatialFullDilatedConvolution", kW, kH, dW, dH, padW, padH),
                                          (const int64_t[]){dilationH, dilationW}),
                                  (const int64_t[]){adjH, adjW});
    return THNNClassic_updateOutput(&call, input, output, weight, bias);
}

THStatus THNN_(SpatialFullDilatedConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                              THTensor *gradInput, THTensor *weight, THTensor *gradColumns,
                                                              int kW, int kH, int dW, int dH, int padW, int padH, int dilationW,
                                                              int dilationH, int adjW, int adjH)
{
    (void)state, (void)gradColumns;
    TH_GIVEN("SpatialFullDilatedConvolution", input, gradOutput, gradInput, weight);
    const THNNClassic call = full(dilated(imageCall("SpatialFullDilatedConvolution", kW, kH, dW, dH, padW, padH),
                                          (const int64_t[]){dilationH, dilationW}),
                                  (const int64_t[]){adjH, adjW});
    return THNNClassic_updateGradInput(&call, input, gradOutput, gradInput, weight);
}

THStatus THNN_(SpatialFullDilatedConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                THTensor *gradWeight, THTensor *gradBias, THTensor *columns,
                                                                THTensor *ones, int kW, int kH, int dW, int dH, int padW,
                                                                int padH, int dilationW, int dilationH, int adjW, int adjH,
                                                                double scale)
{
    (void)state, (void)columns, (void)ones;
    TH_GIVEN("SpatialFullDilatedConvolution", input, gradOutput, gradWeight);
    const THNNClassic call = full(dilated(imageCall("SpatialFullDilatedConvolution", kW, kH, dW, dH, padW, padH),
                                          (const int64_t[]){dilationH, dilationW}),
                                  (const int64_t[]){adjH, adjW});
    return THNNClassic_accGradParameters(&call, input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(Im2Col_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t kH, int64_t kW, int64_t dH,
                                    int64_t dW, int64_t padH, int64_t padW, int64_t sH, int64_t sW)
{
    (void)state;
    CHECK_INPUT("Im2Col");
    return THNN_Im2Col_updateOutput(input, output, (const int64_t[]){kH, kW}, (const int64_t[]){dH, dW},
                                    (const int64_t[]){padH, padW}, (const int64_t[]){sH, sW});
}

THStatus THNN_(Im2Col_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, int64_t inputHeight,
                                       int64_t inputWidth, int64_t kH, int64_t kW, int64_t dH, int64_t dW, int64_t padH,
                                       int64_t padW, int64_t sH, int64_t sW)
{
    (void)state;
    TH_TRY(THNN_checkTyped("Im2Col", "gradOutput", gradOutput, TYPED_DTYPE));
    return THNN_Col2Im_updateOutput(gradOutput, gradInput, (const int64_t[]){inputHeight, inputWidth},
                                    (const int64_t[]){kH, kW}, (const int64_t[]){dH, dW}, (const int64_t[]){padH, padW},
                                    (const int64_t[]){sH, sW});
}

THStatus THNN_(Col2Im_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t outputHeight,
                                    int64_t outputWidth, int64_t kH, int64_t kW, int64_t dH, int64_t dW, int64_t padH,
                                    int64_t padW, int64_t sH, int64_t sW)
{
    (void)state;
    CHECK_INPUT("Col2Im");
    return THNN_Col2Im_updateOutput(input, output, (const int64_t[]){outputHeight, outputWidth}, (const int64_t[]){kH, kW},
                                    (const int64_t[]){dH, dW}, (const int64_t[]){padH, padW}, (const int64_t[]){sH, sW});
}

THStatus THNN_(Col2Im_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, int64_t kH, int64_t kW,
                                       int64_t dH, int64_t dW, int64_t padH, int64_t padW, int64_t sH, int64_t sW)
{
    (void)state;
    TH_TRY(THNN_checkTyped("Col2Im", "gradOutput", gradOutput, TYPED_DTYPE));
    return THNN_Im2Col_updateOutput(gradOutput, gradInput, (const int64_t[]){kH, kW}, (const int64_t[]){dH, dW},
                                    (const int64_t[]){padH, padW}, (const int64_t[]){sH, sW});
}

/* The last five arguments repeat what the shapes say: they have to agree. */
THStatus THNN_(unfolded_copy)(THTensor *finput, THTensor *input, int kW, int kH, int dW, int dH, int padW, int padH,
                              int nInputPlane, int inputWidth, int inputHeight, int outputWidth, int outputHeight)
{
    TH_GIVEN("unfolded", input);
    const int64_t image[3] = {nInputPlane, inputHeight, inputWidth};
    const int64_t columns[3] = {(int64_t)nInputPlane * kH * kW, outputHeight, outputWidth};
    CHECK_INPUT("unfolded_copy");
    TH_TRY(THNN_checkShape("unfolded_copy", "input", input, 3, image));
    TH_TRY(THNN_Im2Col_updateOutput(input, finput, (const int64_t[]){kH, kW}, (const int64_t[]){1, 1},
                                    (const int64_t[]){padH, padW}, (const int64_t[]){dH, dW}));
    THTensor *view = THTensor_newView(finput, 3, columns);
    if (view == NULL) return THStatus_last();
    const THStatus status = THTensor_set(finput, view);
    THTensor_free(view);
    return status;
}

THStatus THNN_(unfolded_acc)(THTensor *finput, THTensor *input, int kW, int kH, int dW, int dH, int padW, int padH,
                             int nInputPlane, int inputWidth, int inputHeight, int outputWidth, int outputHeight)
{
    TH_GIVEN("unfolded", input);
    const int64_t image[3] = {nInputPlane, inputHeight, inputWidth};
    const int64_t columns[2] = {(int64_t)nInputPlane * kH * kW, (int64_t)outputHeight * outputWidth};
    CHECK_INPUT("unfolded_acc");
    TH_TRY(THNN_checkShape("unfolded_acc", "input", input, 3, image));
    THTensor *flat = THTensor_newReshape(finput, 2, columns);
    THTensor *sums = flat == NULL ? NULL : THTensor_new();
    THStatus status = sums == NULL ? THStatus_last() : TH_OK;
    if (status == TH_OK)
        status = THNN_Col2Im_updateOutput(flat, sums, image + 1, (const int64_t[]){kH, kW}, (const int64_t[]){1, 1},
                                          (const int64_t[]){padH, padW}, (const int64_t[]){dH, dW});
    if (status == TH_OK) status = THTensor_cadd(input, input, sums, THScalar_fromLong(1));
    THTensor_free(flat);
    THTensor_free(sums);
    return status;
}

THStatus THNN_(SpatialDilatedMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                      int kW, int kH, int dW, int dH, int padW, int padH, int dilationW,
                                                      int dilationH, bool ceil_mode)
{
    (void)state;
    CHECK_INPUT("MaxPooling");
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
    CHECK_INPUT("MaxPooling");
    return THNN_SpatialMaxPooling_updateGradInput(input, gradOutput, gradInput, indices);
}

THStatus THNN_(SpatialMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices, int kW,
                                               int kH, int dW, int dH, int padW, int padH, bool ceil_mode)
{
    TH_GIVEN("SpatialMaxPooling", input, output, indices);
    return THNN_(SpatialDilatedMaxPooling_updateOutput)(state, input, output, indices, kW, kH, dW, dH, padW, padH, 1, 1,
                                                        ceil_mode);
}

THStatus THNN_(SpatialMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                  THTensor *indices, int kW, int kH, int dW, int dH, int padW, int padH,
                                                  bool ceil_mode)
{
    TH_GIVEN("SpatialMaxPooling", input, gradOutput, gradInput, indices);
    return THNN_(SpatialDilatedMaxPooling_updateGradInput)(state, input, gradOutput, gradInput, indices, kW, kH, dW, dH, padW,
                                                           padH, 1, 1, ceil_mode);
}

THStatus THNN_(SpatialAveragePooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int kW, int kH, int dW,
                                                   int dH, int padW, int padH, bool ceil_mode, bool count_include_pad)
{
    (void)state;
    CHECK_INPUT("AveragePooling");
    return THNN_SpatialAveragePooling_updateOutput(input, output, kH, kW, dH, dW, padH, padW, ceil_mode, count_include_pad);
}

THStatus THNN_(SpatialAveragePooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                      THTensor *gradInput, int kW, int kH, int dW, int dH, int padW, int padH,
                                                      bool ceil_mode, bool count_include_pad)
{
    (void)state;
    CHECK_INPUT("AveragePooling");
    return THNN_SpatialAveragePooling_updateGradInput(input, gradOutput, gradInput, kH, kW, dH, dW, padH, padW, ceil_mode,
                                                      count_include_pad);
}

THStatus THNN_(SpatialAdaptiveMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                       int osizeW, int osizeH)
{
    (void)state;
    CHECK_INPUT("AdaptiveMaxPooling");
    return THNN_AdaptiveMaxPooling_updateOutput(input, output, indices, 2, (const int64_t[]){osizeH, osizeW});
}

THStatus THNN_(SpatialAdaptiveMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradInput, THTensor *indices)
{
    (void)state;
    CHECK_INPUT("AdaptiveMaxPooling");
    return THNN_MaxPooling_updateGradInput(input, gradOutput, gradInput, indices, 2);
}

THStatus THNN_(SpatialAdaptiveAveragePooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int osizeW,
                                                           int osizeH)
{
    (void)state;
    CHECK_INPUT("AdaptiveAveragePooling");
    return THNN_AdaptiveAveragePooling_updateOutput(input, output, 2, (const int64_t[]){osizeH, osizeW});
}

THStatus THNN_(SpatialAdaptiveAveragePooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                              THTensor *gradInput)
{
    (void)state;
    CHECK_INPUT("AdaptiveAveragePooling");
    return THNN_AdaptiveAveragePooling_updateGradInput(input, gradOutput, gradInput, 2);
}

THStatus THNN_(SpatialFractionalMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int outputW,
                                                         int outputH, int poolSizeW, int poolSizeH, THTensor *indices,
                                                         THTensor *randomSamples)
{
    (void)state;
    CHECK_INPUT("FractionalMaxPooling");
    return THNN_FractionalMaxPooling_updateOutput(input, output, indices, 2, (const int64_t[]){outputH, outputW},
                                                  (const int64_t[]){poolSizeH, poolSizeW}, randomSamples);
}

THStatus THNN_(SpatialFractionalMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradInput, int outputW, int outputH, int poolSizeW,
                                                            int poolSizeH, THTensor *indices)
{
    (void)state, (void)outputW, (void)outputH, (void)poolSizeW, (void)poolSizeH;
    CHECK_INPUT("FractionalMaxPooling");
    return THNN_MaxPooling_updateGradInput(input, gradOutput, gradInput, indices, 2);
}

THStatus THNN_(SpatialMaxUnpooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                 int owidth, int oheight)
{
    (void)state;
    CHECK_INPUT("MaxUnpooling");
    return THNN_MaxUnpooling_updateOutput(input, output, indices, 2, (const int64_t[]){oheight, owidth});
}

THStatus THNN_(SpatialMaxUnpooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                    THTensor *gradInput, THTensor *indices, int owidth, int oheight)
{
    (void)state;
    CHECK_INPUT("MaxUnpooling");
    return THNN_MaxUnpooling_updateGradInput(input, gradOutput, gradInput, indices, 2, (const int64_t[]){oheight, owidth});
}
