// New tensors: nothing to differentiate.
#include <atomic>
#include <string>

#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Defaults.h"
#include "ops/Kernels.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

std::atomic<THDtype> the_default_dtype{THDtype_Float};
std::atomic<bool> the_default_is_cuda{false};

// An empty tensor of a dtype, for ops that write into what has one.
Tensor typed(THDtype dtype) {
  const int64_t none = 0;
  return Tensor::steal(backend::new_tensor(dtype, 1, &none));
}

THDtype dtype_or(THDtype dtype, const Tensor& like) {
  return dtype == THDtype_None ? like.dtype() : dtype;
}

Tensor empty_of(const Tensor& like, THDtype dtype) {
  return Tensor::steal(backend::new_like(like.get(), dtype_or(dtype, like), like.ndim(), like.get()->size));
}

}  // namespace

THDtype default_dtype() noexcept {
  return the_default_dtype.load(std::memory_order_relaxed);
}

void set_default_dtype(THDtype dtype) {
  if (!THDtype_isFloating(dtype)) {
    throw Error(TH_ERR_DTYPE,
                std::string("only floating-point types are supported as the default type, not ") + THDtype_pythonName(dtype));
  }
  the_default_dtype.store(dtype, std::memory_order_relaxed);
}

bool default_is_cuda() noexcept {
  return the_default_is_cuda.load(std::memory_order_relaxed);
}

void set_default_is_cuda(bool cuda) noexcept {
  the_default_is_cuda.store(cuda, std::memory_order_relaxed);
}

int default_device() {
  return default_is_cuda() ? backend::usable_device(-1) : backend::HOST;
}

Tensor empty(const Sizes& size, THDtype dtype) {
  return Tensor::steal(backend::new_tensor(dtype_or_default(dtype), static_cast<int>(size.size()), size.data()));
}

Tensor full(const Sizes& size, Scalar fill_value, THDtype dtype) {
  Tensor result = empty(size, dtype);
  check(checkedFill(result.get(), fill_value));
  return result;
}

Tensor zeros(const Sizes& size, THDtype dtype) {
  Tensor result = empty(size, dtype);
  check(THTensor_zero(result.get()));
  return result;
}

Tensor ones(const Sizes& size, THDtype dtype) {
  return full(size, number(1), dtype);
}

Tensor empty_like(const Tensor& self, THDtype dtype) {
  return empty_of(self, dtype);
}

Tensor full_like(const Tensor& self, Scalar fill_value, THDtype dtype) {
  Tensor result = empty_of(self, dtype);
  check(checkedFill(result.get(), fill_value));
  return result;
}

Tensor zeros_like(const Tensor& self, THDtype dtype) {
  Tensor result = empty_of(self, dtype);
  check(THTensor_zero(result.get()));
  return result;
}

Tensor ones_like(const Tensor& self, THDtype dtype) {
  return full_like(self, number(1), dtype);
}

Tensor arange(Scalar end, THDtype dtype) {
  return arange(number(0), end, number(1), dtype);
}

Tensor arange(Scalar start, Scalar end, Scalar step, THDtype dtype) {
  const bool integers = !start.is_float && !end.is_float && !step.is_float;
  Tensor result = typed(dtype != THDtype_None ? dtype : integers ? THDtype_Long : default_dtype());
  check(THTensor_arange(result.get(), start, end, step));
  return result;
}

Tensor linspace(double start, double end, int64_t steps, THDtype dtype) {
  Tensor result = typed(dtype_or_default(dtype));
  check(THTensor_linspace(result.get(), start, end, steps));
  return result;
}

Tensor eye(int64_t n, std::optional<int64_t> m, THDtype dtype) {
  Tensor result = typed(dtype_or_default(dtype));
  check(THTensor_eye(result.get(), n, m.value_or(n)));
  return result;
}

// --- random ----------------------------------------------------------------------------------------------------------------

Tensor rand(const Sizes& size, THDtype dtype, THGenerator* generator) {
  Tensor result = empty(size, dtype);
  check(THTensor_uniform(result.get(), generator, 0, 1));
  return result;
}

Tensor randn(const Sizes& size, THDtype dtype, THGenerator* generator) {
  Tensor result = empty(size, dtype);
  check(THTensor_normal(result.get(), generator, 0, 1));
  return result;
}

Tensor randint(int64_t high, const Sizes& size, THDtype dtype, THGenerator* generator) {
  return randint(0, high, size, dtype, generator);
}

Tensor randint(int64_t low, int64_t high, const Sizes& size, THDtype dtype, THGenerator* generator) {
  Tensor result = empty(size, dtype);
  check(THTensor_randint(result.get(), generator, low, high));
  return result;
}

Tensor randperm(int64_t n, THDtype dtype, THGenerator* generator) {
  Tensor result = typed(dtype == THDtype_None ? THDtype_Long : dtype);
  check(THTensor_randperm(result.get(), generator, n));
  return result;
}

Tensor rand_like(const Tensor& self, THDtype dtype) {
  return rand(self.sizes(), dtype_or(dtype, self), nullptr);
}

Tensor randn_like(const Tensor& self, THDtype dtype) {
  return randn(self.sizes(), dtype_or(dtype, self), nullptr);
}

Tensor randint_like(const Tensor& self, int64_t high, THDtype dtype) {
  return randint(0, high, self.sizes(), dtype_or(dtype, self), nullptr);
}

Tensor randint_like(const Tensor& self, int64_t low, int64_t high, THDtype dtype) {
  return randint(low, high, self.sizes(), dtype_or(dtype, self), nullptr);
}

Tensor normal(const Tensor& mean, const Tensor& std, THGenerator* generator) {
  int ndim = 0;
  Sizes size(TH_MAX_DIMS);
  check(THTensor_broadcast(mean.get(), std.get(), "normal", &ndim, size.data()));
  size.resize(static_cast<size_t>(ndim));
  const backend::DeviceScope place(THTensor_device(mean.get()));
  const Tensor result = empty(size, mean.dtype());
  check(THTensor_normalTensors(result.get(), generator, mean.get(), std.get()));
  return result;
}

Tensor normal(const Tensor& mean, double std, THGenerator* generator) {
  const backend::DeviceScope place(THTensor_device(mean.get()));
  return normal(mean, full({}, number(std), mean.dtype()), generator);
}

Tensor normal(double mean, const Tensor& std, THGenerator* generator) {
  const backend::DeviceScope place(THTensor_device(std.get()));
  return normal(full({}, number(mean), std.dtype()), std, generator);
}

const Tensor& write_result(const char* op, const Tensor& out, const Tensor& result) {
  if (autograd::grad_enabled() && (autograd::requires_grad(out) || autograd::requires_grad(result))) {
    autograd::throw_out_requires_grad(op);
  }
  const THTensor* const like = result.get();
  check(THTensor_outputOn(out.get(), op, THTensor_device(like), result.dtype(), like->ndim, like->size));
  check(THTensor_copy(out.get(), like));
  return out;
}

const Tensor& normal_out(const Tensor& out, const Tensor& mean, const Tensor& std, THGenerator* generator) {
  return write_result("normal", out, normal(mean, std, generator));
}

const Tensor& normal_out(const Tensor& out, const Tensor& mean, double std, THGenerator* generator) {
  return write_result("normal", out, normal(mean, std, generator));
}

const Tensor& normal_out(const Tensor& out, double mean, const Tensor& std, THGenerator* generator) {
  return write_result("normal", out, normal(mean, std, generator));
}

const Tensor& bernoulli_out(const Tensor& out, const Tensor& self, THGenerator* generator) {
  return write_result("bernoulli", out, bernoulli(self, generator));
}

Tensor bernoulli(const Tensor& self, THGenerator* generator) {
  Tensor result = empty_of(self, THDtype_None);
  check(THTensor_bernoulliTensor(result.get(), generator, self.get()));
  return result;
}

const Tensor& random_(const Tensor& self, THGenerator* generator) {
  int64_t end = INT64_MAX;  // exclusive
  switch (self.dtype()) {
    case THDtype_Byte:
      end = int64_t{1} << 8;
      break;
    case THDtype_Char:
      end = int64_t{1} << 7;
      break;
    case THDtype_Short:
      end = int64_t{1} << 15;
      break;
    case THDtype_Int:
      end = int64_t{1} << 31;
      break;
    case THDtype_Half:
      end = (int64_t{1} << 11) + 1;
      break;
    case THDtype_Float:
      end = (int64_t{1} << 24) + 1;
      break;
    case THDtype_Double:
      end = (int64_t{1} << 53) + 1;
      break;
    default:
      break;
  }
  return random_(self, 0, end, generator);
}

const Tensor& random_(const Tensor& self, int64_t to, THGenerator* generator) {
  return random_(self, 0, to, generator);
}

}  // namespace torch::ops
