/* Torch's typed names of the activations. A template, included by THNN/generic/THNN.h. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else
TH_API THStatus THNN_(Threshold_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double threshold, double val,
                                              bool inplace);
/* inplace: gradOutput becomes the gradient, and gradInput a view of it. */
TH_API THStatus THNN_(Threshold_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                 double threshold, double val, bool inplace);

TH_API THStatus THNN_(LogSoftMax_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t dim);
TH_API THStatus THNN_(LogSoftMax_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                  THTensor *output, int64_t dim);
TH_API THStatus THNN_(SoftMax_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int64_t dim);
TH_API THStatus THNN_(SoftMax_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                               THTensor *output, int64_t dim);

TH_API THStatus THNN_(Abs_updateOutput)(THNNState *state, THTensor *input, THTensor *output);
TH_API THStatus THNN_(Abs_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput);
TH_API THStatus THNN_(ELU_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double alpha, double scale,
                                        bool inplace);
TH_API THStatus THNN_(ELU_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, THTensor *output,
                                           double alpha, double scale, bool inplace);
TH_API THStatus THNN_(HardShrink_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double lambda);
TH_API THStatus THNN_(HardShrink_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                  double lambda);
TH_API THStatus THNN_(HardTanh_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double min_val,
                                             double max_val, bool inplace);
TH_API THStatus THNN_(HardTanh_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                double min_val, double max_val, bool inplace);
TH_API THStatus THNN_(LeakyReLU_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double negval, bool inplace);
TH_API THStatus THNN_(LeakyReLU_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                 double negval, bool inplace);
TH_API THStatus THNN_(LogSigmoid_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *buffer);
TH_API THStatus THNN_(LogSigmoid_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                  THTensor *buffer);
TH_API THStatus THNN_(Sigmoid_updateOutput)(THNNState *state, THTensor *input, THTensor *output);
TH_API THStatus THNN_(Sigmoid_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, THTensor *output);
TH_API THStatus THNN_(SoftPlus_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double beta,
                                             double threshold);
TH_API THStatus THNN_(SoftPlus_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                THTensor *output, double beta, double threshold);
TH_API THStatus THNN_(SoftShrink_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double lambda);
TH_API THStatus THNN_(SoftShrink_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                  double lambda);
TH_API THStatus THNN_(Sqrt_updateOutput)(THNNState *state, THTensor *input, THTensor *output, double eps);
TH_API THStatus THNN_(Sqrt_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                            THTensor *output);
TH_API THStatus THNN_(Square_updateOutput)(THNNState *state, THTensor *input, THTensor *output);
TH_API THStatus THNN_(Square_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput);
TH_API THStatus THNN_(Tanh_updateOutput)(THNNState *state, THTensor *input, THTensor *output);
TH_API THStatus THNN_(Tanh_updateGradInput)(THNNState *state, THTensor *gradOutput, THTensor *gradInput, THTensor *output);
TH_API THStatus THNN_(GatedLinear_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int dim);
TH_API THStatus THNN_(GatedLinear_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                                   int dim);
TH_API THStatus THNN_(PReLU_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight);
TH_API THStatus THNN_(PReLU_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                             THTensor *weight);
TH_API THStatus THNN_(PReLU_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                               THTensor *weight, THTensor *gradWeight, double scale);
TH_API THStatus THNN_(RReLU_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *noise, double lower,
                                          double upper, bool train, bool inplace, THGenerator *generator);
TH_API THStatus THNN_(RReLU_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradInput,
                                             THTensor *noise, double lower, double upper, bool train, bool inplace);
#endif
