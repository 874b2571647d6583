/* The bodies of Torch's typed names of paddings, interpolations and grid samplers. A template, included by
 * typed/THNNTyped.h. */

/* The spatial sizes of `input`, times `factor`. */
static THStatus scaledSize(const THTensor *input, int dims, int factor, int64_t *size)
{
    TH_FAIL_IF(factor < 1, TH_ERR_VALUE, "[UpSampling] scale_factor is %d, expected at least 1", factor);
    TH_FAIL_IF(input->ndim < dims, TH_ERR_SHAPE, "[UpSampling] input has %d dimensions, expected %d", input->ndim, dims + 2);
    for (int d = 0; d < dims; d++) size[d] = input->size[input->ndim - dims + d] * factor;
    return TH_OK;
}

THStatus THNN_(TemporalReflectionPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pad_l,
                                                       int pad_r)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateOutput(input, output, 1, (const int64_t[]){pad_l, pad_r}, THNNResampling_REFLECT);
}

THStatus THNN_(TemporalReflectionPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradInput, int pad_l, int pad_r)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateGradInput(input, gradOutput, gradInput, 1, (const int64_t[]){pad_l, pad_r},
                                        THNNResampling_REFLECT);
}

THStatus THNN_(TemporalReplicationPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pad_l,
                                                        int pad_r)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateOutput(input, output, 1, (const int64_t[]){pad_l, pad_r}, THNNResampling_REPLICATE);
}

THStatus THNN_(TemporalReplicationPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                           THTensor *gradInput, int pad_l, int pad_r)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateGradInput(input, gradOutput, gradInput, 1, (const int64_t[]){pad_l, pad_r},
                                        THNNResampling_REPLICATE);
}

THStatus THNN_(SpatialReflectionPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pad_l, int pad_r,
                                                      int pad_t, int pad_b)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateOutput(input, output, 2, (const int64_t[]){pad_t, pad_b, pad_l, pad_r}, THNNResampling_REFLECT);
}

THStatus THNN_(SpatialReflectionPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                         THTensor *gradInput, int pad_l, int pad_r, int pad_t, int pad_b)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateGradInput(input, gradOutput, gradInput, 2, (const int64_t[]){pad_t, pad_b, pad_l, pad_r},
                                        THNNResampling_REFLECT);
}

THStatus THNN_(SpatialReplicationPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pad_l,
                                                       int pad_r, int pad_t, int pad_b)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateOutput(input, output, 2, (const int64_t[]){pad_t, pad_b, pad_l, pad_r}, THNNResampling_REPLICATE);
}

THStatus THNN_(SpatialReplicationPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradInput, int pad_l, int pad_r, int pad_t, int pad_b)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateGradInput(input, gradOutput, gradInput, 2, (const int64_t[]){pad_t, pad_b, pad_l, pad_r},
                                        THNNResampling_REPLICATE);
}

THStatus THNN_(VolumetricReplicationPadding_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int pleft,
                                                          int pright, int ptop, int pbottom, int pfront, int pback)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateOutput(input, output, 3, (const int64_t[]){pfront, pback, ptop, pbottom, pleft, pright},
                                     THNNResampling_REPLICATE);
}

THStatus THNN_(VolumetricReplicationPadding_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradInput, int pleft, int pright, int ptop, int pbottom,
                                                             int pfront, int pback)
{
    (void)state;
    CHECK_INPUT("Padding");
    return THNN_Padding_updateGradInput(input, gradOutput, gradInput, 3,
                                        (const int64_t[]){pfront, pback, ptop, pbottom, pleft, pright},
                                        THNNResampling_REPLICATE);
}

THStatus THNN_(TemporalUpSamplingNearest_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int scale_factor)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    int64_t size[1];
    TH_TRY(scaledSize(input, 1, scale_factor, size));
    return THNN_UpSampling_updateOutput(input, output, 1, size, THNNResampling_NEAREST, 0);
}

THStatus THNN_(TemporalUpSamplingNearest_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                          THTensor *gradInput, int scale_factor)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    int64_t size[1];
    TH_TRY(scaledSize(input, 1, scale_factor, size));
    return THNN_UpSampling_updateGradInput(input, gradOutput, gradInput, 1, THNNResampling_NEAREST, 0);
}

THStatus THNN_(SpatialUpSamplingNearest_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int scale_factor)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    int64_t size[2];
    TH_TRY(scaledSize(input, 2, scale_factor, size));
    return THNN_UpSampling_updateOutput(input, output, 2, size, THNNResampling_NEAREST, 0);
}

THStatus THNN_(SpatialUpSamplingNearest_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                         THTensor *gradInput, int scale_factor)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    int64_t size[2];
    TH_TRY(scaledSize(input, 2, scale_factor, size));
    return THNN_UpSampling_updateGradInput(input, gradOutput, gradInput, 2, THNNResampling_NEAREST, 0);
}

THStatus THNN_(VolumetricUpSamplingNearest_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int scale_factor)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    TH_GIVEN("UpSampling", output);
    int64_t size[3];
    TH_TRY(scaledSize(input, 3, scale_factor, size));
    return THNN_UpSampling_updateOutput(input, output, 3, size, THNNResampling_NEAREST, 0);
}

THStatus THNN_(VolumetricUpSamplingNearest_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradInput, int scale_factor)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    TH_GIVEN("UpSampling", gradOutput, gradInput);
    int64_t size[3];
    TH_TRY(scaledSize(input, 3, scale_factor, size));
    return THNN_UpSampling_updateGradInput(input, gradOutput, gradInput, 3, THNNResampling_NEAREST, 0);
}

THStatus THNN_(TemporalUpSamplingLinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int outputWidth,
                                                      bool align_corners)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    return THNN_UpSampling_updateOutput(input, output, 1, (const int64_t[]){outputWidth}, THNNResampling_LINEAR, align_corners);
}

THStatus THNN_(TemporalUpSamplingLinear_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput,
                                                         int nbatch, int nchannels, int inputWidth, int outputWidth,
                                                         bool align_corners)
{
    (void)state;
    TH_GIVEN("TemporalUpSamplingLinear", gradOutput, gradInput);
    const int64_t shape[3] = {nbatch, nchannels, outputWidth};
    TH_TRY(THNN_checkTyped("UpSampling", "gradOutput", gradOutput, TYPED_DTYPE));
    TH_TRY(THNN_checkShape("UpSampling", "gradOutput", gradOutput, 3, shape));
    THTensor *input = THNNPlace_newBeside(gradOutput, TYPED_DTYPE, 3, (const int64_t[]){nbatch, nchannels, inputWidth});
    if (input == NULL) return THStatus_last();
    const THStatus status =
        THNN_UpSampling_updateGradInput(input, gradOutput, gradInput, 1, THNNResampling_LINEAR, align_corners);
    THTensor_free(input);
    return status;
}

THStatus THNN_(SpatialUpSamplingBilinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int outputHeight,
                                                       int outputWidth, bool align_corners)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    return THNN_UpSampling_updateOutput(input, output, 2, (const int64_t[]){outputHeight, outputWidth}, THNNResampling_LINEAR,
                                        align_corners);
}

THStatus THNN_(SpatialUpSamplingBilinear_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput,
                                                          int nbatch, int nchannels, int inputHeight, int inputWidth,
                                                          int outputHeight, int outputWidth, bool align_corners)
{
    (void)state;
    TH_GIVEN("SpatialUpSamplingBilinear", gradOutput, gradInput);
    const int64_t shape[4] = {nbatch, nchannels, outputHeight, outputWidth};
    TH_TRY(THNN_checkTyped("UpSampling", "gradOutput", gradOutput, TYPED_DTYPE));
    TH_TRY(THNN_checkShape("UpSampling", "gradOutput", gradOutput, 4, shape));
    THTensor *input =
        THNNPlace_newBeside(gradOutput, TYPED_DTYPE, 4, (const int64_t[]){nbatch, nchannels, inputHeight, inputWidth});
    if (input == NULL) return THStatus_last();
    const THStatus status =
        THNN_UpSampling_updateGradInput(input, gradOutput, gradInput, 2, THNNResampling_LINEAR, align_corners);
    THTensor_free(input);
    return status;
}

THStatus THNN_(SpatialUpSamplingBicubic_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int outputHeight,
                                                      int outputWidth, bool align_corners)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    return THNN_UpSampling_updateOutput(input, output, 2, (const int64_t[]){outputHeight, outputWidth}, THNNResampling_CUBIC,
                                        align_corners);
}

THStatus THNN_(SpatialUpSamplingBicubic_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput,
                                                         int nbatch, int nchannels, int inputHeight, int inputWidth,
                                                         int outputHeight, int outputWidth, bool align_corners)
{
    (void)state;
    TH_GIVEN("SpatialUpSamplingBicubic", gradOutput, gradInput);
    const int64_t shape[4] = {nbatch, nchannels, outputHeight, outputWidth};
    TH_TRY(THNN_checkTyped("UpSampling", "gradOutput", gradOutput, TYPED_DTYPE));
    TH_TRY(THNN_checkShape("UpSampling", "gradOutput", gradOutput, 4, shape));
    THTensor *input =
        THNNPlace_newBeside(gradOutput, TYPED_DTYPE, 4, (const int64_t[]){nbatch, nchannels, inputHeight, inputWidth});
    if (input == NULL) return THStatus_last();
    const THStatus status =
        THNN_UpSampling_updateGradInput(input, gradOutput, gradInput, 2, THNNResampling_CUBIC, align_corners);
    THTensor_free(input);
    return status;
}

THStatus THNN_(VolumetricUpSamplingTrilinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int outputDepth,
                                                           int outputHeight, int outputWidth, bool align_corners)
{
    (void)state;
    CHECK_INPUT("UpSampling");
    return THNN_UpSampling_updateOutput(input, output, 3, (const int64_t[]){outputDepth, outputHeight, outputWidth},
                                        THNNResampling_LINEAR, align_corners);
}

THStatus THNN_(VolumetricUpSamplingTrilinear_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput,
                                                              int nbatch, int nchannels, int inputDepth, int inputHeight,
                                                              int inputWidth, int outputDepth, int outputHeight,
                                                              int outputWidth, bool align_corners)
{
    (void)state;
    TH_GIVEN("VolumetricUpSamplingTrilinear", gradOutput, gradInput);
    const int64_t shape[5] = {nbatch, nchannels, outputDepth, outputHeight, outputWidth};
    TH_TRY(THNN_checkTyped("UpSampling", "gradOutput", gradOutput, TYPED_DTYPE));
    TH_TRY(THNN_checkShape("UpSampling", "gradOutput", gradOutput, 5, shape));
    THTensor *input = THNNPlace_newBeside(gradOutput, TYPED_DTYPE, 5,
                                          (const int64_t[]){nbatch, nchannels, inputDepth, inputHeight, inputWidth});
    if (input == NULL) return THStatus_last();
    const THStatus status =
        THNN_UpSampling_updateGradInput(input, gradOutput, gradInput, 3, THNNResampling_LINEAR, align_corners);
    THTensor_free(input);
    return status;
}

THStatus THNN_(SpatialGridSamplerBilinear_updateOutput)(THNNState *state, THTensor *input, THTensor *grid, THTensor *output,
                                                        int padding_mode)
{
    (void)state;
    CHECK_INPUT("GridSampler");
    return THNN_GridSampler_updateOutput(input, grid, output, padding_mode);
}

THStatus THNN_(SpatialGridSamplerBilinear_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradInput,
                                                           THTensor *grid, THTensor *gradGrid, THTensor *gradOutput,
                                                           int padding_mode)
{
    (void)state;
    CHECK_INPUT("GridSampler");
    return THNN_GridSampler_updateGradInput(input, grid, gradOutput, gradInput, gradGrid, padding_mode);
}

THStatus THNN_(VolumetricGridSamplerBilinear_updateOutput)(THNNState *state, THTensor *input, THTensor *grid, THTensor *output,
                                                           int padding_mode)
{
    (void)state;
    CHECK_INPUT("GridSampler");
    return THNN_GridSampler_updateOutput(input, grid, output, padding_mode);
}

THStatus THNN_(VolumetricGridSamplerBilinear_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradInput,
                                                              THTensor *grid, THTensor *gradGrid, THTensor *gradOutput,
                                                              int padding_mode)
{
    (void)state;
    CHECK_INPUT("GridSampler");
    return THNN_GridSampler_updateGradInput(input, grid, gradOutput, gradInput, gradGrid, padding_mode);
}
