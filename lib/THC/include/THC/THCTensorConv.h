/* THCudaTensor_conv2D*: Torch's first convolutions on a device, of Float, by products of unfolded images. TH/THTensorConv.h
 * says what each makes of which planes; its other forms are the host's only, and layers (THCUNN) are faster. */
#ifndef THC_TENSOR_CONV_H
#define THC_TENSOR_CONV_H

#include "THC/THCTensor.h"

TH_BEGIN_DECLS

/* output = beta output + the sum over input planes; input: planes x height x width, kernel: output planes x planes x rows x
 * columns. type: two letters: 'v' valid or 'f' full, then 'x' correlation or 'c' convolution. */
THC_API THStatus THCudaTensor_conv2Dmv(THTensor *output, float beta, const THTensor *input, const THTensor *kernel,
                                       int64_t srow, int64_t scol, const char *type);
/* The same of a batch of inputs. */
THC_API THStatus THCudaTensor_conv2Dmm(THTensor *output, float beta, const THTensor *input, const THTensor *kernel,
                                       int64_t srow, int64_t scol, const char *type);
/* output[k][i] = beta output[k][i] + alpha (input[i] correlated with kernel[k], whose elements lie srow and scol apart): the
 * gradient of a kernel. */
THC_API THStatus THCudaTensor_conv2DRevger(THTensor *output, float beta, float alpha, const THTensor *input,
                                           const THTensor *kernel, int64_t srow, int64_t scol);
/* The sum of these over a batch. */
THC_API THStatus THCudaTensor_conv2DRevgerm(THTensor *output, float beta, float alpha, const THTensor *input,
                                            const THTensor *kernel, int64_t srow, int64_t scol);

TH_END_DECLS

#endif
