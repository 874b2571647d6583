// Outputs that a kernel can write: r itself, or memory of its own that is then copied into r.
#pragma once

#include <cstring>

#include "THC/THCTensor.h"
#include "THC/device/THCCore.cuh"
#include "THC/device/THCOps.cuh"

class THCTarget
{
  public:
    // Row-major. r has its final shape; `apart`: it shares no memory with inputs.
    explicit THCTarget(THTensor *r, bool apart = true) : THCTarget(r, apart && THTensor_isContiguous(r), fresh) {}
    // With r's elements: for what writes only some of them. direct: r itself will do.
    static THCTarget withElements(THTensor *r, bool direct) { return THCTarget(r, direct, THCTensor_newClone); }
    // False with the failure set if memory was short.
    explicit operator bool() const { return direct_ || aside_; }
    THTensor *get() const { return direct_ ? r_ : aside_.get(); }
    THStatus finish() const { return direct_ ? TH_OK : THCTensor_copy(r_, aside_.get()); }

  private:
    THCTarget(THTensor *r, bool direct, THTensor *(*make)(const THTensor *))
        : r_(r), aside_(direct ? nullptr : make(r)), direct_(direct)
    {
    }
    static THTensor *fresh(const THTensor *r)
    {
        return THCTensor_newWithSize(THTensor_device(r), (THDtype)r->dtype, r->ndim, r->size);
    }

    THTensor *r_;
    THCOwned aside_;
    bool direct_;
};

// A dense tensor as lines along one dimension: [outer, n, inner].
struct THCLines {
    int64_t outer, n, inner;

    // dim: wrapped.
    THCLines(const THTensor *a, int dim) : outer(1), n(a->ndim == 0 ? 1 : a->size[dim]), inner(1)
    {
        for (int d = 0; d < a->ndim; d++) (d < dim ? outer : inner) *= d == dim ? 1 : a->size[d];
    }
    // All elements as one line.
    explicit THCLines(const THTensor *a) : outer(1), n(a->numel), inner(1) {}
};

// The first bytes of an element's room (THScalar_store) as U.
template <class U> U thc_bits(const int64_t &room)
{
    U bits;
    memcpy(&bits, &room, sizeof bits);
    return bits;
}

// Runs the statements, which return, with U as the unsigned integer of the dtype's size: for elements that are only moved.
#define THC_FOR_BITS(dtype, U, ...)                                                                                            \
    switch (THDtype_itemsize((THDtype)(dtype))) {                                                                              \
    case 1: {                                                                                                                  \
        using U = uint8_t;                                                                                                     \
        __VA_ARGS__                                                                                                            \
    }                                                                                                                          \
    case 2: {                                                                                                                  \
        using U = uint16_t;                                                                                                    \
        __VA_ARGS__                                                                                                            \
    }                                                                                                                          \
    case 4: {                                                                                                                  \
        using U = uint32_t;                                                                                                    \
        __VA_ARGS__                                                                                                            \
    }                                                                                                                          \
    default: {                                                                                                                 \
        using U = uint64_t;                                                                                                    \
        __VA_ARGS__                                                                                                            \
    }                                                                                                                          \
    }
