// GridSampler: images or volumes, sampled linearly at the places of a grid. A thread works on a place, in all channels.
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

template <class T> struct Sample {
    Shape s;
    const T *x, *grid;
    T *y;

    __device__ void operator()(int64_t i) const
    {
        using C = THCCompute<T>;
        const int64_t n = cunn_quotient(i, s.positions), position = i - n * s.positions, volume = s.volume();
        const Place<T> place(s, grid + i * s.dims);
        const T *const planes = x + n * s.channels * volume;
        C weight[8];
        int64_t at[8];
        for (int corner = 0; corner < 8; corner++) {
            weight[corner] = corner < 1 << s.dims ? place.weight(corner) : (C)0;
            at[corner] = weight[corner] != 0 ? place.at(s, corner) : 0;
        }
        for (int64_t c = 0; c < s.channels; c++) {
            CunnSum<T> sum = 0;
            for (int corner = 0; corner < 8; corner++)
                if (weight[corner] != 0) sum += weight[corner] * THCElement<T>::up(planes[c * volume + at[corner]]);
            y[(n * s.channels + c) * s.positions + position] = THCElement<T>::down((C)sum);
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
        const int64_t n = cunn_quotient(i, s.positions), position = i - n * s.positions, volume = s.volume();
        const Place<T> place(s, grid + i * s.dims);
        CunnSum<T> of_grid[3] = {0, 0, 0};
        for (int corner = 0; corner < 1 << s.dims; corner++) {
            const C weight = place.weight(corner);
            const int64_t at = n * s.channels * volume + place.at(s, corner);
            CunnSum<T> along = 0;
            for (int64_t c = 0; c < s.channels; c++) {
                const C gradient = THCElement<T>::up(gy[(n * s.channels + c) * s.positions + position]);
                if (weight != 0) atomicAdd(&gx[at + c * volume], THCElement<T>::down(weight * gradient));
                along += gradient * THCElement<T>::up(x[at + c * volume]);
            }
            for (int d = 0; d < s.dims; d++) of_grid[d] += along * place.slope(corner, 2 - d);
        }
        for (int d = 0; d < s.dims; d++) ggrid[i * s.dims + d] = THCElement<T>::down((C)of_grid[d]);
    }
};

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
    TH_TRY(THCTensor_zero(gx.get()));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, input->dtype, T, {
            return cunn_each(OP, s.batch * s.positions,
                             SampleBackward<T>{s, x.data<T>(), places.data<T>(), gy.data<T>(), gx.data<T>(), ggrid.data<T>()});
        })
    };
    TH_TRY(run());
    return gx.close() == TH_OK ? ggrid.close() : THStatus_last();
}
