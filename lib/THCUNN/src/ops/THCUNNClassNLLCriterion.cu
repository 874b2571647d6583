// ClassNLLCriterion: the negative log-likelihood of the target class.
#include <algorithm>

#include "ops/THCUNNCall.cuh"

#define OP "ClassNLLCriterion"

namespace
{

constexpr int BLOCK = 512;               // threads
constexpr int64_t ONE_BLOCK = 8 * BLOCK; // targets that are not worth a second one
constexpr int64_t BLOCKS = 512;          // that fill a device

// The input as n x classes x inner; a vector is one sample.
struct Shape {
    int64_t n, classes, inner;
    int target_ndim;
    int64_t target[TH_MAX_DIMS];
};

THStatus checkArguments(const THTensor *input, const THTensor *target, const THTensor *weights, Shape *shape)
{
    TH_TRY(cunn_checkFloating(OP, "input", input));
    TH_FAIL_IF(input->ndim < 1, TH_ERR_SHAPE, "[" OP "] input has 0 dimensions, expected 1 (C) or more (N x C x *)");
    const int channel = input->ndim > 1 ? 1 : 0;
    shape->n = input->ndim > 1 ? input->size[0] : 1;
    shape->classes = input->size[channel];
    shape->inner = 1;
    shape->target_ndim = 0;
    if (input->ndim > 1) shape->target[shape->target_ndim++] = shape->n;
    for (int d = 2; d < input->ndim; d++) {
        shape->target[shape->target_ndim++] = input->size[d];
        shape->inner *= input->size[d];
    }
    TH_TRY(cunn_checkDtype(OP, "target", target, THDtype_Long));
    TH_TRY(thc_sameDevice(OP, input, target));
    if (input->ndim > 1) {
        TH_TRY(cunn_checkShape(OP, "target", target, shape->target_ndim, shape->target));
    } else {
        TH_FAIL_IF(target->numel != 1, TH_ERR_SHAPE, "[" OP "] target has %lld elements, one sample has 1",
                   (long long)target->numel);
    }
    if (weights == nullptr) return TH_OK;
    TH_TRY(cunn_checkDtype(OP, "weights", weights, (THDtype)input->dtype));
    return cunn_checkShape(OP, "weights", weights, 1, &shape->classes);
}

// Before anything is written.
THStatus checkTargets(const Shape &s, const THTensor *target, int64_t ignore_index)
{
    bool outside;
    int64_t value;
    TH_TRY(cunn_findOutside(OP, target, 0, s.classes, &ignore_index, &outside, &value));
    TH_FAIL_IF(outside, TH_ERR_INDEX,
               "[" OP "] Expected targets in [0, %lld) or ignore_index %lld, target %lld is out of bounds",
               (long long)s.classes, (long long)ignore_index, (long long)value);
    return TH_OK;
}

template <class T>
__global__ void each(int64_t n, int64_t classes, int64_t inner, const T *x, const int64_t *target, const T *weights,
                     int64_t ignore_index, T *loss)
{
    CUNN_LOOP(i, n)
    {
        const int64_t t = target[i];
        THCCompute<T> value = 0;
        if (t != ignore_index) {
            const THCCompute<T> w = weights == nullptr ? 1 : THCElement<T>::up(weights[t]);
            value = -w * THCElement<T>::up(x[(i / inner * classes + t) * inner + i % inner]);
        }
        loss[i] = THCElement<T>::down(value);
    }
}

// Sums of losses and of weights.
struct Sums {
    double loss, weight;
};

// Known to the first thread of the block. All threads of it call this.
template <class T> __device__ void writeLoss(const Sums &own, bool mean, T *loss, T *total)
{
    const double sum = cunn_blockReduce(own.loss, CunnPlus{}), weight = cunn_blockReduce(own.weight, CunnPlus{});
    if (threadIdx.x != 0) return;
    *loss = THCElement<T>::down((THCCompute<T>)(mean && weight != 0 ? sum / weight : sum));
    *total = THCElement<T>::down((THCCompute<T>)weight);
}

// The sum of losses (over that of weights, for the mean) and the sum of weights, the same each time: of one block, or the sums
// of each of several in `parts`.
template <class T>
__global__ void __launch_bounds__(BLOCK) all(int64_t n, int64_t classes, int64_t inner, const T *x, const int64_t *target,
                                             const T *weights, int64_t ignore_index, bool mean, Sums *parts, T *loss, T *total)
{
    Sums own = {0, 0};
    CUNN_LOOP(i, n)
    {
        const int64_t t = target[i], sample = thc_quotient(i, inner);
        if (t == ignore_index) continue;
        const double w = weights == nullptr ? 1.0 : (double)THCElement<T>::up(weights[t]);
        own.loss -= w * (double)THCElement<T>::up(x[(sample * classes + t) * inner + i - sample * inner]);
        own.weight += w;
    }
    if (gridDim.x == 1) {
        writeLoss(own, mean, loss, total);
        return;
    }
    const double sum = cunn_blockReduce(own.loss, CunnPlus{}), weight = cunn_blockReduce(own.weight, CunnPlus{});
    if (threadIdx.x == 0) parts[blockIdx.x] = Sums{sum, weight};
}

template <class T> __global__ void __launch_bounds__(BLOCK) join(int n, const Sums *parts, bool mean, T *loss, T *total)
{
    Sums own = {0, 0};
    for (int i = (int)threadIdx.x; i < n; i += BLOCK) {
        own.loss += parts[i].loss;
        own.weight += parts[i].weight;
    }
    writeLoss(own, mean, loss, total);
}

template <class T>
__global__ void slopes(int64_t n, int64_t classes, int64_t inner, const int64_t *target, const T *weights, int64_t ignore_index,
                       const T *gy, bool each, const T *total, T *gx)
{
    const double divisor = total == nullptr ? 1.0 : (double)THCElement<T>::up(*total);
    const double scale = divisor != 0 ? 1.0 / divisor : 0.0;
    CUNN_LOOP(i, n)
    {
        const int64_t t = target[i];
        if (t == ignore_index || t < 0 || t >= classes) continue;
        const double w = weights == nullptr ? 1.0 : (double)THCElement<T>::up(weights[t]);
        const double g = (double)THCElement<T>::up(gy[each ? i : 0]);
        const int64_t sample = thc_quotient(i, inner);
        gx[(sample * classes + t) * inner + i - sample * inner] = THCElement<T>::down((THCCompute<T>)(-w * g * scale));
    }
}

} // namespace

THStatus THCUNN_ClassNLLCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                               THNNReduction reduction, const THTensor *weights, THTensor *total_weight,
                                               int64_t ignore_index)
{
    TH_GIVEN("ClassNLLCriterion", input, target, output, total_weight);
    Shape s;
    TH_TRY(checkArguments(input, target, weights, &s));
    const THDtype dtype = (THDtype)input->dtype;
    const THCGuard guard(input);
    const CunnDense x(input), t(target), w(weights);
    if (x.failed() || t.failed() || w.failed()) return THStatus_last();
    TH_TRY(checkTargets(s, t.get(), ignore_index));
    const bool none = reduction == THNNReduction_NONE;
    CunnResult y, total;
    TH_TRY(y.open(OP, output, dtype, none ? s.target_ndim : 0, s.target, {input, target, weights}));
    TH_TRY(total.open(OP, total_weight, dtype, 0, nullptr, {input, target, weights}));
    const int64_t n = s.n * s.inner;
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, dtype, T, {
            if (none && n > 0) {
                each<T><<<cunn_blocks(n), CUNN_THREADS, 0, thc_stream()>>>(
                    n, s.classes, s.inner, x.data<T>(), t.data<int64_t>(), w.data<T>(), ignore_index, y.data<T>());
            } else if (!none) {
                const int64_t blocks = n <= ONE_BLOCK ? 1 : std::min(BLOCKS, (n + BLOCK - 1) / BLOCK);
                const THCScratch room(THTensor_device(input), blocks == 1 ? 0 : blocks * (int64_t)sizeof(Sums));
                if (blocks > 1 && room.data() == nullptr) return THStatus_last();
                auto *const parts = reinterpret_cast<Sums *>(room.data());
                const bool mean = reduction == THNNReduction_MEAN;
                all<T><<<(unsigned)blocks, BLOCK, 0, thc_stream()>>>(n, s.classes, s.inner, x.data<T>(), t.data<int64_t>(),
                                                                     w.data<T>(), ignore_index, mean, parts, y.data<T>(),
                                                                     total.data<T>());
                if (blocks > 1) join<T><<<1, BLOCK, 0, thc_stream()>>>((int)blocks, parts, mean, y.data<T>(), total.data<T>());
            }
            return thc_started(OP);
        })
    };
    TH_TRY(run());
    if (none) TH_TRY(THCTensor_zero(total.get()));
    TH_TRY(y.close());
    return total.close();
}

THStatus THCUNN_ClassNLLCriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                  THTensor *gradInput, THNNReduction reduction, const THTensor *weights,
                                                  const THTensor *total_weight, int64_t ignore_index)
{
    TH_GIVEN("ClassNLLCriterion", input, target, gradOutput, gradInput, total_weight);
    Shape s;
    TH_TRY(checkArguments(input, target, weights, &s));
    const THDtype dtype = (THDtype)input->dtype;
    TH_TRY(cunn_checkDtype(OP, "gradOutput", gradOutput, dtype));
    const int64_t n = s.n * s.inner, gradients = reduction == THNNReduction_NONE ? n : 1;
    TH_FAIL_IF(gradOutput->numel != gradients, TH_ERR_SHAPE, "[" OP "] gradOutput has %lld elements, expected %lld",
               (long long)gradOutput->numel, (long long)gradients);
    const THCGuard guard(input);
    const CunnDense t(target), gy(gradOutput), w(weights), total(reduction == THNNReduction_MEAN ? total_weight : nullptr);
    if (t.failed() || gy.failed() || w.failed() || total.failed()) return THStatus_last();
    CunnResult gx;
    TH_TRY(gx.open(OP, gradInput, dtype, input->ndim, input->size, {input, target, gradOutput, weights, total_weight}));
    TH_TRY(THCTensor_zero(gx.get()));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(OP, dtype, T, {
            slopes<T><<<cunn_blocks(n), CUNN_THREADS, 0, thc_stream()>>>(
                n, s.classes, s.inner, t.data<int64_t>(), w.data<T>(), ignore_index, gy.data<T>(),
                reduction == THNNReduction_NONE, total.data<T>(), gx.data<T>());
            return thc_started(OP);
        })
    };
    if (n > 0) TH_TRY(run());
    return gx.close();
}
