#include "ops/LayerKernels.h"

#include <string>

#include "tensor/Tensor.h"

namespace torch::ops {
namespace {

THStatus zeros_like(THTensor* r, const char* op, const THTensor* like) {
  TH_TRY(THTensor_outputOn(r, op, THTensor_device(like), static_cast<THDtype>(like->dtype), like->ndim, like->size));
  return THTensor_zero(r);
}

}  // namespace

THNNReduction reduction_argument(int64_t reduction) {
  if (reduction < THNNReduction_NONE || reduction > THNNReduction_SUM) {
    throw Error(TH_ERR_VALUE, "reduction must be 0 (none), 1 (mean) or 2 (sum), not " + std::to_string(reduction));
  }
  return static_cast<THNNReduction>(reduction);
}

THStatus preluBackwardWeight(THTensor* r, const THTensor* grad_output, const THTensor* self, const THTensor* weight) {
  TH_TRY(zeros_like(r, "prelu_backward_weight", weight));
  return THNN_PReLU_accGradParameters(self, grad_output, r, 1.0);
}

}  // namespace torch::ops
