#include "tensor/Tensor.h"

namespace torch {

void throw_last_error() {
  throw Error(THStatus_last(), THStatus_message());
}

}  // namespace torch
