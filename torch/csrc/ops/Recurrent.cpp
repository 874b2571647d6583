// Gradients of recurrent steps: the fused kernels, or the same made of differentiable ops where a second one may be asked for.
#include "autograd/Variable.h"
#include "backend/Functions.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

using Triple = std::tuple<Tensor, Tensor, Tensor>;

Tensor part(const Tensor& gates, int64_t index, int64_t parts) {
  const int64_t width = gates.size(1) / parts;
  return narrow(gates, 1, index * width, width);
}

Tensor one_minus(const Tensor& t) {
  return rsub(t, number(1));
}

// a (1 - a), the slope of a sigmoid whose value is a.
Tensor sigmoid_slope(const Tensor& value) {
  return mul(value, one_minus(value));
}

Tensor tanh_slope(const Tensor& value) {
  return one_minus(mul(value, value));
}

Triple lstm_differentiable(const Tensor& grad_hidden, const Tensor& grad_next_cell, const Tensor& gates,
                           const Tensor& hidden_gates, const Tensor& cell) {
  const Tensor sums = hidden_gates ? add(gates, hidden_gates, number(1)) : gates;
  const Tensor i = sigmoid(part(sums, 0, 4)), f = sigmoid(part(sums, 1, 4));
  const Tensor g = tanh(part(sums, 2, 4)), o = sigmoid(part(sums, 3, 4));
  const Tensor squashed = tanh(add(mul(f, cell), mul(i, g), number(1)));
  Tensor of_cell = grad_next_cell;
  Tensor of_output = zeros_like(o, THDtype_None);
  if (grad_hidden) {
    const Tensor through = mul(mul(grad_hidden, o), tanh_slope(squashed));
    of_cell = of_cell ? add(of_cell, through, number(1)) : through;
    of_output = mul(mul(grad_hidden, squashed), sigmoid_slope(o));
  }
  const Tensor all = cat({mul(mul(of_cell, g), sigmoid_slope(i)), mul(mul(of_cell, cell), sigmoid_slope(f)),
                          mul(mul(of_cell, i), tanh_slope(g)), of_output},
                         1);
  return {all, all, mul(of_cell, f)};
}

Triple gru_differentiable(const Tensor& grad, const Tensor& gates, const Tensor& hidden_gates, const Tensor& state) {
  const auto sum = [&](int64_t gate) { return add(part(gates, gate, 3), part(hidden_gates, gate, 3), number(1)); };
  const Tensor r = sigmoid(sum(0)), z = sigmoid(sum(1)), kept = part(hidden_gates, 2, 3);
  const Tensor fresh = tanh(add(part(gates, 2, 3), mul(r, kept), number(1)));
  const Tensor of_fresh = mul(mul(grad, one_minus(z)), tanh_slope(fresh));
  const Tensor of_reset = mul(mul(of_fresh, kept), sigmoid_slope(r));
  const Tensor of_update = mul(mul(grad, sub(state, fresh, number(1))), sigmoid_slope(z));
  return {cat({of_reset, of_update, of_fresh}, 1), cat({of_reset, of_update, mul(of_fresh, r)}, 1), mul(grad, z)};
}

}  // namespace

Triple lstm_step_backward(const Tensor& grad_hidden, const Tensor& grad_next_cell, const Tensor& gates,
                          const Tensor& hidden_gates, const Tensor& cell, const Tensor& next_cell, const Tensor& storage) {
  if (autograd::grad_enabled()) return lstm_differentiable(grad_hidden, grad_next_cell, gates, hidden_gates, cell);
  const Tensor of_gates = Tensor::fresh(), of_cell = Tensor::fresh();
  check(THNN_LSTMFused_updateGradInput(storage.get(), of_gates.get(), cell.get(), next_cell.get(), grad_hidden.get(),
                                       grad_next_cell.get(), of_cell.get()));
  return {of_gates, of_gates, of_cell};
}

Triple gru_step_backward(const Tensor& grad, const Tensor& gates, const Tensor& hidden_gates, const Tensor& state,
                         const Tensor& storage) {
  if (autograd::grad_enabled()) return gru_differentiable(grad, gates, hidden_gates, state);
  const Tensor of_gates = Tensor::fresh(), of_hidden = Tensor::fresh(), of_state = Tensor::fresh();
  check(THNN_GRUFused_updateGradInput(of_gates.get(), of_hidden.get(), grad.get(), of_state.get(), storage.get()));
  return {of_gates, of_hidden, of_state};
}

}  // namespace torch::ops
