// Tensors as libraries of dense kernels take them: row-major inputs, and row-major places for results.
#pragma once

#include <initializer_list>

#include "THC/THCTensor.h"
#include "THC/device/THCOps.cuh"

// `tensor` row-major; NULL for NULL, and after a failure, which `failed` tells.
class THCDense
{
  public:
    explicit THCDense(const THTensor *tensor)
        : absent_(tensor == nullptr), dense_(absent_ ? nullptr : THCTensor_newContiguous(const_cast<THTensor *>(tensor)))
    {
    }
    bool failed() const { return !absent_ && !dense_; }
    THTensor *get() const { return dense_.get(); }
    template <class T> const T *data() const { return absent_ ? nullptr : thc_data<T>(dense_.get()); }

  private:
    bool absent_;
    THCOwned dense_;
};

// A row-major place for a result: the output itself where it is that and shares no memory with an input, else memory of its
// own.
class THCResult
{
  public:
    THCResult() : output_(nullptr), work_(nullptr) {}
    // On the device of inputs[0].
    THStatus open(const char *op, THTensor *output, THDtype dtype, int ndim, const int64_t *size,
                  std::initializer_list<const THTensor *> inputs);
    // As open, but the elements that are there are kept: for sums that are added to.
    THStatus openUpdate(THTensor *output);
    THTensor *get() const { return work_.get(); }
    template <class T> T *data() const { return work_.get() == nullptr ? nullptr : thc_data<T>(work_.get()); }
    // Copies to the output what could not be written there.
    THStatus close();

  private:
    struct Holder {
        explicit Holder(THTensor *t) : tensor(t) {}
        ~Holder() { THTensor_free(tensor); }
        Holder(const Holder &) = delete;
        Holder &operator=(const Holder &) = delete;
        void set(THTensor *t)
        {
            THTensor_free(tensor);
            tensor = t;
        }
        THTensor *get() const { return tensor; }
        THTensor *tensor;
    };
    THTensor *output_;
    Holder work_;
};

inline THStatus THCResult::open(const char *op, THTensor *output, THDtype dtype, int ndim, const int64_t *size,
                                std::initializer_list<const THTensor *> inputs)
{
    const int device = THTensor_device(*inputs.begin());
    bool apart = true;
    for (const THTensor *input : inputs)
        apart =
            apart && input != output && (input == nullptr || output->storage == nullptr || !THTensor_mayOverlap(output, input));
    output_ = output;
    if (apart) {
        TH_TRY(THTensor_outputOn(output, op, device, dtype, ndim, size));
        if (THTensor_isContiguous(output)) {
            THTensor_retain(output);
            work_.set(output);
            return TH_OK;
        }
    }
    work_.set(THCTensor_newWithSize(device, dtype, ndim, size));
    return work_.get() == nullptr ? THStatus_last() : TH_OK;
}

inline THStatus THCResult::openUpdate(THTensor *output)
{
    output_ = output;
    if (output == nullptr) return TH_OK;
    work_.set(THCTensor_newContiguous(output));
    return work_.get() == nullptr ? THStatus_last() : TH_OK;
}

inline THStatus THCResult::close()
{
    if (output_ == nullptr) return TH_OK;
    if (work_.get() != output_) {
        TH_TRY(THTensor_outputOn(output_, "copy", THTensor_device(work_.get()), (THDtype)work_.get()->dtype, work_.get()->ndim,
                                 work_.get()->size));
        return THCTensor_copy(output_, work_.get());
    }
    // Counts the write of what was added to in place.
    return THTensor_outputOn(output_, "output", THTensor_device(output_), (THDtype)output_->dtype, output_->ndim,
                             output_->size);
}
