// GridSampler: images or volumes, sampled linearly at the places of a grid.
//
// Where there are many channels, a copy of the input has them innermost, so that a warp reads, and adds to, the channels of a
// corner together: that is many times faster than from plane to plane, and pays for the copies. Else a thread works on a place,
// in all channels.
#include "ops/THCUNNCall.cuh"

#define OP "GridSampler"

namespace
{

struct Shape {
    int dims;
    bool border;
    int64_t batch, channels, positions; // positions: of the grid, for each sample
    int64_t size[3];                    // of the input: D (1 without), H, W

    __host__ __device__ int64_t volume() const { return size[0] * size[1] * size[2]; }
};

// The two neighbours of a place along an axis.
template <class C> struct Pair {
    int64_t index[2];
    C weight[2]; // 0 outside
    C slope[2];  // of the weight along the grid's number
};

template <class C> __device__ Pair<C> pairAt(C number, int64_t size, bool border)
{
    const C scale = (C)(size - 1) / (C)2;
    C at = (number + (C)1) * scale, slope = scale;
    if (border && !(at > 0)) at = 0, slope = 0;
    if (border && at > (C)(size - 1)) at = (C)(size - 1), slope = 0;
    const C low = floor(at);
    Pair<C> pair = {{0, 0}, {0, 0}, {0, 0}};
    if (!(low >= (C)-1 && low <= (C)size)) return pair; // far outside, or nan
    for (int k = 0; k < 2; k++) {
        const int64_t index = (int64_t)low + k;
        if (index < 0 || index >= size) continue;
        pair.index[k] = index;
        pair.weight[k] = k == 0 ? low + 1 - at : at - low;
        pair.slope[k] = k == 0 ? -slope : slope;
    }
    return pair;
}

// A place between up to eight corners: D, H, W.
template <class T> struct Place {
    using C = THCCompute<T>;
    Pair<C> pairs[3];

    // The grid's numbers stand width first.
    __device__ Place(const Shape &s, const T *grid)
    {
        pairs[0] = Pair<C>{{0, 0}, {1, 0}, {0, 0}};
        for (int d = 0; d < s.dims; d++) pairs[2 - d] = pairAt<C>(THCElement<T>::up(grid[d]), s.size[2 - d], s.border);
    }

    __device__ static int side(int corner, int axis) { return corner >> (2 - axis) & 1; }

    __device__ int64_t at(const Shape &s, int corner) const
    {
        const int64_t depth = pairs[0].index[side(corner, 0)], height = pairs[1].index[side(corner, 1)];
        return (depth * s.size[1] + height) * s.size[2] + pairs[2].index[side(corner, 2)];
    }

    // The corner's weight; slope: how it grows along axis `along`.
    __device__ C weight(int corner) const { return slope(corner, 3); }
    __device__ C slope(int corner, int along) const
    {
        C product = 1;
        for (int axis = 0; axis < 3; axis++) {
            const int k = side(corner, axis);
            product *= axis == along ? pairs[axis].slope[k] : pairs[axis].weight[k];
        }
        return product;
    }
};

// The corners of a place that count, and what they count for.
template <class T> struct Corners {
    using C = THCCompute<T>;
    C weight[8];
    int64_t at[8];

    __device__ Corners(const Shape &s, const Place<T> &place)
    {
#pragma unroll
        for (int corner = 0; corner < 8; corner++) {
            weight[corner] = corner < 1 << s.dims ? place.weight(corner) : (C)0;
            at[corner] = corner < 1 << s.dims ? place.at(s, corner) : 0;
        }
    }
};

template <class T> struct Sample {
    Shape s;
    const T *x, *grid;
    T *y;

    __device__ void operator()(int64_t i) const
    {
        const int64_t n = thc_quotient(i, s.positions), position = i - n * s.positions, volume = s.volume();
        const Corners<T> corners(s, Place<T>(s, grid + i * s.dims));
        const T *const planes = x + n * s.channels * volume;
        for (int64_t c = 0; c < s.channels; c++) {
            CunnSum<T> sum = 0;
#pragma unroll
            for (int corner = 0; corner < 8; corner++)
                if (corners.weight[corner] != 0)
                    sum += corners.weight[corner] * THCElement<T>::up(planes[c * volume + corners.at[corner]]);
            y[(n * s.channels + c) * s.positions + position] = THCElement<T>::down((THCCompute<T>)sum);
        }
    }
};

// Places share corners: these are added up by atomic additions, whose order, and so the last bits, may differ.
template <class T> struct SampleBackward {
    Shape s;
    const T *x, *grid, *gy;
    T *gx, *ggrid;

    __device__ void operator()(int64_t i) const
    {
        using C = THCCompute<T>;
        const int64_t n = thc_quotient(i, s.positions), position = i - n * s.positions, volume = s.volume();
        const Place<T> place(s, grid + i * s.dims);
        const Corners<T> corners(s, place);
        CunnSum<T> along[8] = {0, 0, 0, 0, 0, 0, 0, 0};
        for (int64_t c = 0; c < s.channels; c++) {
            const C gradient = THCElement<T>::up(gy[(n * s.channels + c) * s.positions + position]);
            const int64_t plane = (n * s.channels + c) * volume;
#pragma unroll
            for (int corner = 0; corner < 8; corner++) {
                if (corner >= 1 << s.dims) break;
                const int64_t at = plane + corners.at[corner];
                const C weight = corners.weight[corner];
                if (weight != 0) atomicAdd(&gx[at], THCElement<T>::down(weight * gradient));
                along[corner] += gradient * THCElement<T>::up(x[at]);
            }
        }
        for (int d = 0; d < s.dims; d++) {
            CunnSum<T> sum = 0;
#pragma unroll
            for (int corner = 0; corner < 8; corner++)
                if (corner < 1 << s.dims) sum += along[corner] * place.slope(corner, 2 - d);
            ggrid[i * s.dims + d] = THCElement<T>::down((C)sum);
        }
    }
};

// --- channels innermost ------------------------------------------------------------------------------------------------------

constexpr int PLACES = 32, LANES = 32, WARPS = CUNN_THREADS / LANES, EACH = PLACES / WARPS; // of a block, a warp

// A block's places, each corner of which a thread has looked at.
template <class C> struct Places {
    int64_t at[8][PLACES]; // of its first channel
    C weight[8][PLACES], slope[3][8][PLACES];
    bool counts[8][PLACES]; // the weight or a slope is not 0
};

// x: N x volume x C, and so gx. The block's places begin with number `first` of sample n.
template <class T> struct Block {
    Shape s;
    int64_t n, first;

    __device__ explicit Block(const Shape &shape) : s(shape)
    {
        const int64_t blocks = (s.positions + PLACES - 1) / PLACES;
        n = thc_quotient(blockIdx.x, blocks);
        first = (blockIdx.x - n * blocks) * PLACES;
    }

    // By all threads: a warp for each corner. What lies after the last place counts nothing.
    __device__ void find(const T *grid, Places<THCCompute<T>> &places) const
    {
        const int lane = (int)threadIdx.x % LANES, corner = (int)threadIdx.x / LANES;
        const bool is_place = first + lane < s.positions;
        if (corner < 1 << s.dims) {
            const Place<T> place(s, grid + (n * s.positions + (is_place ? first + lane : 0)) * s.dims);
            places.at[corner][lane] = place.at(s, corner) * s.channels;
            places.weight[corner][lane] = is_place ? place.weight(corner) : 0;
            bool counts = places.weight[corner][lane] != 0;
            for (int d = 0; d < s.dims; d++) {
                places.slope[d][corner][lane] = place.slope(corner, 2 - d);
                counts = counts || places.slope[d][corner][lane] != 0;
            }
            places.counts[corner][lane] = counts && is_place;
        }
        __syncthreads();
    }

    // Where channel c of sample n begins, in a tensor N x C x positions.
    __device__ int64_t row(int64_t c) const { return (n * s.channels + c) * s.positions + first; }
    // Where the lane's channel stands in a tensor N x volume x C; lanes without one take the last.
    __device__ int64_t channel(int64_t c) const { return n * s.volume() * s.channels + (c < s.channels ? c : s.channels - 1); }
};

template <class T, int DIMS>
__global__ void __launch_bounds__(CUNN_THREADS) sampleLast(const Shape s, const T *x, const T *grid, T *y)
{
    static_assert(WARPS == 8, "a warp for each corner");
    using C = THCCompute<T>;
    __shared__ Places<C> places;
    __shared__ T tile[LANES][PLACES + 1];
    const Block<T> block(s);
    const int lane = (int)threadIdx.x % LANES, warp = (int)threadIdx.x / LANES;
    block.find(grid, places);
    for (int64_t c = 0; c < s.channels; c += LANES) {
        const T *const from = x + block.channel(c + lane);
#pragma unroll
        for (int k = 0; k < EACH; k++) {
            const int place = warp * EACH + k;
            CunnSum<T> sum = 0;
#pragma unroll
            for (int corner = 0; corner < 1 << DIMS; corner++) {
                const C weight = places.weight[corner][place], item = THCElement<T>::up(from[places.at[corner][place]]);
                sum += weight != 0 ? weight * item : (C)0;
            }
            tile[lane][place] = THCElement<T>::down((C)sum);
        }
        __syncthreads();
        for (int64_t row = warp; row < LANES && c + row < s.channels; row += WARPS)
            if (block.first + lane < s.positions) y[block.row(c + row) + lane] = tile[row][lane];
        __syncthreads();
    }
}

// gx: sums, in what they are added up in.
template <class T, int DIMS>
__global__ void __launch_bounds__(CUNN_THREADS)
    sampleLastBackward(const Shape s, const T *x, const T *grid, const T *gy, CunnSum<T> *gx, T *ggrid)
{
    using C = THCCompute<T>;
    __shared__ Places<C> places;
    __shared__ T tile[LANES][PLACES + 1];
    const Block<T> block(s);
    const int lane = (int)threadIdx.x % LANES, warp = (int)threadIdx.x / LANES;
    CunnSum<T> of_grid[EACH][DIMS] = {};
    block.find(grid, places);
    for (int64_t c = 0; c < s.channels; c += LANES) {
        for (int64_t row = warp; row < LANES && c + row < s.channels; row += WARPS)
            if (block.first + lane < s.positions) tile[row][lane] = gy[block.row(c + row) + lane];
        __syncthreads();
        const bool has_channel = c + lane < s.channels;
        const int64_t channel = block.channel(c + lane);
#pragma unroll
        for (int k = 0; k < EACH; k++) {
            const int place = warp * EACH + k;
            const C gradient = has_channel && block.first + place < s.positions ? THCElement<T>::up(tile[lane][place]) : (C)0;
#pragma unroll
            for (int corner = 0; corner < 1 << DIMS; corner++) {
                const int64_t at = channel + places.at[corner][place];
                const C weight = places.weight[corner][place], item = THCElement<T>::up(x[at]);
                if (has_channel && weight != 0) atomicAdd(&gx[at], (CunnSum<T>)(weight * gradient));
                const CunnSum<T> along = has_channel && places.counts[corner][place] ? gradient * item : (C)0;
#pragma unroll
                for (int d = 0; d < DIMS; d++) of_grid[k][d] += along * places.slope[d][corner][place];
            }
        }
        __syncthreads();
    }
#pragma unroll
    for (int k = 0; k < EACH; k++) {
        const int64_t place = block.first + warp * EACH + k;
#pragma unroll
        for (int d = 0; d < DIMS; d++) {
            CunnSum<T> sum = of_grid[k][d];
            for (int step = LANES / 2; step > 0; step /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, step);
            if (lane == 0 && place < s.positions)
                ggrid[(block.n * s.positions + place) * DIMS + d] = THCElement<T>::down((C)sum);
        }
    }
}

// Whether channels go innermost: most lanes of a warp have one, and copies are less than what is sampled.
bool isLast(const Shape &s)
{
    const int64_t lanes = (s.channels + LANES - 1) / LANES * LANES, blocks = s.batch * ((s.positions + PLACES - 1) / PLACES);
    return 4 * s.channels >= 3 * lanes && 4 * s.positions >= s.volume() && blocks <= INT32_MAX;
}

unsigned blocksOf(const Shape &s)
{
    return (unsigned)(s.batch * ((s.positions + PLACES - 1) / PLACES));
}

// tensor, which has no gaps, as N x C x volume and as N x volume x C.
THTensor *newPlanes(const Shape &s, const THTensor *tensor)
{
    const int64_t size[3] = {s.batch, s.channels, s.volume()};
    return THTensor_newView(tensor, 3, size);
}
THTensor *newLast(const Shape &s, const THTensor *tensor)
{
    const THCOwned planes(newPlanes(s, tensor));
    const THCOwned turned(planes ? THTensor_newTranspose(planes.get(), 1, 2) : nullptr);
    return turned ? THCTensor_newContiguous(turned.get()) : nullptr;
}

THStatus runLast(const Shape &s, const CunnDense &x, const CunnDense &grid, const CunnResult &y)
{
    const THCOwned last(newLast(s, x.get()));
    if (!last) return THStatus_last();
    THC_FOR_FLOATING(OP, last.get()->dtype, T, {
        const auto kernel = s.dims == 2 ? sampleLast<T, 2> : sampleLast<T, 3>;
        kernel<<<blocksOf(s), CUNN_THREADS, 0, thc_stream()>>>(s, thc_data<T>(last.get()), grid.data<T>(), y.data<T>());
        return thc_started(OP);
    })
}

THStatus runLastBackward(const Shape &s, const CunnDense &x, const CunnDense &grid, const CunnDense &gy, const CunnResult &gx,
                         const CunnResult &ggrid)
{
    const THDtype dtype = (THDtype)x.get()->dtype, sum_dtype = dtype == THDtype_Half ? THDtype_Float : dtype;
    const int64_t size[3] = {s.batch, s.volume(), s.channels};
    const THCOwned last(newLast(s, x.get())), planes(newPlanes(s, gx.get()));
    const THCOwned sums(THCTensor_newWithSize(THTensor_device(x.get()), sum_dtype, 3, size));
    if (!last || !planes || !sums) return THStatus_last();
    TH_TRY(THCTensor_zero(sums.get()));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, dtype, T, {
            const auto kernel = s.dims == 2 ? sampleLastBackward<T, 2> : sampleLastBackward<T, 3>;
            kernel<<<blocksOf(s), CUNN_THREADS, 0, thc_stream()>>>(s, thc_data<T>(last.get()), grid.data<T>(), gy.data<T>(),
                                                                   thc_data<CunnSum<T>>(sums.get()), ggrid.data<T>());
            return thc_started(OP);
        })
    };
    TH_TRY(run());
    const THCOwned rounded(dtype == sum_dtype ? nullptr : THCTensor_newConvert(sums.get(), dtype));
    if (dtype != sum_dtype && !rounded) return THStatus_last();
    const THCOwned turned(THTensor_newTranspose(rounded ? rounded.get() : sums.get(), 1, 2));
    return turned ? THCTensor_copy(planes.get(), turned.get()) : THStatus_last();
}

// output: the sizes of the result, [input->ndim].
THStatus init(Shape *s, const THTensor *input, const THTensor *grid, int border, int64_t *output)
{
    TH_TRY(cunn_checkFloating(OP, "input", input));
    const int dims = input->ndim - 2;
    TH_FAIL_IF(dims != 2 && dims != 3, TH_ERR_SHAPE,
               "[" OP "] input has %d dimensions, expected 4 (N x C x H x W) or 5 (N x C x D x H x W)", input->ndim);
    TH_TRY(cunn_checkDtype(OP, "grid", grid, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(OP, input, grid));
    TH_FAIL_IF(grid->ndim != input->ndim || grid->size[0] != input->size[0] || grid->size[dims + 1] != dims, TH_ERR_SHAPE,
               "[" OP "] grid has %d dimensions, the last of size %lld; expected %d, as many samples as the input, the last of "
               "size %d",
               grid->ndim, grid->ndim ? (long long)grid->size[grid->ndim - 1] : 0LL, input->ndim, dims);
    TH_FAIL_IF(input->numel == 0 && input->size[0] != 0, TH_ERR_SHAPE, "[" OP "] input has no elements, expected at least 1");
    *s = Shape{dims, border != 0, input->size[0], input->size[1], 1, {1, 1, 1}};
    output[0] = input->size[0];
    output[1] = input->size[1];
    for (int d = 0; d < dims; d++) {
        s->size[3 - dims + d] = input->size[2 + d];
        s->positions *= grid->size[1 + d];
        output[2 + d] = grid->size[1 + d];
    }
    return TH_OK;
}

} // namespace

THStatus THCUNN_GridSampler_updateOutput(const THTensor *input, const THTensor *grid, THTensor *output, int border)
{
    TH_GIVEN("GridSampler", input, grid, output);
    Shape s;
    int64_t size[2 + THNN_SPATIAL_MAX];
    TH_TRY(init(&s, input, grid, border, size));
    const THCGuard guard(input);
    const CunnDense x(input), places(grid);
    if (x.failed() || places.failed()) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(OP, output, (THDtype)input->dtype, input->ndim, size, {input, grid}));
    const auto run = [&]() -> THStatus {
        if (isLast(s) && output->numel > 0) return runLast(s, x, places, y);
        THC_FOR_FLOATING(OP, input->dtype, T, {
            return cunn_each(OP, s.batch * s.positions, Sample<T>{s, x.data<T>(), places.data<T>(), y.data<T>()});
        })
    };
    TH_TRY(run());
    return y.close();
}

THStatus THCUNN_GridSampler_updateGradInput(const THTensor *input, const THTensor *grid, const THTensor *gradOutput,
                                            THTensor *gradInput, THTensor *gradGrid, int border)
{
    TH_GIVEN("GridSampler", input, grid, gradOutput, gradInput, gradGrid);
    Shape s;
    int64_t size[2 + THNN_SPATIAL_MAX];
    TH_TRY(init(&s, input, grid, border, size));
    TH_TRY(cunn_checkDtype(OP, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(cunn_checkShape(OP, "gradOutput", gradOutput, input->ndim, size));
    TH_TRY(thc_sameDevice(OP, input, gradOutput));
    const THCGuard guard(input);
    const CunnDense x(input), places(grid), gy(gradOutput);
    if (x.failed() || places.failed() || gy.failed()) return THStatus_last();
    CunnResult gx, ggrid;
    TH_TRY(gx.open(OP, gradInput, (THDtype)input->dtype, input->ndim, input->size, {input, grid, gradOutput}));
    TH_TRY(ggrid.open(OP, gradGrid, (THDtype)input->dtype, grid->ndim, grid->size, {input, grid, gradOutput}));
    const auto run = [&]() -> THStatus {
        if (isLast(s) && gradOutput->numel > 0) return runLastBackward(s, x, places, gy, gx, ggrid);
        TH_TRY(THCTensor_zero(gx.get()));
        THC_FOR_FLOATING(OP, input->dtype, T, {
            return cunn_each(OP, s.batch * s.positions,
                             SampleBackward<T>{s, x.data<T>(), places.data<T>(), gy.data<T>(), gx.data<T>(), ggrid.data<T>()});
        })
    };
    TH_TRY(run());
    return gx.close() == TH_OK ? ggrid.close() : THStatus_last();
}
