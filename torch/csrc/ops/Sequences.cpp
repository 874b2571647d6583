// Gradients of whole sequences: THNN's loop, or the same made of differentiable steps where a second one may be asked for.
#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "autograd/Variable.h"
#include "backend/Functions.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

using Triple = std::tuple<Tensor, Tensor, Tensor>;
using Quadruple = std::tuple<Tensor, Tensor, Tensor, Tensor>;

// Steps in the order in which they run. Rows of a step are the first ones of a batch that shrinks from step to step.
class Steps {
 public:
  Steps(const Sizes& sizes, bool reverse) : sizes_(sizes), offsets_(1, 0), reverse_(reverse) {
    for (const int64_t size : sizes) offsets_.push_back(offsets_.back() + size);
  }

  int64_t count() const { return static_cast<int64_t>(sizes_.size()); }

  // The rows of the k-th step to run; none where there is no tensor.
  Tensor rows(const Tensor& all, int64_t k) const {
    return all ? narrow(all, 0, offsets_[place(k)], sizes_[place(k)]) : Tensor();
  }

  // The state that the k-th step starts from: that of the step before it; what was given, for samples that are new.
  Tensor before(const Tensor& state, const Tensor& given, int64_t k) const {
    const int64_t here = sizes_[place(k)], there = state ? state.size(0) : 0;
    if (there == 0) return narrow(given, 0, 0, here);
    if (here <= there) return here == there ? state : narrow(state, 0, 0, here);
    return cat({state, narrow(given, 0, there, here - there)}, 0);
  }

  // The gradient that the step after the k-th one passes on to it: zero for samples that ended here.
  Tensor after(const Tensor& gradient, int64_t k) const {
    const int64_t missing = gradient ? sizes_[place(k)] - gradient.size(0) : 0;
    return missing > 0 ? cat({gradient, zeros({missing, gradient.size(1)}, gradient.dtype())}, 0) : gradient;
  }

  // Of the gradient of what the k-th step starts from: what the step before it gets. The rest is put into `given`.
  Tensor split(const Tensor& gradient, int64_t k, std::vector<Tensor>& given) const {
    const int64_t here = sizes_[place(k)], kept = k == 0 ? 0 : std::min(here, sizes_[place(k - 1)]);
    if (kept < here) given.push_back(narrow(gradient, 0, kept, here - kept));
    return narrow(gradient, 0, 0, kept);
  }

  // Where the k-th step to run stands among all.
  size_t place(int64_t k) const { return static_cast<size_t>(reverse_ ? count() - 1 - k : k); }

 private:
  Sizes sizes_, offsets_;
  bool reverse_;
};

// All steps, in the order of the rows.
Tensor joined(const std::vector<Tensor>& steps, const Tensor& like) {
  return steps.empty() ? zeros_like(like, THDtype_None) : cat(steps, 0);
}

// `given` is in the order in which the steps ran backward: the last samples' first.
Tensor of_given(std::vector<Tensor> given, const Tensor& like) {
  if (given.empty()) return zeros_like(like, THDtype_None);
  std::reverse(given.begin(), given.end());
  return cat(given, 0);
}

// Steps that all have the whole batch: T x N x ... as rows.
Tensor flat(const Tensor& steps) {
  return steps ? reshape(steps, {steps.size(0) * steps.size(1), steps.size(2)}) : Tensor();
}

Sizes whole(const Tensor& gates) {
  return Sizes(static_cast<size_t>(gates.size(0)), gates.size(1));
}

Tensor or_zeros(const Tensor& t, const Tensor& like) {
  return t ? t : zeros_like(like, THDtype_None);
}

Quadruple lstm_differentiable(const Tensor& grad_output, const Tensor& grad_cells, const Tensor& gates, const Steps& run,
                              const Tensor& weight, const Tensor& hidden, const Tensor& cell) {
  const Tensor turned = t(weight);
  std::vector<Tensor> products, hiddens, cells, nexts, storages;
  Tensor h, c;
  for (int64_t k = 0; k < run.count(); k++) {
    hiddens.push_back(run.before(h, hidden, k));
    cells.push_back(run.before(c, cell, k));
    products.push_back(mm(hiddens.back(), turned));
    Tensor storage;
    std::tie(h, c, storage) = lstm_step(run.rows(gates, k), products.back(), cells.back());
    nexts.push_back(c);
    storages.push_back(storage);
  }
  std::vector<Tensor> of_gates(products.size()), of_hiddens, of_cells;
  Tensor of_weight = zeros_like(weight, THDtype_None), of_hidden, of_cell;
  for (int64_t k = run.count() - 1; k >= 0; k--) {
    const Tensor outer = or_zeros(plus(run.after(of_hidden, k), run.rows(grad_output, k)), hiddens[k]);
    auto [g, same, before] = lstm_step_backward(outer, plus(run.after(of_cell, k), run.rows(grad_cells, k)), run.rows(gates, k),
                                                products[k], cells[k], nexts[k], storages[k]);
    of_gates[run.place(k)] = g;
    of_weight = add(of_weight, mm(t(g), hiddens[k]), number(1));
    of_hidden = run.split(mm(g, weight), k, of_hiddens);
    of_cell = run.split(before, k, of_cells);
  }
  return {joined(of_gates, gates), of_weight, of_given(of_hiddens, hidden), of_given(of_cells, cell)};
}

Quadruple gru_differentiable(const Tensor& grad, const Tensor& gates, const Steps& run, const Tensor& weight,
                             const Tensor& bias, const Tensor& hidden) {
  const Tensor turned = t(weight);
  std::vector<Tensor> products, hiddens, storages;
  Tensor h;
  for (int64_t k = 0; k < run.count(); k++) {
    hiddens.push_back(run.before(h, hidden, k));
    products.push_back(plus(mm(hiddens.back(), turned), bias));
    Tensor storage;
    std::tie(h, storage) = gru_step(run.rows(gates, k), products.back(), hiddens.back());
    storages.push_back(storage);
  }
  std::vector<Tensor> of_gates(products.size()), of_hiddens;
  Tensor of_weight = zeros_like(weight, THDtype_None), of_bias = zeros({weight.size(0)}, weight.dtype()), of_hidden;
  for (int64_t k = run.count() - 1; k >= 0; k--) {
    auto [g, product, direct] = gru_step_backward(plus(run.after(of_hidden, k), run.rows(grad, k)), run.rows(gates, k),
                                                  products[k], hiddens[k], storages[k]);
    of_gates[run.place(k)] = g;
    of_weight = add(of_weight, mm(t(product), hiddens[k]), number(1));
    of_bias = add(of_bias, sum(product, 0, false), number(1));
    of_hidden = run.split(add(direct, mm(product, weight), number(1)), k, of_hiddens);
  }
  return {joined(of_gates, gates), of_weight, bias ? of_bias : Tensor(), of_given(of_hiddens, hidden)};
}

Triple rnn_differentiable(const Tensor& grad, const Tensor& gates, const Steps& run, const Tensor& weight, const Tensor& hidden,
                          bool positive) {
  const Tensor turned = t(weight);
  std::vector<Tensor> hiddens, outputs;
  for (int64_t k = 0; k < run.count(); k++) {
    hiddens.push_back(run.before(k == 0 ? Tensor() : outputs.back(), hidden, k));
    const Tensor sums = add(run.rows(gates, k), mm(hiddens.back(), turned), number(1));
    outputs.push_back(positive ? relu(sums) : tanh(sums));
  }
  std::vector<Tensor> of_gates(outputs.size()), of_hiddens;
  Tensor of_weight = zeros_like(weight, THDtype_None), of_hidden;
  for (int64_t k = run.count() - 1; k >= 0; k--) {
    const Tensor outer = plus(run.after(of_hidden, k), run.rows(grad, k)), &out = outputs[k];
    const Tensor g = positive ? threshold_backward(outer, out, 0) : mul(outer, rsub(mul(out, out), number(1)));
    of_gates[run.place(k)] = g;
    of_weight = add(of_weight, mm(t(g), hiddens[k]), number(1));
    of_hidden = run.split(mm(g, weight), k, of_hiddens);
  }
  return {joined(of_gates, gates), of_weight, of_given(of_hiddens, hidden)};
}

Quadruple fresh_four() {
  return {Tensor::fresh(), Tensor::fresh(), Tensor::fresh(), Tensor::fresh()};
}

}  // namespace

Quadruple lstm_sequence_backward(const Tensor& grad_output, const Tensor& grad_cells, const Tensor& gates, const Tensor& weight,
                                 const Tensor& hidden, const Tensor& cell, const Tensor& output, const Tensor& cells,
                                 const Tensor& storage, bool reverse) {
  if (autograd::grad_enabled()) {
    Quadruple result = lstm_differentiable(flat(grad_output), flat(grad_cells), flat(gates), Steps(whole(gates), reverse),
                                           weight, hidden, cell);
    std::get<0>(result) = reshape(std::get<0>(result), gates.sizes());
    return result;
  }
  const auto result = fresh_four();
  const auto& [of_gates, of_weight, of_hidden, of_cell] = result;
  check(THNN_LSTMSequence_backward(grad_output.get(), grad_cells.get(), weight.get(), hidden.get(), cell.get(), reverse,
                                   output.get(), cells.get(), storage.get(), of_gates.get(), of_weight.get(), of_hidden.get(),
                                   of_cell.get()));
  return result;
}

Quadruple lstm_packed_sequence_backward(const Tensor& grad_output, const Tensor& grad_cells, const Tensor& gates,
                                        const Sizes& sizes, const Tensor& weight, const Tensor& hidden, const Tensor& cell,
                                        const Tensor& output, const Tensor& cells, const Tensor& storage, bool reverse) {
  if (autograd::grad_enabled())
    return lstm_differentiable(grad_output, grad_cells, gates, Steps(sizes, reverse), weight, hidden, cell);
  const auto result = fresh_four();
  const auto& [of_gates, of_weight, of_hidden, of_cell] = result;
  check(THNN_LSTMPackedSequence_backward(grad_output.get(), grad_cells.get(), static_cast<int>(sizes.size()), sizes.data(),
                                         weight.get(), hidden.get(), cell.get(), reverse, output.get(), cells.get(),
                                         storage.get(), of_gates.get(), of_weight.get(), of_hidden.get(), of_cell.get()));
  return result;
}

Quadruple gru_sequence_backward(const Tensor& grad, const Tensor& gates, const Tensor& weight, const Tensor& bias,
                                const Tensor& hidden, const Tensor& output, const Tensor& storage, bool reverse) {
  if (autograd::grad_enabled()) {
    Quadruple result = gru_differentiable(flat(grad), flat(gates), Steps(whole(gates), reverse), weight, bias, hidden);
    std::get<0>(result) = reshape(std::get<0>(result), gates.sizes());
    return result;
  }
  const auto [of_gates, products, of_weight, of_hidden] = fresh_four();
  check(THNN_GRUSequence_backward(grad.get(), weight.get(), hidden.get(), reverse, output.get(), storage.get(), of_gates.get(),
                                  products.get(), of_weight.get(), of_hidden.get()));
  return {of_gates, of_weight, bias ? sum(flat(products), 0, false) : Tensor(), of_hidden};
}

Quadruple gru_packed_sequence_backward(const Tensor& grad, const Tensor& gates, const Sizes& sizes, const Tensor& weight,
                                       const Tensor& bias, const Tensor& hidden, const Tensor& output, const Tensor& storage,
                                       bool reverse) {
  if (autograd::grad_enabled()) return gru_differentiable(grad, gates, Steps(sizes, reverse), weight, bias, hidden);
  const auto [of_gates, products, of_weight, of_hidden] = fresh_four();
  check(THNN_GRUPackedSequence_backward(grad.get(), static_cast<int>(sizes.size()), sizes.data(), weight.get(), hidden.get(),
                                        reverse, output.get(), storage.get(), of_gates.get(), products.get(), of_weight.get(),
                                        of_hidden.get()));
  return {of_gates, of_weight, bias ? sum(products, 0, false) : Tensor(), of_hidden};
}

Triple rnn_packed_sequence_backward(const Tensor& grad, const Tensor& gates, const Sizes& sizes, const Tensor& weight,
                                    const Tensor& hidden, const Tensor& output, bool relu, bool reverse) {
  if (autograd::grad_enabled()) return rnn_differentiable(grad, gates, Steps(sizes, reverse), weight, hidden, relu);
  const Tensor of_gates = Tensor::fresh(), of_weight = Tensor::fresh(), of_hidden = Tensor::fresh();
  check(THNN_RNNPackedSequence_backward(grad.get(), static_cast<int>(sizes.size()), sizes.data(), weight.get(), hidden.get(),
                                        relu, reverse, output.get(), of_gates.get(), of_weight.get(), of_hidden.get()));
  return {of_gates, of_weight, of_hidden};
}

}  // namespace torch::ops
