/* Torch's typed names of the layers that know no space. A template, included by THNN/generic/THNN.h. */

/* save_std receives 1 / standard deviation, as in Torch. */
TH_API THStatus THNN_(BatchNormalization_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                       THTensor *bias, THTensor *running_mean, THTensor *running_var,
                                                       THTensor *save_mean, THTensor *save_std, bool train, double momentum,
                                                       double eps);
TH_API THStatus THNN_(BatchNormalization_backward)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                   THTensor *gradWeight, THTensor *gradBias, THTensor *weight,
                                                   THTensor *running_mean, THTensor *running_var, THTensor *save_mean,
                                                   THTensor *save_std, bool train, double scale, double eps);
