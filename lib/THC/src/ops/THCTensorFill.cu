// Filling, and single elements.
#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"
#include "THC/device/THCPlace.cuh"

namespace
{

template <class T> struct Constant {
    T value;
    __device__ T operator()() const { return value; }
};

// By the element's bits: all dtypes of one size are one.
template <class T> THStatus fillBits(const char *op, THTensor *self, const int64_t &element)
{
    return thc_map<T>(op, Constant<T>{*reinterpret_cast<const T *>(&element)}, self);
}

THStatus fill(const char *op, THTensor *self, THScalar value)
{
    TH_FAIL_IF(self->storage == nullptr, TH_ERR_STATE, "[%s] self: has no dtype and no elements yet", op);
    const THDtype dtype = (THDtype)self->dtype;
    int64_t element = 0;
    THScalar_store(value, dtype, &element);
    TH_TRY(thc_outputLike(op, self, self, dtype)); // counts the write
    switch (THDtype_itemsize(dtype)) {
    case 1:
        return fillBits<uint8_t>(op, self, element);
    case 2:
        return fillBits<uint16_t>(op, self, element);
    case 4:
        return fillBits<uint32_t>(op, self, element);
    default:
        return fillBits<uint64_t>(op, self, element);
    }
}

} // namespace

THStatus THCTensor_fill(THTensor *self, THScalar value)
{
    TH_GIVEN("fill", self);
    return fill("fill", self, value);
}

THStatus THCTensor_zero(THTensor *self)
{
    TH_GIVEN("zero", self);
    if (self->storage == nullptr || !THTensor_isContiguous(self)) return fill("zero", self, THScalar_fromLong(0));
    TH_TRY(thc_outputLike("zero", self, self, (THDtype)self->dtype));
    if (self->numel == 0) return TH_OK;
    const THCGuard guard(self);
    const size_t nbytes = (size_t)(self->numel * THDtype_itemsize((THDtype)self->dtype));
    THC_TRY("zero", cudaMemsetAsync(THTensor_dataBytes(self), 0, nbytes, thc_stream()));
    return TH_OK;
}

THStatus THCTensor_item(const THTensor *self, THScalar *value)
{
    TH_GIVEN("item", self, value);
    TH_FAIL_IF(self->numel != 1 || self->storage == nullptr, TH_ERR_VALUE,
               "[item] only one element tensors can be converted to Python scalars, self has %lld", (long long)self->numel);
    TH_TRY(thc_onDevice("item", self));
    const THCGuard guard(self);
    const size_t itemsize = (size_t)THDtype_itemsize((THDtype)self->dtype);
    // Whoever waits for a copy to pageable memory keeps other threads out of parts of the driver.
    void *const element = THC_newPinned((int64_t)itemsize);
    if (element == nullptr) return THStatus_last();
    cudaError_t error = cudaMemcpyAsync(element, THTensor_dataBytes(self), itemsize, cudaMemcpyDeviceToHost, thc_stream());
    if (error == cudaSuccess) error = cudaStreamSynchronize(thc_stream());
    if (error == cudaSuccess) *value = THScalar_load((THDtype)self->dtype, element);
    THC_freePinned(element);
    return error == cudaSuccess ? TH_OK : thc_fail("item", error);
}
