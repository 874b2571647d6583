/* The bodies of Torch's typed names of the activations. A template, included by typed/THNNTyped.h. */

THStatus THNN_(Threshold_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double threshold, double val,
                                       bool inplace)
{
    (void)state;
    TH_GIVEN("Threshold", input, output);
    CHECK_INPUT("Threshold");
    TH_TRY(THNN_Threshold_updateOutput(input, inplace ? input : output, threshold, val));
    return inplace ? THTensor_set(output, input) : TH_OK;
}

THStatus THNN_(Threshold_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                          double threshold, double val, bool inplace)
{
    (void)state, (void)val;
    TH_GIVEN("Threshold", input, gradOutput, gradInput);
    CHECK_INPUT("Threshold");
    TH_TRY(THNN_Threshold_updateGradInput(input, gradOutput, inplace ? gradOutput : gradInput, threshold));
    return inplace ? THTensor_set(gradInput, gradOutput) : TH_OK;
}

THStatus THNN_(LogSoftMax_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t dim)
{
    (void)state;
    CHECK_INPUT("LogSoftMax");
    TH_FAIL_IF(dim != (int)dim, TH_ERR_INDEX, "[LogSoftMax] dim is %lld, dimension out of range", (long long)dim);
    return THNN_LogSoftMax_updateOutput(input, output, (int)dim);
}

THStatus THNN_(LogSoftMax_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                           THTensor *output, int64_t dim)
{
    (void)state;
    CHECK_INPUT("LogSoftMax");
    TH_FAIL_IF(dim != (int)dim, TH_ERR_INDEX, "[LogSoftMax] dim is %lld, dimension out of range", (long long)dim);
    return THNN_LogSoftMax_updateGradInput(gradOutput, gradInput, output, (int)dim);
}

THStatus THNN_(SoftMax_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t dim)
{
    (void)state;
    CHECK_INPUT("SoftMax");
    TH_FAIL_IF(dim != (int)dim, TH_ERR_INDEX, "[SoftMax] dim is %lld, dimension out of range", (long long)dim);
    return THNN_SoftMax_updateOutput(input, output, (int)dim);
}

THStatus THNN_(SoftMax_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                        THTensor *output, int64_t dim)
{
    (void)state;
    CHECK_INPUT("SoftMax");
    TH_FAIL_IF(dim != (int)dim, TH_ERR_INDEX, "[SoftMax] dim is %lld, dimension out of range", (long long)dim);
    return THNN_SoftMax_updateGradInput(gradOutput, gradInput, output, (int)dim);
}

THStatus THNN_(Abs_updateOutput)(THNNState *state, THTensor *input, THTensor *output)
{
    (void)state;
    CHECK_INPUT("Abs");
    return THNN_Abs_updateOutput(input, output);
}

THStatus THNN_(Abs_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput)
{
    (void)state;
    CHECK_INPUT("Abs");
    return THNN_Abs_updateGradInput(input, gradOutput, gradInput);
}

THStatus THNN_(ELU_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double alpha, double scale, bool inplace)
{
    (void)state;
    TH_GIVEN("ELU", input, output);
    CHECK_INPUT("ELU");
    TH_TRY(THNN_ELU_updateOutput(input, inplace ? input : output, alpha, scale));
    return inplace ? THTensor_set(output, input) : TH_OK;
}

THStatus THNN_(ELU_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, THTensor *output, double alpha,
                                    double scale, bool inplace)
{
    (void)state;
    TH_GIVEN("ELU", gradOutput, gradInput, output);
    TH_TRY(THNN_checkTyped("ELU", "output", output, TYPED_DTYPE));
    TH_TRY(THNN_ELU_updateGradInput(gradOutput, inplace ? gradOutput : gradInput, output, alpha, scale));
    return inplace ? THTensor_set(gradInput, gradOutput) : TH_OK;
}

THStatus THNN_(HardShrink_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double lambda)
{
    (void)state;
    CHECK_INPUT("HardShrink");
    return THNN_HardShrink_updateOutput(input, output, lambda);
}

THStatus THNN_(HardShrink_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                           double lambda)
{
    (void)state;
    CHECK_INPUT("HardShrink");
    return THNN_HardShrink_updateGradInput(input, gradOutput, gradInput, lambda);
}

THStatus THNN_(HardTanh_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double min_val, double max_val,
                                      bool inplace)
{
    (void)state;
    TH_GIVEN("HardTanh", input, output);
    CHECK_INPUT("HardTanh");
    TH_TRY(THNN_HardTanh_updateOutput(input, inplace ? input : output, min_val, max_val));
    return inplace ? THTensor_set(output, input) : TH_OK;
}

THStatus THNN_(HardTanh_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                         double min_val, double max_val, bool inplace)
{
    (void)state;
    TH_GIVEN("HardTanh", input, gradOutput, gradInput);
    CHECK_INPUT("HardTanh");
    TH_TRY(THNN_HardTanh_updateGradInput(input, gradOutput, inplace ? gradOutput : gradInput, min_val, max_val));
    return inplace ? THTensor_set(gradInput, gradOutput) : TH_OK;
}

THStatus THNN_(LeakyReLU_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double negval, bool inplace)
{
    (void)state;
    TH_GIVEN("LeakyReLU", input, output);
    CHECK_INPUT("LeakyReLU");
    TH_TRY(THNN_LeakyReLU_updateOutput(input, inplace ? input : output, negval));
    return inplace ? THTensor_set(output, input) : TH_OK;
}

THStatus THNN_(LeakyReLU_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                          double negval, bool inplace)
{
    (void)state;
    TH_GIVEN("LeakyReLU", input, gradOutput, gradInput);
    CHECK_INPUT("LeakyReLU");
    TH_TRY(THNN_LeakyReLU_updateGradInput(input, gradOutput, inplace ? gradOutput : gradInput, negval));
    return inplace ? THTensor_set(gradInput, gradOutput) : TH_OK;
}

THStatus THNN_(LogSigmoid_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *buffer)
{
    (void)state, (void)buffer;
    CHECK_INPUT("LogSigmoid");
    return THNN_LogSigmoid_updateOutput(input, output);
}

THStatus THNN_(LogSigmoid_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                           THTensor *buffer)
{
    (void)state, (void)buffer;
    CHECK_INPUT("LogSigmoid");
    return THNN_LogSigmoid_updateGradInput(input, gradOutput, gradInput);
}

THStatus THNN_(Sigmoid_updateOutput)(THNNState *state, THTensor *input, THTensor *output)
{
    (void)state;
    CHECK_INPUT("Sigmoid");
    return THNN_Sigmoid_updateOutput(input, output);
}

THStatus THNN_(Sigmoid_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, THTensor *output)
{
    (void)state;
    TH_TRY(THNN_checkTyped("Sigmoid", "output", output, TYPED_DTYPE));
    return THNN_Sigmoid_updateGradInput(gradOutput, gradInput, output);
}

THStatus THNN_(SoftPlus_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double beta, double threshold)
{
    (void)state;
    CHECK_INPUT("SoftPlus");
    return THNN_SoftPlus_updateOutput(input, output, beta, threshold);
}

THStatus THNN_(SoftPlus_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                         THTensor *output, double beta, double threshold)
{
    (void)state, (void)output;
    CHECK_INPUT("SoftPlus");
    return THNN_SoftPlus_updateGradInput(input, gradOutput, gradInput, beta, threshold);
}

THStatus THNN_(SoftShrink_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double lambda)
{
    (void)state;
    CHECK_INPUT("SoftShrink");
    return THNN_SoftShrink_updateOutput(input, output, lambda);
}

THStatus THNN_(SoftShrink_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                           double lambda)
{
    (void)state;
    CHECK_INPUT("SoftShrink");
    return THNN_SoftShrink_updateGradInput(input, gradOutput, gradInput, lambda);
}

THStatus THNN_(Sqrt_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double eps)
{
    (void)state, (void)eps;
    CHECK_INPUT("Sqrt");
    return THNN_Sqrt_updateOutput(input, output);
}

THStatus THNN_(Sqrt_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                     THTensor *output)
{
    (void)state;
    CHECK_INPUT("Sqrt");
    return THNN_Sqrt_updateGradInput(gradOutput, gradInput, output);
}

THStatus THNN_(Square_updateOutput)(THNNState *state, THTensor *input, THTensor *output)
{
    (void)state;
    CHECK_INPUT("Square");
    return THNN_Square_updateOutput(input, output);
}

THStatus THNN_(Square_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput)
{
    (void)state;
    CHECK_INPUT("Square");
    return THNN_Square_updateGradInput(input, gradOutput, gradInput);
}

THStatus THNN_(Tanh_updateOutput)(THNNState *state, THTensor *input, THTensor *output)
{
    (void)state;
    CHECK_INPUT("Tanh");
    return THNN_Tanh_updateOutput(input, output);
}

THStatus THNN_(Tanh_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, THTensor *output)
{
    (void)state;
    TH_TRY(THNN_checkTyped("Tanh", "output", output, TYPED_DTYPE));
    return THNN_Tanh_updateGradInput(gradOutput, gradInput, output);
}

THStatus THNN_(GatedLinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int dim)
{
    (void)state;
    CHECK_INPUT("GatedLinear");
    return THNN_GatedLinear_updateOutput(input, output, dim);
}

THStatus THNN_(GatedLinear_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                            int dim)
{
    (void)state;
    CHECK_INPUT("GatedLinear");
    return THNN_GatedLinear_updateGradInput(input, gradOutput, gradInput, dim);
}

THStatus THNN_(PReLU_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight)
{
    (void)state;
    CHECK_INPUT("PReLU");
    return THNN_PReLU_updateOutput(input, output, weight);
}

THStatus THNN_(PReLU_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                      THTensor *weight)
{
    (void)state;
    CHECK_INPUT("PReLU");
    return THNN_PReLU_updateGradInput(input, gradOutput, gradInput, weight);
}

THStatus THNN_(PReLU_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                        THTensor *weight, THTensor *gradWeight, double scale)
{
    (void)state, (void)gradInput, (void)weight;
    CHECK_INPUT("PReLU");
    return THNN_PReLU_accGradParameters(input, gradOutput, gradWeight, scale);
}

THStatus THNN_(RReLU_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *noise, double lower,
                                   double upper, bool train, bool inplace, THGenerator *generator)
{
    (void)state;
    TH_GIVEN("RReLU", input, output);
    if (train) TH_GIVEN("RReLU", noise);
    CHECK_INPUT("RReLU");
    TH_TRY(THNN_RReLU_updateOutput(input, inplace ? input : output, noise, lower, upper, train, generator));
    return inplace ? THTensor_set(output, input) : TH_OK;
}

THStatus THNN_(RReLU_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                      THTensor *noise, double lower, double upper, bool train, bool inplace)
{
    (void)state;
    TH_GIVEN("RReLU", input, gradOutput, gradInput);
    if (train) TH_GIVEN("RReLU", noise);
    CHECK_INPUT("RReLU");
    TH_TRY(THNN_RReLU_updateGradInput(input, gradOutput, inplace ? gradOutput : gradInput, noise, lower, upper, train));
    return inplace ? THTensor_set(gradInput, gradOutput) : TH_OK;
}
