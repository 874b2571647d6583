// Arguments of layers that hold one number for each spatial dimension, or one for all.
#pragma once

#include "backend/Functions.h"

namespace torch::ops {

// `values` into result[dims]; name: of the argument, for messages.
THStatus spread(const char* name, int count, const int64_t* values, int dims, int64_t* result);

}  // namespace torch::ops
