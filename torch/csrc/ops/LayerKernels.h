// C calls that the declarations of layers make and THNN has in another form: its functions that add to a gradient start from
// zeros here.
#pragma once

#include <cstdint>

#include "backend/Functions.h"

namespace torch::ops {

// Throws for a number that is none of THNNReduction.
THNNReduction reduction_argument(int64_t reduction);
// Convolutions of one to three spatial dimensions; lists hold one number for each, or one for all. For gradients of filters,
// `weight` gives the shape.
THStatus convolve(THTensor* r, const THTensor* input, const THTensor* weight, const THTensor* bias, int stride_count,
                  const int64_t* stride, int padding_count, const int64_t* padding, int dilation_count, const int64_t* dilation,
                  int64_t groups);
THStatus convolveBackwardInput(THTensor* r, const THTensor* grad_output, const THTensor* input, const THTensor* weight,
                               int stride_count, const int64_t* stride, int padding_count, const int64_t* padding,
                               int dilation_count, const int64_t* dilation, int64_t groups);
THStatus convolveBackwardWeight(THTensor* r, const THTensor* grad_output, const THTensor* input, const THTensor* weight,
                                int stride_count, const int64_t* stride, int padding_count, const int64_t* padding,
                                int dilation_count, const int64_t* dilation, int64_t groups);
THStatus fullConvolve(THTensor* r, const THTensor* input, const THTensor* weight, const THTensor* bias, int stride_count,
                      const int64_t* stride, int padding_count, const int64_t* padding, int output_padding_count,
                      const int64_t* output_padding, int64_t groups, int dilation_count, const int64_t* dilation);
THStatus fullConvolveBackwardInput(THTensor* r, const THTensor* grad_output, const THTensor* input, const THTensor* weight,
                                   int stride_count, const int64_t* stride, int padding_count, const int64_t* padding,
                                   int output_padding_count, const int64_t* output_padding, int64_t groups, int dilation_count,
                                   const int64_t* dilation);
THStatus fullConvolveBackwardWeight(THTensor* r, const THTensor* grad_output, const THTensor* input, const THTensor* weight,
                                    int stride_count, const int64_t* stride, int padding_count, const int64_t* padding,
                                    int output_padding_count, const int64_t* output_padding, int64_t groups, int dilation_count,
                                    const int64_t* dilation);
THStatus unrollImages(THTensor* r, const THTensor* self, int kernel_size_count, const int64_t* kernel_size, int dilation_count,
                      const int64_t* dilation, int padding_count, const int64_t* padding, int stride_count,
                      const int64_t* stride);
THStatus rollImages(THTensor* r, const THTensor* self, int size_count, const int64_t* size, int kernel_size_count,
                    const int64_t* kernel_size, int dilation_count, const int64_t* dilation, int padding_count,
                    const int64_t* padding, int stride_count, const int64_t* stride);
// The gradient with respect to the weights of PReLU.
THStatus preluBackwardWeight(THTensor* r, const THTensor* grad_output, const THTensor* self, const THTensor* weight);

// Poolings of `dims` spatial dimensions; output sizes have one number for each of them.
THStatus maxPool(THTensor* r, THTensor* indices, const THTensor* self, int dims, int kernel_count, const int64_t* kernel,
                 int stride_count, const int64_t* stride, int padding_count, const int64_t* padding, int dilation_count,
                 const int64_t* dilation, bool ceil_mode);
THStatus averagePool(THTensor* r, const THTensor* self, int dims, int kernel_count, const int64_t* kernel, int stride_count,
                     const int64_t* stride, int padding_count, const int64_t* padding, bool ceil_mode, bool count_include_pad);
THStatus averagePoolBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, int dims, int kernel_count,
                             const int64_t* kernel, int stride_count, const int64_t* stride, int padding_count,
                             const int64_t* padding, bool ceil_mode, bool count_include_pad);
THStatus adaptiveMaxPool(THTensor* r, THTensor* indices, const THTensor* self, int dims, const int64_t* size);
THStatus adaptiveAveragePool(THTensor* r, const THTensor* self, int dims, const int64_t* size);
THStatus adaptiveAveragePoolBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, int dims,
                                     const int64_t* size);
THStatus fractionalMaxPool(THTensor* r, THTensor* indices, const THTensor* self, int kernel_count, const int64_t* kernel,
                           int dims, const int64_t* size, const THTensor* samples);
THStatus maxUnpool(THTensor* r, const THTensor* self, const THTensor* indices, int dims, const int64_t* size);
THStatus maxUnpoolBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, const THTensor* indices, int dims,
                           const int64_t* size);

// pad: before and after, the last dimension's first. border: replication, else reflection.
THStatus constantPad(THTensor* r, const THTensor* self, int pad_count, const int64_t* pad, double value);
THStatus resamplingPad(THTensor* r, const THTensor* self, int pad_count, const int64_t* pad, bool border);
THStatus resamplingPadBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, int pad_count,
                               const int64_t* pad, bool border);
// mode: a THNNResampling.
THStatus upsampleForward(THTensor* r, const THTensor* self, int dims, const int64_t* size, int64_t mode, bool align_corners);
THStatus upsampleBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, int dims, const int64_t* size,
                          int64_t mode, bool align_corners);

THStatus embeddingForward(THTensor* r, const THTensor* weight, const THTensor* indices);
// size: of the weight.
THStatus embeddingBackward(THTensor* r, const THTensor* grad_output, const THTensor* indices, int ndim, const int64_t* size,
                           int64_t padding_idx, bool scale_grad_by_freq);

}  // namespace torch::ops
