// SoftMax and LogSoftMax along one dimension. Seen from it, a tensor is outer x n x inner: with inner 1 a block or a few lanes
// of a warp work on a row, which they read once if they can keep it in registers; else a thread on a column, neighbours beside
// neighbours, or, where there are too few columns to fill the device, the threads above each other in a block.
#include <cmath>

#include "ops/THCUNNCall.cuh"

namespace
{

template <class T> struct Column {
    const T *x, *gy;
    T *out;
    int64_t n, inner;

    __device__ int64_t first(int64_t i) const { return i / inner * n * inner + i % inner; }
};

// Whose a column is: all threads' of a block, a thread's, or that of the TILE_Y threads of a block with one threadIdx.x.
enum Sharing { BY_BLOCK, BY_THREAD, BY_TILE };
constexpr int TILE_X = 32, TILE_Y = 16;

// Calls f(index) for the calling thread's share of the n elements.
template <Sharing BY, class F> __device__ void share(int64_t n, F f)
{
    const int64_t first = BY == BY_BLOCK ? threadIdx.x : BY == BY_TILE ? threadIdx.y : 0;
    const int64_t step = BY == BY_BLOCK ? blockDim.x : BY == BY_TILE ? TILE_Y : 1;
    for (int64_t k = first; k < n; k += step) f(k);
}

template <Sharing BY, class A, class F> __device__ A joined(A value, F f)
{
    if constexpr (BY == BY_BLOCK) {
        return cunn_blockReduce(value, f);
    } else if constexpr (BY == BY_TILE) {
        __shared__ A part[TILE_Y][TILE_X];
        __syncthreads(); // all have read what was joined before
        part[threadIdx.y][threadIdx.x] = value;
        __syncthreads();
        A all = part[0][threadIdx.x];
        for (int y = 1; y < TILE_Y; y++) all = f(all, part[y][threadIdx.x]);
        return all;
    } else {
        return value;
    }
}

// Column i, n elements of it: 0 if there is none, which the other threads of a tile need not know.
template <bool LOG, Sharing BY, class T> __device__ void forwardOne(const Column<T> &c, int64_t i, int64_t n)
{
    using A = CunnSum<T>;
    const int64_t at = c.first(i);
    const auto value = [&](int64_t k) { return (A)THCElement<T>::up(c.x[at + k * c.inner]); };
    A greatest = (A)-INFINITY;
    share<BY>(n, [&](int64_t k) { greatest = CunnGreater{}(greatest, value(k)); });
    greatest = joined<BY>(greatest, CunnGreater{});
    A sum = 0;
    share<BY>(n, [&](int64_t k) { sum += exp(value(k) - greatest); });
    sum = joined<BY>(sum, CunnPlus{});
    const A shift = LOG ? log(sum) : (A)1 / sum;
    share<BY>(n, [&](int64_t k) {
        const A y = LOG ? value(k) - greatest - shift : exp(value(k) - greatest) * shift;
        c.out[at + k * c.inner] = THCElement<T>::down((THCCompute<T>)y);
    });
}

template <bool LOG, Sharing BY, class T> __device__ void backwardOne(const Column<T> &c, int64_t i, int64_t n)
{
    using A = CunnSum<T>;
    const int64_t at = c.first(i);
    const auto y = [&](int64_t k) { return (A)THCElement<T>::up(c.x[at + k * c.inner]); };
    const auto gy = [&](int64_t k) { return (A)THCElement<T>::up(c.gy[at + k * c.inner]); };
    A sum = 0;
    share<BY>(n, [&](int64_t k) { sum += LOG ? gy(k) : gy(k) * y(k); });
    sum = joined<BY>(sum, CunnPlus{});
    share<BY>(n, [&](int64_t k) {
        const A gx = LOG ? gy(k) - exp(y(k)) * sum : y(k) * (gy(k) - sum);
        c.out[at + k * c.inner] = THCElement<T>::down((THCCompute<T>)gx);
    });
}

template <bool LOG, bool FORWARD, Sharing BY, class T> __device__ void one(const Column<T> &c, int64_t i, int64_t n)
{
    if constexpr (FORWARD)
        forwardOne<LOG, BY>(c, i, n);
    else
        backwardOne<LOG, BY>(c, i, n);
}

constexpr int PACKS = 4;                                       // that a thread keeps
template <class T> constexpr int PACK = sizeof(T) > 4 ? 2 : 4; // the most elements of a pack

// The calling thread's packs of V elements of a row, which `lanes` neighbours share: all threads of the block, or a power of
// two of a warp's. What lies behind the row's end, or in rows that are not there, is left as it is.
template <bool BLOCK, int V, class T> struct KeptRow {
    int64_t begin;
    int n, first, lanes;

    __device__ KeptRow(const Column<T> &c, int64_t count, int bits)
    {
        const int64_t row = BLOCK ? blockIdx.x : ((int64_t)blockIdx.x * blockDim.x + threadIdx.x) >> bits;
        begin = row * c.n;
        n = row < count ? (int)c.n : 0;
        lanes = BLOCK ? (int)blockDim.x : 1 << bits;
        first = (int)threadIdx.x & (lanes - 1);
    }
    // f over the values of all threads of the row.
    template <class A, class F> __device__ A joined(A value, F f) const
    {
        if constexpr (BLOCK) {
            return cunn_blockReduce(value, f);
        } else {
            for (int step = lanes / 2; step > 0; step /= 2) value = f(value, __shfl_xor_sync(0xffffffffu, value, step));
            return value;
        }
    }
    // f(p, offset) for each of them.
    template <class F> __device__ void each(F f) const
    {
#pragma unroll
        for (int p = 0; p < PACKS; p++) {
            const int i = (first + p * lanes) * V;
            if (i < n) f(p, begin + i);
        }
    }
    template <class A> __device__ void load(const T *data, A (&value)[PACKS][V]) const
    {
        each([&](int p, int64_t offset) {
            const THCPack<T, V> pack = cunn_packAt<V>(data, offset);
#pragma unroll
            for (int v = 0; v < V; v++) value[p][v] = (A)THCElement<T>::up(pack.item[v]);
        });
    }
    template <class A> __device__ void store(T *data, const A (&value)[PACKS][V]) const
    {
        each([&](int p, int64_t offset) {
            THCPack<T, V> pack;
#pragma unroll
            for (int v = 0; v < V; v++) pack.item[v] = THCElement<T>::down((THCCompute<T>)value[p][v]);
            *reinterpret_cast<THCPack<T, V> *>(data + offset) = pack;
        });
    }
    // f(p, v) for each element.
    template <class F> __device__ void eachElement(F f) const
    {
        each([&](int p, int64_t) {
#pragma unroll
            for (int v = 0; v < V; v++) f(p, v);
        });
    }
};

template <bool LOG, bool BLOCK, int V, class T>
__global__ void __launch_bounds__(1024) forwardKept(Column<T> c, int64_t count, int bits)
{
    using A = CunnSum<T>;
    const KeptRow<BLOCK, V, T> row(c, count, bits);
    A value[PACKS][V], greatest = (A)-INFINITY, sum = 0;
    row.load(c.x, value);
    row.eachElement([&](int p, int v) { greatest = CunnGreater{}(greatest, value[p][v]); });
    greatest = row.joined(greatest, CunnGreater{});
    row.eachElement([&](int p, int v) {
        const A distance = value[p][v] - greatest, e = exp(distance);
        value[p][v] = LOG ? distance : e;
        sum += e;
    });
    sum = row.joined(sum, CunnPlus{});
    const A shift = LOG ? log(sum) : (A)1 / sum;
    row.eachElement([&](int p, int v) { value[p][v] = LOG ? value[p][v] - shift : value[p][v] * shift; });
    row.store(c.out, value);
}

template <bool LOG, bool BLOCK, int V, class T>
__global__ void __launch_bounds__(1024) backwardKept(Column<T> c, int64_t count, int bits)
{
    using A = CunnSum<T>;
    const KeptRow<BLOCK, V, T> row(c, count, bits);
    A y[PACKS][V], gy[PACKS][V], sum = 0;
    row.load(c.x, y);
    row.load(c.gy, gy);
    row.eachElement([&](int p, int v) { sum += LOG ? gy[p][v] : gy[p][v] * y[p][v]; });
    sum = row.joined(sum, CunnPlus{});
    row.eachElement([&](int p, int v) { gy[p][v] = LOG ? gy[p][v] - exp(y[p][v]) * sum : y[p][v] * (gy[p][v] - sum); });
    row.store(c.out, gy);
}

template <bool LOG, bool FORWARD, bool BLOCK, int V, class T> void startKept(const Column<T> &c, int64_t count)
{
    int bits = 0; // of the number of threads that share a row
    while ((int64_t)PACKS * V << bits < c.n) bits++;
    const int threads = BLOCK ? 1 << bits : 256;
    const unsigned blocks = BLOCK ? (unsigned)count : thc_blocks(count << bits, threads);
    if constexpr (FORWARD)
        forwardKept<LOG, BLOCK, V, T><<<blocks, threads, 0, thc_stream()>>>(c, count, bits);
    else
        backwardKept<LOG, BLOCK, V, T><<<blocks, threads, 0, thc_stream()>>>(c, count, bits);
}

// Rows of whole packs.
template <int V, class T> bool isPacked(const Column<T> &c)
{
    const uintptr_t joint =
        reinterpret_cast<uintptr_t>(c.x) | reinterpret_cast<uintptr_t>(c.gy) | reinterpret_cast<uintptr_t>(c.out);
    return c.n % V == 0 && joint % (V * sizeof(T)) == 0;
}

// True if the rows fit, and their kernel is started. V: the most elements of a pack.
template <bool LOG, bool FORWARD, int V, class T> bool keepsRows(const Column<T> &c, int64_t outer)
{
    if constexpr (V > 1)
        if (!isPacked<V>(c)) return keepsRows<LOG, FORWARD, V / 2, T>(c, outer);
    if (c.n > 1024 * PACKS * V) return false;
    if (c.n <= 32 * PACKS * V)
        startKept<LOG, FORWARD, false, V, T>(c, outer);
    else
        startKept<LOG, FORWARD, true, V, T>(c, outer);
    return true;
}

template <bool LOG, bool FORWARD, class T> __global__ void rows(Column<T> c)
{
    one<LOG, FORWARD, BY_BLOCK>(c, blockIdx.x, c.n);
}

template <bool LOG, bool FORWARD, class T> __global__ void columns(Column<T> c, int64_t count)
{
    CUNN_LOOP(i, count)
    {
        one<LOG, FORWARD, BY_THREAD>(c, i, c.n);
    }
}

template <bool LOG, bool FORWARD, class T> __global__ void __launch_bounds__(TILE_X *TILE_Y) tiles(Column<T> c, int64_t count)
{
    const int64_t i = (int64_t)blockIdx.x * TILE_X + threadIdx.x;
    one<LOG, FORWARD, BY_TILE>(c, i < count ? i : 0, i < count ? c.n : 0);
}

template <bool LOG, bool FORWARD, class T> void startRows(const Column<T> &c, int64_t outer)
{
    if (keepsRows<LOG, FORWARD, PACK<T>, T>(c, outer)) return;
    rows<LOG, FORWARD, T><<<(unsigned)outer, 512, 0, thc_stream()>>>(c);
}

template <bool LOG, bool FORWARD, class T> void startColumns(const Column<T> &c, int64_t count)
{
    constexpr int64_t enough = 1 << 17; // columns: a thread each fills the largest devices about half
    if (c.n >= 2 * TILE_Y && count < enough)
        tiles<LOG, FORWARD, T><<<(unsigned)((count + TILE_X - 1) / TILE_X), dim3(TILE_X, TILE_Y), 0, thc_stream()>>>(c, count);
    else
        columns<LOG, FORWARD, T><<<cunn_blocks(count), CUNN_THREADS, 0, thc_stream()>>>(c, count);
}

template <bool LOG, bool FORWARD, class T>
THStatus run(const char *op, const THTensor *x, const THTensor *gy, THTensor *out, int dim)
{
    Column<T> c = {thc_data<T>(x), gy == nullptr ? nullptr : thc_data<T>(gy), thc_data<T>(out), 1, 1};
    int64_t outer = 1;
    for (int d = 0; d < dim; d++) outer *= x->size[d];
    for (int d = dim + 1; d < x->ndim; d++) c.inner *= x->size[d];
    c.n = x->ndim == 0 ? 1 : x->size[dim];
    const THCGuard guard(x);
    if (c.inner == 1 && outer < INT32_MAX / 32)
        startRows<LOG, FORWARD, T>(c, outer);
    else
        startColumns<LOG, FORWARD, T>(c, outer * c.inner);
    return thc_started(op);
}

template <bool LOG> THStatus forward(const char *op, const THTensor *input, THTensor *output, int dim)
{
    int wrapped;
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_TRY(THTensor_wrapDim(input, dim, op, &wrapped));
    const CunnDense x(input);
    if (x.failed()) return THStatus_last();
    CunnResult y;
    TH_TRY(y.open(op, output, (THDtype)input->dtype, input->ndim, input->size, {input}));
    const auto all = [&]() -> THStatus {
        THC_FOR_FLOATING(op, input->dtype, T, return (run<LOG, true, T>(op, x.get(), nullptr, y.get(), wrapped));)
    };
    if (input->numel > 0) TH_TRY(all());
    return y.close();
}

template <bool LOG>
THStatus backward(const char *op, const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim)
{
    int wrapped;
    TH_TRY(cunn_checkFloating(op, "output", output));
    TH_TRY(cunn_checkLike(op, "gradOutput", gradOutput, output));
    TH_TRY(THTensor_wrapDim(output, dim, op, &wrapped));
    const CunnDense y(output), gy(gradOutput);
    if (y.failed() || gy.failed()) return THStatus_last();
    CunnResult gx;
    TH_TRY(gx.open(op, gradInput, (THDtype)output->dtype, output->ndim, output->size, {output, gradOutput}));
    const auto all = [&]() -> THStatus {
        THC_FOR_FLOATING(op, output->dtype, T, return (run<LOG, false, T>(op, y.get(), gy.get(), gx.get(), wrapped));)
    };
    if (output->numel > 0) TH_TRY(all());
    return gx.close();
}

} // namespace

THStatus THCUNN_SoftMax_updateOutput(const THTensor *input, THTensor *output, int dim)
{
    TH_GIVEN("SoftMax", input, output);
    return forward<false>("SoftMax", input, output, dim);
}

THStatus THCUNN_SoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim)
{
    TH_GIVEN("SoftMax", gradOutput, gradInput, output);
    return backward<false>("SoftMax", gradOutput, gradInput, output, dim);
}

THStatus THCUNN_LogSoftMax_updateOutput(const THTensor *input, THTensor *output, int dim)
{
    TH_GIVEN("LogSoftMax", input, output);
    return forward<true>("LogSoftMax", input, output, dim);
}

THStatus THCUNN_LogSoftMax_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, int dim)
{
    TH_GIVEN("LogSoftMax", gradOutput, gradInput, output);
    return backward<true>("LogSoftMax", gradOutput, gradInput, output, dim);
}
