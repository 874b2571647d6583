/* Torch's typed names of the layers on volumes. A template, included by THNN/generic/THNN.h. */
#ifndef THNN_REAL
#include "THNN/THNN.h" /* read by itself: the names of both dtypes */
#else
/* In all of these the batch dimension may be missing. */
TH_API THStatus THNN_(VolumetricConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *weight,
                                                          THTensor *bias, THTensor *finput, THTensor *fgradInput, int dT,
                                                          int dW, int dH, int pT, int pW, int pH);
TH_API THStatus THNN_(VolumetricConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                             THTensor *gradInput, THTensor *weight, THTensor *finput, int dT,
                                                             int dW, int dH, int pT, int pW, int pH);
TH_API THStatus THNN_(VolumetricConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                               THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                               THTensor *fgradInput, int dT, int dW, int dH, int pT, int pW,
                                                               int pH, double scale);
TH_API THStatus THNN_(VolumetricConvolutionMM_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                            THTensor *weight, THTensor *bias, THTensor *finput,
                                                            THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                            int dH, int pT, int pW, int pH);
TH_API THStatus THNN_(VolumetricConvolutionMM_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                               THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                               THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                               int dH, int pT, int pW, int pH);
TH_API THStatus THNN_(VolumetricConvolutionMM_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                                 THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                                 int dH, int pT, int pW, int pH, double scale);
TH_API THStatus THNN_(VolumetricDilatedConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                 THTensor *weight, THTensor *bias, THTensor *columns,
                                                                 THTensor *ones, int kT, int kW, int kH, int dT, int dW, int dH,
                                                                 int padT, int padW, int padH, int dilationT, int dilationW,
                                                                 int dilationH);
TH_API THStatus THNN_(VolumetricDilatedConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                    THTensor *gradInput, THTensor *weight, THTensor *columns,
                                                                    int kT, int kW, int kH, int dT, int dW, int dH, int padT,
                                                                    int padW, int padH, int dilationT, int dilationW,
                                                                    int dilationH);
TH_API THStatus THNN_(VolumetricDilatedConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                      THTensor *gradWeight, THTensor *gradBias,
                                                                      THTensor *columns, THTensor *ones, int kT, int kW, int kH,
                                                                      int dT, int dW, int dH, int padT, int padW, int padH,
                                                                      int dilationT, int dilationW, int dilationH,
                                                                      double scale);
TH_API THStatus THNN_(VolumetricFullConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                              THTensor *weight, THTensor *bias, THTensor *finput,
                                                              THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                              int dH, int pT, int pW, int pH, int aT, int aW, int aH);
TH_API THStatus THNN_(VolumetricFullConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                 THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                                 THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                                 int dH, int pT, int pW, int pH, int aT, int aW, int aH);
TH_API THStatus THNN_(VolumetricFullConvolution_accGradParameters)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                   THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
                                                                   THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW,
                                                                   int dH, int pT, int pW, int pH, int aT, int aW, int aH,
                                                                   double scale);
TH_API THStatus THNN_(VolumetricFullDilatedConvolution_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                     THTensor *weight, THTensor *bias, THTensor *finput,
                                                                     THTensor *fgradInput, int kT, int kW, int kH, int dT,
                                                                     int dW, int dH, int pT, int pW, int pH, int dilationT,
                                                                     int dilationW, int dilationH, int aT, int aW, int aH);
TH_API THStatus THNN_(VolumetricFullDilatedConvolution_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                        THTensor *gradInput, THTensor *weight, THTensor *finput,
                                                                        THTensor *fgradInput, int kT, int kW, int kH, int dT,
                                                                        int dW, int dH, int pT, int pW, int pH, int dilationT,
                                                                        int dilationW, int dilationH, int aT, int aW, int aH);
TH_API THStatus THNN_(VolumetricFullDilatedConvolution_accGradParameters)(
    THNNState *state, THTensor *input, THTensor *gradOutput, THTensor *gradWeight, THTensor *gradBias, THTensor *finput,
    THTensor *fgradInput, int kT, int kW, int kH, int dT, int dW, int dH, int pT, int pW, int pH, int dilationT, int dilationW,
    int dilationH, int aT, int aW, int aH, double scale);

/* randomSamples: N x C x 3, the width's first, the depth's last. */
TH_API THStatus THNN_(VolumetricAdaptiveMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                 THTensor *indices, int osizeT, int osizeW, int osizeH);
TH_API THStatus THNN_(VolumetricAdaptiveMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                    THTensor *gradInput, THTensor *indices);
TH_API THStatus THNN_(VolumetricAdaptiveAveragePooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                     int osizeT, int osizeW, int osizeH);
TH_API THStatus THNN_(VolumetricAdaptiveAveragePooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                        THTensor *gradInput);
TH_API THStatus THNN_(VolumetricFractionalMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                   int outputT, int outputW, int outputH, int poolSizeT,
                                                                   int poolSizeW, int poolSizeH, THTensor *indices,
                                                                   THTensor *randomSamples);
TH_API THStatus THNN_(VolumetricFractionalMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                      THTensor *gradInput, int outputT, int outputW,
                                                                      int outputH, int poolSizeT, int poolSizeW, int poolSizeH,
                                                                      THTensor *indices);
TH_API THStatus THNN_(VolumetricMaxUnpooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                           THTensor *indices, int oT, int oW, int oH, int dT, int dW, int dH,
                                                           int pT, int pW, int pH);
TH_API THStatus THNN_(VolumetricMaxUnpooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                              THTensor *gradInput, THTensor *indices, int oT, int oW, int oH,
                                                              int dT, int dW, int dH, int pT, int pW, int pH);
TH_API THStatus THNN_(VolumetricMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, THTensor *indices,
                                                         int kT, int kW, int kH, int dT, int dW, int dH, int pT, int pW, int pH,
                                                         bool ceilMode);
TH_API THStatus THNN_(VolumetricMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                            THTensor *gradInput, THTensor *indices, int kT, int kW, int kH,
                                                            int dT, int dW, int dH, int pT, int pW, int pH, bool ceilMode);
TH_API THStatus THNN_(VolumetricDilatedMaxPooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output,
                                                                THTensor *indices, int kT, int kW, int kH, int dT, int dW,
                                                                int dH, int pT, int pW, int pH, int dilationT, int dilationW,
                                                                int dilationH, bool ceilMode);
TH_API THStatus THNN_(VolumetricDilatedMaxPooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                   THTensor *gradInput, THTensor *indices, int kT, int kW,
                                                                   int kH, int dT, int dW, int dH, int pT, int pW, int pH,
                                                                   int dilationT, int dilationW, int dilationH, bool ceilMode);
TH_API THStatus THNN_(VolumetricAveragePooling_updateOutput)(THNNState *state, THTensor *input, THTensor *output, int kT,
                                                             int kW, int kH, int dT, int dW, int dH, int padT, int padW,
                                                             int padH, bool ceil_mode, bool count_include_pad);
TH_API THStatus THNN_(VolumetricAveragePooling_updateGradInput)(THNNState *state, THTensor *input, THTensor *gradOutput,
                                                                THTensor *gradInput, int kT, int kW, int kH, int dT, int dW,
                                                                int dH, int padT, int padW, int padH, bool ceil_mode,
                                                                bool count_include_pad);
#endif
