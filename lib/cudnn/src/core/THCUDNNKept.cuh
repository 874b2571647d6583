// What was made for a key, the latest used first: when there is one too many, the one goes that was not used for longest.
#pragma once

#include <list>
#include <string>
#include <unordered_map>
#include <utility>

template <class T> class THCUDNNKept
{
  public:
    explicit THCUDNNKept(size_t most) : most_(most) {}
    // NULL if nothing is kept for the key.
    T *find(const std::string &key)
    {
        const auto known = index_.find(key);
        if (known == index_.end()) return nullptr;
        kept_.splice(kept_.begin(), kept_, known->second);
        return &kept_.front().second;
    }
    // For a key for which nothing is kept.
    T *put(const std::string &key, T &&made)
    {
        kept_.emplace_front(key, std::move(made));
        index_.emplace(key, kept_.begin());
        if (kept_.size() > most_) {
            index_.erase(kept_.back().first);
            kept_.pop_back();
        }
        return &kept_.front().second;
    }
    size_t size() const { return kept_.size(); }

  private:
    using Entries = std::list<std::pair<std::string, T>>;
    size_t most_;
    Entries kept_;
    std::unordered_map<std::string, typename Entries::iterator> index_;
};
