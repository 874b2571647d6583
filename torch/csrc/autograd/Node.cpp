#include "autograd/Node.h"

#include <algorithm>

#include "autograd/Mode.h"

namespace torch::autograd {

Node::Node(uint32_t inputs, uint32_t outputs) : inputs_(inputs), outputs_(outputs) {
  if (inputs > INLINE_EDGES) more_edges_ = std::make_unique<Edge[]>(inputs);
  if (__builtin_expect((mode & MODE_ANOMALY) && observers.origin, 0)) {
    hooks_ = std::make_unique<Hooks>();
    hooks_->origin = observers.origin();
  }
}

Node::~Node() = default;

void Node::throw_released() {
  throw Error(TH_ERR_STATE,
              "Trying to backward through the graph a second time, but the buffers have already been freed. Specify "
              "retain_graph=True when calling backward the first time.");
}

// The destructor of a node releases its edges and saved tensors, which may release further nodes. Those wait in a list, so that
// only the outermost call deletes.
void Node::destroy() noexcept {
  struct Dead {
    Node* head = nullptr;
    bool draining = false;
  };
  static thread_local Dead dead __attribute__((tls_model("initial-exec")));
  next_dead_ = dead.head;
  dead.head = this;
  if (dead.draining) return;
  dead.draining = true;
  while (dead.head) {
    Node* node = dead.head;
    dead.head = node->next_dead_;
    delete node;
  }
  dead.draining = false;
}

uint64_t Node::add_hook(uint32_t output_nr, std::shared_ptr<Hook> hook) {
  if (!hooks_) hooks_ = std::make_unique<Hooks>();
  hooks_->pre.push_back({hooks_->next_id, output_nr, std::move(hook)});
  return hooks_->next_id++;
}

uint64_t Node::add_post_hook(std::shared_ptr<PostHook> hook) {
  if (!hooks_) hooks_ = std::make_unique<Hooks>();
  hooks_->post.push_back({hooks_->next_id, std::move(hook)});
  return hooks_->next_id++;
}

void Node::remove_hook(uint64_t id) {
  if (!hooks_) return;
  auto erase = [id](auto& list) {
    list.erase(std::remove_if(list.begin(), list.end(), [id](const auto& entry) { return entry.id == id; }), list.end());
  };
  erase(hooks_->pre);
  erase(hooks_->post);
}

}  // namespace torch::autograd
