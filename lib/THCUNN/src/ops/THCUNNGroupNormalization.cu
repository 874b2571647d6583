// GroupNormalization: each group of channels of each sample less its mean, over its standard deviation, times the channel's
// weight, plus its bias. A group that a block can keep in registers is read once; others are measured in parts, as in
// BatchNormalization. The gradients of the parameters add up what each sample's channel has, in one order each time.
#include "ops/THCUNNMoments.cuh"
#include "ops/THCUNNNormalization.cuh"

#define OP "GroupNormalization"

namespace
{

constexpr int PACKS = 8;          // that a thread keeps
constexpr int64_t FEW = 128;      // groups that do not fill a device
constexpr int64_t LONG = 32 * 32; // elements from which a channel is a block's, not a warp's or a thread's

struct Shape {
    int64_t batch, groups, each, inner; // each: channels of a group

    __host__ __device__ int64_t channels() const { return groups * each; }
    __host__ __device__ int64_t lines() const { return batch * groups; }
    __host__ __device__ int64_t planes() const { return batch * groups * each; }
    __host__ __device__ int64_t count() const { return each * inner; } // of a group
    // Groups, channels of samples.
    CunnLines asLines() const { return CunnLines{1, lines(), count()}; }
    CunnLines asPlanes() const { return CunnLines{1, planes(), inner}; }
};

THStatus initShape(Shape *s, const THTensor *input, int64_t groups)
{
    TH_TRY(cunn_checkFloating(OP, "input", input));
    TH_FAIL_IF(input->ndim < 2, TH_ERR_SHAPE, "[" OP "] input has %d dimensions, expected 2 or more (N x C x *)", input->ndim);
    TH_FAIL_IF(groups < 1 || input->size[1] % groups != 0, TH_ERR_SHAPE,
               "[" OP "] groups, %lld: must be a divisor of the number of channels, %lld", (long long)groups,
               (long long)input->size[1]);
    *s = Shape{input->size[0], groups, input->size[1] / groups, 1};
    for (int d = 2; d < input->ndim; d++) s->inner *= input->size[d];
    TH_FAIL_IF(s->inner > INT32_MAX || s->planes() * s->asPlanes().parts() > INT32_MAX, TH_ERR_SHAPE,
               "[" OP "] input has %lld channels of samples of %lld elements, expected at most %d", (long long)s->planes(),
               (long long)s->inner, INT32_MAX);
    return TH_OK;
}

THStatus checkVector(const Shape &s, const char *name, const THTensor *tensor, const THTensor *input)
{
    const int64_t channels = s.channels();
    return cunn_checkVector(OP, name, tensor, input, 1, &channels);
}

THStatus checkStatistics(const Shape &s, const char *name, const THTensor *tensor, const THTensor *input)
{
    const int64_t size[] = {s.batch, s.groups};
    return cunn_checkVector(OP, name, tensor, input, 2, size);
}

// --- forward ----------------------------------------------------------------------------------------------------------------

template <class T> struct Forward {
    Shape s;
    double eps;
    const T *x, *weight, *bias;
    T *y, *mean, *invstd;
};

// What becomes of an element x of a channel: (x - mean) * scale + shift.
template <class T>
__device__ CunnLine<CunnSum<T>> lineOf(const Forward<T> &f, int64_t group, int64_t channel, double mean, double invstd)
{
    using A = CunnSum<T>;
    const int64_t c = (group - thc_quotient(group, f.s.groups) * f.s.groups) * f.s.each + channel;
    return CunnLine<A>{(A)mean, (A)(invstd * cunn_at(f.weight, c, 1)), 0, (A)cunn_at(f.bias, c, 0)};
}

// A block for each group, whose elements it keeps.
template <int V, class T> __global__ void __launch_bounds__(CUNN_THREADS) forwardKept(Forward<T> f)
{
    using A = CunnSum<T>;
    const int64_t group = blockIdx.x, n = f.s.count(), first = group * n;
    THCPack<T, V> kept[PACKS];
    A sum = 0, squares = 0;
    const auto eachPack = [&](auto g) {
#pragma unroll
        for (int k = 0; k < PACKS; k++) {
            const int64_t i = ((int64_t)k * CUNN_THREADS + threadIdx.x) * V;
            if (i < n) g(kept[k], i);
        }
    };
    eachPack([&](THCPack<T, V> &pack, int64_t i) {
        pack = cunn_packAt<V>(f.x + first, i);
#pragma unroll
        for (int v = 0; v < V; v++) sum += (A)THCElement<T>::up(pack.item[v]);
    });
    const double mean = cunn_blockReduce((double)sum, CunnPlus{}) / (double)n;
    eachPack([&](THCPack<T, V> &pack, int64_t) {
#pragma unroll
        for (int v = 0; v < V; v++) {
            const A d = (A)THCElement<T>::up(pack.item[v]) - (A)mean;
            squares += d * d;
        }
    });
    const double invstd = 1 / sqrt(cunn_blockReduce((double)squares, CunnPlus{}) / (double)n + f.eps);
    if (threadIdx.x == 0) {
        cunn_put(f.mean, group, mean);
        cunn_put(f.invstd, group, invstd);
    }
    eachPack([&](THCPack<T, V> &pack, int64_t i) {
        const CunnLine<A> line = lineOf(f, group, thc_quotient(i, f.s.inner), mean, invstd);
#pragma unroll
        for (int v = 0; v < V; v++) {
            const A d = (A)THCElement<T>::up(pack.item[v]) - line.center;
            pack.item[v] = THCElement<T>::down((THCCompute<T>)(d * line.pull + line.shift));
        }
        *reinterpret_cast<THCPack<T, V> *>(f.y + first + i) = pack;
    });
}

// A warp for each group.
template <class T>
__global__ void __launch_bounds__(CUNN_THREADS)
    settle(Forward<T> f, CunnLines all, const CunnMoments *parts, CunnLine<CunnSum<T>> *lines)
{
    const int64_t group = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / 32;
    if (group >= f.s.lines()) return;
    const CunnMoments whole = cunn_joinParts(all, group, parts);
    const double invstd = 1 / sqrt(whole.squares / whole.n + f.eps);
    if (threadIdx.x % 32 == 0) {
        cunn_put(f.mean, group, whole.mean);
        cunn_put(f.invstd, group, invstd);
    }
    for (int64_t c = threadIdx.x % 32; c < f.s.each; c += 32)
        lines[group * f.s.each + c] = lineOf(f, group, c, whole.mean, invstd);
}

unsigned warpBlocks(int64_t warps)
{
    return thc_blocks(warps * 32, CUNN_THREADS);
}

template <int V, class T> THStatus runForward(const Forward<T> &f, int device)
{
    const Shape &s = f.s;
    const cudaStream_t stream = thc_stream();
    if (s.count() <= PACKS * V * CUNN_THREADS && (s.lines() >= FEW || s.count() <= CUNN_PART)) {
        forwardKept<V, T><<<(unsigned)s.lines(), CUNN_THREADS, 0, stream>>>(f);
        return thc_started(OP);
    }
    using L = CunnLine<CunnSum<T>>;
    const CunnLines lines = s.asLines();
    const int64_t blocks = s.lines() * lines.parts(), bytes = blocks * (int64_t)sizeof(CunnMoments);
    const THCScratch room(device, bytes + s.planes() * (int64_t)sizeof(L));
    if (room.data() == nullptr) return THStatus_last();
    auto *const parts = reinterpret_cast<CunnMoments *>(room.data());
    auto *const made = reinterpret_cast<L *>(room.data() + bytes);
    cunn_measure<V, T><<<(unsigned)blocks, CUNN_THREADS, 0, stream>>>(lines, f.x, parts);
    settle<T><<<warpBlocks(s.lines()), CUNN_THREADS, 0, stream>>>(f, lines, parts, made);
    return cunn_eachSpot(OP, s.planes(), 1, 1, s.inner / V, CunnApply<V, T>{s.planes(), made, f.x, nullptr, f.y});
}

// --- backward ---------------------------------------------------------------------------------------------------------------

template <class T> struct Backward {
    Shape s;
    double scale;
    const T *x, *gy, *weight, *mean, *invstd;
    T *gx, *gw, *gb;
};

// Of short channels: `threads` neighbouring threads, a power of two up to 32, for each.
template <class T> __global__ void __launch_bounds__(CUNN_THREADS) addUpShort(Backward<T> f, int threads, CunnSums *planes)
{
    using A = CunnSum<T>;
    const int64_t plane = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / threads, inner = f.s.inner;
    const bool valid = plane < f.s.planes(); // all of a warp have to take part in shuffles
    A sum = 0, dot = 0, away = 0;
    if (valid) {
        const A center = (A)THCElement<T>::up(f.mean[thc_quotient(plane, f.s.each)]);
        for (int64_t i = (int)threadIdx.x % threads; i < inner; i += threads) {
            const A g = (A)THCElement<T>::up(f.gy[plane * inner + i]),
                    d = (A)THCElement<T>::up(f.x[plane * inner + i]) - center;
            sum += g;
            dot += d * g;
            away += d;
        }
    }
    CunnSums all = {(double)sum, (double)dot, (double)away};
    for (int distance = 1; distance < threads; distance *= 2) all = all.joined(all.shuffled(distance));
    if (valid && threadIdx.x % threads == 0) planes[plane] = all;
}

// A warp for each channel of a sample.
__global__ void __launch_bounds__(CUNN_THREADS) joinLong(CunnLines s, const CunnSums *parts, CunnSums *planes)
{
    const int64_t plane = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / 32;
    if (plane >= s.channels) return;
    const CunnSums all = cunn_joinParts(s, plane, parts);
    if (threadIdx.x % 32 == 0) planes[plane] = all;
}

// A warp for each group. Leaves in planes what the gradients of the parameters add up: of gy, and of gy times the normal x.
template <class T>
__global__ void __launch_bounds__(CUNN_THREADS) settleBackward(Backward<T> f, CunnSums *planes, CunnLine<CunnSum<T>> *lines)
{
    using A = CunnSum<T>;
    const Shape &s = f.s;
    const int64_t group = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / 32, first = group * s.each;
    if (group >= s.lines()) return;
    const int64_t channel = (group - thc_quotient(group, s.groups) * s.groups) * s.each;
    CunnSums all = {0, 0, 0};
    for (int64_t c = threadIdx.x % 32; c < s.each; c += 32) {
        const double w = cunn_at(f.weight, channel + c, 1);
        const CunnSums own = planes[first + c];
        all = all.joined(CunnSums{w * own.sum, w * own.dot, own.away});
    }
    for (int distance = 1; distance < 32; distance *= 2) all = all.joined(all.shuffled(distance));
    const double invstd = cunn_at(f.invstd, group, 1), count = (double)s.count();
    // The mean of the group is not what is stored, but a rounding away from it: half a per mille for Half.
    const double rest = all.away / count, mean = cunn_at(f.mean, group, 0) + rest, dot = all.dot - rest * all.sum;
    const A pull = (A)(-invstd * invstd * invstd * dot / count), shift = (A)(-invstd * all.sum / count);
    for (int64_t c = threadIdx.x % 32; c < s.each; c += 32) {
        CunnSums &own = planes[first + c];
        own.dot = (own.dot - rest * own.sum) * invstd;
        lines[first + c] = CunnLine<A>{(A)mean, pull, (A)(invstd * cunn_at(f.weight, channel + c, 1)), shift};
    }
}

// A warp for each channel, which adds up its samples.
template <class T> __global__ void __launch_bounds__(CUNN_THREADS) addParameters(Backward<T> f, const CunnSums *planes)
{
    const int64_t c = ((int64_t)blockIdx.x * CUNN_THREADS + threadIdx.x) / 32, channels = f.s.channels();
    if (c >= channels) return;
    CunnSums all = {0, 0, 0};
    for (int64_t n = threadIdx.x % 32; n < f.s.batch; n += 32) all = all.joined(planes[n * channels + c]);
    for (int distance = 1; distance < 32; distance *= 2) all = all.joined(all.shuffled(distance));
    if (threadIdx.x % 32 != 0) return;
    cunn_put(f.gw, c, cunn_at(f.gw, c, 0) + f.scale * all.dot);
    cunn_put(f.gb, c, cunn_at(f.gb, c, 0) + f.scale * all.sum);
}

// Sums of each channel of each sample. parts: room for them, of long channels.
template <int V, class T> void startSums(const Backward<T> &f, CunnSums *parts, CunnSums *planes)
{
    const cudaStream_t stream = thc_stream();
    const CunnLines all = f.s.asPlanes();
    if (f.s.inner < LONG) {
        int threads = 1;
        while (threads < 32 && threads < f.s.inner) threads *= 2;
        addUpShort<T><<<thc_blocks(f.s.planes() * threads, CUNN_THREADS), CUNN_THREADS, 0, stream>>>(f, threads, planes);
        return;
    }
    CunnSums *const to = all.parts() > 1 ? parts : planes;
    cunn_addUp<V, T><<<(unsigned)(f.s.planes() * all.parts()), CUNN_THREADS, 0, stream>>>(all, f.x, f.gy, f.mean, f.s.each, to);
    if (to == parts) joinLong<<<warpBlocks(f.s.planes()), CUNN_THREADS, 0, stream>>>(all, parts, planes);
}

template <int V, class T> THStatus runBackward(const Backward<T> &f, int device)
{
    using L = CunnLine<CunnSum<T>>;
    const int64_t planes = f.s.planes(), parts = f.s.asPlanes().parts(), many = parts > 1 ? planes * parts : 0;
    const THCScratch room(device, (planes + many) * (int64_t)sizeof(CunnSums) + planes * (int64_t)sizeof(L));
    if (room.data() == nullptr) return THStatus_last();
    auto *const sums = reinterpret_cast<CunnSums *>(room.data());
    auto *const lines = reinterpret_cast<L *>(room.data() + (planes + many) * (int64_t)sizeof(CunnSums));
    const cudaStream_t stream = thc_stream();
    startSums<V, T>(f, sums + planes, sums);
    settleBackward<T><<<warpBlocks(f.s.lines()), CUNN_THREADS, 0, stream>>>(f, sums, lines);
    if (f.gw != nullptr || f.gb != nullptr) addParameters<T><<<warpBlocks(f.s.channels()), CUNN_THREADS, 0, stream>>>(f, sums);
    if (f.gx == nullptr) return thc_started(OP);
    return cunn_eachSpot(OP, planes, 1, 1, f.s.inner / V, CunnApply<V, T>{planes, lines, f.x, f.gy, f.gx});
}

} // namespace

THStatus THCUNN_GroupNormalization_updateOutput(const THTensor *input, THTensor *output, const THTensor *weight,
                                                const THTensor *bias, THTensor *save_mean, THTensor *save_invstd,
                                                int64_t groups, double eps)
{
    TH_GIVEN("GroupNormalization", input, output, save_mean, save_invstd);
    Shape s;
    TH_TRY(initShape(&s, input, groups));
    TH_TRY(checkVector(s, "weight", weight, input));
    TH_TRY(checkVector(s, "bias", bias, input));
    const THDtype dtype = (THDtype)input->dtype;
    const int64_t statistics[] = {s.batch, s.groups};
    const THCGuard guard(input);
    const CunnDense x(input), w(weight), b(bias);
    if (x.failed() || w.failed() || b.failed()) return THStatus_last();
    CunnResult mean, invstd, y;
    TH_TRY(mean.open(OP, save_mean, dtype, 2, statistics, {input, weight, bias}));
    TH_TRY(invstd.open(OP, save_invstd, dtype, 2, statistics, {input, weight, bias}));
    TH_TRY(y.open(OP, output, dtype, input->ndim, input->size, {input, weight, bias}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, dtype, T, {
            const Forward<T> f = {s, eps, x.data<T>(), w.data<T>(), b.data<T>(), y.data<T>(), mean.data<T>(), invstd.data<T>()};
            const int device = THTensor_device(input);
            return cunn_isPacked<T>(s.inner, {f.x, f.y}) ? runForward<CUNN_PACK<T>, T>(f, device) : runForward<1, T>(f, device);
        })
    };
    if (input->numel > 0) TH_TRY(run());
    TH_TRY(mean.close());
    TH_TRY(invstd.close());
    return y.close();
}

THStatus THCUNN_GroupNormalization_backward(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                            THTensor *gradWeight, THTensor *gradBias, const THTensor *weight,
                                            const THTensor *save_mean, const THTensor *save_invstd, int64_t groups,
                                            double scale)
{
    TH_GIVEN("GroupNormalization", input, gradOutput, save_mean, save_invstd);
    Shape s;
    TH_TRY(initShape(&s, input, groups));
    TH_TRY(cunn_checkLike(OP, "gradOutput", gradOutput, input));
    TH_TRY(checkVector(s, "weight", weight, input));
    TH_TRY(checkVector(s, "gradWeight", gradWeight, input));
    TH_TRY(checkVector(s, "gradBias", gradBias, input));
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
            const Backward<T> f = {s,
                                   scale,
                                   x.data<T>(),
                                   gy.data<T>(),
                                   w.data<T>(),
                                   mean.data<T>(),
                                   invstd.data<T>(),
                                   gx.data<T>(),
                                   gw.data<T>(),
                                   gb.data<T>()};
            const int device = THTensor_device(input);
            return cunn_isPacked<T>(s.inner, {f.x, f.gy, f.gx}) ? runBackward<CUNN_PACK<T>, T>(f, device)
                                                                : runBackward<1, T>(f, device);
        })
    };
    if (input->numel > 0) TH_TRY(run());
    TH_TRY(gx.close());
    TH_TRY(gw.close());
    return gb.close();
}
