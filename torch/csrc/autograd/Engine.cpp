#include "autograd/Engine.h"

#include <ctime>
#include <string>
#include <unordered_map>

#include "autograd/Observers.h"
#include "autograd/Profiler.h"
#include "autograd/Stack.h"
#include "autograd/Variable.h"
#include "generated/Ops.h"

namespace torch::autograd {

namespace {

thread_local bool capturing_thread = false;

class CaptureScope {
 public:
  explicit CaptureScope(bool on) noexcept : saved_(capturing_thread) { capturing_thread = on; }
  CaptureScope(const CaptureScope&) = delete;
  CaptureScope& operator=(const CaptureScope&) = delete;
  ~CaptureScope() { capturing_thread = saved_; }

 private:
  bool saved_;
};

// Looks for a wish to stop, not more often than 50 times in a second. The clock is read without entering the kernel.
class Patience {
 public:
  void step() {
    if (++steps_ < 8 || !observers.poll) return;  // small graphs do not even read the clock
    timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    const int64_t now = static_cast<int64_t>(time.tv_sec) * 50 + time.tv_nsec / 20000000;
    if (now == last_) return;
    last_ = now;
    observers.poll();
  }

 private:
  uint64_t steps_ = 0;
  int64_t last_ = 0;
};

bool has_nan(Tensor tensor) {
  if (tensor) tensor = densify(std::move(tensor));
  if (!tensor || !THDtype_isFloating(tensor.dtype()) || tensor.numel() == 0) return false;
  Scalar total;
  check(THTensor_item(ops::sum(ops::ne(tensor, tensor)).get(), &total));
  return THScalar_toDouble(total) != 0;
}

}  // namespace

bool in_gradient() noexcept {
  return capturing_thread;
}

int device_of(const Tensor* grads, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (grads[i] && grads[i].get()->storage) return static_cast<int>(grads[i].device());
  }
  return backend::UNSET;
}

// One backward pass. Its notes on a node lie in the node itself, or, where another pass (of another thread, or the one that
// called us from a hook) has its notes there, in a map. So the usual case hashes nothing.
class Run {
 public:
  explicit Run(const BackwardOptions& options) : options_(options) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run();

  void seed(const Tensor& root, const Tensor& grad, size_t index);
  void capture(const std::vector<Tensor>& inputs);
  void execute();
  std::vector<Tensor> take_captured(size_t count);

 private:
  struct Target {
    size_t input;
    Ref<Node> node;
    uint32_t output_nr;
    Tensor grad;
    bool found = false;
  };
  struct Results;

  NodeState* find(Node* node);
  NodeState& claim(Node* node);
  void deliver(NodeState& state, const Node& node, uint32_t output_nr, Tensor&& grad);
  void discover(Node* root);
  void mark_needed();
  void step(Node* node);
  void run_hooks(const Node& node, Tensor* grads);
  void take(const Node& node, const Tensor* grads);
  void compute(Node* node, Tensor* grads, Tensor* results);
  void apply(Node* node, Tensor* grads, Tensor* results);
  void pass_on(Node* node, Tensor* results);

  const BackwardOptions options_;
  std::vector<Ref<Node>> roots_;
  Stack<Node, 16> claimed_;
  std::unordered_map<Node*, NodeState> elsewhere_;
  Stack<Node, 16> ready_;
  std::vector<Target> targets_;
  bool capturing_ = false;
};

Run::~Run() {
  claimed_.each([this](Node* node) {
    if (node->run_.load(std::memory_order_relaxed) != this) return;
    node->state_.clear();
    node->run_.store(nullptr, std::memory_order_release);
  });
}

NodeState* Run::find(Node* node) {
  if (node->run_.load(std::memory_order_relaxed) == this) return &node->state_;
  if (elsewhere_.empty()) return nullptr;
  const auto found = elsewhere_.find(node);
  return found == elsewhere_.end() ? nullptr : &found->second;
}

NodeState& Run::claim(Node* node) {
  claimed_.push(node);
  Run* nobody = nullptr;
  if (node->run_.compare_exchange_strong(nobody, this, std::memory_order_acquire)) return node->state_;
  return elsewhere_[node];
}

void Run::deliver(NodeState& state, const Node& node, uint32_t output_nr, Tensor&& grad) {
  if (output_nr == 0) {
    accumulate(state.first, std::move(grad));
    return;
  }
  if (state.rest.empty()) state.rest.resize(node.outputs() - 1);
  accumulate(state.rest.at(output_nr - 1), std::move(grad));
}

void Run::seed(const Tensor& root, const Tensor& grad, size_t index) {
  Edge edge = gradient_edge(root);
  if (!edge.node) {
    throw Error(TH_ERR_STATE,
                "element " + std::to_string(index) + " of tensors does not require grad and does not have a grad_fn");
  }
  Tensor start = grad;
  if (!start) {
    if (root.numel() != 1) throw Error(TH_ERR_SHAPE, "grad can be implicitly created only for scalar outputs");
    start = Tensor::steal(backend::new_like(root.get(), root.dtype(), root.ndim(), root.get()->size));
    check(THTensor_fill(start.get(), THScalar_fromLong(1)));
  } else if (!THTensor_isSameSizeAs(start.get(), root.get())) {
    char ours[256];
    char theirs[256];
    const std::string i = std::to_string(index);
    throw Error(TH_ERR_SHAPE, "Mismatch in shape: grad_output[" + i + "] has a shape of " +
                                  THTensor_describeSize(start.ndim(), start.get()->size, ours, sizeof ours) + " and output[" +
                                  i + "] has a shape of " +
                                  THTensor_describeSize(root.ndim(), root.get()->size, theirs, sizeof theirs) + ".");
  } else if (start.dtype() != root.dtype()) {
    throw Error(TH_ERR_DTYPE, std::string("grad_output[") + std::to_string(index) + "] is " +
                                  THDtype_pythonName(start.dtype()) + ", the output is " + THDtype_pythonName(root.dtype()) +
                                  ": dtypes must agree");
  }
  Node* node = edge.node.get();
  roots_.push_back(std::move(edge.node));
  discover(node);
  deliver(*find(node), *node, edge.output_nr, std::move(start));
}

// Counts, for every node that can be reached, the edges that lead to it.
void Run::discover(Node* root) {
  if (find(root)) return;
  claim(root);
  Stack<Node, 16>& stack = ready_;  // not in use yet
  stack.push(root);
  while (!stack.empty()) {
    Node* node = stack.pop();
    for (uint32_t i = 0; i < node->inputs(); i++) {
      Node* next = node->edge(i).node.get();
      if (!next) continue;
      NodeState* state = find(next);
      if (!state) {
        state = &claim(next);
        stack.push(next);
      }
      state->dependencies++;
    }
  }
}

void Run::capture(const std::vector<Tensor>& inputs) {
  capturing_ = true;
  for (size_t i = 0; i < inputs.size(); i++) {
    Edge edge = gradient_edge(inputs[i]);
    if (!edge.node) throw Error(TH_ERR_STATE, "One of the differentiated Tensors does not require grad");
    if (NodeState* state = find(edge.node.get())) state->captured = true;
    targets_.push_back({i, std::move(edge.node), edge.output_nr, Tensor(), false});
  }
  mark_needed();
}

// A node is needed if it is asked for, or a node behind it is. Nodes behind are finished first: a walk in postorder.
void Run::mark_needed() {
  struct Frame {
    Node* node;
    uint32_t next;
  };
  claimed_.each([this](Node* node) { find(node)->needed = false; });
  std::vector<Frame> stack;
  std::unordered_map<Node*, bool> done;
  done.reserve(claimed_.size());
  for (const Ref<Node>& root : roots_) {
    if (done.emplace(root.get(), false).second) stack.push_back({root.get(), 0});
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.next == frame.node->inputs()) {
        NodeState& state = *find(frame.node);
        for (uint32_t i = 0; i < frame.node->inputs(); i++) {
          Node* next = frame.node->edge(i).node.get();
          if (next && (find(next)->needed || find(next)->captured)) state.needed = true;
        }
        stack.pop_back();
        continue;
      }
      Node* next = frame.node->edge(frame.next++).node.get();
      if (next && done.emplace(next, false).second) stack.push_back({next, 0});
    }
  }
}

void Run::execute() {
  for (const Ref<Node>& root : roots_) {
    NodeState& state = *find(root.get());
    if (state.dependencies == 0) {
      state.dependencies = -1;  // two roots may be one node
      ready_.push(root.get());
    }
  }
  Patience patience;
  while (!ready_.empty()) {
    step(ready_.pop());
    patience.step();
  }
}

// The gradients of a node's inputs, without a heap allocation for the usual few.
struct Run::Results {
  static constexpr uint32_t ROOM = 4;
  explicit Results(uint32_t count) {
    if (count > ROOM) heap.resize(count);
  }
  Tensor* data() { return heap.empty() ? stack : heap.data(); }
  Tensor stack[ROOM];
  std::vector<Tensor> heap;
};

void Run::step(Node* node) {
  NodeState& state = *find(node);
  std::vector<Tensor> many;
  Tensor single = std::move(state.first);
  Tensor* grads = &single;
  bool any = static_cast<bool>(single);
  if (node->outputs() > 1) {
    many.reserve(node->outputs());
    many.push_back(std::move(single));
    for (Tensor& t : state.rest) {
      any = any || t;
      many.push_back(std::move(t));
    }
    many.resize(node->outputs());
    grads = many.data();
  }
  Results results(node->inputs());
  if (any) {
    if (node->hooks()) run_hooks(*node, grads);
    if (state.captured) take(*node, grads);
    if (state.needed) compute(node, grads, results.data());
  }
  pass_on(node, results.data());
}

// The list is copied: a hook may remove itself.
void Run::run_hooks(const Node& node, Tensor* grads) {
  const std::vector<Hooks::Pre> hooks = node.hooks()->pre;
  for (const Hooks::Pre& entry : hooks) {
    Tensor& grad = grads[entry.output_nr];
    if (!grad) continue;
    Tensor changed = entry.hook->call(grad);
    if (changed) grad = std::move(changed);
  }
}

void Run::take(const Node& node, const Tensor* grads) {
  for (Target& target : targets_) {
    if (target.node.get() != &node || !grads[target.output_nr]) continue;
    target.grad = grads[target.output_nr];
    target.found = true;
  }
}

// In anomaly mode every result is looked at, and a failure tells where the node was made.
void Run::apply(Node* node, Tensor* grads, Tensor* results) {
  const Record record(node->name());
  // What a gradient makes anew is made where the gradients are.
  const backend::DeviceScope place(device_of(grads, node->outputs()));
  if (__builtin_expect(!(mode & MODE_ANOMALY), 1)) return node->apply(grads, results);
  try {
    node->apply(grads, results);
    for (uint32_t i = 0; i < node->inputs(); i++) {
      if (!has_nan(results[i])) continue;
      throw Error(TH_ERR_VALUE, std::string("Function '") + node->name() + "' returned nan values in its " + std::to_string(i) +
                                    "th output.");
    }
  } catch (...) {
    if (node->hooks() && node->hooks()->origin) node->hooks()->origin->rethrow();
    throw;
  }
}

// Leaves, which have no inputs, take sparse gradients as they are.
void Run::compute(Node* node, Tensor* grads, Tensor* results) {
  for (uint32_t i = 0; node->inputs() > 0 && i < node->outputs(); i++) {
    if (grads[i] && __builtin_expect(grads[i].get()->meta != nullptr, 0)) grads[i] = densify(std::move(grads[i]));
  }
  const Hooks* hooks = node->hooks();
  if (!hooks || hooks->post.empty()) {
    apply(node, grads, results);
  } else {
    const std::vector<Hooks::Post> list = hooks->post;
    const std::vector<Tensor> outputs(grads, grads + node->outputs());
    apply(node, grads, results);
    std::vector<Tensor> inputs(results, results + node->inputs());
    for (const Hooks::Post& entry : list) entry.hook->call(inputs, outputs);
    for (uint32_t i = 0; i < node->inputs(); i++) results[i] = std::move(inputs.at(i));
  }
  if (!options_.keep_graph) node->release_saved();
}

void Run::pass_on(Node* node, Tensor* results) {
  for (uint32_t i = 0; i < node->inputs(); i++) {
    const Edge& edge = node->edge(i);
    Node* next = edge.node.get();
    if (!next) continue;
    NodeState& state = *find(next);
    if (results[i]) deliver(state, *next, edge.output_nr, std::move(results[i]));
    if (--state.dependencies == 0) ready_.push(next);
  }
}

std::vector<Tensor> Run::take_captured(size_t count) {
  std::vector<Tensor> grads(count);
  for (Target& target : targets_) {
    if (!target.found && !options_.allow_unused) {
      throw Error(TH_ERR_STATE,
                  "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this "
                  "is the desired behavior.");
    }
    grads[target.input] = std::move(target.grad);
  }
  return grads;
}

namespace {

void seed_all(Run& run, const std::vector<Tensor>& roots, const std::vector<Tensor>& grads) {
  if (!grads.empty() && grads.size() != roots.size()) {
    throw Error(TH_ERR_VALUE,
                "got " + std::to_string(roots.size()) + " tensors and " + std::to_string(grads.size()) + " gradients");
  }
  for (size_t i = 0; i < roots.size(); i++) run.seed(roots[i], grads.empty() ? Tensor() : grads[i], i);
}

}  // namespace

namespace {

// The passes of this thread, one inside another, and what is to be called when the outermost has ended.
thread_local int depth = 0;
thread_local std::vector<std::function<void()>> callbacks;

class Depth {
 public:
  Depth() { depth++; }
  ~Depth() {
    if (--depth == 0) callbacks.clear();  // of a pass that failed
  }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;
};

void call_back() {
  while (depth == 1 && !callbacks.empty()) {
    const std::vector<std::function<void()>> now = std::move(callbacks);
    callbacks.clear();
    for (const std::function<void()>& callback : now) callback();
  }
}

}  // namespace

void after_backward(std::function<void()> callback) {
  if (depth == 0) throw Error(TH_ERR_STATE, "[queue_callback] no backward pass runs in this thread: call this in a hook");
  callbacks.push_back(std::move(callback));
}

void backward(const std::vector<Tensor>& roots, const std::vector<Tensor>& grads, const BackwardOptions& options) {
  const GradScope scope(options.create_graph);
  const CaptureScope adding(false);
  const Depth inside;
  Run run(options);
  seed_all(run, roots, grads);
  run.execute();
  call_back();
}

std::vector<Tensor> gradient(const std::vector<Tensor>& roots, const std::vector<Tensor>& grads,
                             const std::vector<Tensor>& inputs, const BackwardOptions& options) {
  const GradScope scope(options.create_graph);
  const CaptureScope capturing(true);
  Run run(options);
  seed_all(run, roots, grads);
  run.capture(inputs);
  run.execute();
  return run.take_captured(inputs.size());
}

}  // namespace torch::autograd
