#include "ops/THCConversion.cuh"

#include "THC/device/THCMap.cuh"
#include "kernels/THCConvert.cuh"
#include "ops/THCTransposition.cuh"

namespace
{

// The same dtype: by the element's bits.
template <class T> THStatus move(const char *op, THTensor *self, const THTensor *source)
{
    return thc_map<T, T>(op, THCIdentity<T>{}, self, source);
}

THStatus moveAny(const char *op, THTensor *self, const THTensor *source)
{
    switch (THDtype_itemsize((THDtype)self->dtype)) {
    case 1:
        return move<uint8_t>(op, self, source);
    case 2:
        return move<uint16_t>(op, self, source);
    case 4:
        return move<uint32_t>(op, self, source);
    default:
        return move<uint64_t>(op, self, source);
    }
}

template <class From> THStatus convertFrom(const char *op, THTensor *self, const THTensor *source)
{
    THC_FOR_ALL(op, self->dtype, To, {
        using F = THCConvert<THCCompute<From>, THCCompute<To>>;
        return thc_map<To, From>(op, F{}, self, source);
    })
}

} // namespace

THStatus thc_convert(const char *op, THTensor *self, const THTensor *source)
{
    if (self->dtype == source->dtype) {
        THStatus status = TH_OK;
        return thc_transposes(op, self, source, &status) ? status : moveAny(op, self, source);
    }
    THC_FOR_ALL(op, source->dtype, From, return convertFrom<From>(op, self, source);)
}
