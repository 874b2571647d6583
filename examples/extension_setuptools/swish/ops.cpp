// The two directions of swish, for float32 and float64.
#include <torch/extension.h>

#include <stdexcept>

#include "kernels.h"

namespace {

// y[i] = f(x[i], g[i]) for all elements of two tensors of one shape.
template <class T, class F>
torch::Tensor map(const torch::Tensor& x, const torch::Tensor& g, F f) {
  const torch::Tensor first = x.contiguous(), second = g.contiguous();
  torch::Tensor result = torch::empty(x.sizes(), x.dtype());
  const T* a = first.data<T>();
  const T* b = second.data<T>();
  T* y = result.mutable_data<T>();
  const int64_t n = x.numel();
  Py_BEGIN_ALLOW_THREADS  // nothing below touches a Python object
  for (int64_t i = 0; i < n; ++i) y[i] = f(a[i], b[i]);
  Py_END_ALLOW_THREADS
  return result;
}

torch::Tensor forward(const torch::Tensor& x, double beta) {
  switch (x.dtype()) {
    case THDtype_Float:
      return map<float>(x, x, [b = static_cast<float>(beta)](float v, float) { return swish(v, b); });
    case THDtype_Double:
      return map<double>(x, x, [beta](double v, double) { return swish(v, beta); });
    default:
      throw std::invalid_argument("swish: x has to be float32 or float64");
  }
}

torch::Tensor backward(const torch::Tensor& x, const torch::Tensor& grad, double beta) {
  if (x.sizes() != grad.sizes()) throw std::invalid_argument("swish: x and grad differ in shape");
  if (x.dtype() == THDtype_Float) {
    return map<float>(x, grad, [b = static_cast<float>(beta)](float v, float g) { return g * swish_slope(v, b); });
  }
  return map<double>(x, grad, [beta](double v, double g) { return g * swish_slope(v, beta); });
}

}  // namespace

TORCH_EXTENSION_MODULE(TORCH_EXTENSION_NAME, "swish in C++.",
                       TORCH_FUNCTION(forward, "forward(x, beta) -> Tensor"),
                       TORCH_FUNCTION(backward, "backward(x, grad, beta) -> Tensor"))
