// Diagonals and their gradients.
#include <algorithm>

#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "ops/Kernels.h"
#include "ops/Scalars.h"

namespace torch::ops {

THStatus crossProduct(THTensor* r, const THTensor* a, const THTensor* b, int dim) {
  if (dim >= 0) return THTensor_cross(r, a, b, dim);
  for (int d = 0; d < a->ndim; d++) {
    if (a->size[d] == 3) return THTensor_cross(r, a, b, d);
  }
  return THStatus_fail(TH_ERR_SHAPE, "[cross] self has no dimension of size 3, expected one");
}

Tensor diag_backward(const Tensor& grad, const Sizes& size, int64_t diagonal) {
  return size.size() == 1 ? diag(grad, diagonal) : diagonal_backward(grad, size, diagonal, 0, 1);
}

// Zeros with `grad` as a diagonal; the gradient graph sees a copy into a view.
Tensor diagonal_backward(const Tensor& grad, const Sizes& size, int64_t offset, int64_t dim1, int64_t dim2) {
  const Tensor result = zeros(size, grad.dtype());
  copy_(diagonal(result, offset, dim1, dim2), grad, false);
  return result;
}

Tensor trace_backward(const Tensor& grad, const Sizes& size) {
  return diagonal_backward(expand(grad, {std::min(size[0], size[1])}), size, 0, 0, 1);
}

}  // namespace torch::ops
