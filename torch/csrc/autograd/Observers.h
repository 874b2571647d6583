// What the layer above lends to the graph and the engine.
#pragma once

#include <memory>

namespace torch::autograd {

// Where in the program a node was made.
class Origin {
 public:
  virtual ~Origin() = default;
  // Throws the exception in flight again, with this place told in it.
  [[noreturn]] virtual void rethrow() const = 0;
};

struct Observers {
  std::shared_ptr<Origin> (*origin)() = nullptr;  // in anomaly mode, for each new node
  void (*poll)() = nullptr;                       // now and then in a long backward pass; throws to end it
};
inline Observers observers;

}  // namespace torch::autograd
