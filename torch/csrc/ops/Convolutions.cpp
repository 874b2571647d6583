// Convolutions: the functions of one, two and three spatial dimensions.
#include <string>

#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

void check_dims(const char* op, const Tensor& input, const Tensor& weight, int dims) {
  const char* names[] = {"W", "H x W", "D x H x W"};
  for (const auto& [name, tensor] : {std::pair{"input", &input}, std::pair{"weight", &weight}}) {
    if (tensor->ndim() == dims + 2) continue;
    throw Error(TH_ERR_SHAPE, "[" + std::string(op) + "] " + name + " has " + std::to_string(tensor->ndim()) +
                                  " dimensions, expected " + std::to_string(dims + 2) + " (N x C x " + names[dims - 1] + ")");
  }
}

}  // namespace

Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias, const Sizes& stride, const Sizes& padding,
              const Sizes& dilation, int64_t groups) {
  check_dims("conv1d", input, weight, 1);
  return convolution(input, weight, bias, stride, padding, dilation, groups);
}

Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const Sizes& stride, const Sizes& padding,
              const Sizes& dilation, int64_t groups) {
  check_dims("conv2d", input, weight, 2);
  return convolution(input, weight, bias, stride, padding, dilation, groups);
}

Tensor conv3d(const Tensor& input, const Tensor& weight, const Tensor& bias, const Sizes& stride, const Sizes& padding,
              const Sizes& dilation, int64_t groups) {
  check_dims("conv3d", input, weight, 3);
  return convolution(input, weight, bias, stride, padding, dilation, groups);
}

Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias, const Sizes& stride,
                        const Sizes& padding, const Sizes& output_padding, int64_t groups, const Sizes& dilation) {
  check_dims("conv_transpose1d", input, weight, 1);
  return full_convolution(input, weight, bias, stride, padding, output_padding, groups, dilation);
}

Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias, const Sizes& stride,
                        const Sizes& padding, const Sizes& output_padding, int64_t groups, const Sizes& dilation) {
  check_dims("conv_transpose2d", input, weight, 2);
  return full_convolution(input, weight, bias, stride, padding, output_padding, groups, dilation);
}

Tensor conv_transpose3d(const Tensor& input, const Tensor& weight, const Tensor& bias, const Sizes& stride,
                        const Sizes& padding, const Sizes& output_padding, int64_t groups, const Sizes& dilation) {
  check_dims("conv_transpose3d", input, weight, 3);
  return full_convolution(input, weight, bias, stride, padding, output_padding, groups, dilation);
}

Tensor sum_channels(const Tensor& self) {
  int64_t inner = 1;
  for (int d = 2; d < self.ndim(); d++) inner *= self.size(d);
  return sum(sum(reshape(self, {self.size(0), self.size(1), inner}), 2, false), 0, false);
}

}  // namespace torch::ops
