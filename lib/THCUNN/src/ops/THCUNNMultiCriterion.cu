// MultiMarginCriterion and MultiLabelMarginCriterion: hinge losses over the classes of each sample, N x C or C. A block works
// on a sample; losses are added up in a fixed order.
#include <algorithm>

#include "ops/THCUNNCall.cuh"

#define MARGIN "MultiMarginCriterion"
#define LABEL "MultiLabelMarginCriterion"

namespace
{

constexpr int THREADS = 128;

struct Shape {
    int64_t n, classes;
    int ndim; // of one loss for each sample
    THNNReduction reduction;
};

template <class T> __device__ double at(const T *data, int64_t i)
{
    return (double)THCElement<T>::up(data[i]);
}

template <class T> struct Margin {
    int64_t classes;
    const T *x;
    const int64_t *target;
    const T *weights; // or NULL
    int p;
    double margin;

    // Of class d of sample i, before the weight; loss or (twice, for p 2) its slope.
    __device__ double distance(int64_t i, int64_t d) const
    {
        const double z = margin - at(x, i * classes + target[i]) + at(x, i * classes + d);
        return d != target[i] && z > 0 ? z : 0;
    }
    __device__ double weight(int64_t i) const { return weights == nullptr ? 1 : at(weights, target[i]); }

    __device__ double loss(int64_t i) const
    {
        double sum = 0;
        for (int64_t d = threadIdx.x; d < classes; d += THREADS) {
            const double z = distance(i, d);
            sum += p == 1 ? z : z * z;
        }
        return weight(i) * cunn_blockReduce(sum, CunnPlus{}) / (double)classes;
    }

    __device__ void backward(int64_t i, double scale, T *gx) const
    {
        double sum = 0;
        const double weighted = scale * weight(i);
        for (int64_t d = threadIdx.x; d < classes; d += THREADS) {
            const double z = distance(i, d), slope = z <= 0 ? 0 : p == 1 ? weighted : 2 * weighted * z;
            gx[d] = THCElement<T>::down((THCCompute<T>)slope);
            sum += slope;
        }
        sum = cunn_blockReduce(sum, CunnPlus{}); // after which all of gx is written
        if (threadIdx.x == 0) gx[target[i]] = THCElement<T>::down((THCCompute<T>)-sum);
    }
};

template <class T> struct Labels {
    int64_t classes;
    const T *x;
    const int64_t *target;
    const T *is_target;

    // Classes of the labels of a sample: up to the first -1.
    __device__ int64_t count(int64_t i) const
    {
        int64_t n = 0;
        while (n < classes && target[i * classes + n] >= 0) n++;
        return n;
    }
    __device__ double distance(int64_t i, int64_t label, int64_t d) const
    {
        const double z = 1 - at(x, i * classes + label) + at(x, i * classes + d);
        return at(is_target, i * classes + d) == 0 && z > 0 ? z : 0;
    }

    __device__ double loss(int64_t i) const
    {
        const int64_t labels = count(i);
        double sum = 0;
        for (int64_t k = 0; k < labels; k++)
            for (int64_t d = threadIdx.x; d < classes; d += THREADS) sum += distance(i, target[i * classes + k], d);
        return cunn_blockReduce(sum, CunnPlus{}) / (double)classes;
    }

    // Each thread counts for its classes: another one, the labels that are not far enough ahead; a label, whom it is not.
    __device__ void backward(int64_t i, double scale, T *gx) const
    {
        const int64_t labels = count(i);
        for (int64_t d = threadIdx.x; d < classes; d += THREADS) {
            int64_t times = 0;
            for (int64_t k = 0; k < labels; k++) {
                const int64_t label = target[i * classes + k];
                times += distance(i, label, d) > 0;
                for (int64_t other = 0; label == d && other < classes; other++) times -= distance(i, label, other) > 0;
            }
            gx[d] = THCElement<T>::down((THCCompute<T>)(scale * (double)times));
        }
    }
};

template <class Criterion, class T>
__global__ void __launch_bounds__(THREADS) losses(Criterion c, int64_t n, T *each, double *sums)
{
    for (int64_t i = blockIdx.x; i < n; i += gridDim.x) {
        const double loss = c.loss(i);
        if (threadIdx.x != 0) continue;
        if (each != nullptr)
            each[i] = THCElement<T>::down((THCCompute<T>)loss);
        else
            sums[i] = loss;
    }
}

template <class T> __global__ void __launch_bounds__(THREADS) whole(int64_t n, const double *sums, double divisor, T *y)
{
    double sum = 0;
    for (int64_t i = threadIdx.x; i < n; i += THREADS) sum += sums[i];
    sum = cunn_blockReduce(sum, CunnPlus{});
    if (threadIdx.x == 0) *y = THCElement<T>::down((THCCompute<T>)(sum / divisor));
}

template <class Criterion, class T>
__global__ void __launch_bounds__(THREADS) gradients(Criterion c, int64_t n, const T *gy, bool each, double scale, T *gx)
{
    for (int64_t i = blockIdx.x; i < n; i += gridDim.x)
        c.backward(i, scale / (double)c.classes * at(gy, each ? i : 0), gx + i * c.classes);
}

// sample i's labels are marked with 1 in `marks`, which holds zeros.
template <class T> struct Mark {
    Labels<T> labels;
    T *marks;
    __device__ void operator()(int64_t i) const
    {
        for (int64_t k = labels.count(i) - 1; k >= 0; k--)
            marks[i * labels.classes + labels.target[i * labels.classes + k]] = THCElement<T>::down((THCCompute<T>)1);
    }
};

unsigned blocksOf(const Shape &s)
{
    return (unsigned)std::min<int64_t>(s.n, 65536);
}

template <class T, class Criterion> THStatus forward(const char *op, const Shape &s, int device, const Criterion &c, T *y)
{
    const cudaStream_t stream = thc_stream();
    if (s.reduction == THNNReduction_NONE) {
        if (s.n > 0) losses<Criterion, T><<<blocksOf(s), THREADS, 0, stream>>>(c, s.n, y, nullptr);
        return thc_started(op);
    }
    const THCScratch room(device, std::max<int64_t>(1, s.n) * 8);
    if (room.data() == nullptr) return THStatus_last();
    auto *const sums = reinterpret_cast<double *>(room.data());
    if (s.n > 0) losses<Criterion, T><<<blocksOf(s), THREADS, 0, stream>>>(c, s.n, nullptr, sums);
    whole<T><<<1, THREADS, 0, stream>>>(s.n, sums, s.reduction == THNNReduction_MEAN ? (double)s.n : 1.0, y);
    return thc_started(op);
}

template <class T, class Criterion> THStatus backward(const char *op, const Shape &s, const Criterion &c, const T *gy, T *gx)
{
    if (s.n == 0) return TH_OK;
    const double scale = s.reduction == THNNReduction_MEAN ? 1 / (double)s.n : 1;
    gradients<Criterion, T>
        <<<blocksOf(s), THREADS, 0, thc_stream()>>>(c, s.n, gy, s.reduction == THNNReduction_NONE, scale, gx);
    return thc_started(op);
}

// --- checks -----------------------------------------------------------------------------------------------------------------

THStatus initShape(Shape *s, const char *op, const THTensor *input, const THTensor *target, THNNReduction reduction)
{
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_FAIL_IF(input->ndim != 1 && input->ndim != 2, TH_ERR_SHAPE, "[%s] input has %d dimensions, expected 1 (C) or 2 (N x C)",
               op, input->ndim);
    TH_TRY(cunn_checkDtype(op, "target", target, THDtype_Long));
    TH_TRY(thc_sameDevice(op, input, target));
    *s = Shape{input->ndim == 2 ? input->size[0] : 1, input->size[input->ndim - 1], input->ndim - 1, reduction};
    TH_FAIL_IF(s->classes == 0, TH_ERR_SHAPE, "[%s] input has no classes, expected at least 1", op);
    return TH_OK;
}

THStatus initMargin(Shape *s, const THTensor *input, const THTensor *target, THNNReduction reduction, int p,
                    const THTensor *weights)
{
    TH_TRY(initShape(s, MARGIN, input, target, reduction));
    TH_FAIL_IF(p != 1 && p != 2, TH_ERR_VALUE, "[" MARGIN "] p is %d, only p == 1 and p == 2 supported", p);
    TH_FAIL_IF(target->numel != s->n, TH_ERR_SHAPE, "[" MARGIN "] target has %lld elements, expected %lld",
               (long long)target->numel, (long long)s->n);
    if (weights == nullptr) return TH_OK;
    TH_TRY(cunn_checkDtype(MARGIN, "weights", weights, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(MARGIN, input, weights));
    return cunn_checkShape(MARGIN, "weights", weights, 1, &s->classes);
}

THStatus initLabels(Shape *s, const THTensor *input, const THTensor *target, THNNReduction reduction)
{
    TH_TRY(initShape(s, LABEL, input, target, reduction));
    return cunn_checkShape(LABEL, "target", target, input->ndim, input->size);
}

// Waits for the device.
THStatus checkClasses(const char *op, const Shape &s, const THTensor *target, bool may_end)
{
    bool outside;
    int64_t value;
    TH_TRY(cunn_findOutside(op, target, may_end ? -1 : 0, s.classes, nullptr, &outside, &value));
    TH_FAIL_IF(outside, TH_ERR_INDEX, "[%s] target holds %lld, expected classes in [0, %lld)%s", op, (long long)value,
               (long long)s.classes, may_end ? ", or -1" : "");
    return TH_OK;
}

THStatus checkGradOutput(const char *op, const Shape &s, const THTensor *input, const THTensor *gradOutput)
{
    TH_TRY(cunn_checkDtype(op, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(op, input, gradOutput));
    const int64_t expected = s.reduction == THNNReduction_NONE ? s.n : 1;
    TH_FAIL_IF(gradOutput->numel != expected, TH_ERR_SHAPE, "[%s] gradOutput has %lld elements, expected %lld", op,
               (long long)gradOutput->numel, (long long)expected);
    return TH_OK;
}

THStatus openLosses(const char *op, const Shape &s, CunnResult *y, THTensor *output, const THTensor *input,
                    const THTensor *target)
{
    return y->open(op, output, (THDtype)input->dtype, s.reduction == THNNReduction_NONE ? s.ndim : 0, &s.n, {input, target});
}

} // namespace

THStatus THCUNN_MultiMarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                  THNNReduction reduction, int p, const THTensor *weights, double margin)
{
    TH_GIVEN("MultiMarginCriterion", input, target, output);
    Shape s;
    TH_TRY(initMargin(&s, input, target, reduction, p, weights));
    const THCGuard guard(input);
    const CunnDense x(input), t(target), w(weights);
    if (x.failed() || t.failed() || w.failed()) return THStatus_last();
    TH_TRY(checkClasses(MARGIN, s, t.get(), false));
    CunnResult y;
    TH_TRY(openLosses(MARGIN, s, &y, output, input, target));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(MARGIN, input->dtype, T, {
            const Margin<T> c = {s.classes, x.data<T>(), t.data<int64_t>(), w.data<T>(), p, margin};
            return forward<T>(MARGIN, s, THTensor_device(input), c, y.data<T>());
        })
    };
    TH_TRY(run());
    return y.close();
}

THStatus THCUNN_MultiMarginCriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                     THTensor *gradInput, THNNReduction reduction, int p,
                                                     const THTensor *weights, double margin)
{
    TH_GIVEN("MultiMarginCriterion", input, target, gradOutput, gradInput);
    Shape s;
    TH_TRY(initMargin(&s, input, target, reduction, p, weights));
    TH_TRY(checkGradOutput(MARGIN, s, input, gradOutput));
    const THCGuard guard(input);
    const CunnDense x(input), t(target), w(weights), gy(gradOutput);
    if (x.failed() || t.failed() || w.failed() || gy.failed()) return THStatus_last();
    TH_TRY(checkClasses(MARGIN, s, t.get(), false));
    CunnResult gx;
    TH_TRY(gx.open(MARGIN, gradInput, (THDtype)input->dtype, input->ndim, input->size, {input, target, gradOutput, weights}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(MARGIN, input->dtype, T, {
            const Margin<T> c = {s.classes, x.data<T>(), t.data<int64_t>(), w.data<T>(), p, margin};
            return backward<T>(MARGIN, s, c, gy.data<T>(), gx.data<T>());
        })
    };
    TH_TRY(run());
    return gx.close();
}

THStatus THCUNN_MultiLabelMarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                                       THTensor *is_target, THNNReduction reduction)
{
    TH_GIVEN("MultiLabelMarginCriterion", input, target, output, is_target);
    Shape s;
    TH_TRY(initLabels(&s, input, target, reduction));
    const THCGuard guard(input);
    const CunnDense x(input), t(target);
    if (x.failed() || t.failed()) return THStatus_last();
    TH_TRY(checkClasses(LABEL, s, t.get(), true));
    CunnResult y, marks;
    TH_TRY(marks.open(LABEL, is_target, (THDtype)input->dtype, input->ndim, input->size, {input, target}));
    TH_TRY(openLosses(LABEL, s, &y, output, input, target));
    TH_TRY(THCTensor_zero(marks.get()));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(LABEL, input->dtype, T, {
            const Labels<T> c = {s.classes, x.data<T>(), t.data<int64_t>(), marks.data<T>()};
            TH_TRY(cunn_each(LABEL, s.n, Mark<T>{c, marks.data<T>()}));
            return forward<T>(LABEL, s, THTensor_device(input), c, y.data<T>());
        })
    };
    TH_TRY(run());
    TH_TRY(marks.close());
    return y.close();
}

THStatus THCUNN_MultiLabelMarginCriterion_updateGradInput(const THTensor *input, const THTensor *target,
                                                          const THTensor *gradOutput, THTensor *gradInput,
                                                          const THTensor *is_target, THNNReduction reduction)
{
    TH_GIVEN("MultiLabelMarginCriterion", input, target, gradOutput, gradInput, is_target);
    Shape s;
    TH_TRY(initLabels(&s, input, target, reduction));
    TH_TRY(checkGradOutput(LABEL, s, input, gradOutput));
    TH_TRY(cunn_checkLike(LABEL, "is_target", is_target, input));
    const THCGuard guard(input);
    const CunnDense x(input), t(target), marks(is_target), gy(gradOutput);
    if (x.failed() || t.failed() || marks.failed() || gy.failed()) return THStatus_last();
    TH_TRY(checkClasses(LABEL, s, t.get(), true));
    CunnResult gx;
    TH_TRY(gx.open(LABEL, gradInput, (THDtype)input->dtype, input->ndim, input->size, {input, target, gradOutput, is_target}));
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(LABEL, input->dtype, T, {
            const Labels<T> c = {s.classes, x.data<T>(), t.data<int64_t>(), marks.data<T>()};
            return backward<T>(LABEL, s, c, gy.data<T>(), gx.data<T>());
        })
    };
    TH_TRY(run());
    return gx.close();
}
