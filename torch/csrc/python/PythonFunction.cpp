#include "python/PythonFunction.h"

#include <structmember.h>

#include <string>
#include <tuple>

#include "autograd/Mode.h"
#include "autograd/SavedTensor.h"
#include "autograd/Variable.h"
#include "python/ArgParser.h"
#include "python/GilRelease.h"
#include "python/NodeObject.h"
#include "python/PythonHook.h"
#include "python/SparseBridge.h"
#include "python/TensorType.h"

namespace torch::python {

namespace {

class PythonNode;

// The `ctx`. forward() writes to_save, dirty and the like into it; afterwards the node holds what is saved.
struct ContextObject {
  PyObject_HEAD PythonNode* node;  // borrowed: the node owns this object
  PyObject* dict;
  PyObject* to_save;             // tuple of tensors and None
  PyObject* dirty;               // tuple of tensors that forward wrote in place
  PyObject* non_differentiable;  // tuple of tensors
  PyObject* needs_input_grad;    // tuple of bools
  uint32_t collection;           // of Python's collector, in which `owned` was found out
  bool owned;                    // one tensor's object is all that keeps the node
};

PyTypeObject* FunctionType = nullptr;

ContextObject* context_of(PyObject* object) {
  return reinterpret_cast<ContextObject*>(object);
}

// One call of Function.apply. Owns its context while the graph lives.
class PythonNode final : public autograd::Node {
 public:
  PythonNode(uint32_t inputs, uint32_t outputs, PyObject* context, std::vector<bool> is_tensor)
      : Node(inputs, outputs),
        context_(context),
        is_tensor_(std::move(is_tensor)),
        name_(std::string(Py_TYPE(context)->tp_name) + "Backward") {
    Py_INCREF(context_);
    context_of(context_)->node = this;
  }
  const char* name() const override { return name_.c_str(); }
  PyObject* context() const { return context_; }
  void apply(Tensor* grads, Tensor* results) override;
  void release_saved() override {
    for (autograd::SavedTensor& tensor : saved_) tensor.reset();
    if (!saved_.empty()) set_released();
  }
  void save(const std::vector<Tensor>& outputs);
  PyObject* unpack();

  std::vector<std::tuple<THDtype, int, Sizes>> output_types;  // with the device; for gradients that nobody delivered

 protected:
  ~PythonNode() override {
    if (!Py_IsInitialized()) return;
    const GilAcquire gil;
    context_of(context_)->node = nullptr;
    Py_DECREF(context_);
  }

 private:
  PyRef call_backward(Tensor* grads);

  PyObject* context_;
  std::vector<bool> is_tensor_;  // by argument of forward
  std::string name_;
  std::vector<autograd::SavedTensor> saved_;
};

void PythonNode::save(const std::vector<Tensor>& outputs) {
  PyObject* to_save = context_of(context_)->to_save;
  if (to_save == nullptr) return;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(to_save); ++i) {
    PyObject* item = PyTuple_GET_ITEM(to_save, i);
    saved_.emplace_back();
    if (item == Py_None) continue;
    if (!is_tensor(item))
      fail(PyExc_TypeError, "save_for_backward can only save tensors, but argument %zd is of type %s", i,
           Py_TYPE(item)->tp_name);
    uint32_t nr = 0;
    while (nr < outputs.size() && !outputs[nr].is(as_tensor(item))) ++nr;
    if (nr < outputs.size()) {
      saved_.back().save_result(as_tensor(item), nr);
    } else {
      saved_.back().save(as_tensor(item));
    }
  }
  Py_CLEAR(context_of(context_)->to_save);
}

PyObject* PythonNode::unpack() {
  if (released()) throw_released();
  std::vector<Tensor> tensors;
  for (const autograd::SavedTensor& tensor : saved_) tensors.push_back(tensor.unpack(this, true));
  return wrap_tuple(tensors);
}

// ctx.backward(ctx, *grads) as a tuple.
PyRef PythonNode::call_backward(Tensor* grads) {
  PyRef arguments = PyRef::steal(PyTuple_New(outputs() + 1));
  Py_INCREF(context_);
  PyTuple_SET_ITEM(arguments.get(), 0, context_);
  for (uint32_t i = 0; i < outputs(); ++i) {
    if (!grads[i]) {  // Python's backward always sees tensors
      const auto& [dtype, device, sizes] = output_types[i];
      grads[i] = Tensor::steal(backend::new_on(device, dtype, static_cast<int>(sizes.size()), sizes.data()));
      check(THTensor_zero(grads[i].get()));
    }
    PyObject* grad = wrap(grads[i]);
    if (grad == nullptr) throw PythonError{};
    PyTuple_SET_ITEM(arguments.get(), i + 1, grad);
  }
  const PyRef backward = PyRef::steal(PyObject_GetAttrString(reinterpret_cast<PyObject*>(Py_TYPE(context_)), "backward"));
  PyRef result = PyRef::steal(PyObject_CallObject(backward.get(), arguments.get()));
  if (PyTuple_Check(result.get())) return result;
  return PyRef::steal(PyTuple_Pack(1, result.get()));
}

void PythonNode::apply(Tensor* grads, Tensor* results) {
  const GilAcquire gil;
  const PyRef tuple = call_backward(grads);
  const Py_ssize_t n = PyTuple_GET_SIZE(tuple.get());
  const auto expected = static_cast<Py_ssize_t>(is_tensor_.size());
  bool extra_are_none = n > expected;
  for (Py_ssize_t i = expected; i < n; ++i) extra_are_none = extra_are_none && PyTuple_GET_ITEM(tuple.get(), i) == Py_None;
  if (n != expected && !extra_are_none) {
    fail(PyExc_RuntimeError, "function %s returned an incorrect number of gradients (expected %zd, got %zd)", name(), expected,
         n);
  }
  uint32_t input = 0;
  for (Py_ssize_t i = 0; i < expected; ++i) {
    PyObject* item = PyTuple_GET_ITEM(tuple.get(), i);
    if (!is_tensor_[static_cast<size_t>(i)]) {
      if (item == Py_None) continue;
      fail(PyExc_RuntimeError,
           "function %s returned a gradient different from None at position %zd, but the corresponding "
           "forward input was not a Variable",
           name(), i + 1);
    }
    if (item != Py_None && !is_tensor(item) && !is_sparse(item)) {
      fail(PyExc_TypeError, "function %s returned a %s at position %zd, expected a Tensor or None", name(),
           Py_TYPE(item)->tp_name, i + 1);
    }
    if (item != Py_None && needs(input)) results[input] = as_gradient(item);
    ++input;
  }
}

// --- the Python type ----------------------------------------------------------------------------------------------------

struct Inputs {
  std::vector<Tensor> tensors;
  std::vector<bool> is_tensor;
  bool recorded = false;
};

Inputs read_inputs(PyObject* args, ContextObject* context) {
  Inputs inputs;
  const Py_ssize_t n = PyTuple_GET_SIZE(args);
  PyRef needs = PyRef::steal(PyTuple_New(n));
  for (Py_ssize_t i = 0; i < n; ++i) {
    PyObject* item = PyTuple_GET_ITEM(args, i);
    const bool tensor = is_tensor(item);
    const bool requires_grad = tensor && autograd::requires_grad(as_tensor(item));
    inputs.is_tensor.push_back(tensor);
    if (tensor) inputs.tensors.push_back(as_tensor(item));
    inputs.recorded = inputs.recorded || requires_grad;
    PyTuple_SET_ITEM(needs.get(), i, PyBool_FromLong(requires_grad));
  }
  inputs.recorded = inputs.recorded && autograd::grad_enabled();
  context->needs_input_grad = needs.release();
  return inputs;
}

PyRef call_forward(PyObject* type, PyObject* context, PyObject* args) {
  const Py_ssize_t n = PyTuple_GET_SIZE(args);
  PyRef arguments = PyRef::steal(PyTuple_New(n + 1));
  Py_INCREF(context);
  PyTuple_SET_ITEM(arguments.get(), 0, context);
  for (Py_ssize_t i = 0; i < n; ++i) {
    Py_INCREF(PyTuple_GET_ITEM(args, i));
    PyTuple_SET_ITEM(arguments.get(), i + 1, PyTuple_GET_ITEM(args, i));
  }
  const PyRef forward = PyRef::steal(PyObject_GetAttrString(type, "forward"));
  const autograd::GradScope scope(false);
  return PyRef::steal(PyObject_CallObject(forward.get(), arguments.get()));
}

bool contains(PyObject* tuple, PyObject* item) {
  for (Py_ssize_t i = 0; tuple && i < PyTuple_GET_SIZE(tuple); ++i) {
    if (PyTuple_GET_ITEM(tuple, i) == item) return true;
  }
  return false;
}

// The results as new tensors of the graph. An input that comes back untouched is given back as another tensor on its memory.
std::vector<Tensor> read_outputs(PyObject* results, const Inputs& inputs, PyObject* dirty) {
  std::vector<Tensor> outputs;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(results); ++i) {
    PyObject* item = PyTuple_GET_ITEM(results, i);
    if (!is_tensor(item)) {
      fail(PyExc_TypeError, "forward() must return Tensors (got %s at position %zd)", Py_TYPE(item)->tp_name, i);
    }
    Tensor output = as_tensor(item);
    bool is_input = false;
    for (const Tensor& input : inputs.tensors) is_input = is_input || input.is(output);
    if (is_input && !contains(dirty, item)) output = autograd::detach(output);
    outputs.push_back(std::move(output));
  }
  return outputs;
}

void record(PyObject* context, PyObject* results, const Inputs& inputs, const std::vector<Tensor>& outputs) {
  autograd::Ref<PythonNode> node = autograd::make_ref<PythonNode>(
      static_cast<uint32_t>(inputs.tensors.size()), static_cast<uint32_t>(outputs.size()), context, inputs.is_tensor);
  for (uint32_t i = 0; i < inputs.tensors.size(); ++i) node->edge(i) = autograd::gradient_edge(inputs.tensors[i]);
  ContextObject* fields = context_of(context);
  for (uint32_t i = 0; i < outputs.size(); ++i) {
    node->output_types.emplace_back(outputs[i].dtype(), outputs[i].device(), outputs[i].sizes());
    PyObject* item = PyTuple_GET_ITEM(results, i);
    if (contains(fields->non_differentiable, item)) continue;
    if (contains(fields->dirty, item)) {
      autograd::check_inplace(outputs[i]);
      autograd::rebase_history(outputs[i], node, i);
    } else {
      autograd::set_history(outputs[i], node, i);
    }
  }
  node->save(outputs);
}

// What forward set on ctx may be a result, which keeps its node and so ctx: the collector has to see that.
void track_results(PyObject* results) {
  watch_collections();
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(results); ++i) track(PyTuple_GET_ITEM(results, i));
}

PyObject* Function_apply(PyObject* type, PyObject* args) {
  TORCH_PY_TRY
  const PyRef context = PyRef::steal(PyType_GenericAlloc(reinterpret_cast<PyTypeObject*>(type), 0));
  const Inputs inputs = read_inputs(args, context_of(context.get()));
  const PyRef result = call_forward(type, context.get(), args);
  const bool single = !PyTuple_Check(result.get());
  const PyRef results = single ? PyRef::steal(PyTuple_Pack(1, result.get())) : PyRef::borrow(result.get());
  const std::vector<Tensor> outputs = read_outputs(results.get(), inputs, context_of(context.get())->dirty);
  if (inputs.recorded) record(context.get(), results.get(), inputs, outputs);
  if (inputs.recorded && context_of(context.get())->dict) track_results(results.get());
  return single ? wrap(outputs[0]) : wrap_tuple(outputs);
  TORCH_PY_CATCH(nullptr)
}

PyObject* keep(PyObject** slot, PyObject* args) {
  Py_INCREF(args);
  Py_XSETREF(*slot, args);
  Py_RETURN_NONE;
}

PyObject* save_for_backward(PyObject* self, PyObject* args) {
  return keep(&context_of(self)->to_save, args);
}
PyObject* mark_dirty(PyObject* self, PyObject* args) {
  return keep(&context_of(self)->dirty, args);
}
PyObject* mark_non_differentiable(PyObject* self, PyObject* args) {
  return keep(&context_of(self)->non_differentiable, args);
}

PyObject* get_saved_tensors(PyObject* self, void*) {
  TORCH_PY_TRY
  ContextObject* context = context_of(self);
  if (context->node) return context->node->unpack();
  if (context->to_save == nullptr) return PyTuple_New(0);
  Py_INCREF(context->to_save);
  return context->to_save;
  TORCH_PY_CATCH(nullptr)
}

PyObject* name(PyObject* self, PyObject*) {
  const PythonNode* node = context_of(self)->node;
  return node ? PyUnicode_FromString(node->name()) : PyUnicode_FromFormat("%sBackward", Py_TYPE(self)->tp_name);
}

// What grad_fn objects have; there is a node only where a call was recorded.
PythonNode& recorded_node(PyObject* self, const char* what) {
  PythonNode* node = context_of(self)->node;
  if (node == nullptr) fail(PyExc_RuntimeError, "%s: this call of %s was not recorded", what, Py_TYPE(self)->tp_name);
  return *node;
}

PyObject* get_next_functions(PyObject* self, void*) {
  TORCH_PY_TRY
  return next_functions(recorded_node(self, "next_functions"));
  TORCH_PY_CATCH(nullptr)
}

PyObject* register_hook(PyObject* self, PyObject* hook) {
  TORCH_PY_TRY
  return register_node_hook(&recorded_node(self, "register_hook"), hook);
  TORCH_PY_CATCH(nullptr)
}

int Function_traverse(PyObject* self, visitproc visit, void* arg) {
  ContextObject* context = context_of(self);
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(context->dict);
  Py_VISIT(context->to_save);
  Py_VISIT(context->dirty);
  Py_VISIT(context->non_differentiable);
  Py_VISIT(context->needs_input_grad);
  return 0;
}

int Function_clear(PyObject* self) {
  ContextObject* context = context_of(self);
  Py_CLEAR(context->dict);
  Py_CLEAR(context->to_save);
  Py_CLEAR(context->dirty);
  Py_CLEAR(context->non_differentiable);
  Py_CLEAR(context->needs_input_grad);
  return 0;
}

void Function_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Function_clear(self);
  type->tp_free(self);
  Py_DECREF(type);
}

PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(ContextObject, dict), READONLY, nullptr},
    {"needs_input_grad", T_OBJECT, offsetof(ContextObject, needs_input_grad), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyMethodDef methods[] = {
    {"apply", Function_apply, METH_VARARGS | METH_CLASS,
     "apply(*args): runs forward and records backward."
     "\n\n>>> class Double(torch.autograd.Function):\n"
     "...     @staticmethod\n"
     "...     def forward(ctx, x):\n"
     "...         return x * 2\n"
     "...     @staticmethod\n"
     "...     def backward(ctx, grad):\n"
     "...         return grad * 2\n"
     ">>> x = torch.ones(2, requires_grad=True)\n"
     ">>> Double.apply(x)\n"
     "tensor([2., 2.], grad_fn=<DoubleBackward>)"},
    {"save_for_backward", save_for_backward, METH_VARARGS,
     "save_for_backward(*tensors): for ctx.saved_tensors in backward."
     "\n\n>>> class Square(torch.autograd.Function):\n"
     "...     @staticmethod\n"
     "...     def forward(ctx, x):\n"
     "...         ctx.save_for_backward(x)\n"
     "...         return x * x\n"
     "...     @staticmethod\n"
     "...     def backward(ctx, grad):\n"
     "...         x, = ctx.saved_tensors\n"
     "...         return grad * 2 * x\n"
     ">>> x = torch.tensor([1., 2.], requires_grad=True)\n"
     ">>> Square.apply(x).sum().backward()\n"
     ">>> x.grad\n"
     "tensor([2., 4.])"},
    {"mark_dirty", mark_dirty, METH_VARARGS,
     "mark_dirty(*tensors): inputs that forward wrote in place."
     "\n\n>>> class AddOne_(torch.autograd.Function):\n"
     "...     @staticmethod\n"
     "...     def forward(ctx, x):\n"
     "...         ctx.mark_dirty(x)\n"
     "...         return x.add_(1)\n"
     "...     @staticmethod\n"
     "...     def backward(ctx, grad):\n"
     "...         return grad\n"
     ">>> x = torch.zeros(2, requires_grad=True) * 1\n"
     ">>> AddOne_.apply(x) is x, x.detach()\n"
     "(True, tensor([1., 1.]))"},
    {"mark_non_differentiable", mark_non_differentiable, METH_VARARGS,
     "mark_non_differentiable(*tensors): results without a gradient."
     "\n\n>>> class Places(torch.autograd.Function):\n"
     "...     @staticmethod\n"
     "...     def forward(ctx, x):\n"
     "...         places = (x > 0).float()\n"
     "...         ctx.mark_non_differentiable(places)\n"
     "...         return places\n"
     "...     @staticmethod\n"
     "...     def backward(ctx, grad):\n"
     "...         return None\n"
     ">>> Places.apply(torch.ones(2, requires_grad=True)).requires_grad\n"
     "False"},
    {"name", name, METH_NOARGS,
     "name() -> str"
     "\n\n>>> class Double(torch.autograd.Function):\n"
     "...     @staticmethod\n"
     "...     def forward(ctx, x):\n"
     "...         return x * 2\n"
     "...     @staticmethod\n"
     "...     def backward(ctx, grad):\n"
     "...         return grad * 2\n"
     ">>> Double.apply(torch.ones(2, requires_grad=True)).grad_fn.name()\n"
     "'DoubleBackward'"},
    {"register_hook", register_hook, METH_O,
     "register_hook(hook) -> handle\n\nCalls hook(grad_inputs, grad_outputs) after this step of the backward pass."
     "\n\n>>> class Double(torch.autograd.Function):\n"
     "...     @staticmethod\n"
     "...     def forward(ctx, x):\n"
     "...         return x * 2\n"
     "...     @staticmethod\n"
     "...     def backward(ctx, grad):\n"
     "...         return grad * 2\n"
     ">>> y = Double.apply(torch.ones(2, requires_grad=True))\n"
     ">>> handle = y.grad_fn.register_hook(lambda grad_inputs, grad_outputs: print(grad_inputs, grad_outputs))\n"
     ">>> y.sum().backward()\n"
     "(tensor([2., 2.]),) (tensor([1., 1.]),)"},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef attributes[] = {
    {"saved_tensors", get_saved_tensors, nullptr,
     "What save_for_backward kept, checked for writes in between."
     "\n\n>>> class Exp(torch.autograd.Function):\n"
     "...     @staticmethod\n"
     "...     def forward(ctx, x):\n"
     "...         y = x.exp()\n"
     "...         ctx.save_for_backward(y)\n"
     "...         return y\n"
     "...     @staticmethod\n"
     "...     def backward(ctx, grad):\n"
     "...         y, = ctx.saved_tensors\n"
     "...         return grad * y\n"
     ">>> x = torch.zeros(2, requires_grad=True)\n"
     ">>> Exp.apply(x).sum().backward()\n"
     ">>> x.grad\n"
     "tensor([1., 1.])",
     nullptr},
    {"next_functions", get_next_functions, nullptr,
     "((node or None, output_nr), ...): where the gradients go."
     "\n\n>>> (torch.ones(2, requires_grad=True) * 2).grad_fn.next_functions[0][0].name()\n"
     "'AccumulateGrad'",
     nullptr},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(Function_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(Function_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(Function_clear)},
    {Py_tp_members, members},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_tp_doc, const_cast<char*>("Base of torch.autograd.Function; an instance is the ctx of one call.")},
    {0, nullptr},
};

PyType_Spec spec = {"torch._C.FunctionBase", sizeof(ContextObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

PyObject* function_context(autograd::Node* node) {
  auto* python = dynamic_cast<PythonNode*>(node);
  if (python == nullptr) return nullptr;
  Py_INCREF(python->context());
  return python->context();
}

int visit_context(autograd::Node* node, bool sole, visitproc visit, void* arg) {
  const uint32_t collection = collection_number();
  auto* python = collection % 2 ? dynamic_cast<PythonNode*>(node) : nullptr;
  if (python == nullptr) return 0;
  ContextObject* context = context_of(python->context());
  if (context->collection != collection) {
    context->collection = collection;
    context->owned = sole && node->has_one_owner();
  }
  if (context->owned) Py_VISIT(python->context());
  return 0;
}

int init_function_type(PyObject* module) {
  FunctionType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (FunctionType == nullptr) return -1;
  return PyModule_AddObjectRef(module, "FunctionBase", reinterpret_cast<PyObject*>(FunctionType));
}

}  // namespace torch::python
