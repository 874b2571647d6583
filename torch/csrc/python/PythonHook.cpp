#include "python/PythonHook.h"

#include "autograd/Engine.h"
#include "python/ArgParser.h"
#include "python/GilRelease.h"
#include "python/SparseBridge.h"

namespace torch::python {

namespace {

// Holds a callable from threads that may not hold the interpreter lock.
class Callable {
 public:
  explicit Callable(PyObject* object) : object_(object) { Py_INCREF(object_); }
  ~Callable() {
    if (!Py_IsInitialized()) return;
    const GilAcquire gil;
    Py_DECREF(object_);
  }
  Callable(const Callable&) = delete;
  Callable& operator=(const Callable&) = delete;
  PyObject* get() const { return object_; }

 private:
  PyObject* object_;
};

class TensorHook final : public autograd::Hook {
 public:
  explicit TensorHook(PyObject* callable) : callable_(callable) {}
  PyObject* callable() const { return callable_.get(); }
  Tensor call(const Tensor& grad) override {
    const GilAcquire gil;
    const PyRef argument = PyRef::steal(wrap_gradient(grad));
    const PyRef result = PyRef::steal(PyObject_CallOneArg(callable_.get(), argument.get()));
    if (result.get() == Py_None) return Tensor();
    if (!is_tensor(result.get()) && !is_sparse(result.get())) {
      fail(PyExc_TypeError, "a hook must return a Tensor or None, not %s", Py_TYPE(result.get())->tp_name);
    }
    Tensor replaced = as_gradient(result.get());
    if (replaced.dtype() != grad.dtype() || !THTensor_isSameSizeAs(replaced.get(), grad.get())) {
      fail(PyExc_RuntimeError, "a hook has changed the dtype or the size of the gradient");
    }
    return replaced;
  }

 private:
  Callable callable_;
};

class NodeHook final : public autograd::PostHook {
 public:
  explicit NodeHook(PyObject* callable) : callable_(callable) {}
  PyObject* callable() const { return callable_.get(); }
  void call(std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) override {
    const GilAcquire gil;
    const PyRef ins = PyRef::steal(wrap_gradients(inputs));
    const PyRef outs = PyRef::steal(wrap_gradients(outputs));
    const PyRef result = PyRef::steal(PyObject_CallFunctionObjArgs(callable_.get(), ins.get(), outs.get(), nullptr));
    if (result.get() == Py_None) return;
    const PyRef items = PyRef::steal(is_tensor(result.get()) ? PyTuple_Pack(1, result.get()) : PySequence_Tuple(result.get()));
    require_count("hook", "result", static_cast<size_t>(PyTuple_GET_SIZE(items.get())), inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      PyObject* item = PyTuple_GET_ITEM(items.get(), static_cast<Py_ssize_t>(i));
      inputs[i] = is_tensor(item) || is_sparse(item) ? as_gradient(item) : Tensor();
    }
  }

 private:
  Callable callable_;
};

uint32_t collection = 0;  // odd while the collector runs

PyObject* note_collection(PyObject*, PyObject* args) {
  PyObject* phase = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : nullptr;
  const bool starts = phase && PyUnicode_Check(phase) && PyUnicode_CompareWithASCIIString(phase, "start") == 0;
  collection = starts ? collection | 1 : (collection | 1) + 1;
  Py_RETURN_NONE;
}

PyMethodDef collection_watcher = {"note_collection", note_collection, METH_VARARGS, nullptr};

template <class Kind, class Entries>
int visit_callables(const Entries& entries, visitproc visit, void* arg) {
  for (const auto& entry : entries) {
    const auto* hook = dynamic_cast<const Kind*>(entry.hook.get());
    if (hook) Py_VISIT(hook->callable());
  }
  return 0;
}

struct HandleObject {
  PyObject_HEAD autograd::Node* node;  // owned; NULL once removed
  uint64_t id;
};

PyTypeObject* HandleType = nullptr;

PyObject* Handle_remove(PyObject* self, PyObject*) {
  auto* handle = reinterpret_cast<HandleObject*>(self);
  if (autograd::Node* node = std::exchange(handle->node, nullptr)) {
    node->remove_hook(handle->id);
    node->hooks()->handles--;
    node->release();
  }
  Py_RETURN_NONE;
}

PyObject* Handle_enter(PyObject* self, PyObject*) {
  Py_INCREF(self);
  return self;
}

void Handle_dealloc(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  if (autograd::Node* node = reinterpret_cast<HandleObject*>(self)->node) {
    node->hooks()->handles--;
    node->release();
  }
  type->tp_free(self);
  Py_DECREF(type);
}

PyMethodDef handle_methods[] = {
    {"remove", Handle_remove, METH_NOARGS, "remove(): the hook is not called any more."},
    {"__enter__", Handle_enter, METH_NOARGS, nullptr},
    {"__exit__", Handle_remove, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot handle_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(Handle_dealloc)},
    {Py_tp_methods, handle_methods},
    {0, nullptr},
};

PyType_Spec handle_spec = {"torch._C.HookHandle", sizeof(HandleObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, handle_slots};

}  // namespace

std::shared_ptr<autograd::Hook> make_tensor_hook(PyObject* callable) {
  return std::make_shared<TensorHook>(callable);
}

std::shared_ptr<autograd::PostHook> make_node_hook(PyObject* callable) {
  return std::make_shared<NodeHook>(callable);
}

PyObject* new_hook_handle(autograd::Node* node, uint64_t id) {
  auto* handle = PyObject_New(HandleObject, HandleType);
  if (handle == nullptr) return nullptr;
  handle->node = node;
  handle->id = id;
  node->retain();
  node->hooks()->handles++;
  return reinterpret_cast<PyObject*>(handle);
}

void watch_collections() {
  static bool watching = false;
  if (watching) return;
  const PyRef gc = PyRef::steal(PyImport_ImportModule("gc"));
  const PyRef callbacks = PyRef::steal(PyObject_GetAttrString(gc.get(), "callbacks"));
  const PyRef watcher = PyRef::steal(PyCFunction_New(&collection_watcher, nullptr));
  check_python(PyList_Append(callbacks.get(), watcher.get()));
  watching = true;
}

uint32_t collection_number() {
  return collection;
}

int visit_hooks(autograd::Node* node, bool sole, visitproc visit, void* arg) {
  autograd::Hooks* hooks = node ? node->hooks() : nullptr;
  if (hooks == nullptr || collection % 2 == 0) return 0;
  if (hooks->collection != collection) {
    hooks->collection = collection;
    hooks->owned = sole && node->has_one_owner();
  }
  if (!hooks->owned) return 0;
  const int status = visit_callables<TensorHook>(hooks->pre, visit, arg);
  return status ? status : visit_callables<NodeHook>(hooks->post, visit, arg);
}

PyObject* queue_callback(PyObject*, PyObject* callable) {
  TORCH_PY_TRY
  if (!PyCallable_Check(callable)) {
    fail(PyExc_TypeError, "queue_callback(): argument must be callable, not %s", Py_TYPE(callable)->tp_name);
  }
  const auto held = std::make_shared<Callable>(callable);
  autograd::after_backward([held] {
    const GilAcquire gil;
    PyRef::steal(PyObject_CallNoArgs(held->get()));
  });
  Py_RETURN_NONE;
  TORCH_PY_CATCH(nullptr)
}

int init_hook_types(PyObject* module) {
  HandleType = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&handle_spec));
  if (HandleType == nullptr) return -1;
  return PyModule_AddObjectRef(module, "HookHandle", reinterpret_cast<PyObject*>(HandleType));
}

}  // namespace torch::python
