#include "python/IndexPlan.h"

#include "generated/Ops.h"
#include "python/ArgParser.h"
#include "python/TensorData.h"

namespace torch::python {

namespace {

bool is_index_tensor(PyObject* item) {
  return is_tensor(item) && as_tensor(item).ndim() > 0;
}

bool is_mask(const Tensor& tensor) {
  return tensor.dtype() == THDtype_Byte;
}

// True, False, and a mask without dimensions: all or nothing, along a new dimension.
bool is_switch(PyObject* item) {
  return PyBool_Check(item) || (is_tensor(item) && as_tensor(item).ndim() == 0 && is_mask(as_tensor(item)));
}

// How many dimensions one item of the key uses up.
int dims_taken(PyObject* item) {
  if (item == Py_None || item == Py_Ellipsis || is_switch(item)) return 0;
  if (is_index_tensor(item) && is_mask(as_tensor(item))) return as_tensor(item).ndim();
  return 1;
}

struct SliceRange {
  Py_ssize_t start, stop, step;
  bool is_all;
};

SliceRange unpack_slice(PyObject* slice, int64_t size) {
  SliceRange range;
  check_python(PySlice_Unpack(slice, &range.start, &range.stop, &range.step));
  if (range.step < 1) fail(PyExc_ValueError, "slice step must be positive, got %zd", range.step);
  PySlice_AdjustIndices(size, &range.start, &range.stop, range.step);
  range.is_all = range.start == 0 && range.stop == size && range.step == 1;
  return range;
}

class Planner {
 public:
  explicit Planner(const Tensor& self) { plan_.view = self; }

  IndexPlan run(PyObject* key) {
    const PyRef items = PyRef::steal(PyTuple_Check(key) ? PySequence_Tuple(key) : PyTuple_Pack(1, key));
    const Py_ssize_t n = PyTuple_GET_SIZE(items.get());
    int taken = 0;
    int ellipses = 0;
    for (Py_ssize_t i = 0; i < n; ++i) {
      taken += dims_taken(PyTuple_GET_ITEM(items.get(), i));
      ellipses += PyTuple_GET_ITEM(items.get(), i) == Py_Ellipsis;
    }
    const int ndim = plan_.view.ndim();
    if (ellipses > 1) fail(PyExc_IndexError, "an index can only have a single ellipsis ('...')");
    if (taken > ndim) fail(PyExc_IndexError, "too many indices for tensor of dimension %d", ndim);
    for (Py_ssize_t i = 0; i < n; ++i) {
      PyObject* item = PyTuple_GET_ITEM(items.get(), i);
      if (item == Py_Ellipsis) {
        dim_ += ndim - taken;
      } else {
        apply(item);
      }
    }
    return finish();
  }

 private:
  void apply(PyObject* item) {
    if (item == Py_None) {
      plan_.view = ops::unsqueeze(plan_.view, dim_++);
    } else if (PySlice_Check(item)) {
      apply_slice(item);
    } else if (is_index_tensor(item)) {
      add(as_tensor(item));
    } else if (is_switch(item)) {
      apply_switch(item);
    } else if (PyLong_Check(item) || (PyIndex_Check(item) && !PySequence_Check(item)) || is_tensor(item)) {
      apply_integer(item);
    } else if (PyList_Check(item) || PyTuple_Check(item) || PyObject_CheckBuffer(item)) {
      const Tensor index = tensor_from_data(item, THDtype_None);
      add(index.numel() == 0 ? ops::convert(index, THDtype_Long) : index);
    } else {
      fail(PyExc_TypeError,
           "indexing a tensor with an object of type %s; supported are int, slice, None, ..., int64 tensors and uint8 masks",
           Py_TYPE(item)->tp_name);
    }
  }

  void apply_switch(PyObject* item) {
    const int on = PyObject_IsTrue(item);
    check_python(on);
    const int64_t count = on;
    Tensor index = Tensor::steal(THTensor_newWithSize(THDtype_Long, 1, &count));
    check(THTensor_zero(index.get()));
    plan_.view = ops::unsqueeze(plan_.view, dim_);
    plan_.tensors.push_back({dim_++, std::move(index)});
  }

  void apply_integer(PyObject* item) {
    if (is_tensor(item) && THDtype_isFloating(as_tensor(item).dtype())) {
      fail(PyExc_IndexError, "tensors used as indices must be long or byte tensors");
    }
    plan_.view = ops::select(plan_.view, dim_, to_int64(item));
  }

  void apply_slice(PyObject* item) {
    const SliceRange range = unpack_slice(item, plan_.view.size(dim_));
    if (!range.is_all) plan_.view = ops::slice(plan_.view, dim_, range.start, range.stop, range.step);
    ++dim_;
  }

  // A mask stays with the tensor that it may cover.
  void add(const Tensor& given) {
    const Tensor index = is_mask(given) ? ops::to_device(given, plan_.view.device(), false) : given;
    if (!is_mask(index)) {
      if (index.dtype() != THDtype_Long) {
        fail(PyExc_IndexError, "tensors used as indices must be long or byte tensors, not torch.%s",
             THDtype_pythonName(index.dtype()));
      }
      plan_.tensors.push_back({dim_++, index});
      return;
    }
    for (int d = 0; d < index.ndim(); ++d) {
      if (index.size(d) != plan_.view.size(dim_ + d)) {
        fail(PyExc_IndexError, "the mask's size %lld at dimension %d does not match the tensor's size %lld",
             static_cast<long long>(index.size(d)), d, static_cast<long long>(plan_.view.size(dim_ + d)));
      }
    }
    masks_.push_back({dim_, index});
    dim_ += index.ndim();
  }

  // Masks become index tensors, one for each of their dimensions, unless there is one that covers everything.
  IndexPlan finish() {
    if (masks_.size() == 1 && plan_.tensors.empty() && masks_[0].index.ndim() == plan_.view.ndim()) {
      plan_.mask = masks_[0].index;
      return std::move(plan_);
    }
    for (const IndexTensor& mask : masks_) {
      const Tensor places = places_of(mask.index);
      for (int d = 0; d < mask.index.ndim(); ++d) {
        const IndexTensor column{mask.dim + d, Tensor::steal(THTensor_newSelect(places.get(), 1, d))};
        auto at = plan_.tensors.begin();
        while (at != plan_.tensors.end() && at->dim < column.dim) ++at;
        plan_.tensors.insert(at, column);
      }
    }
    return std::move(plan_);
  }

  IndexPlan plan_;
  std::vector<IndexTensor> masks_;
  int dim_ = 0;
};

}  // namespace

IndexPlan plan_index(const Tensor& self, PyObject* key) {
  return Planner(self).run(key);
}

Tensor slice_dim(const Tensor& self, int dim, PyObject* slice) {
  const SliceRange range = unpack_slice(slice, self.size(dim));
  return ops::slice(self, dim, range.start, range.stop, range.step);
}

Tensor places_of(const Tensor& mask) {
  const Tensor places = Tensor::fresh();
  check(THTensor_nonzero(places.get(), mask.get()));
  return places;
}

namespace {

// Where there is one index and it lies where the view does, the op that takes it looks after its range.
bool is_linear(const Tensor& view, const std::vector<IndexTensor>& tensors) {
  return tensors.size() == 1 && tensors[0].index.device() == view.device();
}

}  // namespace

LinearIndex linearize(const Tensor& view, const std::vector<IndexTensor>& given, bool kept) {
  LinearIndex result;
  if (is_linear(view, given)) {
    result.sizes = given[0].index.sizes();
    result.positions = ops::reshape(given[0].index, {-1});
    if (kept) result.positions = ops::clone(result.positions);
    return result;
  }
  std::vector<IndexTensor> tensors;
  for (const IndexTensor& entry : given) tensors.push_back({entry.dim, ops::to_device(entry.index, backend::HOST, false)});
  result.sizes = tensors[0].index.sizes();
  Tensor shape = tensors[0].index;  // has the broadcast shape so far
  for (const IndexTensor& entry : tensors) {
    int ndim = 0;
    int64_t size[TH_MAX_DIMS];
    check(THTensor_broadcast(shape.get(), entry.index.get(), "index", &ndim, size));
    result.sizes.assign(size, size + ndim);
    shape = Tensor::steal(THTensor_newExpand(entry.index.get(), ndim, size));
  }
  const int64_t numel = shape.numel();
  result.positions = Tensor::steal(THTensor_newWithSize(THDtype_Long, 1, &numel));
  check(THTensor_zero(result.positions.get()));
  if (numel == 0) {
    result.positions = ops::to_device(result.positions, view.device(), false);
    return result;
  }
  auto* positions = reinterpret_cast<int64_t*>(THTensor_dataBytes(result.positions.get()));
  for (const IndexTensor& entry : tensors) {
    const Tensor expanded =
        Tensor::steal(THTensor_newExpand(entry.index.get(), static_cast<int>(result.sizes.size()), result.sizes.data()));
    const Tensor dense = Tensor::steal(THTensor_newContiguous(expanded.get()));
    const auto* values = reinterpret_cast<const int64_t*>(THTensor_dataBytes(dense.get()));
    const int64_t size = view.size(entry.dim);
    for (int64_t i = 0; i < numel; ++i) {
      const int64_t index = values[i] < 0 ? values[i] + size : values[i];
      if (index < 0 || index >= size) {
        fail(PyExc_IndexError, "index %lld is out of range for dimension %d with size %lld", static_cast<long long>(values[i]),
             entry.dim, static_cast<long long>(size));
      }
      positions[i] = positions[i] * size + index;
    }
  }
  result.positions = ops::to_device(result.positions, view.device(), false);
  return result;
}

}  // namespace torch::python
