// The autograd side of torch.Tensor.
#include "autograd/Engine.h"
#include "autograd/Variable.h"
#include "python/ArgParser.h"
#include "python/GilRelease.h"
#include "python/NodeObject.h"
#include "python/PythonHook.h"
#include "python/SparseBridge.h"
#include "python/TensorType.h"

namespace torch::python {

namespace {

PyObject* get_requires_grad(PyObject* self, void*) {
  return PyBool_FromLong(autograd::requires_grad(as_tensor(self)));
}

int set_requires_grad(PyObject* self, PyObject* value, void*) {
  TORCH_PY_TRY
  if (value == nullptr || !PyBool_Check(value)) {
    fail(PyExc_TypeError, "requires_grad must be a bool, not %s", value ? Py_TYPE(value)->tp_name : "deleted");
  }
  autograd::set_requires_grad(as_tensor(self), value == Py_True);
  return 0;
  TORCH_PY_CATCH(-1)
}

PyObject* get_is_leaf(PyObject* self, void*) {
  TORCH_PY_TRY
  return PyBool_FromLong(autograd::is_leaf(as_tensor(self)));
  TORCH_PY_CATCH(nullptr)
}

PyObject* get_grad(PyObject* self, void*) {
  TORCH_PY_TRY
  return wrap_gradient(autograd::grad(as_tensor(self)));
  TORCH_PY_CATCH(nullptr)
}

int set_grad(PyObject* self, PyObject* value, void*) {
  TORCH_PY_TRY
  if (value == nullptr || value == Py_None) {
    autograd::set_grad(as_tensor(self), Tensor());
    return 0;
  }
  if (!is_tensor(value) && !is_sparse(value)) {
    fail(PyExc_TypeError, "grad must be a Tensor or None, not %s", Py_TYPE(value)->tp_name);
  }
  autograd::set_grad(as_tensor(self), as_gradient(value));
  return 0;
  TORCH_PY_CATCH(-1)
}

PyObject* get_grad_fn(PyObject* self, void*) {
  TORCH_PY_TRY
  return wrap_node(autograd::grad_fn(as_tensor(self)));
  TORCH_PY_CATCH(nullptr)
}

PyObject* get_data(PyObject* self, void*) {
  TORCH_PY_TRY
  return wrap(autograd::data(as_tensor(self)));
  TORCH_PY_CATCH(nullptr)
}

int set_data(PyObject* self, PyObject* value, void*) {
  TORCH_PY_TRY
  if (value == nullptr || !is_tensor(value)) {
    fail(PyExc_TypeError, "data must be a Tensor, not %s", value ? Py_TYPE(value)->tp_name : "deleted");
  }
  autograd::set_data(as_tensor(self), as_tensor(value));
  return 0;
  TORCH_PY_CATCH(-1)
}

PyObject* get_output_nr(PyObject* self, void*) {
  return PyLong_FromUnsignedLong(autograd::output_nr(as_tensor(self)));
}

PyObject* get_version(PyObject* self, void*) {
  return PyLong_FromUnsignedLong(THTensor_version(as_tensor(self).get()));
}

PyObject* detach(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  return wrap(autograd::detach(as_tensor(self)));
  TORCH_PY_CATCH(nullptr)
}

PyObject* detach_(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  autograd::detach_(as_tensor(self));
  return new_reference(as_tensor(self));
  TORCH_PY_CATCH(nullptr)
}

PyObject* requires_grad_(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {{"self", Kind::Tensor, true}, {"requires_grad", Kind::Bool, false}};
  static const Signature signature = {"(bool requires_grad=True)", parameters, 2, 2, false};
  Arguments parsed;
  parsed.parse("requires_grad_", &signature, 1, self, args, nargs, kwnames);
  autograd::set_requires_grad(as_tensor(self), parsed.boolean(1, true));
  return new_reference(as_tensor(self));
  TORCH_PY_CATCH(nullptr)
}

PyObject* retain_grad(PyObject* self, PyObject*) {
  TORCH_PY_TRY
  autograd::retain_grad(as_tensor(self));
  Py_RETURN_NONE;
  TORCH_PY_CATCH(nullptr)
}

PyObject* backward(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  TORCH_PY_TRY
  static const Parameter parameters[] = {{"self", Kind::Tensor, true},
                                         {"gradient", Kind::TensorOrNone, false},
                                         {"retain_graph", Kind::Object, false},
                                         {"create_graph", Kind::Bool, false}};
  static const Signature signature = {"(Tensor gradient=None, bool retain_graph=None, bool create_graph=False)", parameters, 4,
                                      4, false};
  Arguments parsed;
  parsed.parse("backward", &signature, 1, self, args, nargs, kwnames);
  autograd::BackwardOptions options;
  options.create_graph = parsed.boolean(3, false);
  options.keep_graph = options.create_graph;
  if (parsed.given_value(2)) {
    const int keep = PyObject_IsTrue(parsed.object(2));
    if (keep < 0) throw PythonError{};
    options.keep_graph = keep == 1;
  }
  const std::vector<Tensor> roots = {as_tensor(self)};
  const std::vector<Tensor> grads = {parsed.tensor_or_empty(1)};
  {
    const GilRelease gil(kGilReleaseNumel + 1);  // always: hooks take the lock, and other threads may go on meanwhile
    autograd::backward(roots, grads, options);
  }
  Py_RETURN_NONE;
  TORCH_PY_CATCH(nullptr)
}

PyObject* register_hook(PyObject* self, PyObject* hook) {
  TORCH_PY_TRY
  if (!PyCallable_Check(hook)) {
    fail(PyExc_TypeError, "register_hook(): argument 'hook' must be callable, not %s", Py_TYPE(hook)->tp_name);
  }
  const Tensor& tensor = as_tensor(self);
  watch_collections();
  track(self);  // the callable may hold the tensor
  const uint64_t id = autograd::add_hook(tensor, make_tensor_hook(hook));
  return new_hook_handle(autograd::gradient_edge(tensor).node.get(), id);
  TORCH_PY_CATCH(nullptr)
}

}  // namespace

const PyMethodDef tensor_autograd_methods[] = {
    {"detach", detach, METH_NOARGS,
     "detach() -> Tensor\n\nShares the memory and requires no gradient."
     "\n\n>>> x = torch.ones(2, requires_grad=True)\n"
     ">>> y = x.detach()\n"
     ">>> y.requires_grad, y.fill_(7), x\n"
     "(False, tensor([7., 7.]), tensor([7., 7.], requires_grad=True))"},
    {"detach_", detach_, METH_NOARGS,
     "detach_() -> Tensor\n\nCuts this tensor off from the graph that computed it."
     "\n\n>>> x = torch.ones(2, requires_grad=True)\n"
     ">>> y = (x * 2).detach_()\n"
     ">>> y.requires_grad, y.is_leaf\n"
     "(False, True)"},
    {"requires_grad_", as_method(requires_grad_), METH_FASTCALL | METH_KEYWORDS,
     "requires_grad_(requires_grad=True) -> Tensor: itself.\n\nWhether gradients are computed for it: of leaves and floating "
     "dtypes only, else a RuntimeError."
     "\n\n>>> x = torch.zeros(2).requires_grad_()\n"
     ">>> x.requires_grad, x.requires_grad_(False).requires_grad\n"
     "(True, False)\n"
     ">>> torch.tensor([1]).requires_grad_()\n"
     "Traceback (most recent call last):\n"
     "    ...\n"
     "RuntimeError: only Tensors of floating point dtype can require gradients"},
    {"retain_grad", retain_grad, METH_NOARGS,
     "retain_grad()\n\nKeeps .grad although this is no leaf."
     "\n\n>>> x = torch.ones(2, requires_grad=True)\n"
     ">>> y = x * 2\n"
     ">>> y.retain_grad()\n"
     ">>> (y * 3).sum().backward()\n"
     ">>> y.grad\n"
     "tensor([3., 3.])"},
    {"backward", as_method(backward), METH_FASTCALL | METH_KEYWORDS,
     "backward(gradient=None, retain_graph=None, create_graph=False)\n\nAdds the gradients of this tensor to the .grad of the "
     "leaves it was computed from.\n\ngradient: of this tensor's shape; may be missing for one element. retain_graph: keep the "
     "graph for another pass (default: create_graph). create_graph: record this pass for gradients of gradients."
     "\n\n>>> x = torch.tensor([1., 2.], requires_grad=True)\n"
     ">>> (x * x).sum().backward()\n"
     ">>> x.grad\n"
     "tensor([2., 4.])\n"
     ">>> (x * x).backward(torch.tensor([1., 10.]))\n"
     ">>> x.grad\n"
     "tensor([ 4., 44.])"},
    {"register_hook", register_hook, METH_O,
     "register_hook(hook) -> handle\n\nCalls hook(grad) when the gradient is complete; what it returns, if not None, replaces "
     "it."
     "\n\n>>> x = torch.ones(2, requires_grad=True)\n"
     ">>> handle = x.register_hook(lambda grad: grad * 10)\n"
     ">>> x.sum().backward()\n"
     ">>> x.grad\n"
     "tensor([10., 10.])\n"
     ">>> handle.remove()"},
    {nullptr, nullptr, 0, nullptr},
};

const PyGetSetDef tensor_autograd_attributes[] = {
    {"requires_grad", get_requires_grad, set_requires_grad,
     "True if gradients are computed for this tensor."
     "\n\n>>> x = torch.ones(2)\n"
     ">>> x.requires_grad = True\n"
     ">>> (x * 2).requires_grad\n"
     "True",
     nullptr},
    {"is_leaf", get_is_leaf, nullptr,
     "True if no recorded op computed this tensor."
     "\n\n>>> x = torch.ones(2, requires_grad=True)\n"
     ">>> x.is_leaf, (x * 3).is_leaf, (x * 3).detach().is_leaf\n"
     "(True, False, True)",
     nullptr},
    {"grad", get_grad, set_grad,
     "The gradient that backward() accumulated, or None."
     "\n\n>>> x = torch.ones(2, requires_grad=True)\n"
     ">>> x.grad is None\n"
     "True\n"
     ">>> (x * 3).sum().backward()\n"
     ">>> x.grad\n"
     "tensor([3., 3.])",
     nullptr},
    {"_grad", get_grad, set_grad, nullptr, nullptr},
    {"grad_fn", get_grad_fn, nullptr,
     "The node that computed this tensor; None for a leaf."
     "\n\n>>> x = torch.ones(2, requires_grad=True)\n"
     ">>> x.grad_fn is None, (x * 3).grad_fn.name()\n"
     "(True, 'MulBackward')",
     nullptr},
    {"data", get_data, set_data,
     "The same memory without history; writes through it go unnoticed by autograd."
     "\n\n>>> x = torch.ones(2, requires_grad=True)\n"
     ">>> _ = x.data.fill_(7)\n"
     ">>> x, x.data.requires_grad\n"
     "(tensor([7., 7.], requires_grad=True), False)",
     nullptr},
    {"output_nr", get_output_nr, nullptr,
     "Which result of grad_fn this is."
     "\n\n>>> [part.output_nr for part in torch.eye(2, requires_grad=True).svd()]\n"
     "[0, 1, 2]",
     nullptr},
    {"_version", get_version, nullptr, "Counts the writes to this tensor's memory.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

}  // namespace torch::python
