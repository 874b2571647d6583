// Mean and variance in one pass (Welford 1962): no difference of large sums.
#include <torch/extension.h>

namespace {

std::pair<double, double> moments(const torch::Tensor& x) {
  const torch::Tensor values = x.contiguous();
  const double* v = values.data<double>();
  double mean = 0, sum = 0;
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double step = v[i] - mean;
    mean += step / static_cast<double>(i + 1);
    sum += step * (v[i] - mean);
  }
  return {mean, x.numel() > 0 ? sum / static_cast<double>(x.numel()) : 0};
}

}  // namespace

TORCH_EXTENSION_MODULE(_moments, "Moments in one pass.", TORCH_FUNCTION(moments, "moments(x) -> (mean, variance) of float64"))
