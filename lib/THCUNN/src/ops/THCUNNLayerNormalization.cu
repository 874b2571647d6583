// LayerNormalization: each row less its mean, over its standard deviation, times weight, plus bias, the last two element by
// element. A block or a warp works on a row; gradients of weight and bias are sums over rows, of parts and then of these: the
// same each time.
#include <algorithm>

#include "ops/THCUNNNormalization.cuh"

#define OP "LayerNormalization"

namespace
{

constexpr int LONG_ROW = 1024;  // elements from which a row is a block's, not a warp's
constexpr int PACKS = 8;        // that a thread keeps
constexpr int TILE = 32;        // neighbouring columns of a block
constexpr int TILE_ROWS = 8;    // rows that its threads read together
constexpr int64_t PARTS = 1024; // blocks that fill a device

struct Shape {
    int64_t rows, inner;
    int ndim;             // of the outer dimensions, whose sizes statistics have
    const int64_t *outer; // sizes
    const int64_t *shape; // of weight and bias
};

THStatus initShape(Shape *s, const THTensor *input, int dims)
{
    TH_TRY(cunn_checkFloating(OP, "input", input));
    TH_FAIL_IF(dims < 1 || dims > input->ndim, TH_ERR_VALUE, "[" OP "] dims, %d: must be 1 to the input's %d", dims,
               input->ndim);
    *s = Shape{1, 1, input->ndim - dims, input->size, input->size + input->ndim - dims};
    for (int d = 0; d < input->ndim; d++) (d < s->ndim ? s->rows : s->inner) *= input->size[d];
    return TH_OK;
}

THStatus checkElements(const Shape &s, const char *name, const THTensor *tensor, const THTensor *input)
{
    return cunn_checkVector(OP, name, tensor, input, input->ndim - s.ndim, s.shape);
}

THStatus checkStatistics(const Shape &s, const char *name, const THTensor *tensor, const THTensor *input)
{
    return cunn_checkVector(OP, name, tensor, input, s.ndim, s.outer);
}

// The sum of `value` over the threads of a row, known to all of them: of a warp, or of the block.
template <bool BLOCK> __device__ double rowSum(double value)
{
    if constexpr (BLOCK) {
        return cunn_blockReduce(value, CunnPlus{});
    } else {
        for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(0xffffffffu, value, step);
        return value;
    }
}

// Calls f(row, first, step) for each row of the calling thread, which has its elements first, first + step, ...
template <bool BLOCK, class F> __device__ void eachRow(int64_t rows, F f)
{
    if constexpr (BLOCK) {
        for (int64_t r = blockIdx.x; r < rows; r += gridDim.x) f(r, (int64_t)threadIdx.x, (int64_t)blockDim.x);
    } else {
        const int64_t warps = blockDim.x / 32;
        for (int64_t r = blockIdx.x * warps + threadIdx.x / 32; r < rows; r += gridDim.x * warps)
            f(r, (int64_t)threadIdx.x % 32, (int64_t)32);
    }
}

template <class T, class A> __device__ A elementOr(const T *data, int64_t i, A absent)
{
    return data == nullptr ? absent : (A)THCElement<T>::up(data[i]);
}

template <class T> struct Forward {
    int64_t rows, n;
    double eps;
    const T *x, *weight, *bias;
    T *y, *mean, *invstd;

    // x normalised, times w (1 without weights), plus b (0 without biases).
    __device__ T value(T x, CunnSum<T> center, CunnSum<T> scale, CunnSum<T> w, CunnSum<T> b) const
    {
        return THCElement<T>::down((THCCompute<T>)(((CunnSum<T>)THCElement<T>::up(x) - center) * scale * w + b));
    }
};

template <bool BLOCK, class T> __global__ void __launch_bounds__(CUNN_THREADS) forward(Forward<T> f)
{
    using A = CunnSum<T>;
    eachRow<BLOCK>(f.rows, [&](int64_t r, int64_t first, int64_t step) {
        const T *const x = f.x + r * f.n;
        T *const y = f.y + r * f.n;
        A sum = 0, squares = 0;
#pragma unroll 4
        for (int64_t i = first; i < f.n; i += step) sum += (A)THCElement<T>::up(x[i]);
        // Mean and deviation as they are stored: the backward pass sees the same.
        const T mean = THCElement<T>::down((THCCompute<T>)(rowSum<BLOCK>((double)sum) / (double)f.n));
        const A center = (A)THCElement<T>::up(mean);
#pragma unroll 4
        for (int64_t i = first; i < f.n; i += step) {
            const A d = (A)THCElement<T>::up(x[i]) - center;
            squares += d * d;
        }
        const double spread = rowSum<BLOCK>((double)squares) / (double)f.n;
        const T invstd = THCElement<T>::down((THCCompute<T>)(1 / sqrt(spread + f.eps)));
        const A scale = (A)THCElement<T>::up(invstd);
        if (first == 0) {
            f.mean[r] = mean;
            f.invstd[r] = invstd;
        }
#pragma unroll 4
        for (int64_t i = first; i < f.n; i += step)
            y[i] = f.value(x[i], center, scale, elementOr(f.weight, i, (A)1), elementOr(f.bias, i, (A)0));
    });
}

// The same of rows of whole packs that a warp or a block keeps in registers: they are read once.
template <bool BLOCK, class T> __global__ void __launch_bounds__(CUNN_THREADS) forwardKept(Forward<T> f)
{
    using A = CunnSum<T>;
    constexpr int V = CUNN_PACK<T>;
    const int64_t packs = f.n / V;
    eachRow<BLOCK>(f.rows, [&](int64_t r, int64_t first, int64_t step) {
        THCPack<T, V> kept[PACKS];
        A sum = 0, squares = 0;
        const auto eachPack = [&](auto g) {
#pragma unroll
            for (int k = 0; k < PACKS; k++)
                if (first + k * step < packs) g(kept[k], (first + k * step) * V);
        };
        eachPack([&](THCPack<T, V> &pack, int64_t i) {
            pack = cunn_packAt<V>(f.x + r * f.n, i);
#pragma unroll
            for (int v = 0; v < V; v++) sum += (A)THCElement<T>::up(pack.item[v]);
        });
        const T mean = THCElement<T>::down((THCCompute<T>)(rowSum<BLOCK>((double)sum) / (double)f.n));
        const A center = (A)THCElement<T>::up(mean);
        eachPack([&](THCPack<T, V> &pack, int64_t) {
#pragma unroll
            for (int v = 0; v < V; v++) {
                const A d = (A)THCElement<T>::up(pack.item[v]) - center;
                squares += d * d;
            }
        });
        const double spread = rowSum<BLOCK>((double)squares) / (double)f.n;
        const T invstd = THCElement<T>::down((THCCompute<T>)(1 / sqrt(spread + f.eps)));
        if (first == 0) {
            f.mean[r] = mean;
            f.invstd[r] = invstd;
        }
        eachPack([&](THCPack<T, V> &pack, int64_t i) {
            THCPack<T, V> weights = pack, biases = pack; // which are not used without weights, without biases
            if (f.weight != nullptr) weights = cunn_packAt<V>(f.weight, i);
            if (f.bias != nullptr) biases = cunn_packAt<V>(f.bias, i);
#pragma unroll
            for (int v = 0; v < V; v++) {
                const A w = f.weight == nullptr ? (A)1 : (A)THCElement<T>::up(weights.item[v]);
                const A b = f.bias == nullptr ? (A)0 : (A)THCElement<T>::up(biases.item[v]);
                pack.item[v] = f.value(pack.item[v], center, (A)THCElement<T>::up(invstd), w, b);
            }
            *reinterpret_cast<THCPack<T, V> *>(f.y + r * f.n + i) = pack;
        });
    });
}

template <class T> struct Backward {
    int64_t rows, n;
    const T *x, *gy, *weight, *mean, *invstd;
    T *gx;

    __device__ CunnSum<T> gradient(const T *row, int64_t i) const
    {
        return (CunnSum<T>)THCElement<T>::up(row[i]) * elementOr(weight, i, (CunnSum<T>)1);
    }
};

template <bool BLOCK, class T> __global__ void __launch_bounds__(CUNN_THREADS) backward(Backward<T> f)
{
    using A = CunnSum<T>;
    eachRow<BLOCK>(f.rows, [&](int64_t r, int64_t first, int64_t step) {
        const T *const x = f.x + r * f.n, *const gy = f.gy + r * f.n;
        T *const gx = f.gx + r * f.n;
        const A center = (A)THCElement<T>::up(f.mean[r]), scale = (A)THCElement<T>::up(f.invstd[r]);
        A sum_part = 0, dot_part = 0;
#pragma unroll 4
        for (int64_t i = first; i < f.n; i += step) {
            const A g = f.gradient(gy, i);
            sum_part += g;
            dot_part += ((A)THCElement<T>::up(x[i]) - center) * g;
        }
        const double sum = rowSum<BLOCK>((double)sum_part), dot = rowSum<BLOCK>((double)dot_part);
        const double each = (double)scale / (double)f.n;
        const A pull = (A)(-each * dot * (double)scale * (double)scale), shift = (A)(-each * sum);
#pragma unroll 4
        for (int64_t i = first; i < f.n; i += step) {
            const A d = (A)THCElement<T>::up(x[i]) - center;
            gx[i] = THCElement<T>::down((THCCompute<T>)(f.gradient(gy, i) * scale + d * pull + shift));
        }
    });
}

// Sums over `chunk` rows of TILE columns: into sums[part][0 and 1][column].
template <class T> __global__ void __launch_bounds__(CUNN_THREADS) columns(Backward<T> f, int64_t chunk, CunnSum<T> *sums)
{
    using A = CunnSum<T>;
    __shared__ A shared[2][TILE_ROWS][TILE];
    const int x = (int)threadIdx.x % TILE, y = (int)threadIdx.x / TILE;
    const int64_t column = (int64_t)blockIdx.x * TILE + x, end = min(f.rows, ((int64_t)blockIdx.y + 1) * chunk);
    A w = 0, b = 0;
    if (column < f.n) {
        for (int64_t r = blockIdx.y * chunk + y; r < end; r += TILE_ROWS) {
            const A g = (A)THCElement<T>::up(f.gy[r * f.n + column]);
            const A d = (A)THCElement<T>::up(f.x[r * f.n + column]) - (A)THCElement<T>::up(f.mean[r]);
            w += g * (d * (A)THCElement<T>::up(f.invstd[r]));
            b += g;
        }
    }
    shared[0][y][x] = w;
    shared[1][y][x] = b;
    __syncthreads();
    if (y > 1 || column >= f.n) return;
    A sum = 0;
    for (int k = 0; k < TILE_ROWS; k++) sum += shared[y][k][x];
    sums[(2 * (int64_t)blockIdx.y + y) * f.n + column] = sum;
}

// Adds the parts' sums to gradients.
template <class T> struct AddParts {
    const CunnSum<T> *sums;
    int64_t n, parts;
    double scale;
    T *gw, *gb;

    __device__ void operator()(int64_t i) const
    {
        const int64_t which = i >= n, column = i - which * n;
        T *const target = which ? gb : gw;
        if (target == nullptr) return;
        double sum = 0;
        for (int64_t p = 0; p < parts; p++) sum += (double)sums[(2 * p + which) * n + column];
        target[column] = THCElement<T>::down((THCCompute<T>)((double)THCElement<T>::up(target[column]) + scale * sum));
    }
};

template <class T> THStatus sumColumns(const Backward<T> &f, int device, double scale, T *gw, T *gb)
{
    const int64_t tiles = (f.n + TILE - 1) / TILE, wanted = std::max<int64_t>(1, PARTS / tiles);
    int64_t chunk = std::max<int64_t>(4 * TILE_ROWS, (f.rows + wanted - 1) / wanted);
    if (f.rows / chunk >= 65535) chunk = f.rows / 65535 + 1; // the grid's second dimension has no more blocks
    const int64_t parts = (f.rows + chunk - 1) / chunk;
    const THCScratch room(device, 2 * parts * f.n * (int64_t)sizeof(CunnSum<T>));
    if (room.data() == nullptr) return THStatus_last();
    auto *const sums = reinterpret_cast<CunnSum<T> *>(room.data());
    columns<T><<<dim3((unsigned)tiles, (unsigned)parts), TILE * TILE_ROWS, 0, thc_stream()>>>(f, chunk, sums);
    TH_TRY(thc_started(OP));
    return cunn_each(OP, 2 * f.n, AddParts<T>{sums, f.n, parts, scale, gw, gb});
}

// Of a block, or a warp, for each row.
unsigned rowBlocks(int64_t rows, bool block)
{
    return (unsigned)std::min<int64_t>(block ? rows : (rows * 32 + CUNN_THREADS - 1) / CUNN_THREADS, 65536);
}

template <class T> THStatus startForward(const Forward<T> &f)
{
    constexpr int64_t KEPT = PACKS * CUNN_PACK<T>; // elements of a thread
    const cudaStream_t stream = thc_stream();
    const bool packed = cunn_isPacked<T>(f.n, {f.x, f.weight, f.bias, f.y});
    if (packed && f.n <= 32 * KEPT)
        forwardKept<false, T><<<rowBlocks(f.rows, false), CUNN_THREADS, 0, stream>>>(f);
    else if (packed && f.n <= CUNN_THREADS * KEPT)
        forwardKept<true, T><<<rowBlocks(f.rows, true), CUNN_THREADS, 0, stream>>>(f);
    else if (f.n < LONG_ROW)
        forward<false, T><<<rowBlocks(f.rows, false), CUNN_THREADS, 0, stream>>>(f);
    else
        forward<true, T><<<rowBlocks(f.rows, true), CUNN_THREADS, 0, stream>>>(f);
    return thc_started(OP);
}

} // namespace

THStatus THCUNN_LayerNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                const THTensor *bias, THTensor *save_mean, THTensor *save_invstd, int dims,
                                                double eps)
{
    TH_GIVEN("LayerNormalization", input, output, save_mean, save_invstd);
    Shape s;
    TH_TRY(initShape(&s, input, dims));
    TH_TRY(checkElements(s, "weight", weight, input));
    TH_TRY(checkElements(s, "bias", bias, input));
    const THDtype dtype = (THDtype)input->dtype;
    const THCGuard guard(input);
    const CunnDense x(input), w(weight), b(bias);
    if (x.failed() || w.failed() || b.failed()) return THStatus_last();
    CunnResult y, mean, invstd;
    TH_TRY(mean.open(OP, save_mean, dtype, s.ndim, s.outer, {input, weight, bias}));
    TH_TRY(invstd.open(OP, save_invstd, dtype, s.ndim, s.outer, {input, weight, bias}));
    TH_TRY(y.open(OP, output, dtype, input->ndim, input->size, {input, weight, bias}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, dtype, T, {
            const Forward<T> f = {s.rows,         s.inner,         eps, x.data<T>(), w.data<T>(), b.data<T>(), y.data<T>(),
                                  mean.data<T>(), invstd.data<T>()};
            return startForward(f);
        })
    };
    if (input->numel > 0) TH_TRY(run());
    TH_TRY(mean.close());
    TH_TRY(invstd.close());
    return y.close();
}

THStatus THCUNN_LayerNormalization_backward(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                            THTensor *gradWeight, THTensor *gradBias, const THTensor *weight,
                                            const THTensor *save_mean, const THTensor *save_invstd, int dims, double scale)
{
    TH_GIVEN("LayerNormalization", input, gradOutput, save_mean, save_invstd);
    Shape s;
    TH_TRY(initShape(&s, input, dims));
    TH_TRY(cunn_checkLike(OP, "gradOutput", gradOutput, input));
    TH_TRY(checkElements(s, "weight", weight, input));
    TH_TRY(checkElements(s, "gradWeight", gradWeight, input));
    TH_TRY(checkElements(s, "gradBias", gradBias, input));
    TH_TRY(checkStatistics(s, "save_mean", save_mean, input));
    TH_TRY(checkStatistics(s, "save_invstd", save_invstd, input));
    const THDtype dtype = (THDtype)input->dtype;
    const THCGuard guard(input);
    const CunnDense x(input), gy(gradOutput), w(weight), mean(save_mean), invstd(save_invstd);
    if (x.failed() || gy.failed() || w.failed() || mean.failed() || invstd.failed()) return THStatus_last();
    CunnResult gx, gw, gb;
    TH_TRY(gw.openUpdate(gradWeight));
    TH_TRY(gb.openUpdate(gradBias));
    if (gradInput != nullptr)
        TH_TRY(gx.open(OP, gradInput, dtype, input->ndim, input->size, {input, gradOutput, weight, save_mean, save_invstd}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, dtype, T, {
            const Backward<T> f = {s.rows,      s.inner,        x.data<T>(),      gy.data<T>(),
                                   w.data<T>(), mean.data<T>(), invstd.data<T>(), gx.data<T>()};
            if (f.gx != nullptr && s.inner >= LONG_ROW)
                backward<true, T><<<rowBlocks(s.rows, true), CUNN_THREADS, 0, thc_stream()>>>(f);
            else if (f.gx != nullptr)
                backward<false, T><<<rowBlocks(s.rows, false), CUNN_THREADS, 0, thc_stream()>>>(f);
            TH_TRY(thc_started(OP));
            if (gradWeight == nullptr && gradBias == nullptr) return TH_OK;
            return sumColumns(f, THTensor_device(input), scale, gw.data<T>(), gb.data<T>());
        })
    };
    if (input->numel > 0) TH_TRY(run());
    TH_TRY(gx.close());
    TH_TRY(gw.close());
    return gb.close();
}
