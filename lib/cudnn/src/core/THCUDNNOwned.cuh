// A descriptor of the calls that are no graphs, destroyed with its owner; and what becomes of the status of such a call.
#pragma once

#include <utility>

#include "core/THCUDNNLibrary.cuh"

template <class T> class THCUDNNOwned
{
  public:
    THCUDNNOwned() = default; // none yet
    THCUDNNOwned(THCUDNNOwned &&other) noexcept
        : raw_(std::exchange(other.raw_, nullptr)), destroy_(std::exchange(other.destroy_, nullptr))
    {
    }
    THCUDNNOwned &operator=(THCUDNNOwned &&other) noexcept
    {
        std::swap(raw_, other.raw_);
        std::swap(destroy_, other.destroy_);
        return *this;
    }
    ~THCUDNNOwned()
    {
        if (raw_ != nullptr) destroy_(raw_);
    }
    // By cuDNN's functions for this kind. Once.
    cudnnStatus_t make(cudnnStatus_t (*create)(T *), cudnnStatus_t (*destroy)(T))
    {
        destroy_ = destroy;
        return create(&raw_);
    }
    T get() const { return raw_; }

  private:
    T raw_ = nullptr;
    cudnnStatus_t (*destroy_)(T) = nullptr;
};

// Returns the failure of a call of cuDNN from the enclosing function.
#define THCUDNN_TRY(op, expression)                                                                                            \
    do {                                                                                                                       \
        const cudnnStatus_t thcudnn_status_ = (expression);                                                                    \
        if (thcudnn_status_ != CUDNN_STATUS_SUCCESS) return thcudnn_fail((op), thcudnn_status_);                               \
    } while (0)
