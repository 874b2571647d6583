// C calls that the declarations of layers make and THNN has in another form: its functions that add to a gradient start from
// zeros here.
#pragma once

#include <cstdint>

#include "THNN/THNN.h"

namespace torch::ops {

// Throws for a number that is none of THNNReduction.
THNNReduction reduction_argument(int64_t reduction);
// The gradient with respect to the filters; `weight` gives the shape.
THStatus convBackwardWeight(THTensor* r, const THTensor* grad_output, const THTensor* input, const THTensor* weight, int64_t dH,
                            int64_t dW, int64_t padH, int64_t padW, int64_t dilationH, int64_t dilationW, int64_t groups);

// The gradient with respect to the weights of PReLU.
THStatus preluBackwardWeight(THTensor* r, const THTensor* grad_output, const THTensor* self, const THTensor* weight);

}  // namespace torch::ops
