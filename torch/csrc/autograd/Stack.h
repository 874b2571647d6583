// A stack of pointers whose first few need no heap: most graphs are small.
#pragma once

#include <cstddef>
#include <vector>

namespace torch::autograd {

template <class T, size_t ROOM>
class Stack {
 public:
  bool empty() const noexcept { return count_ == 0; }
  size_t size() const noexcept { return count_ + more_.size(); }
  void push(T* item) {
    if (count_ < ROOM) {
      few_[count_++] = item;
    } else {
      more_.push_back(item);
    }
  }
  T* pop() {
    if (more_.empty()) return few_[--count_];
    T* item = more_.back();
    more_.pop_back();
    return item;
  }
  template <class Visit>
  void each(Visit visit) const {
    for (size_t i = 0; i < count_; i++) visit(few_[i]);
    for (T* item : more_) visit(item);
  }

 private:
  size_t count_ = 0;
  T* few_[ROOM];
  std::vector<T*> more_;
};

}  // namespace torch::autograd
