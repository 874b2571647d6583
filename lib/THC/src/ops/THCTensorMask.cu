// Elements by mask, and where elements are not 0. What is chosen is counted first, which waits for the device: its number
// decides sizes.
#include "THC/THCTensor.h"

#include <cub/device/device_select.cuh>
#include <thrust/iterator/counting_iterator.h>

#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCPlace.cuh"
#include "kernels/THCEach.cuh"
#include "ops/THCTarget.cuh"

namespace
{

template <class U> struct Fill {
    U value;
    __device__ U operator()(U x, uint8_t set) const { return set != 0 ? value : x; }
};

// p: element of the result, place of it.
template <class U> struct Pick {
    const U *from;
    __device__ void operator()(char *const (&p)[2]) const
    {
        *reinterpret_cast<U *>(p[0]) = from[*reinterpret_cast<const int64_t *>(p[1])];
    }
};

// p: place, element that goes there.
template <class U> struct Drop {
    U *to;
    __device__ void operator()(char *const (&p)[2]) const
    {
        to[*reinterpret_cast<const int64_t *>(p[0])] = *reinterpret_cast<const U *>(p[1]);
    }
};

// p: place in row-major order, the first coordinate of it.
struct Unravel {
    int ndim;
    int64_t size[TH_MAX_DIMS];
    __device__ void operator()(char *const (&p)[2]) const
    {
        int64_t rest = *reinterpret_cast<const int64_t *>(p[0]);
        int64_t *const row = reinterpret_cast<int64_t *>(p[1]);
        for (int d = ndim - 1; d > 0; d--) {
            row[d] = rest % size[d];
            rest /= size[d];
        }
        row[0] = rest;
    }
};

THStatus checkMask(const char *op, const THTensor *self, const THTensor *mask)
{
    if (self->dtype == THDtype_None) return thc_unsupported(op, THDtype_None);
    TH_FAIL_IF(mask->dtype != THDtype_Byte, TH_ERR_DTYPE, "[%s] mask is %s, expected Byte", op,
               THDtype_name((THDtype)mask->dtype));
    return thc_sameDevice(op, self, mask);
}

// `t` expanded to a size and made contiguous. NULL on failure.
THTensor *newExpandedDense(const THTensor *t, int ndim, const int64_t *size)
{
    const THCOwned expanded(THTensor_newExpand(t, ndim, size));
    return expanded ? THCTensor_newContiguous(expanded.get()) : nullptr;
}

THStatus selectSet(const char *op, const uint8_t *flags, int64_t n, int64_t *places, int64_t *count)
{
    const thrust::counting_iterator<int64_t> numbers(0);
    size_t bytes = 0;
    THC_TRY(op, cub::DeviceSelect::Flagged(nullptr, bytes, numbers, flags, places, count, n, thc_stream()));
    int device = 0;
    THC_TRY(op, cudaGetDevice(&device));
    const THCScratch room(device, (int64_t)bytes);
    if (bytes > 0 && room.data() == nullptr) return THStatus_last();
    THC_TRY(op, cub::DeviceSelect::Flagged(room.data(), bytes, numbers, flags, places, count, n, thc_stream()));
    return thc_started(op);
}

// The places, ascending and row-major, where a is not 0, as a 1-d tensor. NULL on failure.
THTensor *newPlaces(const char *op, const THTensor *a)
{
    const int64_t one = 1;
    THScalar found = THScalar_fromLong(0);
    const THCGuard guard(a);
    const THCOwned set(THTensor_new()), total(THTensor_new());
    const THCOwned written(THCTensor_newWithSize(THTensor_device(a), THDtype_Long, 1, &one));
    if (!set || !total || !written) return nullptr;
    if (THCTensor_neValue(set.get(), a, THScalar_fromLong(0)) != TH_OK) return nullptr;
    if (THCTensor_sumall(total.get(), set.get()) != TH_OK || THCTensor_item(total.get(), &found) != TH_OK) return nullptr;
    THCOwned places(THCTensor_newWithSize(THTensor_device(a), THDtype_Long, 1, &found.value.i));
    if (!places || found.value.i == 0) return places.release();
    const THStatus status = selectSet(op, thc_data<uint8_t>(set.get()), a->numel, thc_data<int64_t>(places.get()),
                                      thc_data<int64_t>(written.get()));
    return status == TH_OK ? places.release() : nullptr;
}

} // namespace

THStatus THCTensor_maskedFill(THTensor *self, const THTensor *mask, THScalar value)
{
    TH_GIVEN("maskedFill", self, mask);
    int64_t element = 0; // room for any
    TH_TRY(checkMask("maskedFill", self, mask));
    TH_TRY(THScalar_check(value, (THDtype)self->dtype, "maskedFill", "value"));
    THScalar_store(value, (THDtype)self->dtype, &element);
    const THCOwned wide(THTensor_newExpand(mask, self->ndim, self->size));
    if (!wide) return THStatus_last();
    TH_TRY(thc_outputLike("maskedFill", self, self, (THDtype)self->dtype));
    THC_FOR_BITS(self->dtype, U, {
        const Fill<U> f = {thc_bits<U>(element)};
        return thc_map<U, U, uint8_t>("maskedFill", f, self, static_cast<const THTensor *>(self),
                                      static_cast<const THTensor *>(wide.get()));
    })
}

THStatus THCTensor_maskedSelect(THTensor *r, const THTensor *a, const THTensor *mask)
{
    TH_GIVEN("maskedSelect", r, a, mask);
    int ndim;
    int64_t size[TH_MAX_DIMS];
    TH_TRY(checkMask("maskedSelect", a, mask));
    TH_FAIL_IF(r == a || r == mask, TH_ERR_VALUE, "[maskedSelect] the output is an input, expected another tensor");
    TH_TRY(THTensor_broadcast(a, mask, "maskedSelect", &ndim, size));
    const THCOwned x(newExpandedDense(a, ndim, size)), m(newExpandedDense(mask, ndim, size));
    if (!x || !m) return THStatus_last();
    const THCOwned places(newPlaces("maskedSelect", m.get()));
    if (!places) return THStatus_last();
    TH_TRY(THTensor_outputOn(r, "maskedSelect", THTensor_device(a), (THDtype)a->dtype, 1, &places.get()->numel));
    const THCTarget target(r, !THTensor_mayOverlap(r, x.get()));
    if (!target) return THStatus_last();
    const auto pick = [&]() -> THStatus {
        THC_FOR_BITS(a->dtype, U,
                     { return thc_each("maskedSelect", Pick<U>{thc_data<U>(x.get())}, target.get(), places.get()); })
    };
    TH_TRY(pick());
    return target.finish();
}

THStatus THCTensor_maskedCopy(THTensor *self, const THTensor *mask, const THTensor *source)
{
    TH_GIVEN("maskedCopy", self, mask, source);
    TH_TRY(checkMask("maskedCopy", self, mask));
    TH_TRY(thc_same("maskedCopy", self, source));
    const THCOwned m(newExpandedDense(mask, self->ndim, self->size));
    const THCOwned from(THCTensor_newContiguous(const_cast<THTensor *>(source)));
    if (!m || !from) return THStatus_last();
    const THCOwned places(newPlaces("maskedCopy", m.get()));
    if (!places) return THStatus_last();
    const int64_t count = places.get()->numel;
    TH_FAIL_IF(count > source->numel, TH_ERR_SHAPE, "[maskedCopy] source has %lld elements, the mask asks for %lld",
               (long long)source->numel, (long long)count);
    TH_TRY(thc_outputLike("maskedCopy", self, self, (THDtype)self->dtype));
    if (count == 0) return TH_OK;
    const bool direct = THTensor_isContiguous(self) && !THTensor_mayOverlap(self, from.get());
    const THCTarget target = THCTarget::withElements(self, direct);
    if (!target) return THStatus_last();
    const THCView taken = THCView::shape(from.get(), 1, &count);
    const auto drop = [&]() -> THStatus {
        THC_FOR_BITS(self->dtype, U,
                     { return thc_each("maskedCopy", Drop<U>{thc_data<U>(target.get())}, places.get(), taken.get()); })
    };
    TH_TRY(drop());
    return target.finish();
}

THStatus THCTensor_nonzero(THTensor *r, const THTensor *a)
{
    TH_GIVEN("nonzero", r, a);
    if (a->dtype == THDtype_None) return thc_unsupported("nonzero", THDtype_None);
    TH_FAIL_IF(r == a, TH_ERR_VALUE, "[nonzero] the output is the input, expected another tensor");
    TH_TRY(thc_onDevice("nonzero", a));
    const THCOwned dense(THCTensor_newContiguous(const_cast<THTensor *>(a)));
    if (!dense) return THStatus_last();
    const THCOwned places(newPlaces("nonzero", dense.get()));
    if (!places) return THStatus_last();
    const int64_t count = places.get()->numel, size[] = {count, a->ndim};
    TH_TRY(THTensor_outputOn(r, "nonzero", THTensor_device(a), THDtype_Long, 2, size));
    if (r->numel == 0) return TH_OK;
    const THCTarget target(r);
    if (!target) return THStatus_last();
    Unravel f = {a->ndim, {}};
    for (int d = 0; d < a->ndim; d++) f.size[d] = a->size[d];
    const THCOwned first(THTensor_newSelect(target.get(), 1, 0));
    if (!first) return THStatus_last();
    TH_TRY(thc_each("nonzero", f, places.get(), first.get()));
    return target.finish();
}
