// What every unit of THC shares: CUDA's errors as statuses, the device of an operation, its stream.
#pragma once

#include <cuda_runtime.h>

#include "THC/THCGeneral.h"
#include "THC/THCStream.h"

TH_BEGIN_DECLS

// Turns a failure of CUDA into a status whose message names `op`, the cause and, where the device failed on its own time, the
// operations started since it was last known to be well.
TH_API THStatus thc_fail(const char *op, cudaError_t error);
// Notes that `op` has been started, and asks whether starting it failed.
TH_API THStatus thc_started(const char *op);
// The device is known to be well: forgets what was started.
TH_API void thc_forgetStarted(void);

// TH_ERR_INDEX unless it is one of the devices.
TH_API THStatus thc_checkDevice(const char *op, int device);
// The current device. Where there is only one it is known, without the price of asking CUDA.
TH_API int thc_currentDevice(void);
// The calling thread's stream on the current device, on another one.
TH_API cudaStream_t thc_stream(void);
TH_API cudaStream_t thc_streamOf(int device);
// Multiprocessors of the current device.
TH_API int thc_multiprocessors(void);
// THC_TICKETS counters for kernels of the calling thread's stream on the current device, 0 before and after each of them; NULL
// if too many streams have some.
TH_API unsigned *thc_tickets(void);

TH_END_DECLS

constexpr int64_t THC_TICKETS = 1024;

// Returns the failure of a call of CUDA from the enclosing function.
#define THC_TRY(op, expression)                                                                                                \
    do {                                                                                                                       \
        const cudaError_t thc_error_ = (expression);                                                                           \
        if (__builtin_expect(thc_error_ != cudaSuccess, 0)) return thc_fail((op), thc_error_);                                 \
    } while (0)

// Makes `device` current while it lives.
class THCGuard
{
  public:
    explicit THCGuard(int device)
        : before_(thc_currentDevice()), changed_(before_ != device && cudaSetDevice(device) == cudaSuccess)
    {
    }
    explicit THCGuard(const THTensor *tensor) : THCGuard(THTensor_device(tensor)) {}
    ~THCGuard()
    {
        if (changed_) cudaSetDevice(before_);
    }
    THCGuard(const THCGuard &) = delete;
    THCGuard &operator=(const THCGuard &) = delete;

  private:
    int before_;
    bool changed_;
};

// Frees the tensor at the end of its scope.
class THCOwned
{
  public:
    explicit THCOwned(THTensor *tensor) : tensor_(tensor) {}
    ~THCOwned() { THTensor_free(tensor_); }
    THCOwned(const THCOwned &) = delete;
    THCOwned &operator=(const THCOwned &) = delete;
    THTensor *get() const { return tensor_; }
    THTensor *release()
    {
        THTensor *const tensor = tensor_;
        tensor_ = nullptr;
        return tensor;
    }
    explicit operator bool() const { return tensor_ != nullptr; }

  private:
    THTensor *tensor_;
};
