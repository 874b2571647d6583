/* The bodies of Torch's typed names of the layers that know no space. A template, included by typed/THNNTyped.h. */

THStatus THNN_(BatchNormalization_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                THTensor *bias, THTensor *running_mean, THTensor *running_var,
                                                THTensor *save_mean, THTensor *save_std, bool train, double momentum,
                                                double eps)
{
    (void)state;
    CHECK_INPUT("BatchNormalization");
    return THNN_BatchNormalization_updateOutput(input, output, weight, bias, running_mean, running_var, save_mean, save_std,
                                                train, momentum, eps);
}

/* Without training the running statistics are what counts, whatever was saved. */
THStatus THNN_(BatchNormalization_backward)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                            THTensor *gradWeight, THTensor *gradBias, THTensor *weight, THTensor *running_mean,
                                            THTensor *running_var, THTensor *save_mean, THTensor *save_std, bool train,
                                            double scale, double eps)
{
    (void)state;
    TH_GIVEN("BatchNormalization", input, gradOutput, save_mean, save_std);
    CHECK_INPUT("BatchNormalization");
    if (train)
        return THNN_BatchNormalization_backward(input, gradOutput, gradInput, gradWeight, gradBias, weight, save_mean, save_std,
                                                train, scale);
    THTensor *invstd = THTensor_newClone(running_var);
    if (invstd == NULL) return THStatus_last();
    THStatus status = THTensor_add(invstd, running_var, THScalar_fromDouble(eps), THScalar_fromLong(1));
    if (status == TH_OK) status = THTensor_rsqrt(invstd, invstd);
    if (status == TH_OK)
        status = THNN_BatchNormalization_backward(input, gradOutput, gradInput, gradWeight, gradBias, weight, running_mean,
                                                  invstd, train, scale);
    THTensor_free(invstd);
    return status;
}

THStatus THNN_(LookupTable_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradWeight,
                                              THTensor *count, THTensor *sorted, THTensor *indices, bool scaleGradByFreq,
                                              int paddingValue, double scale)
{
    (void)state, (void)count, (void)sorted, (void)indices;
    TH_TRY(THNN_checkTyped("LookupTable", "gradWeight", gradWeight, TYPED_DTYPE));
    return THNN_LookupTable_accGradParameters(input, gradOutput, gradWeight, scaleGradByFreq, paddingValue, scale);
}

THStatus THNN_(LookupTable_renorm)(THNNState *state, THTensor *idx, THTensor *weight, double maxNorm, double normType)
{
    (void)state;
    TH_TRY(THNN_checkTyped("LookupTable", "weight", weight, TYPED_DTYPE));
    return THNN_LookupTable_renorm(idx, weight, maxNorm, normType);
}

THStatus THNN_(Linear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight, THTensor *bias,
                                    THTensor *addBuffer)
{
    (void)state, (void)addBuffer;
    CHECK_INPUT("Linear");
    return THNN_Linear_updateOutput(input, output, weight, bias);
}

THStatus THNN_(Linear_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                       THTensor *weight)
{
    (void)state;
    CHECK_INPUT("Linear");
    return THNN_Linear_updateGradInput(input, gradOutput, gradInput, weight);
}

THStatus THNN_(Linear_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                         THTensor *weight, THTensor *bias, THTensor *gradWeight, THTensor *gradBias,
                                         THTensor *addBuffer, double scale)
{
    (void)state, (void)gradInput, (void)weight, (void)bias, (void)addBuffer;
    CHECK_INPUT("Linear");
    return THNN_Linear_accGradParameters(input, gradOutput, gradWeight, gradBias, scale);
}

THStatus THNN_(LSTMFused_updateOutput)(THNNState *state, THTensor *input, THTensor *hidden, THTensor *bias1, THTensor *bias2,
                                       THTensor *cell, THTensor *output, THTensor *outputCell)
{
    (void)state;
    CHECK_INPUT("LSTMFused");
    return THNN_LSTMFused_updateOutput(input, hidden, bias1, bias2, cell, output, outputCell, input);
}

THStatus THNN_(LSTMFused_updateGradInput)(THNNState *state, THTensor *storage, THTensor *gradInGates, THTensor *cell,
                                          THTensor *outputCell, THTensor *gradOutput, THTensor *gradOutputCell,
                                          THTensor *gradInputCell)
{
    (void)state;
    TH_TRY(THNN_checkTyped("LSTMFused", "storage", storage, TYPED_DTYPE));
    return THNN_LSTMFused_updateGradInput(storage, gradInGates, cell, outputCell, gradOutput, gradOutputCell, gradInputCell);
}

THStatus THNN_(GRUFused_updateOutput)(THNNState *state, THTensor *input, THTensor *hidden, THTensor *bias1, THTensor *bias2,
                                      THTensor *hx, THTensor *output, THTensor *storage)
{
    (void)state;
    CHECK_INPUT("GRUFused");
    return THNN_GRUFused_updateOutput(input, hidden, bias1, bias2, hx, output, storage);
}

THStatus THNN_(GRUFused_updateGradInput)(THNNState *state, THTensor *gradInInput, THTensor *gradInHidden, THTensor *gradOutput,
                                         THTensor *gradInputHx, THTensor *storage)
{
    (void)state;
    TH_TRY(THNN_checkTyped("GRUFused", "gradOutput", gradOutput, TYPED_DTYPE));
    return THNN_GRUFused_updateGradInput(gradInInput, gradInHidden, gradOutput, gradInputHx, storage);
}
