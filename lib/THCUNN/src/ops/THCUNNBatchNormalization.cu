// BatchNormalization: each channel less its mean, over its standard deviation, times weight, plus bias. Blocks measure parts of
// channels, a warp joins the parts of a channel in a fixed order, and a third kernel writes the result.
#include "ops/THCUNNMoments.cuh"
#include "ops/THCUNNNormalization.cuh"

#define OP "BatchNormalization"

namespace
{

template <class T> struct Forward {
    const T *weight, *bias;
    T *running_mean, *running_var, *mean, *invstd;
    bool train;
    double momentum, eps;
};

// A warp for each channel. parts: NULL without training.
template <class T>
__global__ void __launch_bounds__(CUNN_THREADS)
    settle(CunnLines s, Forward<T> f, const CunnMoments *parts, CunnLine<CunnSum<T>> *lines)
{
    using A = CunnSum<T>;
    const int64_t c = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / 32;
    if (c >= s.channels) return;
    const double old_mean = cunn_at(f.running_mean, c, 0), old_var = cunn_at(f.running_var, c, 1);
    double mean = old_mean, invstd = 1 / sqrt(old_var + f.eps);
    if (f.train) {
        const CunnMoments all = cunn_joinParts(s, c, parts);
        mean = all.mean;
        invstd = 1 / sqrt(all.squares / all.n + f.eps);
        __syncwarp(); // all have read the running statistics
        if (threadIdx.x % 32 == 0) {
            cunn_put(f.running_mean, c, f.momentum * mean + (1 - f.momentum) * old_mean);
            cunn_put(f.running_var, c,
                     f.momentum * all.squares / (all.n - 1) + (1 - f.momentum) * old_var); // the unbiased variance
        }
    }
    if (threadIdx.x % 32 != 0) return;
    cunn_put(f.mean, c, mean);
    cunn_put(f.invstd, c, invstd);
    lines[c] = CunnLine<A>{(A)mean, (A)(invstd * cunn_at(f.weight, c, 1)), 0, (A)cunn_at(f.bias, c, 0)};
}

template <class T> struct Backward {
    const T *weight, *mean, *invstd;
    T *gw, *gb;
    bool train;
    double scale;
};

template <class T>
__global__ void __launch_bounds__(CUNN_THREADS)
    settleBackward(CunnLines s, Backward<T> f, const CunnSums *parts, CunnLine<CunnSum<T>> *lines)
{
    using A = CunnSum<T>;
    const int64_t c = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / 32;
    if (c >= s.channels) return;
    const CunnSums all = cunn_joinParts(s, c, parts);
    if (threadIdx.x % 32 != 0) return;
    const double invstd = cunn_at(f.invstd, c, 1), count = (double)s.count(), a = invstd * cunn_at(f.weight, c, 1);
    // The mean of the batch is not what is stored, but a rounding away from it: half a per mille for Half.
    const double rest = f.train ? all.away / count : 0, mean = cunn_at(f.mean, c, 0) + rest, dot = all.dot - rest * all.sum;
    cunn_put(f.gw, c, cunn_at(f.gw, c, 0) + f.scale * dot * invstd);
    cunn_put(f.gb, c, cunn_at(f.gb, c, 0) + f.scale * all.sum);
    lines[c] = CunnLine<A>{(A)mean, (A)(f.train ? -a * invstd * invstd * dot / count : 0), (A)a,
                           (A)(f.train ? -a * all.sum / count : 0)};
}

// --- what starts them -------------------------------------------------------------------------------------------------------

// Room for the parts of all channels, then for their lines.
template <class P, class T> struct Room {
    using L = CunnLine<CunnSum<T>>;
    int64_t blocks;
    THCScratch memory;

    Room(const CunnLines &s, int device)
        : blocks(s.channels * s.parts()), memory(device, blocks * (int64_t)sizeof(P) + s.channels * (int64_t)sizeof(L))
    {
    }
    P *parts() const { return reinterpret_cast<P *>(memory.data()); }
    L *lines() const { return reinterpret_cast<L *>(memory.data() + blocks * (int64_t)sizeof(P)); }
};

unsigned warpsOf(const CunnLines &s)
{
    return thc_blocks(s.channels * 32, CUNN_THREADS);
}

template <int V, class T> THStatus runForward(const CunnLines &s, int device, const Forward<T> &f, const T *x, T *y)
{
    const Room<CunnMoments, T> room(s, device);
    if (room.memory.data() == nullptr) return THStatus_last();
    const cudaStream_t stream = thc_stream();
    if (f.train) cunn_measure<V, T><<<(unsigned)room.blocks, CUNN_THREADS, 0, stream>>>(s, x, room.parts());
    settle<T><<<warpsOf(s), CUNN_THREADS, 0, stream>>>(s, f, room.parts(), room.lines());
    return cunn_eachSpot(OP, s.batch * s.channels, 1, 1, s.inner / V, CunnApply<V, T>{s.channels, room.lines(), x, nullptr, y});
}

template <int V, class T>
THStatus runBackward(const CunnLines &s, int device, const Backward<T> &f, const T *x, const T *gy, T *gx)
{
    const Room<CunnSums, T> room(s, device);
    if (room.memory.data() == nullptr) return THStatus_last();
    const cudaStream_t stream = thc_stream();
    cunn_addUp<V, T><<<(unsigned)room.blocks, CUNN_THREADS, 0, stream>>>(s, x, gy, f.mean, 1, room.parts());
    settleBackward<T><<<warpsOf(s), CUNN_THREADS, 0, stream>>>(s, f, room.parts(), room.lines());
    if (gx == nullptr) return thc_started(OP);
    return cunn_eachSpot(OP, s.batch * s.channels, 1, 1, s.inner / V, CunnApply<V, T>{s.channels, room.lines(), x, gy, gx});
}

THStatus initShape(CunnLines *s, const THTensor *input)
{
    TH_TRY(cunn_checkFloating(OP, "input", input));
    TH_FAIL_IF(input->ndim < 2, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 2 or more (N x C x *)", input->ndim);
    *s = CunnLines{input->size[0], input->size[1], 1};
    for (int d = 2; d < input->ndim; d++) s->inner *= input->size[d];
    TH_FAIL_IF(s->inner > INT32_MAX || s->channels * s->parts() > INT32_MAX, TH_ERR_SHAPE,
               "[" OP "] input has %lld channels in planes of %lld elements, expected at most %d", (long long)s->channels,
               (long long)s->inner, INT32_MAX);
    return TH_OK;
}

THStatus checkVector(const CunnLines &s, const char *name, const THTensor *tensor, const THTensor *input)
{
    return cunn_checkVector(OP, name, tensor, input, 1, &s.channels);
}

} // namespace

THStatus THCUNN_BatchNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                const THTensor *bias, THTensor *running_mean, THTensor *running_var,
                                                THTensor *save_mean, THTensor *save_invstd, int train, double momentum,
                                                double eps)
{
    TH_GIVEN("BatchNormalization", input, output, save_mean, save_invstd);
    CunnLines s;
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
    CunnLines s;
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
