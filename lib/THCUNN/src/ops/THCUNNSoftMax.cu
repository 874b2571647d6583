// SoftMax and LogSoftMax along one dimension. Seen from it, a tensor is outer x n x inner: with inner 1 a block works on a row,
// else a thread on a column, neighbours beside neighbours.
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

// Calls f(index) for the calling thread's share of the n elements: all threads of the block share a row, a column is one
// thread's.
template <bool ROW, class F> __device__ void share(int64_t n, F f)
{
    for (int64_t k = ROW ? threadIdx.x : 0; k < n; k += ROW ? blockDim.x : 1) f(k);
}

template <bool ROW, class A, class F> __device__ A joined(A value, F f)
{
    if constexpr (ROW)
        return cunn_blockReduce(value, f);
    else
        return value;
}

template <bool LOG, bool ROW, class T> __device__ void forwardOne(const Column<T> &c, int64_t i)
{
    using A = CunnSum<T>;
    const int64_t at = c.first(i);
    const auto value = [&](int64_t k) { return (A)THCElement<T>::up(c.x[at + k * c.inner]); };
    A greatest = (A)-INFINITY;
    share<ROW>(c.n, [&](int64_t k) { greatest = CunnGreater{}(greatest, value(k)); });
    greatest = joined<ROW>(greatest, CunnGreater{});
    A sum = 0;
    share<ROW>(c.n, [&](int64_t k) { sum += exp(value(k) - greatest); });
    sum = joined<ROW>(sum, CunnPlus{});
    const A shift = LOG ? log(sum) : (A)1 / sum;
    share<ROW>(c.n, [&](int64_t k) {
        const A y = LOG ? value(k) - greatest - shift : exp(value(k) - greatest) * shift;
        c.out[at + k * c.inner] = THCElement<T>::down((THCCompute<T>)y);
    });
}

template <bool LOG, bool ROW, class T> __device__ void backwardOne(const Column<T> &c, int64_t i)
{
    using A = CunnSum<T>;
    const int64_t at = c.first(i);
    const auto y = [&](int64_t k) { return (A)THCElement<T>::up(c.x[at + k * c.inner]); };
    const auto gy = [&](int64_t k) { return (A)THCElement<T>::up(c.gy[at + k * c.inner]); };
    A sum = 0;
    share<ROW>(c.n, [&](int64_t k) { sum += LOG ? gy(k) : gy(k) * y(k); });
    sum = joined<ROW>(sum, CunnPlus{});
    share<ROW>(c.n, [&](int64_t k) {
        const A gx = LOG ? gy(k) - exp(y(k)) * sum : y(k) * (gy(k) - sum);
        c.out[at + k * c.inner] = THCElement<T>::down((THCCompute<T>)gx);
    });
}

template <bool LOG, bool FORWARD, class T> __global__ void rows(Column<T> c)
{
    if constexpr (FORWARD)
        forwardOne<LOG, true>(c, blockIdx.x);
    else
        backwardOne<LOG, true>(c, blockIdx.x);
}

template <bool LOG, bool FORWARD, class T> __global__ void columns(Column<T> c, int64_t count)
{
    CUNN_LOOP(i, count)
    {
        if constexpr (FORWARD)
            forwardOne<LOG, false>(c, i);
        else
            backwardOne<LOG, false>(c, i);
    }
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
    // Short rows leave most of a block idle: there a thread takes a row, as if it were a column.
    if (c.inner == 1 && c.n > 8 && outer < INT32_MAX) {
        const int threads = c.n >= 1024 ? 512 : c.n >= 256 ? 256 : c.n > 64 ? 64 : 32;
        rows<LOG, FORWARD, T><<<(unsigned)outer, threads, 0, thc_stream()>>>(c);
    } else {
        columns<LOG, FORWARD, T><<<cunn_blocks(outer * c.inner), CUNN_THREADS, 0, thc_stream()>>>(c, outer * c.inner);
    }
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
