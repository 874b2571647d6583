// BatchNormalization: each channel less its mean, over its standard deviation, times weight, plus bias. Blocks measure parts of
// channels, a warp joins the parts of a channel in a fixed order, and a third kernel writes the result.
#include "ops/THCUNNPool.cuh"

#define OP "BatchNormalization"

namespace
{

constexpr int EACH = 16;                      // elements of a thread
constexpr int64_t PART = EACH * CUNN_THREADS; // of a channel, for one block

struct Shape {
    int64_t batch, channels, inner;

    __host__ __device__ int64_t count() const { return batch * inner; } // of a channel
    __host__ __device__ int64_t parts() const { return (count() + PART - 1) / PART; }
};

// What is known of a part, a channel: the mean of `n` elements and the sum of squares about it.
struct Moments {
    double n, mean, squares;

    __device__ Moments joined(const Moments &o) const
    {
        const double all = n + o.n, delta = o.mean - mean;
        if (all == 0) return *this;
        return Moments{all, mean + delta * (o.n / all), squares + o.squares + delta * delta * (n * o.n / all)};
    }
    __device__ Moments shuffled(int distance) const
    {
        return Moments{__shfl_xor_sync(0xffffffffu, n, distance), __shfl_xor_sync(0xffffffffu, mean, distance),
                       __shfl_xor_sync(0xffffffffu, squares, distance)};
    }
};

// Of the gradients g at distances d from the mean as it is stored.
struct Sums {
    double sum, dot, away; // of g, of d * g, of d

    __device__ Sums joined(const Sums &o) const { return Sums{sum + o.sum, dot + o.dot, away + o.away}; }
    __device__ Sums shuffled(int distance) const
    {
        return Sums{__shfl_xor_sync(0xffffffffu, sum, distance), __shfl_xor_sync(0xffffffffu, dot, distance),
                    __shfl_xor_sync(0xffffffffu, away, distance)};
    }
};

// Calls f(k, offset) for the packs of V elements that are the calling thread's share of a part; all of a pack lie in one plane.
template <int V, class F> __device__ void share(const Shape &s, int64_t channel, int64_t part, F f)
{
#pragma unroll
    for (int k = 0; k < EACH / V; k++) {
        const int64_t i = part * PART + ((int64_t)k * CUNN_THREADS + threadIdx.x) * V;
        if (i >= s.count()) break;
        const int64_t sample = cunn_quotient(i, s.inner);
        f(k, (sample * s.channels + channel) * s.inner + i - sample * s.inner);
    }
}

// A block for each part of each channel.
template <int V, class T> __global__ void __launch_bounds__(CUNN_THREADS) measure(Shape s, const T *x, Moments *parts)
{
    using A = CunnSum<T>;
    const int64_t channel = blockIdx.x / s.parts(), part = blockIdx.x - channel * s.parts();
    const int64_t n = min(PART, s.count() - part * PART), mine = n - (int64_t)threadIdx.x * V;
    A value[EACH], sum = 0, squares = 0;
    share<V>(s, channel, part, [&](int k, int64_t offset) {
        const THCPack<T, V> pack = cunn_packAt<V>(x, offset);
#pragma unroll
        for (int v = 0; v < V; v++) sum += value[k * V + v] = (A)THCElement<T>::up(pack.item[v]);
    });
    const double mean = cunn_blockReduce((double)sum, CunnPlus{}) / (double)n;
#pragma unroll
    for (int k = 0; k < EACH / V; k++) {
        if ((int64_t)k * CUNN_THREADS * V >= mine) break;
#pragma unroll
        for (int v = 0; v < V; v++) {
            const A d = value[k * V + v] - (A)mean;
            squares += d * d;
        }
    }
    const double spread = cunn_blockReduce((double)squares, CunnPlus{});
    if (threadIdx.x == 0) parts[blockIdx.x] = Moments{(double)n, mean, spread};
}

template <int V, class T>
__global__ void __launch_bounds__(CUNN_THREADS) addUp(Shape s, const T *x, const T *gy, const T *means, Sums *parts)
{
    using A = CunnSum<T>;
    const int64_t channel = blockIdx.x / s.parts(), part = blockIdx.x - channel * s.parts();
    const A center = (A)THCElement<T>::up(means[channel]);
    A sum = 0, dot = 0, away = 0;
    share<V>(s, channel, part, [&](int, int64_t offset) {
        const THCPack<T, V> values = cunn_packAt<V>(x, offset), gradients = cunn_packAt<V>(gy, offset);
#pragma unroll
        for (int v = 0; v < V; v++) {
            const A g = (A)THCElement<T>::up(gradients.item[v]), d = (A)THCElement<T>::up(values.item[v]) - center;
            sum += g;
            dot += d * g;
            away += d;
        }
    });
    const Sums all = {cunn_blockReduce((double)sum, CunnPlus{}), cunn_blockReduce((double)dot, CunnPlus{}),
                      cunn_blockReduce((double)away, CunnPlus{})};
    if (threadIdx.x == 0) parts[blockIdx.x] = all;
}

// All parts of a channel, known to the whole warp.
template <class P> __device__ P joinParts(const Shape &s, int64_t channel, const P *parts)
{
    P all = {};
    for (int64_t p = threadIdx.x % 32; p < s.parts(); p += 32) all = all.joined(parts[channel * s.parts() + p]);
    for (int distance = 1; distance < 32; distance *= 2) {
        const P other = all.shuffled(distance);
        all = threadIdx.x & distance ? other.joined(all) : all.joined(other); // the same for both
    }
    return all;
}

template <class T> __device__ double at(const T *vector, int64_t channel, double absent)
{
    return vector == nullptr ? absent : (double)THCElement<T>::up(vector[channel]);
}

template <class T> __device__ void put(T *vector, int64_t channel, double value)
{
    if (vector != nullptr) vector[channel] = THCElement<T>::down((THCCompute<T>)value);
}

// What the third kernel does with an element x, and with a gradient g: (x - center) * pull + g * slope + shift.
template <class A> struct Line {
    A center, pull, slope, shift;
};

template <class T> struct Forward {
    const T *weight, *bias;
    T *running_mean, *running_var, *mean, *invstd;
    bool train;
    double momentum, eps;
};

// A warp for each channel. parts: NULL without training.
template <class T>
__global__ void __launch_bounds__(CUNN_THREADS) settle(Shape s, Forward<T> f, const Moments *parts, Line<CunnSum<T>> *lines)
{
    using A = CunnSum<T>;
    const int64_t c = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / 32;
    if (c >= s.channels) return;
    const double old_mean = at(f.running_mean, c, 0), old_var = at(f.running_var, c, 1);
    double mean = old_mean, invstd = 1 / sqrt(old_var + f.eps);
    if (f.train) {
        const Moments all = joinParts(s, c, parts);
        mean = all.mean;
        invstd = 1 / sqrt(all.squares / all.n + f.eps);
        __syncwarp(); // all have read the running statistics
        if (threadIdx.x % 32 == 0) {
            put(f.running_mean, c, f.momentum * mean + (1 - f.momentum) * old_mean);
            put(f.running_var, c, f.momentum * all.squares / (all.n - 1) + (1 - f.momentum) * old_var); // the unbiased variance
        }
    }
    if (threadIdx.x % 32 != 0) return;
    put(f.mean, c, mean);
    put(f.invstd, c, invstd);
    lines[c] = Line<A>{(A)mean, (A)(invstd * at(f.weight, c, 1)), 0, (A)at(f.bias, c, 0)};
}

template <class T> struct Backward {
    const T *weight, *mean, *invstd;
    T *gw, *gb;
    bool train;
    double scale;
};

template <class T>
__global__ void __launch_bounds__(CUNN_THREADS)
    settleBackward(Shape s, Backward<T> f, const Sums *parts, Line<CunnSum<T>> *lines)
{
    using A = CunnSum<T>;
    const int64_t c = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / 32;
    if (c >= s.channels) return;
    const Sums all = joinParts(s, c, parts);
    if (threadIdx.x % 32 != 0) return;
    const double invstd = at(f.invstd, c, 1), count = (double)s.count(), a = invstd * at(f.weight, c, 1);
    // The mean of the batch is not what is stored, but a rounding away from it: half a per mille for Half.
    const double rest = f.train ? all.away / count : 0, mean = at(f.mean, c, 0) + rest, dot = all.dot - rest * all.sum;
    put(f.gw, c, at(f.gw, c, 0) + f.scale * dot * invstd);
    put(f.gb, c, at(f.gb, c, 0) + f.scale * all.sum);
    lines[c] =
        Line<A>{(A)mean, (A)(f.train ? -a * invstd * invstd * dot / count : 0), (A)a, (A)(f.train ? -a * all.sum / count : 0)};
}

// Packs of V elements of all planes. gy: NULL forward.
template <int V, class T> struct Apply {
    int64_t channels;
    const Line<CunnSum<T>> *lines;
    const T *x, *gy;
    T *out;

    __device__ void operator()(int64_t at, const CunnSpot &spot) const
    {
        using A = CunnSum<T>;
        const Line<A> line = lines[spot.plane - cunn_quotient(spot.plane, channels) * channels];
        THCPack<T, V> values = cunn_packAt<V>(x, at * V), gradients;
        if (gy != nullptr) gradients = cunn_packAt<V>(gy, at * V);
#pragma unroll
        for (int v = 0; v < V; v++) {
            const A d = (A)THCElement<T>::up(values.item[v]) - line.center;
            const A own = gy == nullptr ? (A)0 : (A)THCElement<T>::up(gradients.item[v]) * line.slope;
            values.item[v] = THCElement<T>::down((THCCompute<T>)(d * line.pull + own + line.shift));
        }
        reinterpret_cast<THCPack<T, V> *>(out)[at] = values;
    }
};

// --- what starts them -------------------------------------------------------------------------------------------------------

// Room for the parts of all channels, then for their lines.
template <class P, class T> struct Room {
    using L = Line<CunnSum<T>>;
    int64_t blocks;
    THCScratch memory;

    Room(const Shape &s, int device)
        : blocks(s.channels * s.parts()), memory(device, blocks * (int64_t)sizeof(P) + s.channels * (int64_t)sizeof(L))
    {
    }
    P *parts() const { return reinterpret_cast<P *>(memory.data()); }
    L *lines() const { return reinterpret_cast<L *>(memory.data() + blocks * (int64_t)sizeof(P)); }
};

unsigned warpsOf(const Shape &s)
{
    return thc_blocks(s.channels * 32, CUNN_THREADS);
}

template <int V, class T> THStatus runForward(const Shape &s, int device, const Forward<T> &f, const T *x, T *y)
{
    const Room<Moments, T> room(s, device);
    if (room.memory.data() == nullptr) return THStatus_last();
    const cudaStream_t stream = thc_stream();
    if (f.train) measure<V, T><<<(unsigned)room.blocks, CUNN_THREADS, 0, stream>>>(s, x, room.parts());
    settle<T><<<warpsOf(s), CUNN_THREADS, 0, stream>>>(s, f, room.parts(), room.lines());
    return cunn_eachSpot(OP, s.batch * s.channels, 1, 1, s.inner / V, Apply<V, T>{s.channels, room.lines(), x, nullptr, y});
}

template <int V, class T> THStatus runBackward(const Shape &s, int device, const Backward<T> &f, const T *x, const T *gy, T *gx)
{
    const Room<Sums, T> room(s, device);
    if (room.memory.data() == nullptr) return THStatus_last();
    const cudaStream_t stream = thc_stream();
    addUp<V, T><<<(unsigned)room.blocks, CUNN_THREADS, 0, stream>>>(s, x, gy, f.mean, room.parts());
    settleBackward<T><<<warpsOf(s), CUNN_THREADS, 0, stream>>>(s, f, room.parts(), room.lines());
    if (gx == nullptr) return thc_started(OP);
    return cunn_eachSpot(OP, s.batch * s.channels, 1, 1, s.inner / V, Apply<V, T>{s.channels, room.lines(), x, gy, gx});
}

THStatus initShape(Shape *s, const THTensor *input)
{
    TH_TRY(cunn_checkFloating(OP, "input", input));
    TH_FAIL_IF(input->ndim < 2, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 2 or more (N x C x *)", input->ndim);
    *s = Shape{input->size[0], input->size[1], 1};
    for (int d = 2; d < input->ndim; d++) s->inner *= input->size[d];
    TH_FAIL_IF(s->inner > INT32_MAX || s->channels * s->parts() > INT32_MAX, TH_ERR_SHAPE,
               "[" OP "] input has %lld channels in planes of %lld elements, expected at most %d", (long long)s->channels,
               (long long)s->inner, INT32_MAX);
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
    TH_GIVEN("BatchNormalization", input, output, save_mean, save_invstd);
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
            constexpr int V = CUNN_PACK<T>;
            const Forward<T> f = {w.data<T>(),      b.data<T>(), rm.data<T>(), rv.data<T>(), mean.data<T>(),
                                  invstd.data<T>(), train != 0,  momentum,     eps};
            if (cunn_isPacked<T>(s.inner, {x.data<T>(), y.data<T>()}))
                return runForward<V, T>(s, THTensor_device(input), f, x.data<T>(), y.data<T>());
            return runForward<1, T>(s, THTensor_device(input), f, x.data<T>(), y.data<T>());
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
    TH_GIVEN("BatchNormalization", input, gradOutput, save_mean, save_invstd);
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
            constexpr int V = CUNN_PACK<T>;
            const Backward<T> f = {w.data<T>(), mean.data<T>(), invstd.data<T>(), gw.data<T>(), gb.data<T>(),
                                   train != 0,  scale};
            const int device = THTensor_device(input);
            if (cunn_isPacked<T>(s.inner, {x.data<T>(), g.data<T>(), gx.data<T>()}))
                return runBackward<V, T>(s, device, f, x.data<T>(), g.data<T>(), gx.data<T>());
            return runBackward<1, T>(s, device, f, x.data<T>(), g.data<T>(), gx.data<T>());
        })
    };
    if (input->numel > 0) TH_TRY(run());
    TH_TRY(gx.close());
    TH_TRY(gw.close());
    return gb.close();
}
