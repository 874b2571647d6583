// An index expression, taken apart: the view that ints, slices, None and ... give, and the index tensors that remain.
#pragma once

#include <vector>

#include "python/TensorObject.h"

namespace torch::python {

struct IndexTensor {
  int dim;       // of the view
  Tensor index;  // int64
};

struct IndexPlan {
  Tensor view;
  std::vector<IndexTensor> tensors;  // by rising dim
  Tensor mask;                       // instead of `tensors`: the only one, over all of the view
};

// Throws IndexError or TypeError.
IndexPlan plan_index(const Tensor& self, PyObject* key);

// The part of dimension `dim` that a Python slice names: always another tensor on the same memory. Throws ValueError for a step
// below 1.
Tensor slice_dim(const Tensor& self, int dim, PyObject* slice);

// Where the mask is not 0: int64 beside the mask, a row for each place and a column for each dimension.
Tensor places_of(const Tensor& mask);

// The index tensors as one: sizes of them broadcast together, and for each combination the row-major position among the indexed
// dimensions. Negative indices are resolved on the host, and IndexError names the one that is out of range; a single index of a
// device goes to the device's op as it is. kept: a gradient will need the positions, whatever becomes of the index.
struct LinearIndex {
  Sizes sizes;
  Tensor positions;  // int64, 1-d, where the view is
};
LinearIndex linearize(const Tensor& view, const std::vector<IndexTensor>& tensors, bool kept);

}  // namespace torch::python
