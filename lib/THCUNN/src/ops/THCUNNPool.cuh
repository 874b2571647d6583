// Planes of N x C x spatial or C x spatial, seen as D x H x W, and a walk over all elements of their results.
#pragma once

#include <algorithm>

#include "ops/THCUNNWindow.cuh"

struct CunnPool {
    CunnPlane p;
    int64_t planes;                      // samples times channels
    int64_t shape[2 + THNN_SPATIAL_MAX]; // of the result, once its spatial sizes are known
};

inline THStatus cunn_initPool(CunnPool *self, const char *op, const THTensor *input, int dims)
{
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_FAIL_IF(input->ndim != dims + 1 && input->ndim != dims + 2, TH_ERR_SHAPE,
               "[%s] input has %d dimensions, expected %d or %d", op, input->ndim, dims + 2, dims + 1);
    self->p = CunnPlane{CUNN_WHOLE, CUNN_WHOLE, CUNN_WHOLE};
    self->planes = 1;
    for (int d = 0; d < input->ndim; d++) {
        self->shape[d] = input->size[d];
        if (d < input->ndim - dims)
            self->planes *= input->size[d];
        else
            self->p.axis(THNN_SPATIAL_MAX - input->ndim + d).input = input->size[d];
    }
    TH_FAIL_IF(self->p.in() > INT32_MAX, TH_ERR_SHAPE, "[%s] input has planes of %lld elements, expected at most %d", op,
               (long long)self->p.in(), INT32_MAX);
    return TH_OK;
}

// size: [dims], of the result.
inline THStatus cunn_setOutput(CunnPool *self, const char *op, const THTensor *input, int dims, const int64_t *size)
{
    for (int d = 0; d < dims; d++) {
        self->p.axis(THNN_SPATIAL_MAX - dims + d).output = size[d];
        self->shape[input->ndim - dims + d] = size[d];
    }
    TH_FAIL_IF(self->p.out() > INT32_MAX, TH_ERR_SHAPE, "[%s] output has planes of %lld elements, expected at most %d", op,
               (long long)self->p.out(), INT32_MAX);
    return TH_OK;
}

// Where an element lies.
struct CunnSpot {
    int64_t plane;
    int d, h, w;
};

struct CunnSpots {
    THCDivisor d, h, w;

    // i < 2^31: counted from plane `first`.
    __device__ CunnSpot at(uint32_t i, int64_t first) const
    {
        const uint32_t row = w.quotient(i), image = h.quotient(row), plane = d.quotient(image);
        return CunnSpot{first + plane, (int)(image - plane * d.value), (int)(row - image * h.value), (int)(i - row * w.value)};
    }
};

template <int LANES, class F>
__global__ void __launch_bounds__(CUNN_THREADS) cunn_spotsOf(uint32_t n, int64_t first, int64_t each, CunnSpots spots, F f)
{
    const uint32_t i = (uint32_t)(((uint64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / LANES);
    if (i < n) f(first * each + i, spots.at(i, first));
}

// f(number, spot) of all elements of `planes` planes of d x h x w, less than 2^31 each; of LANES neighbouring threads, 1 or 32,
// for each element.
template <int LANES = 1, class F> THStatus cunn_eachSpot(const char *op, int64_t planes, int64_t d, int64_t h, int64_t w, F f)
{
    const int64_t each = d * h * w, most = THC_MAP_LIMIT / std::max<int64_t>(1, each), part = std::max<int64_t>(1, most);
    if (planes * each == 0) return TH_OK;
    CunnSpots spots;
    spots.d.set((uint32_t)d);
    spots.h.set((uint32_t)h);
    spots.w.set((uint32_t)w);
    for (int64_t first = 0; first < planes; first += part) {
        const int64_t n = std::min(part, planes - first) * each;
        cunn_spotsOf<LANES, F>
            <<<thc_blocks(n * LANES, CUNN_THREADS), CUNN_THREADS, 0, thc_stream()>>>((uint32_t)n, first, each, spots, f);
    }
    return thc_started(op);
}
