// BatchNormalization: each channel less its mean, over its standard deviation, times weight, plus bias. A block works on a
// channel: its sums are the same each time.
#include "ops/THCUNNCall.cuh"

#define OP "BatchNormalization"

namespace
{

constexpr int THREADS = 1024;

struct Shape {
    int64_t batch, channels, inner;
};

// Calls f(offset) for the calling thread's share of a channel's elements.
template <class F> __device__ void share(const Shape &s, F f)
{
    const int64_t channel = blockIdx.x, count = s.batch * s.inner;
    for (int64_t i = threadIdx.x; i < count; i += blockDim.x) {
        const int64_t sample = cunn_quotient(i, s.inner);
        f((sample * s.channels + channel) * s.inner + i - sample * s.inner);
    }
}

template <class T> __device__ double at(const T *vector, double absent)
{
    return vector == nullptr ? absent : (double)THCElement<T>::up(vector[blockIdx.x]);
}

template <class T> __device__ void put(T *vector, double value)
{
    if (vector != nullptr && threadIdx.x == 0) vector[blockIdx.x] = THCElement<T>::down((THCCompute<T>)value);
}

template <class T> struct Forward {
    const T *x, *weight, *bias;
    T *running_mean, *running_var, *mean, *invstd, *y;
    bool train;
    double momentum, eps;
};

template <class T> __device__ void measure(const Shape &s, const Forward<T> &f, double *mean, double *invstd)
{
    using A = CunnSum<T>;
    const double count = (double)(s.batch * s.inner);
    if (!f.train) {
        *mean = at(f.running_mean, 0);
        *invstd = 1 / sqrt(at(f.running_var, 1) + f.eps);
        return;
    }
    A sum = 0;
    share(s, [&](int64_t i) { sum += (A)THCElement<T>::up(f.x[i]); });
    const double total = cunn_blockReduce((double)sum, CunnPlus{});
    // As it is stored: the backward pass sees the same.
    *mean = (double)THCElement<T>::up(THCElement<T>::down((THCCompute<T>)(total / count)));
    A squares = 0;
    const A center = (A)*mean;
    share(s, [&](int64_t i) {
        const A d = (A)THCElement<T>::up(f.x[i]) - center;
        squares += d * d;
    });
    const double spread = cunn_blockReduce((double)squares, CunnPlus{});
    *invstd = 1 / sqrt(spread / count + f.eps);
    const double old_mean = at(f.running_mean, 0), old_var = at(f.running_var, 0);
    __syncthreads();
    put(f.running_mean, f.momentum * *mean + (1 - f.momentum) * old_mean);
    put(f.running_var, f.momentum * spread / (count - 1) + (1 - f.momentum) * old_var); // the unbiased variance
}

template <class T> __global__ void __launch_bounds__(THREADS) forward(Shape s, Forward<T> f)
{
    using A = CunnSum<T>;
    double mean, invstd;
    measure(s, f, &mean, &invstd);
    put(f.mean, mean);
    put(f.invstd, invstd);
    const A center = (A)mean, scale = (A)(invstd * at(f.weight, 1)), shift = (A)at(f.bias, 0);
    share(s, [&](int64_t i) {
        f.y[i] = THCElement<T>::down((THCCompute<T>)(((A)THCElement<T>::up(f.x[i]) - center) * scale + shift));
    });
}

template <class T> struct Backward {
    const T *x, *gy, *weight, *mean, *invstd;
    T *gx, *gw, *gb;
    bool train;
    double scale;
};

template <class T> __global__ void __launch_bounds__(THREADS) backward(Shape s, Backward<T> f)
{
    using A = CunnSum<T>;
    const double count = (double)(s.batch * s.inner), mean = at(f.mean, 0), invstd = at(f.invstd, 1);
    const A center = (A)mean;
    A sum_part = 0, dot_part = 0;
    share(s, [&](int64_t i) {
        const A g = (A)THCElement<T>::up(f.gy[i]);
        sum_part += g;
        dot_part += ((A)THCElement<T>::up(f.x[i]) - center) * g;
    });
    const double sum = cunn_blockReduce((double)sum_part, CunnPlus{});
    const double dot = cunn_blockReduce((double)dot_part, CunnPlus{});
    const double gw = at(f.gw, 0), gb = at(f.gb, 0);
    __syncthreads();
    put(f.gw, gw + f.scale * dot * invstd);
    put(f.gb, gb + f.scale * sum);
    if (f.gx == nullptr) return;
    const double a = invstd * at(f.weight, 1);
    const A slope = (A)a, pull = (A)(f.train ? -a * invstd * invstd * dot / count : 0),
            shift = (A)(f.train ? -a * sum / count : 0);
    share(s, [&](int64_t i) {
        const A d = (A)THCElement<T>::up(f.x[i]) - center, g = (A)THCElement<T>::up(f.gy[i]);
        f.gx[i] = THCElement<T>::down((THCCompute<T>)(slope * g + pull * d + shift));
    });
}

THStatus initShape(Shape *s, const THTensor *input)
{
    TH_TRY(cunn_checkFloating(OP, "input", input));
    TH_FAIL_IF(input->ndim < 2, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 2 or more (N x C x *)", input->ndim);
    *s = Shape{input->size[0], input->size[1], 1};
    for (int d = 2; d < input->ndim; d++) s->inner *= input->size[d];
    return TH_OK;
}

THStatus checkVector(const Shape &s, const char *name, const THTensor *tensor, const THTensor *input)
{
    if (tensor == nullptr) return TH_OK;
    TH_TRY(cunn_checkDtype(OP, name, tensor, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(OP, input, tensor));
    return cunn_checkShape(OP, name, tensor, 1, &s.channels);
}

} // namespace

THStatus THCUNN_BatchNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                const THTensor *bias, THTensor *running_mean, THTensor *running_var,
                                                THTensor *save_mean, THTensor *save_invstd, int train, double momentum,
                                                double eps)
{
    Shape s;
    TH_TRY(initShape(&s, input));
    TH_TRY(checkVector(s, "weight", weight, input));
    TH_TRY(checkVector(s, "bias", bias, input));
    TH_TRY(checkVector(s, "running_mean", running_mean, input));
    TH_TRY(checkVector(s, "running_var", running_var, input));
    TH_FAIL_IF(!train && (running_mean == nullptr || running_var == nullptr), TH_ERR_VALUE,
               "[" OP "] running_mean and running_var are missing: without training they are what is used");
    TH_FAIL_IF(train && input->numel > 0 && s.batch * s.inner == 1, TH_ERR_SHAPE,
               "[" OP "] Expected more than 1 value per channel when training, input has 1");
    const THDtype dtype = (THDtype)input->dtype;
    const THCGuard guard(input);
    const CunnDense x(input), w(weight), b(bias);
    if (x.failed() || w.failed() || b.failed()) return THStatus_last();
    CunnResult rm, rv, mean, invstd, y;
    TH_TRY(rm.openUpdate(running_mean));
    TH_TRY(rv.openUpdate(running_var));
    TH_TRY(mean.open(OP, save_mean, dtype, 1, &s.channels, {input}));
    TH_TRY(invstd.open(OP, save_invstd, dtype, 1, &s.channels, {input}));
    TH_TRY(y.open(OP, output, dtype, input->ndim, input->size, {input, weight, bias, running_mean, running_var}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, dtype, T, {
            const Forward<T> f = {x.data<T>(),      w.data<T>(), b.data<T>(), rm.data<T>(), rv.data<T>(), mean.data<T>(),
                                  invstd.data<T>(), y.data<T>(), train != 0,  momentum,     eps};
            forward<T><<<(unsigned)s.channels, THREADS, 0, thc_stream()>>>(s, f);
            return thc_started(OP);
        })
    };
    if (input->numel > 0) TH_TRY(run());
    if (train) {
        TH_TRY(rm.close());
        TH_TRY(rv.close());
    }
    TH_TRY(mean.close());
    TH_TRY(invstd.close());
    return y.close();
}

THStatus THCUNN_BatchNormalization_backward(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                            THTensor *gradWeight, THTensor *gradBias, const THTensor *weight,
                                            const THTensor *save_mean, const THTensor *save_invstd, int train, double scale)
{
    Shape s;
    TH_TRY(initShape(&s, input));
    TH_TRY(cunn_checkLike(OP, "gradOutput", gradOutput, input));
    TH_TRY(checkVector(s, "weight", weight, input));
    TH_TRY(checkVector(s, "save_mean", save_mean, input));
    TH_TRY(checkVector(s, "save_invstd", save_invstd, input));
    TH_TRY(checkVector(s, "gradWeight", gradWeight, input));
    TH_TRY(checkVector(s, "gradBias", gradBias, input));
    const THDtype dtype = (THDtype)input->dtype;
    const THCGuard guard(input);
    const CunnDense x(input), g(gradOutput), w(weight), mean(save_mean), invstd(save_invstd);
    if (x.failed() || g.failed() || w.failed() || mean.failed() || invstd.failed()) return THStatus_last();
    CunnResult gx, gw, gb;
    TH_TRY(gw.openUpdate(gradWeight));
    TH_TRY(gb.openUpdate(gradBias));
    if (gradInput != nullptr)
        TH_TRY(gx.open(OP, gradInput, dtype, input->ndim, input->size, {input, gradOutput, weight, save_mean, save_invstd}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, dtype, T, {
            const Backward<T> f = {x.data<T>(),  g.data<T>(),  w.data<T>(),  mean.data<T>(), invstd.data<T>(),
                                   gx.data<T>(), gw.data<T>(), gb.data<T>(), train != 0,     scale};
            backward<T><<<(unsigned)s.channels, THREADS, 0, thc_stream()>>>(s, f);
            return thc_started(OP);
        })
    };
    if (input->numel > 0) TH_TRY(run());
    TH_TRY(gx.close());
    TH_TRY(gw.close());
    return gb.close();
}
