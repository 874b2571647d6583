// Poolings: lists of the declarations into THNN's arguments.
#include "ops/LayerKernels.h"
#include "ops/Spatial.h"

namespace torch::ops {
namespace {

struct Windows {
  int64_t kernel[THNN_SPATIAL_MAX];
  THNNGeometry geometry;
};

THStatus set_windows(Windows* windows, int dims, int kernel_count, const int64_t* kernel, int stride_count,
                     const int64_t* stride, int padding_count, const int64_t* padding, int dilation_count,
                     const int64_t* dilation) {
  TH_TRY(spread("kernel_size", kernel_count, kernel, dims, windows->kernel));
  TH_TRY(spread("stride", stride_count ? stride_count : kernel_count, stride_count ? stride : kernel, dims,
                windows->geometry.stride));
  TH_TRY(spread("padding", padding_count, padding, dims, windows->geometry.pad));
  return spread("dilation", dilation_count, dilation, dims, windows->geometry.dilation);
}

constexpr int64_t kOne = 1;

THStatus check_dims(int dims) {
  TH_FAIL_IF(dims < 1 || dims > THNN_SPATIAL_MAX, TH_ERR_VALUE, "[pooling] %d spatial dimensions, expected 1, 2 or 3", dims);
  return TH_OK;
}

}  // namespace

THStatus maxPool(THTensor* r, THTensor* indices, const THTensor* self, int dims, int kernel_count, const int64_t* kernel,
                 int stride_count, const int64_t* stride, int padding_count, const int64_t* padding, int dilation_count,
                 const int64_t* dilation, bool ceil_mode) {
  Windows w;
  TH_TRY(set_windows(&w, dims, kernel_count, kernel, stride_count, stride, padding_count, padding, dilation_count, dilation));
  return THNN_MaxPooling_updateOutput(self, r, indices, dims, w.kernel, &w.geometry, ceil_mode);
}

THStatus averagePool(THTensor* r, const THTensor* self, int dims, int kernel_count, const int64_t* kernel, int stride_count,
                     const int64_t* stride, int padding_count, const int64_t* padding, bool ceil_mode, bool count_include_pad) {
  Windows w;
  TH_TRY(set_windows(&w, dims, kernel_count, kernel, stride_count, stride, padding_count, padding, 1, &kOne));
  return THNN_AveragePooling_updateOutput(self, r, dims, w.kernel, &w.geometry, ceil_mode, count_include_pad);
}

THStatus averagePoolBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, int dims, int kernel_count,
                             const int64_t* kernel, int stride_count, const int64_t* stride, int padding_count,
                             const int64_t* padding, bool ceil_mode, bool count_include_pad) {
  Windows w;
  TH_TRY(set_windows(&w, dims, kernel_count, kernel, stride_count, stride, padding_count, padding, 1, &kOne));
  return THNN_AveragePooling_updateGradInput(self, grad_output, r, dims, w.kernel, &w.geometry, ceil_mode, count_include_pad);
}

THStatus adaptiveMaxPool(THTensor* r, THTensor* indices, const THTensor* self, int dims, const int64_t* size) {
  TH_TRY(check_dims(dims));
  return THNN_AdaptiveMaxPooling_updateOutput(self, r, indices, dims, size);
}

THStatus adaptiveAveragePool(THTensor* r, const THTensor* self, int dims, const int64_t* size) {
  TH_TRY(check_dims(dims));
  return THNN_AdaptiveAveragePooling_updateOutput(self, r, dims, size);
}

THStatus adaptiveAveragePoolBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, int dims, const int64_t*) {
  return THNN_AdaptiveAveragePooling_updateGradInput(self, grad_output, r, dims);
}

THStatus fractionalMaxPool(THTensor* r, THTensor* indices, const THTensor* self, int kernel_count, const int64_t* kernel,
                           int dims, const int64_t* size, const THTensor* samples) {
  TH_TRY(check_dims(dims));
  int64_t sizes[THNN_SPATIAL_MAX];
  TH_TRY(spread("kernel_size", kernel_count, kernel, dims, sizes));
  return THNN_FractionalMaxPooling_updateOutput(self, r, indices, dims, size, sizes, samples);
}

THStatus maxUnpool(THTensor* r, const THTensor* self, const THTensor* indices, int dims, const int64_t* size) {
  TH_TRY(check_dims(dims));
  return THNN_MaxUnpooling_updateOutput(self, r, indices, dims, size);
}

THStatus maxUnpoolBackward(THTensor* r, const THTensor* grad_output, const THTensor* self, const THTensor* indices, int dims,
                           const int64_t* size) {
  return THNN_MaxUnpooling_updateGradInput(self, grad_output, r, indices, dims, size);
}

}  // namespace torch::ops
