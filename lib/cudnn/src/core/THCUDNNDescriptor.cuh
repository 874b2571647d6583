// An object of cuDNN's backend interface. A call that fails makes all later ones of the object do nothing: one look at the
// status of the last object of a chain tells of them all, for nothing can be finalized with parts that are not.
#pragma once

#include <utility>

#include "core/THCUDNNLibrary.cuh"

class THCUDNNDescriptor
{
  public:
    THCUDNNDescriptor() : raw_(nullptr), status_(CUDNN_STATUS_NOT_INITIALIZED) {}
    explicit THCUDNNDescriptor(cudnnBackendDescriptorType_t type)
        : raw_(nullptr), status_(thcudnn().cudnnBackendCreateDescriptor(type, &raw_))
    {
    }
    THCUDNNDescriptor(THCUDNNDescriptor &&other) noexcept
        : raw_(std::exchange(other.raw_, nullptr)), status_(std::exchange(other.status_, CUDNN_STATUS_NOT_INITIALIZED))
    {
    }
    THCUDNNDescriptor &operator=(THCUDNNDescriptor &&other) noexcept
    {
        std::swap(raw_, other.raw_);
        std::swap(status_, other.status_);
        return *this;
    }
    ~THCUDNNDescriptor()
    {
        if (raw_ != nullptr) thcudnn().cudnnBackendDestroyDescriptor(raw_);
    }

    THCUDNNDescriptor &set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
                           const void *values)
    {
        if (ok()) status_ = thcudnn().cudnnBackendSetAttribute(raw_, name, type, count, values);
        return *this;
    }
    THCUDNNDescriptor &set(cudnnBackendAttributeName_t name, const THCUDNNDescriptor &part)
    {
        return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &part.raw_);
    }
    THCUDNNDescriptor &set(cudnnBackendAttributeName_t name, int64_t value) { return set(name, CUDNN_TYPE_INT64, 1, &value); }
    THCUDNNDescriptor &finalize()
    {
        if (ok()) status_ = thcudnn().cudnnBackendFinalize(raw_);
        return *this;
    }
    // How many values there are, of which at most `room` are written; 0 if they cannot be told.
    int64_t get(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t room, void *values) const
    {
        int64_t count = 0;
        const bool told = ok() && thcudnn().cudnnBackendGetAttribute(raw_, name, type, room, &count, values) == 0;
        return told ? count : 0;
    }

    bool ok() const { return status_ == CUDNN_STATUS_SUCCESS; }
    cudnnStatus_t status() const { return status_; }
    cudnnBackendDescriptor_t raw() const { return raw_; }

  private:
    cudnnBackendDescriptor_t raw_;
    cudnnStatus_t status_;
};
