#include "ops/THCTransposition.cuh"

#include <algorithm>

#include "THC/device/THCMap.cuh"
#include "ops/THCTarget.cuh"

namespace
{

constexpr int THREADS = 256;
constexpr int64_t LEAST = 16; // elements along either dimension: shorter ones leave most of a tile empty

// Squares of a plane of `wide` elements that lie side by side in the output and `high` ones that do so in the input, and the
// planes of the other dimensions. Strides are bytes.
struct Planes {
    int64_t wide, high, in_wide, out_high;
    THCDivisor across, down; // squares
    int ndim;
    THCDivisor size[THC_MAP_DIMS];
    int64_t in[THC_MAP_DIMS], out[THC_MAP_DIMS];
};

// A square goes through the block's memory: neighbouring threads read, and write, neighbouring elements.
template <class U, int SIDE> __global__ void __launch_bounds__(THREADS) transpose(const Planes p, const char *from, char *to)
{
    __shared__ U square[SIDE][SIDE + 1];
    constexpr int STEP = THREADS / SIDE;
    uint32_t i = blockIdx.x;
    uint32_t rest = p.down.quotient(i);
    const int64_t y = (int64_t)(i - rest * p.down.value) * SIDE;
    i = rest;
    rest = p.across.quotient(i);
    const int64_t x = (int64_t)(i - rest * p.across.value) * SIDE;
    for (int d = 0; d < p.ndim; d++) {
        i = rest;
        rest = p.size[d].quotient(i);
        const int64_t index = i - rest * p.size[d].value;
        from += index * p.in[d];
        to += index * p.out[d];
    }
    const int lane = (int)threadIdx.x % SIDE, first = (int)threadIdx.x / SIDE;
#pragma unroll
    for (int k = 0; k < SIDE; k += STEP) {
        const int row = first + k;
        if (x + row >= p.wide || y + lane >= p.high) continue;
        square[row][lane] = *reinterpret_cast<const U *>(from + (x + row) * p.in_wide + (y + lane) * (int64_t)sizeof(U));
    }
    __syncthreads();
#pragma unroll
    for (int k = 0; k < SIDE; k += STEP) {
        const int row = first + k;
        if (x + lane >= p.wide || y + row >= p.high) continue;
        *reinterpret_cast<U *>(to + (y + row) * p.out_high + (x + lane) * (int64_t)sizeof(U)) = square[lane][row];
    }
}

// The dimension along which the input has no gaps, while the output has none along dimension 0; 0 if there is none.
int findAcross(const THIterPlan &plan, int64_t itemsize)
{
    if (plan.ndim < 2 || plan.ndim > THC_MAP_DIMS || plan.size[0] < LEAST) return 0;
    if (plan.stride[0][0] != itemsize || plan.stride[1][0] == itemsize || plan.stride[1][0] == 0) return 0;
    for (int d = 1; d < plan.ndim; d++)
        if (plan.stride[1][d] == itemsize && plan.size[d] >= LEAST) return d;
    return 0;
}

template <class U, int SIDE> THStatus start(const char *op, const THIterPlan &plan, int across)
{
    Planes p = {plan.size[0], plan.size[across], plan.stride[1][0], plan.stride[0][across], {}, {}, 0, {}, {}, {}};
    const int64_t wide = (p.wide + SIDE - 1) / SIDE, high = (p.high + SIDE - 1) / SIDE;
    int64_t squares = wide * high;
    p.across.set((uint32_t)wide);
    p.down.set((uint32_t)high);
    for (int d = 1; d < plan.ndim; d++) {
        if (d == across) continue;
        p.size[p.ndim].set((uint32_t)plan.size[d]);
        p.in[p.ndim] = plan.stride[1][d];
        p.out[p.ndim++] = plan.stride[0][d];
        squares *= plan.size[d];
    }
    transpose<U, SIDE><<<(unsigned)squares, THREADS, 0, thc_stream()>>>(p, plan.data[1], plan.data[0]);
    return thc_started(op);
}

// An upper bound of the squares.
int64_t squaresOf(const THIterPlan &plan, int across)
{
    int64_t squares = 1;
    for (int d = 0; d < plan.ndim; d++) squares *= d == 0 || d == across ? (plan.size[d] + 31) / 32 : plan.size[d];
    return squares;
}

} // namespace

bool thc_transposes(const char *op, THTensor *self, const THTensor *source, THStatus *status)
{
    if (self->numel < LEAST * LEAST || THIter_conflicts(self, source)) return false;
    THTensor *const tensors[] = {self, const_cast<THTensor *>(source)};
    THIterPlan plan;
    *status = THIter_plan(&plan, op, 2, tensors);
    if (*status != TH_OK) return true;
    const int across = findAcross(plan, THDtype_itemsize((THDtype)self->dtype));
    if (across == 0 || squaresOf(plan, across) > INT32_MAX) return false;
    const THCGuard guard(self);
    const bool small = std::min(plan.size[0], plan.size[across]) < 64;
    const auto run = [&]() -> THStatus {
        THC_FOR_BITS(self->dtype, U, { return small ? start<U, 32>(op, plan, across) : start<U, 64>(op, plan, across); })
    };
    *status = run();
    return true;
}
