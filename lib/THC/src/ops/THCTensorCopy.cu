// Copies between any two places and dtypes.
#include <atomic>
#include <utility>

#include "TH/THIter.h"
#include "THC/THCTensor.h"
#include "THC/device/THCEventPool.cuh"
#include "THC/device/THCSegment.cuh"
#include "ops/THCConversion.cuh"

namespace
{

THTensor *newLike(const THTensor *self, int device, THDtype dtype)
{
    return THCTensor_newWithSize(device, dtype, self->ndim, self->size);
}

int64_t bytesOf(const THTensor *self)
{
    return self->numel * THDtype_itemsize((THDtype)self->dtype);
}

// Both on one device.
THStatus copyWithin(const char *op, THTensor *self, const THTensor *source)
{
    const bool same = self->dtype == source->dtype && THTensor_isContiguous(self) && THTensor_isContiguous(source) &&
                      THTensor_isSameSizeAs(self, source);
    if (!same || THTensor_mayOverlap(self, source)) return thc_convert(op, self, source);
    if (self->numel == 0) return TH_OK;
    const THCGuard guard(self);
    THC_TRY(op, cudaMemcpyAsync(THTensor_dataBytes(self), THTensor_dataBytes(source), (size_t)bytesOf(self),
                                cudaMemcpyDeviceToDevice, thc_stream()));
    return TH_OK;
}

// Two contiguous tensors of one dtype and number of elements, one of them on the host. Waits, unless `async`.
THStatus transfer(const char *op, THTensor *self, const THTensor *source, bool async)
{
    if (self->numel == 0) return TH_OK;
    const bool up = THTensor_device(source) == TH_DEVICE_HOST;
    const THCGuard guard(up ? self : source);
    THC_TRY(op, cudaMemcpyAsync(THTensor_dataBytes(self), THTensor_dataBytes(source), (size_t)bytesOf(self),
                                up ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost, thc_stream()));
    if (async) {
        thc_pinnedIsCopied(THTensor_dataBytes(up ? source : self), thc_stream());
        return TH_OK;
    }
    THC_TRY(op, cudaStreamSynchronize(thc_stream()));
    thc_forgetStarted();
    return TH_OK;
}

// source row-major in `dtype` on its device: itself (one more reference) if it is that.
THTensor *newDense(const char *op, const THTensor *source, THDtype dtype)
{
    if (source->dtype == dtype && THTensor_isContiguous(source)) {
        THTensor_retain(const_cast<THTensor *>(source));
        return const_cast<THTensor *>(source);
    }
    THCOwned dense(newLike(source, THTensor_device(source), dtype));
    return dense && copyWithin(op, dense.get(), source) == TH_OK ? dense.release() : nullptr;
}

// An asynchronous copy of memory that is freed when the caller returns has to be waited for.
THStatus copyUp(const char *op, THTensor *self, const THTensor *source, bool async)
{
    const THCOwned dense(THTensor_newContiguous(const_cast<THTensor *>(source)));
    if (!dense) return THStatus_last();
    const bool direct = self->dtype == source->dtype && THTensor_isContiguous(self) && THTensor_isSameSizeAs(self, source);
    if (direct) return transfer(op, self, dense.get(), async && dense.get() == source);
    const THCOwned staged(newLike(source, THTensor_device(self), (THDtype)source->dtype));
    if (!staged) return THStatus_last();
    TH_TRY(transfer(op, staged.get(), dense.get(), async && dense.get() == source));
    return thc_convert(op, self, staged.get());
}

THStatus copyDown(const char *op, THTensor *self, const THTensor *source, bool async)
{
    const THCOwned dense(newDense(op, source, (THDtype)self->dtype));
    if (!dense) return THStatus_last();
    if (THTensor_isContiguous(self) && THTensor_isSameSizeAs(self, source)) return transfer(op, self, dense.get(), async);
    const THCOwned arrived(THTensor_newWithSize((THDtype)self->dtype, source->ndim, source->size));
    if (!arrived) return THStatus_last();
    TH_TRY(transfer(op, arrived.get(), dense.get(), false));
    return THTensor_copy(self, arrived.get());
}

// `after` waits for what `before`'s device has been asked so far.
THStatus orderAfter(const char *op, int after, int before)
{
    cudaEvent_t event;
    {
        const THCGuard guard(before);
        THC_TRY(op, thc_takeEvent(before, cudaEventDisableTiming, &event));
        THC_TRY(op, cudaEventRecord(event, thc_stream()));
    }
    const THCGuard guard(after);
    const cudaError_t error = cudaStreamWaitEvent(thc_stream(), event, 0);
    thc_giveEvent(before, cudaEventDisableTiming, event);
    THC_TRY(op, error);
    return TH_OK;
}

// Lets both devices read each other's memory, where they can: a copy then goes straight, else through the host's memory.
THStatus openPath(const char *op, int a, int b)
{
    static std::atomic<bool> opened[THC_MAX_DEVICES][THC_MAX_DEVICES];
    if (opened[a][b].load(std::memory_order_acquire)) return TH_OK;
    for (const auto &[device, peer] : {std::pair(a, b), std::pair(b, a)}) {
        int possible = 0;
        THC_TRY(op, cudaDeviceCanAccessPeer(&possible, device, peer));
        if (!possible) continue;
        const THCGuard guard(device);
        const cudaError_t error = cudaDeviceEnablePeerAccess(peer, 0);
        if (error == cudaErrorPeerAccessAlreadyEnabled)
            cudaGetLastError();
        else
            THC_TRY(op, error);
    }
    opened[a][b].store(true, std::memory_order_release);
    return TH_OK;
}

THStatus copyAcross(const char *op, THTensor *self, const THTensor *source)
{
    const int to = THTensor_device(self), from = THTensor_device(source);
    const THCOwned dense(newDense(op, source, (THDtype)self->dtype));
    const bool direct = THTensor_isContiguous(self) && THTensor_isSameSizeAs(self, source);
    if (direct) THTensor_retain(self);
    const THCOwned arrived(direct ? self : newLike(source, to, (THDtype)self->dtype));
    if (!dense || !arrived) return THStatus_last();
    TH_TRY(openPath(op, to, from));
    TH_TRY(orderAfter(op, to, from));
    if (source->numel > 0) {
        const THCGuard guard(to);
        THC_TRY(op, cudaMemcpyPeerAsync(THTensor_dataBytes(arrived.get()), to, THTensor_dataBytes(dense.get()), from,
                                        (size_t)bytesOf(dense.get()), thc_stream()));
    }
    TH_TRY(orderAfter(op, from, to)); // `dense` may serve again on its device only then
    return direct ? TH_OK : copyWithin(op, self, arrived.get());
}

THStatus copy(const char *op, THTensor *self, const THTensor *source, bool async)
{
    TH_FAIL_IF(self->storage == nullptr, TH_ERR_STATE, "[%s] self: has no dtype and no elements yet", op);
    TH_FAIL_IF(source->storage == nullptr, TH_ERR_STATE, "[%s] source: has no dtype and no elements yet", op);
    const int to = THTensor_device(self), from = THTensor_device(source);
    if (to == from && to == TH_DEVICE_HOST) return THTensor_copy(self, source);
    TH_TRY(THTensor_outputOn(self, op, to, (THDtype)self->dtype, self->ndim, self->size)); // counts the write
    if (self->numel == 0) { // nothing to copy, but shapes that have to fit
        THTensor *const both[] = {self, const_cast<THTensor *>(source)};
        THIterPlan plan;
        return THIter_plan(&plan, op, 2, both);
    }
    if (to == from) return copyWithin(op, self, source);
    if (from == TH_DEVICE_HOST) return copyUp(op, self, source, async);
    if (to == TH_DEVICE_HOST) return copyDown(op, self, source, async);
    return copyAcross(op, self, source);
}

THTensor *newCopy(const char *op, const THTensor *self, int device, THDtype dtype)
{
    if (self->storage == nullptr) {
        THStatus_fail(TH_ERR_STATE, "[%s] self: has no dtype and no elements yet", op);
        return nullptr;
    }
    THCOwned made(newLike(self, device, dtype));
    if (!made || copy(op, made.get(), self, false) != TH_OK) return nullptr;
    return made.release();
}

} // namespace

THTensor *THCTensor_newWithSize(int device, THDtype dtype, int ndim, const int64_t *size)
{
    if (ndim > 0) TH_GIVEN_OR(nullptr, "newWithSize", size);
    if (device != TH_DEVICE_HOST && thc_checkDevice("new", device) != TH_OK) return nullptr;
    THCOwned made(THTensor_new());
    if (!made || THTensor_outputOn(made.get(), "new", device, dtype, ndim, size) != TH_OK) return nullptr;
    return made.release();
}

THTensor *THCTensor_newOnDevice(const THTensor *self, int device)
{
    TH_GIVEN_OR(nullptr, "newOnDevice", self);
    return newCopy("to", self, device, (THDtype)self->dtype);
}

THStatus THCTensor_copyAsync(THTensor *self, const THTensor *source, bool async)
{
    TH_GIVEN("copy", self, source);
    return copy("copy", self, source, async);
}

THStatus THCTensor_copy(THTensor *self, const THTensor *source)
{
    TH_GIVEN("copy", self, source);
    return copy("copy", self, source, false);
}

THTensor *THCTensor_newClone(const THTensor *self)
{
    TH_GIVEN_OR(nullptr, "clone", self);
    return newCopy("clone", self, THTensor_device(self), (THDtype)self->dtype);
}

THTensor *THCTensor_newContiguous(THTensor *self)
{
    TH_GIVEN_OR(nullptr, "contiguous", self);
    if (!THTensor_isContiguous(self)) return newCopy("contiguous", self, THTensor_device(self), (THDtype)self->dtype);
    THTensor_retain(self);
    return self;
}

THTensor *THCTensor_newConvert(const THTensor *self, THDtype dtype)
{
    TH_GIVEN_OR(nullptr, "convert", self);
    return newCopy("convert", self, THTensor_device(self), dtype);
}

THTensor *THCTensor_newReshape(const THTensor *self, int ndim, const int64_t *size)
{
    TH_GIVEN_OR(nullptr, "newReshape", self);
    if (ndim > 0) TH_GIVEN_OR(nullptr, "newReshape", size);
    THTensor *const view = THTensor_newView(self, ndim, size);
    if (view != nullptr || self->storage == nullptr || THTensor_isContiguous(self)) return view;
    const THCOwned dense(THCTensor_newClone(self));
    return dense ? THTensor_newView(dense.get(), ndim, size) : nullptr;
}
