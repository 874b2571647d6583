// Convolutions: lists of the declarations into THNN's geometry.
#include "ops/LayerKernels.h"
#include "ops/Spatial.h"

namespace torch::ops {
namespace {

// dims: spatial ones, of the weight.
THStatus set_geometry(THNNGeometry* geometry, int dims, int stride_count, const int64_t* stride, int padding_count,
                      const int64_t* padding, int dilation_count, const int64_t* dilation, int64_t groups) {
  geometry->groups = groups;
  TH_TRY(spread("stride", stride_count, stride, dims, geometry->stride));
  TH_TRY(spread("padding", padding_count, padding, dims, geometry->pad));
  return spread("dilation", dilation_count, dilation, dims, geometry->dilation);
}

THStatus zeros_like(THTensor* r, const THTensor* like) {
  TH_TRY(THTensor_outputOn(r, "convolution", THTensor_device(like), static_cast<THDtype>(like->dtype), like->ndim, like->size));
  return THTensor_zero(r);
}

}  // namespace

THStatus spread(const char* name, int count, const int64_t* values, int dims, int64_t* result) {
  TH_FAIL_IF(dims < 1 || dims > THNN_SPATIAL_MAX, TH_ERR_SHAPE, "[convolution] %d spatial dimensions, expected 1, 2 or 3",
             dims);
  TH_FAIL_IF(count != dims && count != 1, TH_ERR_VALUE, "[convolution] %s has %d numbers, expected %d, or one for all", name,
             count, dims);
  for (int d = 0; d < dims; d++) result[d] = values[count == 1 ? 0 : d];
  return TH_OK;
}

THStatus convolve(THTensor* r, const THTensor* input, const THTensor* weight, const THTensor* bias, int stride_count,
                  const int64_t* stride, int padding_count, const int64_t* padding, int dilation_count, const int64_t* dilation,
                  int64_t groups) {
  THNNGeometry geometry;
  TH_TRY(set_geometry(&geometry, weight->ndim - 2, stride_count, stride, padding_count, padding, dilation_count, dilation,
                      groups));
  return THNN_Convolution_updateOutput(input, r, weight, bias, &geometry);
}

THStatus convolveBackwardInput(THTensor* r, const THTensor* grad_output, const THTensor* input, const THTensor* weight,
                               int stride_count, const int64_t* stride, int padding_count, const int64_t* padding,
                               int dilation_count, const int64_t* dilation, int64_t groups) {
  THNNGeometry geometry;
  TH_TRY(set_geometry(&geometry, weight->ndim - 2, stride_count, stride, padding_count, padding, dilation_count, dilation,
                      groups));
  return THNN_Convolution_updateGradInput(input, grad_output, r, weight, &geometry);
}

THStatus convolveBackwardWeight(THTensor* r, const THTensor* grad_output, const THTensor* input, const THTensor* weight,
                                int stride_count, const int64_t* stride, int padding_count, const int64_t* padding,
                                int dilation_count, const int64_t* dilation, int64_t groups) {
  THNNGeometry geometry;
  TH_TRY(set_geometry(&geometry, weight->ndim - 2, stride_count, stride, padding_count, padding, dilation_count, dilation,
                      groups));
  TH_TRY(zeros_like(r, weight));
  return THNN_Convolution_accGradParameters(input, grad_output, r, nullptr, &geometry, 1.0);
}

THStatus fullConvolve(THTensor* r, const THTensor* input, const THTensor* weight, const THTensor* bias, int stride_count,
                      const int64_t* stride, int padding_count, const int64_t* padding, int output_padding_count,
                      const int64_t* output_padding, int64_t groups, int dilation_count, const int64_t* dilation) {
  THNNGeometry geometry;
  int64_t adjust[THNN_SPATIAL_MAX];
  TH_TRY(set_geometry(&geometry, weight->ndim - 2, stride_count, stride, padding_count, padding, dilation_count, dilation,
                      groups));
  TH_TRY(spread("output_padding", output_padding_count, output_padding, weight->ndim - 2, adjust));
  return THNN_FullConvolution_updateOutput(input, r, weight, bias, &geometry, adjust);
}

THStatus fullConvolveBackwardInput(THTensor* r, const THTensor* grad_output, const THTensor* input, const THTensor* weight,
                                   int stride_count, const int64_t* stride, int padding_count, const int64_t* padding,
                                   int output_padding_count, const int64_t* output_padding, int64_t groups, int dilation_count,
                                   const int64_t* dilation) {
  THNNGeometry geometry;
  int64_t adjust[THNN_SPATIAL_MAX];
  TH_TRY(set_geometry(&geometry, weight->ndim - 2, stride_count, stride, padding_count, padding, dilation_count, dilation,
                      groups));
  TH_TRY(spread("output_padding", output_padding_count, output_padding, weight->ndim - 2, adjust));
  return THNN_FullConvolution_updateGradInput(input, grad_output, r, weight, &geometry, adjust);
}

THStatus fullConvolveBackwardWeight(THTensor* r, const THTensor* grad_output, const THTensor* input, const THTensor* weight,
                                    int stride_count, const int64_t* stride, int padding_count, const int64_t* padding,
                                    int output_padding_count, const int64_t* output_padding, int64_t groups, int dilation_count,
                                    const int64_t* dilation) {
  THNNGeometry geometry;
  int64_t adjust[THNN_SPATIAL_MAX];
  TH_TRY(set_geometry(&geometry, weight->ndim - 2, stride_count, stride, padding_count, padding, dilation_count, dilation,
                      groups));
  TH_TRY(spread("output_padding", output_padding_count, output_padding, weight->ndim - 2, adjust));
  TH_TRY(zeros_like(r, weight));
  return THNN_FullConvolution_accGradParameters(input, grad_output, r, nullptr, &geometry, adjust, 1.0);
}

THStatus unrollImages(THTensor* r, const THTensor* self, int kernel_size_count, const int64_t* kernel_size, int dilation_count,
                      const int64_t* dilation, int padding_count, const int64_t* padding, int stride_count,
                      const int64_t* stride) {
  int64_t k[2], d[2], p[2], s[2];
  TH_TRY(spread("kernel_size", kernel_size_count, kernel_size, 2, k));
  TH_TRY(spread("dilation", dilation_count, dilation, 2, d));
  TH_TRY(spread("padding", padding_count, padding, 2, p));
  TH_TRY(spread("stride", stride_count, stride, 2, s));
  return THNN_Im2Col_updateOutput(self, r, k, d, p, s);
}

THStatus rollImages(THTensor* r, const THTensor* self, int size_count, const int64_t* size, int kernel_size_count,
                    const int64_t* kernel_size, int dilation_count, const int64_t* dilation, int padding_count,
                    const int64_t* padding, int stride_count, const int64_t* stride) {
  int64_t n[2], k[2], d[2], p[2], s[2];
  TH_TRY(spread("output_size", size_count, size, 2, n));
  TH_TRY(spread("kernel_size", kernel_size_count, kernel_size, 2, k));
  TH_TRY(spread("dilation", dilation_count, dilation, 2, d));
  TH_TRY(spread("padding", padding_count, padding, 2, p));
  TH_TRY(spread("stride", stride_count, stride, 2, s));
  return THNN_Col2Im_updateOutput(self, r, n, k, d, p, s);
}

}  // namespace torch::ops
