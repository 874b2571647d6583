#include "autograd/Variable.h"

#include <algorithm>
#include <mutex>
#include <string>

#include "autograd/View.h"
#include "generated/Ops.h"

namespace torch::autograd {
namespace {

// Blocks of freed metas, for each thread, chained through their first word: every view has a meta, so they come and go with
// `x[0]`. Nothing here has a constructor, so that no access has to ask whether it has run.
struct MetaCache {
  static constexpr int ROOM = 64;
  void* head;
  int count;
  enum : uint8_t { NEW, OPEN, CLOSED } state;  // CLOSED: the thread's destructors have run
};
__attribute__((tls_model("initial-exec"))) thread_local MetaCache meta_cache;

// Empties the thread's cache at its end.
struct MetaCacheCloser {
  ~MetaCacheCloser() {
    MetaCache& cache = meta_cache;
    while (void* block = cache.head) {
      cache.head = *static_cast<void**>(block);
      ::operator delete(block);
    }
    cache.state = MetaCache::CLOSED;
  }
};

// Before the first block is kept. Out of line: it reaches the destructor's registration.
__attribute__((noinline)) void open_meta_cache() {
  static thread_local MetaCacheCloser closer;
  (void)closer;
  meta_cache.state = MetaCache::OPEN;
}

inline AutogradMeta* attach_meta(THTensor* impl) {
  impl->meta = new AutogradMeta;
  impl->meta_drop = [](void* m) { delete static_cast<AutogradMeta*>(m); };
  return static_cast<AutogradMeta*>(impl->meta);
}

bool is_floating(const Tensor& t) {
  return THDtype_isFloating(t.dtype());
}

AccumulateGrad& ensure_slot(const Tensor& t) {
  AutogradMeta& m = ensure_meta(t);
  if (!m.slot) m.slot = make_ref<AccumulateGrad>(t.sizes());
  return *m.slot;
}

// One lock for all views: their grad_fn is made on demand, perhaps by two threads at once.
std::mutex view_mutex;

class RetainGrad final : public Hook {
 public:
  explicit RetainGrad(Ref<AccumulateGrad> slot) : slot_(std::move(slot)) {}
  Tensor call(const Tensor& grad) override {
    slot_->add(grad);
    return Tensor();
  }

 private:
  Ref<AccumulateGrad> slot_;
};

}  // namespace

inline void* AutogradMeta::operator new(size_t bytes) {
  MetaCache& cache = meta_cache;
  void* block = cache.head;
  if (!block) return ::operator new(bytes);
  cache.head = *static_cast<void**>(block);
  cache.count--;
  return block;
}

inline void AutogradMeta::operator delete(void* block) noexcept {
  MetaCache& cache = meta_cache;
  if (__builtin_expect(cache.state == MetaCache::NEW, 0)) open_meta_cache();
  if (cache.state == MetaCache::CLOSED || cache.count >= MetaCache::ROOM) {
    ::operator delete(block);
    return;
  }
  *static_cast<void**>(block) = cache.head;
  cache.head = block;
  cache.count++;
}

AutogradMeta& ensure_meta(const Tensor& tensor) {
  THTensor* impl = tensor.get();
  return impl->meta ? *static_cast<AutogradMeta*>(impl->meta) : *attach_meta(impl);
}

bool follows_base(const AutogradMeta& meta) noexcept {
  return meta.base && !meta.untracked && requires_grad(meta.base);
}

void set_requires_grad(const Tensor& tensor, bool on) {
  if (!is_leaf(tensor)) {
    throw Error(TH_ERR_STATE,
                on ? "you can only change requires_grad flags of leaf variables."
                   : "you can only change requires_grad flags of leaf variables. If you want to use a computed "
                     "variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().");
  }
  if (on && !is_floating(tensor)) {
    throw Error(TH_ERR_DTYPE, "only Tensors of floating point dtype can require gradients");
  }
  if (!on && !meta(tensor)) return;
  ensure_meta(tensor).requires_grad = on;
  if (on) ensure_slot(tensor);
}

bool is_leaf(const Tensor& tensor) {
  return grad_fn(tensor) == nullptr;
}

Node* grad_fn(const Tensor& tensor) {
  AutogradMeta* m = meta(tensor);
  if (!m) return nullptr;
  if (!follows_base(*m)) return m->grad_fn.get();
  const std::lock_guard<std::mutex> lock(view_mutex);
  if (!m->grad_fn || m->version != version(tensor)) {
    m->grad_fn = make_ref<AsStridedBackward>(tensor, m->base);
    m->version = version(tensor);
    m->output_nr = 0;
    m->requires_grad = true;
  }
  return m->grad_fn.get();
}

uint32_t output_nr(const Tensor& tensor) {
  const AutogradMeta* m = meta(tensor);
  return m ? m->output_nr : 0;
}

Edge gradient_edge(const Tensor& tensor) {
  if (!requires_grad(tensor)) return Edge();
  if (Node* fn = grad_fn(tensor)) return Edge{Ref<Node>(fn), meta(tensor)->output_nr};
  return Edge{Ref<Node>(&ensure_slot(tensor)), 0};
}

Tensor grad(const Tensor& tensor) {
  const AutogradMeta* m = meta(tensor);
  return m && m->slot ? m->slot->grad : Tensor();
}

void set_grad(const Tensor& tensor, Tensor grad) {
  if (!grad) {
    if (meta(tensor) && meta(tensor)->slot) meta(tensor)->slot->grad = Tensor();
    return;
  }
  if (grad.is(tensor)) throw Error(TH_ERR_VALUE, "can't assign Variable as its own grad");
  if (grad.dtype() != tensor.dtype()) {
    throw Error(TH_ERR_DTYPE, std::string("assigned grad has data of a different type: ") + THDtype_pythonName(grad.dtype()) +
                                  ", the tensor is " + THDtype_pythonName(tensor.dtype()));
  }
  if (!THTensor_isSameSizeAs(tensor.get(), grad.get())) throw Error(TH_ERR_SHAPE, "assigned grad has data of a different size");
  const bool together = THTensor_device(grad.get()) == THTensor_device(tensor.get());
  if (!together) check(backend::fail_mixed("grad", {grad.get(), tensor.get()}));
  ensure_slot(tensor).grad = std::move(grad);
}

void retain_grad(const Tensor& tensor) {
  if (!requires_grad(tensor)) throw Error(TH_ERR_STATE, "can't retain_grad on Tensor that has requires_grad=False");
  if (is_leaf(tensor) || meta(tensor)->retains_grad) return;
  ensure_slot(tensor);
  add_hook(tensor, std::make_shared<RetainGrad>(meta(tensor)->slot));
  meta(tensor)->retains_grad = true;
}

Tensor detach(const Tensor& tensor) {
  return Tensor::steal(THTensor_newWithTensor(tensor.get()));
}

Tensor data(const Tensor& tensor) {
  Tensor result = detach(tensor);
  result.get()->flags |= THTensor_QUIET;
  return result;
}

void set_data(const Tensor& tensor, const Tensor& other) {
  if (other.dtype() != tensor.dtype() && requires_grad(tensor) && !is_floating(other)) {
    throw Error(TH_ERR_DTYPE, "data set to a tensor that requires gradients must be floating point");
  }
  check(THTensor_set(tensor.get(), other.get()));
  if (AutogradMeta* m = meta(tensor); m && m->slot) m->slot->sizes = tensor.sizes();
}

void detach_(const Tensor& tensor) {
  AutogradMeta* m = meta(tensor);
  if (!m) return;
  if (follows_base(*m)) throw Error(TH_ERR_STATE, "Can't detach views in-place. Use detach() instead");
  m->base = Tensor();
  m->grad_fn = nullptr;
  m->output_nr = 0;
  m->requires_grad = false;
}

uint64_t add_hook(const Tensor& tensor, std::shared_ptr<Hook> hook) {
  if (!requires_grad(tensor)) throw Error(TH_ERR_STATE, "cannot register a hook on a tensor that doesn't require gradient");
  const Edge edge = gradient_edge(tensor);
  return edge.node->add_hook(edge.output_nr, std::move(hook));
}

void set_history(const Tensor& out, const Ref<Node>& node, uint32_t nr) {
  if (!is_floating(out)) return;
  AutogradMeta& m = ensure_meta(out);
  m.grad_fn = node;
  m.output_nr = nr;
  m.requires_grad = true;
}

void set_view(const Tensor& out, const Tensor& self) {
  if (!is_floating(self) || out.is(self)) return;
  AutogradMeta& m = ensure_meta(out);
  m.version = version(out);
  const AutogradMeta* source = meta(self);
  if (!source) {  // the usual case: nothing to follow, nothing to be kept out of
    m.base = self;
    return;
  }
  // A view that is a leaf of its own is the base of its views.
  const bool through = source && source->base && (!source->requires_grad || follows_base(*source));
  m.base = through ? source->base : self;
  m.untracked = (through && source->untracked) || (!grad_enabled() && requires_grad(self));
}

void check_inplace(const Tensor& self) {
  const AutogradMeta* m = meta(self);
  if (!m) return;
  if (m->untracked && requires_grad(m->base)) {
    throw Error(
        TH_ERR_STATE,
        "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Make the view outside of "
        "the no_grad block, or the change inside of one.");
  }
  if (follows_base(*m) && is_leaf(m->base)) {
    throw Error(TH_ERR_STATE, "a view of a leaf Variable that requires grad is being used in an in-place operation.");
  }
  if (requires_grad(self) && is_leaf(self)) {
    throw Error(TH_ERR_STATE, "a leaf Variable that requires grad has been used in an in-place operation.");
  }
}

void rebase_history(const Tensor& self, const Ref<Node>& node, uint32_t nr) {
  AutogradMeta& m = ensure_meta(self);
  m.retains_grad = false;  // the hook stays with the old value
  if (!m.base || m.untracked) {
    set_history(self, node, nr);
    return;
  }
  if (node->outputs() > 1) {
    throw Error(TH_ERR_STATE, std::string(node->name()) +
                                  ": a function with several results cannot write in place to a view of another tensor; give "
                                  "it a clone of the view");
  }
  Ref<CopySlices> write = make_ref<CopySlices>(self, m.base, node);
  set_history(m.base, write);
  m.grad_fn = nullptr;  // made again, from the base, when somebody asks
  m.requires_grad = true;
}

void take_geometry(const Tensor& self, const Tensor& view) {
  Node* fn = grad_fn(view);
  const Ref<Node> history = fn ? Ref<Node>(fn) : Ref<Node>();
  const uint32_t nr = output_nr(view);
  check(THTensor_set(self.get(), view.get()));
  AutogradMeta* m = meta(self);
  if (!m) return;
  if (m->slot) m->slot->sizes = self.sizes();
  m->retains_grad = false;  // the hook stays with the old shape
  if (follows_base(*m)) {
    m->grad_fn = nullptr;  // made again, from the geometry, when somebody asks
  } else if (history) {
    set_history(self, history, nr);
  }
}

void check_inplace_size(const Tensor& self, const Tensor& other) {
  if (!other || THTensor_isSameSizeAs(self.get(), other.get())) return;
  int ndim = 0;
  int64_t size[TH_MAX_DIMS];
  check(THTensor_broadcast(self.get(), other.get(), "in-place operation", &ndim, size));
  check_inplace_size(self, Sizes(size, size + ndim));
}

void check_inplace_size(const Tensor& self, const Sizes& size) {
  const int ndim = static_cast<int>(size.size());
  if (self.ndim() == ndim && std::equal(size.begin(), size.end(), self.get()->size)) return;
  char ours[256];
  char theirs[256];
  throw Error(TH_ERR_SHAPE,
              std::string("output with shape ") + THTensor_describeSize(self.ndim(), self.get()->size, ours, sizeof ours) +
                  " doesn't match the broadcast shape " + THTensor_describeSize(ndim, size.data(), theirs, sizeof theirs));
}

void throw_out_requires_grad(const char* op) {
  throw Error(TH_ERR_STATE, std::string(op) +
                                "(): functions with out=... arguments don't support automatic differentiation, but "
                                "one of the arguments requires grad.");
}

void throw_not_differentiable(const char* op) {
  throw Error(TH_ERR_STATE, std::string("the derivative for '") + op + "' is not implemented");
}

}  // namespace torch::autograd
