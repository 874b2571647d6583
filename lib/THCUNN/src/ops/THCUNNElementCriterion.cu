// Losses that are a function of each element and its target: none, the mean or the sum of them is the result.
#include "TH/THArgument.h"
#include "ops/THCUNNCall.cuh"

namespace
{

// Torch's: the logarithm of 0 becomes -27.6 in the cross-entropy of probabilities.
template <class C> constexpr C EPS = (C)1e-12;

// value: the loss at x and target t; slope: its derivative along x; a: the loss's parameter.
#define LOSS(Name, value, slope)                                                                                               \
    template <class C> struct Name {                                                                                           \
        C a;                                                                                                                   \
        __device__ C operator()(C x, C t) const { return value; }                                                              \
    };                                                                                                                         \
    template <class C> struct Name##Slope {                                                                                    \
        C a, scale;                                                                                                            \
        __device__ C operator()(C x, C t, C gy) const { return scale * gy * (slope); }                                         \
    };

template <class C> __device__ C smooth(C difference)
{
    const C d = fabs(difference);
    return d < 1 ? (C)0.5 * d * d : d - (C)0.5;
}

LOSS(AbsLoss, fabs(x - t), x - t >= 0 ? (C)1 : (C)-1)
LOSS(BceLoss, -(t *log(x + EPS<C>) + ((C)1 - t) * log((C)1 - x + EPS<C>)), (x - t) / (((C)1 - x + EPS<C>)*(x + EPS<C>)))
LOSS(LogitsLoss, (x > 0 ? x : (C)0) - x * t + log1p(exp(-fabs(x))), sigmoidOf(x) - t)
LOSS(Divergence, t > 0 ? t * (log(t) - x) : (C)0, t > 0 ? -t : (C)0)
LOSS(Cost, fabs(x), x > 0 ? (C)1 : x < 0 ? (C)-1 : (C)0)
LOSS(Margin, a - x * t > 0 ? a - x * t : (C)0, a - x * t > 0 ? -t : (C)0)
LOSS(SquaredError, (x - t) * (x - t), (C)2 * (x - t))
LOSS(SmoothLoss, smooth(x - t), x - t > 1 ? (C)1 : x - t < -1 ? (C)-1 : x - t)
LOSS(SoftMargin, softPlusOf(-x *t), -t *sigmoidOf(-x *t))

template <template <class> class F>
THStatus forward(const char *op, const THTensor *input, const THTensor *target, THTensor *output, THNNReduction reduction,
                 double a = 0)
{
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_TRY(cunn_checkLike(op, "target", target, input));
    const THDtype dtype = (THDtype)input->dtype;
    const bool each = reduction == THNNReduction_NONE;
    const THCOwned losses(each ? nullptr : THTensor_new());
    if (!each && !losses) return THStatus_last();
    THTensor *const place = each ? output : losses.get();
    TH_TRY(thc_outputLike(op, place, input, dtype));
    const auto all = [&]() -> THStatus {
        THC_FOR_FLOATING(op, dtype, T, {
            using C = THCCompute<T>;
            return thc_map<T, T, T>(op, F<C>{(C)a}, place, input, target);
        })
    };
    TH_TRY(all());
    if (each) return TH_OK;
    return reduction == THNNReduction_MEAN ? THCTensor_meanall(output, place) : THCTensor_sumall(output, place);
}

template <template <class> class F>
THStatus backward(const char *op, const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                  THTensor *gradInput, THNNReduction reduction, double a = 0)
{
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_TRY(cunn_checkLike(op, "target", target, input));
    TH_TRY(cunn_checkDtype(op, "gradOutput", gradOutput, (THDtype)input->dtype));
    TH_TRY(thc_sameDevice(op, input, gradOutput));
    const bool each = reduction == THNNReduction_NONE;
    if (each) {
        TH_TRY(cunn_checkShape(op, "gradOutput", gradOutput, input->ndim, input->size));
    } else {
        TH_FAIL_IF(gradOutput->numel != 1, TH_ERR_SHAPE, "[%s] gradOutput has %lld elements, expected 1", op,
                   (long long)gradOutput->numel);
    }
    const THCOwned one(THTensor_newView(gradOutput, each ? gradOutput->ndim : 0, gradOutput->size));
    if (!one) return THStatus_last();
    const double scale = reduction == THNNReduction_MEAN ? 1.0 / (double)input->numel : 1.0;
    TH_TRY(thc_outputLike(op, gradInput, input, (THDtype)input->dtype));
    THC_FOR_FLOATING(op, input->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T, T, T>(op, F<C>{(C)a, (C)scale}, gradInput, input, target,
                                   static_cast<const THTensor *>(one.get()));
    })
}

// Fails unless all elements are probabilities. This waits for the device, as a check of values has to.
THStatus checkProbabilities(const char *op, const THTensor *input)
{
    if (input->numel == 0 || !THDtype_isFloating((THDtype)input->dtype)) return TH_OK;
    const THCOwned least(THTensor_new()), greatest(THTensor_new());
    if (!least || !greatest) return THStatus_last();
    TH_TRY(THCTensor_minall(least.get(), input));
    TH_TRY(THCTensor_maxall(greatest.get(), input));
    THScalar low, high;
    TH_TRY(THCTensor_item(least.get(), &low));
    TH_TRY(THCTensor_item(greatest.get(), &high));
    TH_FAIL_IF(THScalar_toDouble(low) < 0 || THScalar_toDouble(high) > 1, TH_ERR_VALUE,
               "[%s] input value should be between 0~1: probabilities are expected", op);
    return TH_OK;
}

} // namespace

#define CRITERION(Family, F, check)                                                                                            \
    THStatus THCUNN_##Family##_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,                   \
                                            THNNReduction reduction)                                                           \
    {                                                                                                                          \
        TH_GIVEN(#Family, input, target, output);                                                                              \
        check;                                                                                                                 \
        return forward<F>(#Family, input, target, output, reduction);                                                          \
    }                                                                                                                          \
    THStatus THCUNN_##Family##_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,      \
                                               THTensor *gradInput, THNNReduction reduction)                                   \
    {                                                                                                                          \
        TH_GIVEN(#Family, input, target, gradOutput, gradInput);                                                               \
        return backward<F##Slope>(#Family, input, target, gradOutput, gradInput, reduction);                                   \
    }

CRITERION(AbsCriterion, AbsLoss, (void)0)
CRITERION(BCECriterion, BceLoss, TH_TRY(checkProbabilities("BCECriterion", input)))
CRITERION(BCEWithLogitsCriterion, LogitsLoss, (void)0)
CRITERION(DistKLDivCriterion, Divergence, (void)0)
CRITERION(MSECriterion, SquaredError, (void)0)
CRITERION(SmoothL1Criterion, SmoothLoss, (void)0)
CRITERION(SoftMarginCriterion, SoftMargin, (void)0)

THStatus THCUNN_MarginCriterion_updateOutput(const THTensor *input, const THTensor *target, THTensor *output,
                                             THNNReduction reduction, double margin)
{
    TH_GIVEN("MarginCriterion", input, target, output);
    return forward<Margin>("MarginCriterion", input, target, output, reduction, margin);
}

THStatus THCUNN_MarginCriterion_updateGradInput(const THTensor *input, const THTensor *target, const THTensor *gradOutput,
                                                THTensor *gradInput, THNNReduction reduction, double margin)
{
    TH_GIVEN("MarginCriterion", input, target, gradOutput, gradInput);
    return backward<MarginSlope>("MarginCriterion", input, target, gradOutput, gradInput, reduction, margin);
}

THStatus THCUNN_L1Cost_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("L1Cost", input, output);
    return forward<Cost>("L1Cost", input, input, output, THNNReduction_SUM);
}

THStatus THCUNN_L1Cost_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_GIVEN("L1Cost", input, gradOutput, gradInput);
    return backward<CostSlope>("L1Cost", input, input, gradOutput, gradInput, THNNReduction_SUM);
}
