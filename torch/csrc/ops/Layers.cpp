// Second derivatives of layers, and layers made of other ops.
#include "backend/Functions.h"
#include "generated/Ops.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

Tensor convert_mask(const Tensor& mask, const Tensor& like) {
  return convert(mask, like.dtype());
}

struct Halves {
  Tensor value;
  Tensor gate;
};

Halves halves(const Tensor& t, int64_t dim) {
  const int64_t half = size_at(t.sizes(), dim) / 2;
  return {narrow(t, dim, 0, half), narrow(t, dim, half, half)};
}

Tensor minus(int64_t value, const Tensor& t) {
  return rsub(t, number(value));
}

}  // namespace

// The derivative of glu in the direction `grad`.
Tensor glu_slope(const Tensor& grad, const Tensor& self, int64_t dim) {
  const Halves x = halves(self, dim), g = halves(grad, dim);
  const Tensor open = sigmoid(x.gate);
  return mul(open, add(g.value, mul(mul(g.gate, x.value), minus(1, open)), number(1)));
}

// The derivative of glu_backward along its input, in the direction `grad`.
Tensor glu_curvature(const Tensor& grad, const Tensor& grad_output, const Tensor& self, int64_t dim) {
  const Halves x = halves(self, dim), g = halves(grad, dim);
  const Tensor open = sigmoid(x.gate);
  const Tensor slope = mul(grad_output, mul(open, minus(1, open)));
  const Tensor bend = mul(mul(g.gate, x.value), minus(1, mul(open, number(2))));
  return cat({mul(slope, g.gate), mul(slope, add(g.value, bend, number(1)))}, dim);
}

Tensor spread_channels(const Tensor& self, const Tensor& like) {
  if (self.numel() == 1) return expand(reshape(self, {}), like.sizes());
  Sizes shape(static_cast<size_t>(like.ndim()), 1);
  shape[1] = self.numel();
  return expand(reshape(self, shape), like.sizes());
}

// With p = 2 the loss is quadratic in the differences to the target: those that count are where the gradient of p = 1 is not 0.
Tensor multi_margin_curvature(const Tensor& grad, const Tensor& grad_output, const Tensor& self, const Tensor& target,
                              int64_t p, double margin, const Tensor& weight, int64_t reduction) {
  if (p == 1) return zeros_like(self, THDtype_None);
  const Tensor place = self.ndim() == 1 ? reshape(target, {1}) : unsqueeze(target, -1);
  const Tensor unit = ones_like(sum(self, -1, false), THDtype_None);
  const Tensor active = multi_margin_loss_backward(unit, self, target, 1, margin, weight, 0);
  const Tensor others = mul(active, convert_mask(gt(active, number(0)), self));
  const Tensor bend = mul(mul(others, sub(grad, gather(grad, -1, place), number(1))), number(2));
  const Tensor all = scatter_add_(bend, -1, place, neg(sum(bend, -1, true)));
  const Tensor result = mul(all, grad_output.ndim() == 0 ? grad_output : unsqueeze(grad_output, -1));
  return reduction == 1 ? div(result, number(unit.numel())) : result;
}

// indices: positions in the planes of the last `dims` dimensions, of the pooled size, which the result has.
Tensor gather_plane(const Tensor& self, const Tensor& indices, int64_t dims) {
  const auto flat = [dims](const Tensor& t) {
    Sizes shape(t.get()->size, t.get()->size + t.ndim() - dims);
    int64_t plane = 1;
    for (int64_t d = t.ndim() - dims; d < t.ndim(); d++) plane *= t.size(static_cast<int>(d));
    shape.push_back(plane);
    return reshape(t, shape);
  };
  return reshape(gather(flat(self), -1, flat(indices)), indices.sizes());
}

Tensor adaptive_max_pool_backward(const Tensor& grad_output, const Tensor& self, const Tensor& indices,
                                  const Sizes& output_size) {
  return max_pool_backward(grad_output, self, indices, static_cast<int64_t>(output_size.size()));
}

Sizes negated(const Sizes& values) {
  Sizes result;
  for (const int64_t value : values) result.push_back(-value);
  return result;
}

Tensor no_second_derivative(const Tensor&) {
  throw Error(TH_ERR_UNSUPPORTED, "grid_sample has no second derivative");
}

Tensor no_pathwise_curvature(const Tensor&) {
  throw Error(TH_ERR_UNSUPPORTED, "samples of gamma, beta and Dirichlet distributions have no second derivative");
}

// The derivative of embedding_backward, which is linear: rows again, without those that it left out.
Tensor embedding_double_backward(const Tensor& grad, const Tensor& indices, int64_t padding_idx, bool scale_grad_by_freq) {
  if (scale_grad_by_freq) throw Error(TH_ERR_UNSUPPORTED, "embedding with scale_grad_by_freq has no second derivative");
  const Tensor rows = embedding(grad, indices, -1, false);
  if (padding_idx < 0) return rows;
  return mul(rows, unsqueeze(convert_mask(ne(indices, number(padding_idx)), grad), -1));
}

Tensor embedding_renorm(const Tensor& weight, const Tensor& indices, double max_norm, double norm_type) {
  check(THNN_LookupTable_renorm(indices.get(), weight.get(), max_norm, norm_type));
  return weight;
}

}  // namespace torch::ops
