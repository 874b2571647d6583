// Integers are not divided by 0.
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCPlace.cuh"
#include "ops/THCPointwise.cuh"

namespace
{

bool isZero(THScalar s)
{
    return s.is_float ? s.value.d == 0.0 : s.value.i == 0;
}

template <class T> struct IsZero {
    unsigned *found;
    __device__ T operator()(T a) const
    {
        if (a == 0) *found = 1;
        return a;
    }
};

} // namespace

THStatus thc_checkDivisor(const char *op, const THTensor *b)
{
    if (THDtype_isFloating((THDtype)b->dtype) || b->numel == 0) return TH_OK;
    TH_TRY(thc_onDevice(op, b));
    const THCGuard guard(b);
    const THCScratch flag(THTensor_device(b), sizeof(unsigned));
    if (flag.data() == nullptr) return THStatus_last();
    unsigned found = 0;
    unsigned *const place = reinterpret_cast<unsigned *>(flag.data());
    THC_TRY(op, cudaMemsetAsync(place, 0, sizeof found, thc_stream()));
    const THCOwned seen(THTensor_new());
    if (!seen) return THStatus_last();
    TH_TRY(thc_outputLike(op, seen.get(), b, (THDtype)b->dtype));
    const auto look = [&]() -> THStatus {
        THC_FOR_INTEGERS(op, b->dtype, T, return thc_map<T, T>(op, IsZero<T>{place}, seen.get(), b);)
    };
    TH_TRY(look());
    THC_TRY(op, cudaMemcpyAsync(&found, place, sizeof found, cudaMemcpyDeviceToHost, thc_stream()));
    THC_TRY(op, cudaStreamSynchronize(thc_stream()));
    TH_FAIL_IF(found != 0, TH_ERR_VALUE, "[%s] divisor has an element that is 0, integer division by zero", op);
    return TH_OK;
}

THStatus thc_checkDivisorScalar(const char *op, const THTensor *a, THScalar value)
{
    TH_FAIL_IF(!THDtype_isFloating((THDtype)a->dtype) && isZero(value), TH_ERR_VALUE,
               "[%s] divisor is 0, integer division by zero", op);
    return TH_OK;
}
