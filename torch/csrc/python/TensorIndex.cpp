#include "python/TensorIndex.h"

#include "autograd/Variable.h"
#include "generated/Ops.h"
#include "python/ArgParser.h"
#include "python/IndexPlan.h"
#include "python/TensorData.h"

namespace torch::python {

namespace {

// Where the indexed dimensions lie once they are next to each other.
struct Block {
  Tensor view;  // permuted if they were apart: then they come first, as in NumPy
  int first;
  int count;
};

Block gather_dims(const IndexPlan& plan) {
  const auto count = static_cast<int>(plan.tensors.size());
  const int first = plan.tensors.front().dim;
  if (plan.tensors.back().dim - first == count - 1) return {plan.view, first, count};
  Sizes order;
  for (const IndexTensor& entry : plan.tensors) order.push_back(entry.dim);
  for (int d = 0; d < plan.view.ndim(); ++d) {
    bool indexed = false;
    for (const IndexTensor& entry : plan.tensors) indexed = indexed || entry.dim == d;
    if (!indexed) order.push_back(d);
  }
  return {ops::permute(plan.view, order), 0, count};
}

// Sizes of `view` with `count` dimensions from `first` on replaced by `middle`.
Sizes replaced(const Tensor& view, int first, int count, const Sizes& middle) {
  Sizes sizes;
  for (int d = 0; d < first; ++d) sizes.push_back(view.size(d));
  sizes.insert(sizes.end(), middle.begin(), middle.end());
  for (int d = first + count; d < view.ndim(); ++d) sizes.push_back(view.size(d));
  return sizes;
}

int64_t product(const Tensor& view, int first, int count) {
  int64_t result = 1;
  for (int d = first; d < first + count; ++d) result *= view.size(d);
  return result;
}

bool has_gradient(const Tensor& tensor) {
  return autograd::grad_enabled() && autograd::requires_grad(tensor);
}

Tensor get_by_tensors(const IndexPlan& plan) {
  const LinearIndex linear = linearize(plan.view, plan.tensors, has_gradient(plan.view));
  const Block block = gather_dims(plan);
  const Tensor flat = block.count == 1 ? block.view
                                       : ops::reshape(block.view, replaced(block.view, block.first, block.count,
                                                                           {product(block.view, block.first, block.count)}));
  const Tensor taken = ops::index_select(flat, block.first, linear.positions);
  return ops::reshape(taken, replaced(block.view, block.first, block.count, linear.sizes));
}

Tensor get(const Tensor& self, PyObject* key) {
  const IndexPlan plan = plan_index(self, key);
  if (plan.mask) return ops::masked_select(plan.view, plan.mask);
  if (!plan.tensors.empty()) return get_by_tensors(plan);
  // x[...] and x[:] give another tensor on the same memory, never x itself.
  if (plan.view.is(self)) return self.ndim() > 0 ? ops::slice(self, 0, 0, self.size(0), 1) : ops::view(self, {});
  return plan.view;
}

// `value` with leading dimensions of size 1 dropped, as many as it has more than `ndim`.
Tensor without_leading_ones(const Tensor& value, int ndim) {
  if (value.ndim() <= ndim) return value;
  Sizes sizes = value.sizes();
  while (static_cast<int>(sizes.size()) > ndim && sizes.front() == 1) sizes.erase(sizes.begin());
  return ops::reshape(value, sizes);
}

bool same_memory(const THTensor* a, const THTensor* b) {
  bool same = a->storage == b->storage && a->offset == b->offset && a->dtype == b->dtype && THTensor_isSameSizeAs(a, b);
  for (int d = 0; same && d < a->ndim; ++d) same = a->stride[d] == b->stride[d];
  return same;
}

// The value, which is no number, as a tensor of the target's dtype.
Tensor value_tensor(PyObject* value, THDtype dtype, int64_t device) {
  if (is_tensor(value)) {
    const Tensor& tensor = as_tensor(value);
    const Tensor same = tensor.dtype() == dtype ? tensor : ops::convert(tensor, dtype);
    return ops::to_device(same, device, false);
  }
  if (!PyList_Check(value) && !PyTuple_Check(value) && !PyObject_CheckBuffer(value)) {
    fail(PyExc_TypeError, "can't assign a %s to a tensor; expected a number, a sequence of numbers, an array or a tensor",
         Py_TYPE(value)->tp_name);
  }
  return ops::to_device(tensor_from_data(value, dtype), device, false);
}

// number: what is assigned; else `value` is.
void set_by_tensors(const IndexPlan& plan, const Scalar* number, const Tensor& value) {
  const bool differentiable = has_gradient(plan.view) || (number == nullptr && has_gradient(value));
  const LinearIndex linear = linearize(plan.view, plan.tensors, differentiable);
  const Block block = gather_dims(plan);
  Tensor source, target = block.view;
  if (number == nullptr) {
    const Sizes shape = replaced(block.view, block.first, block.count, linear.sizes);
    const Sizes flat_shape = replaced(block.view, block.first, block.count, {linear.positions.numel()});
    const Tensor expanded = ops::expand(without_leading_ones(value, static_cast<int>(shape.size())), shape);
    source = ops::reshape(expanded, flat_shape);
  }
  const auto write = [&](Tensor to) {
    if (number == nullptr) {
      ops::index_copy_(to, block.first, linear.positions, source);
    } else {
      ops::index_fill_(to, block.first, linear.positions, *number);
    }
  };
  if (block.count == 1) return write(target);
  const Sizes merged = replaced(block.view, block.first, block.count, {product(block.view, block.first, block.count)});
  if (THTensor_isContiguous(target.get())) return write(ops::view(target, merged));
  // The dimensions cannot be merged without a copy: write into one, and that back.
  const Tensor copy = ops::reshape(ops::clone(target), merged);
  write(copy);
  ops::copy_(target, ops::reshape(copy, target.sizes()), false);
}

void set(const Tensor& self, PyObject* key, PyObject* value) {
  IndexPlan plan = plan_index(self, key);
  Scalar number;
  const bool is_number = !is_tensor(value) && number_to_scalar(value, &number);
  if (is_number) check(THScalar_check(number, plan.view.dtype(), "__setitem__", "value"));
  if (plan.mask) {
    if (is_number) {
      ops::masked_fill_(plan.view, plan.mask, number);
      return;
    }
    const Tensor places = places_of(plan.mask);
    for (int d = 0; d < plan.mask.ndim(); ++d) {
      plan.tensors.push_back({d, Tensor::steal(THTensor_newSelect(places.get(), 1, d))});
    }
  }
  if (!plan.tensors.empty()) {
    if (is_number) return set_by_tensors(plan, &number, Tensor());
    return set_by_tensors(plan, nullptr, value_tensor(value, plan.view.dtype(), plan.view.device()));
  }
  if (is_number) {
    ops::fill_(plan.view, number);
    return;
  }
  const Tensor source = is_tensor(value) ? as_tensor(value) : value_tensor(value, plan.view.dtype(), plan.view.device());
  // x[0] += 1 assigns the view to itself at the end.
  if (same_memory(source.get(), plan.view.get())) return;
  ops::copy_(plan.view, without_leading_ones(source, plan.view.ndim()), false);
}

[[noreturn]] void fail_scalar() {
  fail(PyExc_IndexError, "invalid index of a 0-dim tensor. Use tensor.item() to convert a 0-dim tensor to a Python number");
}

// x[0] of a scalar, which was a vector of one element before 0.4.
void warn_scalar(bool first) {
  if (!first) fail_scalar();
  check_python(PyErr_WarnEx(PyExc_UserWarning,
                            "invalid index of a 0-dim tensor. This will be an error in PyTorch 0.5. Use tensor.item() to "
                            "convert a 0-dim tensor to a Python number",
                            1));
}

inline PyObject* row(const Tensor& self, Py_ssize_t i) {
  if (__builtin_expect(self.ndim() == 0, 0)) {
    warn_scalar(i == 0);
    return wrap(ops::view(self, {}));
  }
  return wrap(ops::select(self, 0, i));
}

}  // namespace

PyObject* get_row(PyObject* self, Py_ssize_t i) {
  TORCH_PY_TRY
  return row(as_tensor(self), i);
  TORCH_PY_CATCH(nullptr)
}

PyObject* get_item(PyObject* self, PyObject* key) {
  TORCH_PY_TRY
  if (PyLong_CheckExact(key)) {
    const Py_ssize_t i = PyLong_AsSsize_t(key);
    if (i == -1 && PyErr_Occurred()) return nullptr;
    return row(as_tensor(self), i);
  }
  if (PySlice_Check(key) && as_tensor(self).ndim() > 0) return wrap(slice_dim(as_tensor(self), 0, key));
  return wrap(get(as_tensor(self), key));
  TORCH_PY_CATCH(nullptr)
}

int set_item(PyObject* self, PyObject* key, PyObject* value) {
  TORCH_PY_TRY
  if (value == nullptr) fail(PyExc_TypeError, "Tensor does not support deleting items");
  if (PyLong_CheckExact(key) && as_tensor(self).ndim() == 0) {
    warn_scalar(to_int64(key) == 0);
    key = Py_Ellipsis;
  }
  set(as_tensor(self), key, value);
  return 0;
  TORCH_PY_CATCH(-1)
}

}  // namespace torch::python
