// Gradients of whole sequences: THNN's loop, or the same made of differentiable steps where a second one may be asked for.
#include <tuple>
#include <utility>
#include <vector>

#include "autograd/Variable.h"
#include "backend/Functions.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

using Quadruple = std::tuple<Tensor, Tensor, Tensor, Tensor>;

int64_t step_at(int64_t k, int64_t steps, bool reverse) {
  return reverse ? steps - 1 - k : k;
}

Tensor at_step(const Tensor& t, int64_t step) {
  return t ? select(t, 0, step) : Tensor();
}

Tensor or_zeros(const Tensor& t, const Tensor& like) {
  return t ? t : zeros_like(like, THDtype_None);
}

// Slices in the order of the steps.
Tensor joined(const std::vector<Tensor>& steps, const Tensor& like) {
  return steps.empty() ? zeros_like(like, THDtype_None) : stack(steps, 0);
}

Quadruple lstm_differentiable(const Tensor& grad_output, const Tensor& grad_cells, const Tensor& gates, const Tensor& weight,
                              const Tensor& hidden, const Tensor& cell, bool reverse) {
  const int64_t steps = gates.size(0);
  const Tensor turned = t(weight);
  std::vector<Tensor> products, hiddens = {hidden}, cells = {cell}, storages;
  for (int64_t k = 0; k < steps; k++) {
    products.push_back(mm(hiddens.back(), turned));
    auto [h, c, storage] = lstm_step(at_step(gates, step_at(k, steps, reverse)), products.back(), cells.back());
    hiddens.push_back(h);
    cells.push_back(c);
    storages.push_back(storage);
  }
  std::vector<Tensor> of_gates(static_cast<size_t>(steps));
  Tensor of_weight = zeros_like(weight, THDtype_None), of_hidden = zeros_like(hidden, THDtype_None), of_cell;
  for (int64_t k = steps - 1; k >= 0; k--) {
    const int64_t step = step_at(k, steps, reverse);
    const Tensor outer = plus(of_hidden, at_step(grad_output, step));
    auto [g, same, c] = lstm_step_backward(outer, plus(of_cell, at_step(grad_cells, step)), at_step(gates, step), products[k],
                                           cells[k], cells[k + 1], storages[k]);
    of_gates[step] = g;
    of_cell = c;
    of_weight = add(of_weight, mm(t(g), hiddens[k]), number(1));
    of_hidden = mm(g, weight);
  }
  return {joined(of_gates, gates), of_weight, of_hidden, or_zeros(of_cell, cell)};
}

Quadruple gru_differentiable(const Tensor& grad, const Tensor& gates, const Tensor& weight, const Tensor& bias,
                             const Tensor& hidden, bool reverse) {
  const int64_t steps = gates.size(0);
  const Tensor turned = t(weight);
  std::vector<Tensor> products, hiddens = {hidden}, storages;
  for (int64_t k = 0; k < steps; k++) {
    products.push_back(plus(mm(hiddens.back(), turned), bias));
    auto [h, storage] = gru_step(at_step(gates, step_at(k, steps, reverse)), products.back(), hiddens.back());
    hiddens.push_back(h);
    storages.push_back(storage);
  }
  std::vector<Tensor> of_gates(static_cast<size_t>(steps));
  Tensor of_weight = zeros_like(weight, THDtype_None), of_bias, of_hidden;
  for (int64_t k = steps - 1; k >= 0; k--) {
    const int64_t step = step_at(k, steps, reverse);
    auto [g, product, direct] =
        gru_step_backward(plus(of_hidden, at_step(grad, step)), at_step(gates, step), products[k], hiddens[k], storages[k]);
    of_gates[step] = g;
    of_weight = add(of_weight, mm(t(product), hiddens[k]), number(1));
    of_bias = plus(of_bias, sum(product, 0, false));
    of_hidden = add(direct, mm(product, weight), number(1));
  }
  if (!of_bias) of_bias = zeros({weight.size(0)}, weight.dtype());
  return {joined(of_gates, gates), of_weight, bias ? of_bias : Tensor(), or_zeros(of_hidden, hidden)};
}

}  // namespace

Quadruple lstm_sequence_backward(const Tensor& grad_output, const Tensor& grad_cells, const Tensor& gates, const Tensor& weight,
                                 const Tensor& hidden, const Tensor& cell, const Tensor& output, const Tensor& cells,
                                 const Tensor& storage, bool reverse) {
  if (autograd::grad_enabled()) return lstm_differentiable(grad_output, grad_cells, gates, weight, hidden, cell, reverse);
  const Tensor of_gates = Tensor::fresh(), of_weight = Tensor::fresh(), of_hidden = Tensor::fresh(), of_cell = Tensor::fresh();
  check(THNN_LSTMSequence_backward(grad_output.get(), grad_cells.get(), weight.get(), hidden.get(), cell.get(), reverse,
                                   output.get(), cells.get(), storage.get(), of_gates.get(), of_weight.get(), of_hidden.get(),
                                   of_cell.get()));
  return {of_gates, of_weight, of_hidden, of_cell};
}

Quadruple gru_sequence_backward(const Tensor& grad, const Tensor& gates, const Tensor& weight, const Tensor& bias,
                                const Tensor& hidden, const Tensor& output, const Tensor& storage, bool reverse) {
  if (autograd::grad_enabled()) return gru_differentiable(grad, gates, weight, bias, hidden, reverse);
  const Tensor of_gates = Tensor::fresh(), products = Tensor::fresh(), of_weight = Tensor::fresh(), of_hidden = Tensor::fresh();
  check(THNN_GRUSequence_backward(grad.get(), weight.get(), hidden.get(), reverse, output.get(), storage.get(), of_gates.get(),
                                  products.get(), of_weight.get(), of_hidden.get()));
  Tensor of_bias;
  if (bias) of_bias = sum(reshape(products, {products.size(0) * products.size(1), products.size(2)}), 0, false);
  return {of_gates, of_weight, of_bias, of_hidden};
}

}  // namespace torch::ops
