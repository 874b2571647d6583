// Normalisations that are views of batch normalisation, and its derivatives.
#include <algorithm>
#include <string>
#include <utility>

#include "autograd/Variable.h"
#include "backend/Functions.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

using Triple = std::tuple<Tensor, Tensor, Tensor>;

// N x C x * as C x (N *), and back.
Tensor by_channel(const Tensor& t) {
  return reshape(transpose(t, 0, 1), {t.size(1), -1});
}

Tensor by_sample(const Tensor& rows, const Tensor& like) {
  Sizes shape = like.sizes();
  std::swap(shape[0], shape[1]);
  return transpose(reshape(rows, shape), 0, 1);
}

Tensor column(const Tensor& vector) {
  return unsqueeze(vector, 1);
}

// The gradients of rows with a mean each: of what a row holds before weight and bias.
Tensor differentiable_normal(const Tensor& scaled, const Tensor& normal, const Tensor& invstd) {
  const Tensor along = mul(normal, mean(mul(scaled, normal), 1, true));
  return mul(invstd, sub(sub(scaled, mean(scaled, 1, true), number(1)), along, number(1)));
}

// Batch normalisation's gradients, differentiable once more.
Triple differentiable(const Tensor& grad, const Tensor& input, const Tensor& weight, const Tensor& save_mean,
                      const Tensor& save_invstd, bool training, double eps) {
  const Tensor x = by_channel(input), g = by_channel(grad);
  const Tensor mean_ = training ? mean(x, 1, true) : column(save_mean);
  const Tensor centered = sub(x, mean_, number(1));
  const Tensor invstd =
      training ? rsqrt(add(mean(mul(centered, centered), 1, true), number(eps), number(1))) : column(save_invstd);
  const Tensor normal = mul(centered, invstd);
  const Tensor scaled = weight ? mul(g, column(weight)) : g;
  const Tensor gx = training ? differentiable_normal(scaled, normal, invstd) : mul(scaled, invstd);
  return {by_sample(gx, input), sum(mul(g, normal), 1, false), sum(g, 1, false)};
}

// Layer normalisation's gradients, differentiable once more.
Triple differentiable_rows(const Tensor& grad, const Tensor& input, const Tensor& weight, int64_t dims, double eps) {
  const Sizes shape = input.sizes(), inner(shape.end() - dims, shape.end());
  int64_t rows = 1, count = 1;
  for (size_t d = 0; d < shape.size(); d++) (d + inner.size() < shape.size() ? rows : count) *= shape[d];
  const Tensor x = reshape(input, {rows, count}), g = reshape(grad, {rows, count});
  const Tensor centered = sub(x, mean(x, 1, true), number(1));
  const Tensor invstd = rsqrt(add(mean(mul(centered, centered), 1, true), number(eps), number(1)));
  const Tensor normal = mul(centered, invstd);
  const Tensor gx = differentiable_normal(weight ? mul(g, reshape(weight, {1, count})) : g, normal, invstd);
  return {reshape(gx, shape), reshape(sum(mul(g, normal), 0, false), inner), reshape(sum(g, 0, false), inner)};
}

// Group normalisation's gradients, differentiable once more.
Triple differentiable_groups(const Tensor& grad, const Tensor& input, const Tensor& weight, int64_t groups, double eps) {
  const int64_t n = input.size(0), channels = input.size(1);
  const Sizes rows = {n * groups, -1}, parts = {n, channels, -1};
  const Tensor x = reshape(input, rows), g = reshape(grad, parts);
  const Tensor centered = sub(x, mean(x, 1, true), number(1));
  const Tensor invstd = rsqrt(add(mean(mul(centered, centered), 1, true), number(eps), number(1)));
  const Tensor normal = mul(centered, invstd), scaled = weight ? mul(g, reshape(weight, {1, channels, 1})) : g;
  const Tensor gx = reshape(differentiable_normal(reshape(scaled, rows), normal, invstd), input.sizes());
  const auto each = [](const Tensor& t) { return sum(sum(t, 2, false), 0, false); };
  return {gx, each(mul(g, reshape(normal, parts))), each(g)};
}

Tensor affine(const Tensor& t, const Tensor& weight, const Tensor& bias, const Sizes& shape) {
  Tensor result = weight ? mul(t, reshape(weight, shape)) : t;
  return bias ? add(result, reshape(bias, shape), number(1)) : result;
}

Sizes per_channel(const Tensor& input) {
  Sizes shape(static_cast<size_t>(input.ndim()), 1);
  shape[1] = input.size(1);
  return shape;
}

void check_channels(const char* op, const char* name, const Tensor& vector, int64_t channels) {
  if (!vector || (vector.ndim() == 1 && vector.numel() == channels)) return;
  throw Error(TH_ERR_SHAPE, "[" + std::string(op) + "] " + name + " has " + std::to_string(vector.numel()) +
                                " elements, expected one for each of " + std::to_string(channels) + " channels");
}

}  // namespace

Triple batch_norm_backward(const Tensor& grad, const Tensor& input, const Tensor& weight, const Tensor& save_mean,
                           const Tensor& save_invstd, bool training, double eps) {
  if (autograd::grad_enabled()) return differentiable(grad, input, weight, save_mean, save_invstd, training, eps);
  const Tensor gx = Tensor::fresh();
  const Sizes channels = {input.size(1)};
  const Tensor gw = zeros(channels, input.dtype()), gb = zeros(channels, input.dtype());
  check(THNN_BatchNormalization_backward(input.get(), grad.get(), gx.get(), gw.get(), gb.get(), weight.get(), save_mean.get(),
                                         save_invstd.get(), training, 1.0));
  return {gx, gw, gb};
}

Triple layer_norm_backward(const Tensor& grad, const Tensor& input, const Tensor& weight, const Tensor& save_mean,
                           const Tensor& save_invstd, int64_t dims, double eps) {
  if (autograd::grad_enabled()) return differentiable_rows(grad, input, weight, dims, eps);
  const Sizes shape = input.sizes(), inner(shape.end() - dims, shape.end());
  const Tensor gx = Tensor::fresh();
  const Tensor gw = zeros(inner, input.dtype()), gb = zeros(inner, input.dtype());
  check(THNN_LayerNormalization_backward(input.get(), grad.get(), gx.get(), gw.get(), gb.get(), weight.get(), save_mean.get(),
                                         save_invstd.get(), static_cast<int>(dims), 1.0));
  return {gx, gw, gb};
}

Triple group_norm_backward(const Tensor& grad, const Tensor& input, const Tensor& weight, const Tensor& save_mean,
                           const Tensor& save_invstd, int64_t groups, double eps) {
  if (autograd::grad_enabled() && input.numel() > 0) return differentiable_groups(grad, input, weight, groups, eps);
  const Sizes channels = {input.size(1)};
  const Tensor gx = Tensor::fresh();
  const Tensor gw = zeros(channels, input.dtype()), gb = zeros(channels, input.dtype());
  check(THNN_GroupNormalization_backward(input.get(), grad.get(), gx.get(), gw.get(), gb.get(), weight.get(), save_mean.get(),
                                         save_invstd.get(), groups, 1.0));
  return {gx, gw, gb};
}

Tensor layer_norm(const Tensor& input, const Sizes& normalized_shape, const Tensor& weight, const Tensor& bias, double eps) {
  const Sizes shape = input.sizes();
  const size_t count = normalized_shape.size();
  if (count == 0 || count > shape.size() ||
      !std::equal(normalized_shape.begin(), normalized_shape.end(), shape.end() - count)) {
    std::string expected;
    for (const int64_t size : normalized_shape) expected += ", " + std::to_string(size);
    throw Error(TH_ERR_SHAPE, "[layer_norm] input does not end in normalized_shape: expected input with shape [*" + expected +
                                  "], but got input of size " + std::to_string(input.ndim()) + " dimensions");
  }
  return std::get<0>(layer_norm_forward(input, weight, bias, static_cast<int64_t>(count), eps));
}

Tensor group_norm(const Tensor& input, int64_t num_groups, const Tensor& weight, const Tensor& bias, double eps) {
  if (input.ndim() < 2 || num_groups < 1 || input.size(1) % num_groups != 0) {
    throw Error(TH_ERR_SHAPE, "[group_norm] Expected number of channels in input to be divisible by num_groups, which is " +
                                  std::to_string(num_groups));
  }
  check_channels("group_norm", "weight", weight, input.size(1));
  check_channels("group_norm", "bias", bias, input.size(1));
  return std::get<0>(group_norm_forward(input, weight, bias, num_groups, eps));
}

Tensor instance_norm(const Tensor& input, const Tensor& weight, const Tensor& bias, const Tensor& running_mean,
                     const Tensor& running_var, bool use_input_stats, double momentum, double eps) {
  if (input.ndim() < 2) throw Error(TH_ERR_SHAPE, "[instance_norm] input has fewer than 2 dimensions, expected N x C x *");
  check_channels("instance_norm", "weight", weight, input.size(1));
  check_channels("instance_norm", "bias", bias, input.size(1));
  if (!use_input_stats) return batch_norm(input, weight, bias, running_mean, running_var, false, momentum, eps);
  if (input.numel() == 0) return affine(input, weight, bias, per_channel(input));  // no sample moves the running statistics
  const int64_t n = input.size(0), channels = input.size(1);
  if (input.numel() == n * channels) {
    throw Error(TH_ERR_SHAPE, "[instance_norm] Expected more than 1 value per channel when training, input has 1");
  }
  if (!running_mean && !running_var) return std::get<0>(group_norm_forward(input, weight, bias, channels, eps));
  const Tensor flat = reshape(input, {1, n * channels, -1});
  Tensor means, variances;  // one for each sample and channel; they move the running ones by their mean over samples
  const auto each = [n](const Tensor& running) {
    return running ? clone(reshape(expand(unsqueeze(running, 0), {n, running.numel()}), {-1})) : Tensor();
  };
  means = each(running_mean);
  variances = each(running_var);
  const Tensor result = batch_norm(flat, Tensor(), Tensor(), means, variances, true, momentum, eps);
  const auto move = [n, channels](const Tensor& running, const Tensor& values) {
    if (running) check(THTensor_copy(running.get(), mean(reshape(values, {n, channels}), 0, false).get()));
  };
  move(running_mean, means);
  move(running_var, variances);
  return affine(reshape(result, input.sizes()), weight, bias, per_channel(input));
}

}  // namespace torch::ops
