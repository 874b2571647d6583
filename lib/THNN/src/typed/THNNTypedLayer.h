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
