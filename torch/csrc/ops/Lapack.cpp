// Gradients of decompositions, as compositions of ops, so that they have gradients themselves; functions made of them.
#include <cmath>
#include <string>
#include <vector>

#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Kernels.h"
#include "ops/Scalars.h"

namespace torch::ops {
namespace {

// n x n where `like` is: `diagonal` on the diagonal and `value` elsewhere; no gradient.
Tensor square(const Tensor& like, int64_t n, double value, double diagonal) {
  const backend::DeviceScope place(THTensor_device(like.get()));
  const Tensor result = full({n, n}, number(value), like.dtype());
  check(THTensor_fill(ops::diagonal(result, 0, 0, 1).get(), number(diagonal)));
  return result;
}

// Of weight `diagonal` on the diagonal, 1 on the one side and 0 on the other.
Tensor triangle(const Tensor& like, bool upper, double diagonal) {
  const Tensor ones = square(like, like.size(0), 1.0, diagonal);
  return upper ? triu(ones, 0) : tril(ones, 0);
}

// 1 everywhere but on the diagonal, where it is `diagonal`.
Tensor off_diagonal(const Tensor& like, double diagonal) {
  return square(like, like.size(0), 1.0, diagonal);
}

Tensor identity(const Tensor& like, int64_t n) {
  return square(like, n, 0.0, 1.0);
}

// diag(v) a and a diag(v).
Tensor scale_rows(const Tensor& v, const Tensor& a) {
  return mul(a, unsqueeze(v, 1));
}
Tensor scale_columns(const Tensor& a, const Tensor& v) {
  return mul(a, unsqueeze(v, 0));
}

// 1 / (v[j] - v[i]), 0 on the diagonal.
Tensor inverse_differences(const Tensor& v) {
  const Tensor differences = sub(unsqueeze(v, 0), unsqueeze(v, 1), number(1));
  const Tensor ones_on_diagonal = identity(v, v.size(0));
  return mul(reciprocal(add(differences, ones_on_diagonal, number(1))), off_diagonal(ones_on_diagonal, 0.0));
}

// Of the factor, from that of u^T u or u u^T; only one triangle of u was read.
Tensor of_factor(const Tensor& grad, const Tensor& u, bool upper) {
  const Tensor symmetric = add(grad, t(grad), number(1));
  return upper ? triu(mm(triu(u, 0), symmetric), 0) : tril(mm(symmetric, tril(u, 0)), 0);
}

// Of a in a = Q R, with at least as many rows as columns: (grad_Q + Q C) R^-T. C mirrors the lower triangle of
// R grad_R^T - grad_Q^T Q.
Tensor qr_backward_tall(const Tensor& grad_Q, const Tensor& grad_R, const Tensor& Q, const Tensor& R) {
  Tensor middle;
  if (grad_R) middle = mm(R, t(triu(grad_R, 0)));
  if (grad_Q) middle = plus(middle, neg(mm(t(grad_Q), Q)));
  const Tensor mirrored = add(tril(middle, 0), t(tril(middle, -1)), number(1));
  const Tensor sum = plus(grad_Q, mm(Q, mirrored));
  return t(std::get<0>(trtrs(t(sum), R, true, false, false)));
}

double item_of(const Tensor& t) {
  THScalar value;
  check(THTensor_item(t.get(), &value));
  return THScalar_toDouble(value);
}

}  // namespace

THStatus pivotedCholesky(THTensor* u, THTensor* pivots, const THTensor* self, bool upper, THScalar tol) {
  const THStatus status = THTensor_pstrf(u, pivots, self, upper, THScalar_toDouble(tol));
  return status == TH_OK ? THTensor_sub(pivots, pivots, THScalar_fromLong(1), THScalar_fromLong(1)) : status;
}

THStatus btrifact(THTensor* lu, THTensor* pivots, THTensor* info, const THTensor* self, bool pivot) {
  if (!pivot) {
    return THStatus_fail(TH_ERR_UNSUPPORTED, "[btrifact] pivot, False: factors without row exchanges are not implemented");
  }
  return THTensor_btrifact(lu, pivots, info, self);
}

Tensor no_gradient(const Tensor&) {
  throw Error(TH_ERR_UNSUPPORTED, "the derivative of this decomposition is not implemented; detach() its input");
}

// grad[i] of b in op(A) X = b.
Tensor trtrs_backward(const Tensor& grad, const Tensor& A, bool upper, bool transpose, bool unitriangular) {
  return std::get<0>(trtrs(grad, A, upper, !transpose, unitriangular));
}

Tensor triangle_backward(const Tensor& grad, const Tensor& solution, bool upper, bool transpose, bool unitriangular) {
  const Tensor product = transpose ? mm(solution, t(grad)) : mm(grad, t(solution));
  return neg(mul(product, triangle(product, upper, unitriangular ? 0.0 : 1.0)));
}

// The transpose of the adjugate: det(A) A^-T; from the singular values where A has no inverse.
Tensor det_backward(const Tensor& grad, const Tensor& self, const Tensor& det) {
  if (item_of(det) != 0) return mul(t(inverse(self)), mul(grad, det));
  const auto [U, S, V] = svd(self, true, true);
  const int64_t n = self.size(0);
  Tensor others = zeros({n}, self.dtype());  // products of all values but one
  for (int64_t i = 0; i < n; i++) {
    double product = 1;
    for (int64_t j = 0; j < n; j++) product *= i == j ? 1 : item_of(select(S, 0, j));
    check(THTensor_fill(select(others, 0, i).get(), number(product)));
  }
  const Tensor sign = mul(ops::det(U), ops::det(V));
  return mul(mm(scale_columns(U, others), t(V)), mul(grad, sign));
}

Tensor logdet(const Tensor& self) {
  const auto [sign, logabsdet] = slogdet(self);
  return add(logabsdet, log(sign), number(1));
}

// With L the lower factor: L^-T phi(L^T grad) L^-1, phi the lower triangle with half of the diagonal. What is not read of the
// matrix has no gradient: the two triangles together are symmetric, and each entry's share goes to the one that is read.
Tensor potrf_backward(const Tensor& grad, const Tensor& factor, bool upper) {
  const Tensor L = upper ? t(factor) : factor, G = upper ? t(grad) : grad;
  const Tensor phi = mul(mm(t(L), G), triangle(L, false, 0.5));
  const Tensor half = std::get<0>(trtrs(phi, L, false, true, false));         // L^-T phi
  const Tensor both = t(std::get<0>(trtrs(t(half), L, false, true, false)));  // (L^-T phi) L^-1
  const Tensor symmetric = add(both, t(both), number(1));
  return mul(symmetric, triangle(L, upper, 0.5));
}

// grad: A^-1 times that of the solution.
Tensor potrs_backward(const Tensor& grad, const Tensor& solution, const Tensor& u, bool upper) {
  return of_factor(neg(mm(grad, t(solution))), u, upper);
}

Tensor potri_backward(const Tensor& grad, const Tensor& result, const Tensor& u, bool upper) {
  return of_factor(neg(mm(result, mm(grad, result))), u, upper);
}

// A wide matrix is [x, y] with x = Q R', and y = Q times the rest of R.
Tensor qr_backward(const Tensor& grad_Q, const Tensor& grad_R, const Tensor& self, const Tensor& Q, const Tensor& R) {
  const int64_t k = self.size(0), rest = self.size(1) - k;
  if (!grad_Q && !grad_R) return zeros_like(self, self.dtype());
  if (rest <= 0) return qr_backward_tall(grad_Q, grad_R, Q, R);
  const Tensor left = narrow(R, 1, 0, k);
  if (!grad_R) return cat({qr_backward_tall(grad_Q, grad_R, Q, left), zeros({k, rest}, self.dtype())}, 1);
  const Tensor grad_right = narrow(grad_R, 1, k, rest);
  const Tensor grad_both = plus(grad_Q, mm(narrow(self, 1, k, rest), t(grad_right)));
  return cat({qr_backward_tall(grad_both, narrow(grad_R, 1, 0, k), Q, left), mm(Q, grad_right)}, 1);
}

Tensor symeig_backward(const Tensor& grad_e, const Tensor& grad_V, const Tensor& e, const Tensor& V, bool eigenvectors) {
  if (!eigenvectors) {
    throw Error(TH_ERR_VALUE,
                "cannot compute backward without eigenvectors in forward pass; call symeig with eigenvectors=True");
  }
  Tensor middle;
  if (grad_V) middle = mul(inverse_differences(e), mm(t(V), grad_V));
  if (grad_e) middle = plus(middle, scale_rows(grad_e, identity(e, e.size(0))));
  if (!middle) return zeros_like(V, V.dtype());
  const Tensor full = mm(V, mm(middle, t(V)));
  return mul(add(full, t(full), number(1)), number(0.5));
}

Tensor svd_backward(const Tensor& grad_U, const Tensor& grad_S, const Tensor& grad_V, const Tensor& U, const Tensor& S,
                    const Tensor& V, bool some, bool compute_uv) {
  if (!compute_uv) {
    throw Error(TH_ERR_VALUE, "cannot compute backward without U and V in forward pass; call svd with compute_uv=True");
  }
  const int64_t m = U.size(0), n = V.size(0), k = S.size(0);
  const auto thin = [&](const Tensor& t) { return !t || some ? t : narrow(t, 1, 0, k); };
  const Tensor u = thin(U), v = thin(V), gu = thin(grad_U), gv = thin(grad_V);
  const Tensor F = inverse_differences(mul(S, S));  // 1 / (s[j]^2 - s[i]^2)
  Tensor result;
  if (grad_S) result = mm(scale_columns(u, grad_S), t(v));
  if (gu) {
    const Tensor product = mm(t(u), gu);
    Tensor part = scale_columns(mm(u, mul(F, sub(product, t(product), number(1)))), S);
    if (m > k) part = plus(part, scale_columns(sub(gu, mm(u, product), number(1)), reciprocal(S)));
    result = plus(result, mm(part, t(v)));
  }
  if (gv) {
    const Tensor product = mm(t(v), gv);
    Tensor part = mm(scale_rows(S, mul(F, sub(product, t(product), number(1)))), t(v));
    if (n > k) part = plus(part, scale_rows(reciprocal(S), sub(t(gv), mm(t(product), t(v)), number(1))));
    result = plus(result, mm(u, part));
  }
  return result ? result : zeros({m, n}, U.dtype());
}

Tensor pinverse(const Tensor& self, double rcond) {
  const auto [U, S, V] = svd(self, true, true);
  const backend::DeviceScope place(THTensor_device(self.get()));
  if (S.numel() == 0) return zeros({self.size(1), self.size(0)}, self.dtype());
  const Tensor kept = gt(S, mul(select(S, 0, 0), number(rcond)));
  const Tensor safe = where(kept, S, ones_like(S, S.dtype()));
  return mm(scale_columns(V, where(kept, reciprocal(safe), zeros_like(S, S.dtype()))), t(U));
}

}  // namespace torch::ops
