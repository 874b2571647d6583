// A step of the backward pass: takes the gradients of an op's results, gives those of its inputs.
//
// Nodes count their references and form a graph without cycles: a node owns the nodes that its gradients flow to. Releasing a
// chain of any length takes constant stack.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "autograd/Hook.h"
#include "autograd/Ref.h"
#include "tensor/Tensor.h"

namespace torch::autograd {

class Node;
class Run;

// Where a gradient goes: an input of `node`'s backward pass. An empty node: nobody needs it.
struct Edge {
  Ref<Node> node;
  uint32_t output_nr = 0;  // which result of the forward op the gradient belongs to
};

// What the engine remembers of a node during one run.
struct NodeState {
  int32_t dependencies = 0;  // edges that have yet to deliver
  bool needed = true;        // false: on no path to what was asked for
  bool captured = false;     // its gradients are asked for
  Tensor first;              // gradient of result 0
  std::vector<Tensor> rest;  // gradients of the others

  void clear() noexcept {
    dependencies = 0;
    needed = true;
    captured = false;
    if (first) first = Tensor();
    if (!rest.empty()) rest.clear();
  }
};

class Node {
 public:
  static constexpr uint32_t INLINE_EDGES = 3;

  // inputs: number of edges; outputs: number of results of the forward op.
  explicit Node(uint32_t inputs, uint32_t outputs = 1);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // "MulBackward". Valid as long as the node.
  virtual const char* name() const = 0;
  // grads: [outputs()], may be empty tensors, never all of them; results: [inputs()], empty, filled where needs(i). May throw.
  virtual void apply(Tensor* grads, Tensor* results) = 0;
  // Lets saved tensors go; a second apply() that needs them throws.
  virtual void release_saved() {}

  uint32_t inputs() const noexcept { return inputs_; }
  uint32_t outputs() const noexcept { return outputs_; }
  Edge& edge(uint32_t i) noexcept { return (more_edges_ ? more_edges_.get() : inline_edges_)[i]; }
  const Edge& edge(uint32_t i) const noexcept { return (more_edges_ ? more_edges_.get() : inline_edges_)[i]; }
  // True if somebody wants the gradient of input i.
  bool needs(uint32_t i) const noexcept { return static_cast<bool>(edge(i).node); }

  // Tensor hooks on result `output_nr`; returns an id for remove_hook.
  uint64_t add_hook(uint32_t output_nr, std::shared_ptr<Hook> hook);
  uint64_t add_post_hook(std::shared_ptr<PostHook> hook);
  void remove_hook(uint64_t id);
  const Hooks* hooks() const noexcept { return hooks_.get(); }
  Hooks* hooks() noexcept { return hooks_.get(); }
  // True if there is one owner besides the handles of hooks: then no graph leads here.
  bool has_one_owner() const noexcept {
    return __atomic_load_n(&references_, __ATOMIC_ACQUIRE) == 1 + static_cast<int32_t>(hooks_ ? hooks_->handles : 0);
  }

  void retain() noexcept { THRefcount_retain(&references_); }
  void release() noexcept {
    if (THRefcount_release(&references_)) destroy();
  }

  void* python = nullptr;  // borrowed; free for the Python layer (one object for each node)

 protected:
  virtual ~Node();
  // For apply() of nodes with saved tensors.
  bool released() const noexcept { return released_; }
  void set_released() noexcept { released_ = true; }
  [[noreturn]] static void throw_released();

 private:
  friend class Run;
  void destroy() noexcept;

  int32_t references_ = 0;
  uint32_t inputs_;
  uint32_t outputs_;
  bool released_ = false;
  Edge inline_edges_[INLINE_EDGES];
  std::unique_ptr<Edge[]> more_edges_;
  std::unique_ptr<Hooks> hooks_;
  std::atomic<Run*> run_{nullptr};  // the run that state_ belongs to
  NodeState state_;
  Node* next_dead_ = nullptr;
};

}  // namespace torch::autograd
