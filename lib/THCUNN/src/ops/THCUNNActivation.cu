// The activations that work element by element: a value at x, and a slope times gy.
#include "TH/THArgument.h"
#include "ops/THCUNNCall.cuh"

namespace
{

#define FORWARD(Name, value)                                                                                                   \
    template <class C> struct Name {                                                                                           \
        C a, b;                                                                                                                \
        __device__ C operator()(C x) const { return value; }                                                                   \
    };

#define BACKWARD(Name, gradient)                                                                                               \
    template <class C> struct Name##Backward {                                                                                 \
        C a, b;                                                                                                                \
        __device__ C operator()(C x, C gy) const { return gradient; }                                                          \
    };

FORWARD(Abs, x < 0 ? -x : x)
BACKWARD(Abs, x < 0 ? -gy : gy)
FORWARD(Threshold, x <= a ? b : x) // nan stays, here and in HardShrink
BACKWARD(Threshold, x <= a ? (C)0 : gy)
FORWARD(Elu, x <= 0 ? expm1(x) * a : x * b)
BACKWARD(Elu, x <= 0 ? gy * (x + a) : gy * b)
FORWARD(HardShrink, x >= -a && x <= a ? (C)0 : x)
BACKWARD(HardShrink, x >= -a && x <= a ? (C)0 : gy)
FORWARD(HardTanh, x<a ? a : x> b ? b : x)
BACKWARD(HardTanh, x <= a || x >= b ? (C)0 : gy)
FORWARD(LeakyRelu, x > 0 ? x : x * a)
BACKWARD(LeakyRelu, x > 0 ? gy : gy * a)
FORWARD(LogSigmoid, -softPlusOf(-x))
BACKWARD(LogSigmoid, gy *sigmoidOf(-x))
BACKWARD(Sigmoid, gy * x * ((C)1 - x))
FORWARD(SoftPlus, x *a > b ? x : softPlusOf(x * a) / a)
BACKWARD(SoftPlus, x *a > b ? gy : gy * sigmoidOf(x * a))
FORWARD(SoftShrink, x > a ? x - a : x < -a ? x + a : (C)0 * x)
BACKWARD(SoftShrink, x > a || x < -a ? gy : (C)0)
FORWARD(Sqrt, sqrt(x))
BACKWARD(Sqrt, x == 0 ? (C)0 : (C)0.5 * gy / x)
FORWARD(Square, x *x)
BACKWARD(Square, (C)2 * gy * x)
BACKWARD(Tanh, gy *((C)1 - x * x))

template <template <class> class F>
THStatus forward(const char *op, const THTensor *input, THTensor *output, double a, double b = 0)
{
    TH_TRY(cunn_checkFloating(op, "input", input));
    TH_TRY(thc_outputLike(op, output, input, (THDtype)input->dtype));
    THC_FOR_FLOATING(op, input->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T>(op, F<C>{(C)a, (C)b}, output, input);
    })
}

// x: what the slope is told by, the input or the output.
template <template <class> class F>
THStatus backward(const char *op, const char *name, const THTensor *x, const THTensor *gradOutput, THTensor *gradInput,
                  double a, double b = 0)
{
    TH_TRY(cunn_checkFloating(op, name, x));
    TH_TRY(cunn_checkLike(op, "gradOutput", gradOutput, x));
    TH_TRY(thc_outputLike(op, gradInput, x, (THDtype)x->dtype));
    THC_FOR_FLOATING(op, x->dtype, T, {
        using C = THCCompute<T>;
        return thc_map<T, T, T>(op, F<C>{(C)a, (C)b}, gradInput, x, gradOutput);
    })
}

} // namespace

THStatus THCUNN_Threshold_updateOutput(const THTensor *input, THTensor *output, double threshold, double value)
{
    TH_GIVEN("Threshold", input, output);
    return forward<Threshold>("Threshold", input, output, threshold, value);
}

THStatus THCUNN_Threshold_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                          double threshold)
{
    TH_GIVEN("Threshold", input, gradOutput, gradInput);
    return backward<ThresholdBackward>("Threshold", "input", input, gradOutput, gradInput, threshold);
}

THStatus THCUNN_LeakyReLU_updateOutput(const THTensor *input, THTensor *output, double negval)
{
    TH_GIVEN("LeakyReLU", input, output);
    return forward<LeakyRelu>("LeakyReLU", input, output, negval);
}

THStatus THCUNN_LeakyReLU_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, double negval)
{
    TH_GIVEN("LeakyReLU", input, gradOutput, gradInput);
    return backward<LeakyReluBackward>("LeakyReLU", "input", input, gradOutput, gradInput, negval);
}

THStatus THCUNN_ELU_updateOutput(const THTensor *input, THTensor *output, double alpha, double scale)
{
    TH_GIVEN("ELU", input, output);
    return forward<Elu>("ELU", input, output, alpha * scale, scale);
}

THStatus THCUNN_ELU_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output, double alpha,
                                    double scale)
{
    TH_GIVEN("ELU", gradOutput, gradInput, output);
    return backward<EluBackward>("ELU", "output", output, gradOutput, gradInput, alpha * scale, scale);
}

THStatus THCUNN_SoftPlus_updateOutput(const THTensor *input, THTensor *output, double beta, double threshold)
{
    TH_GIVEN("SoftPlus", input, output);
    return forward<SoftPlus>("SoftPlus", input, output, beta, threshold);
}

THStatus THCUNN_SoftPlus_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, double beta,
                                         double threshold)
{
    TH_GIVEN("SoftPlus", input, gradOutput, gradInput);
    return backward<SoftPlusBackward>("SoftPlus", "input", input, gradOutput, gradInput, beta, threshold);
}

THStatus THCUNN_SoftShrink_updateOutput(const THTensor *input, THTensor *output, double lambda)
{
    TH_GIVEN("SoftShrink", input, output);
    return forward<SoftShrink>("SoftShrink", input, output, lambda);
}

THStatus THCUNN_SoftShrink_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                           double lambda)
{
    TH_GIVEN("SoftShrink", input, gradOutput, gradInput);
    return backward<SoftShrinkBackward>("SoftShrink", "input", input, gradOutput, gradInput, lambda);
}

THStatus THCUNN_HardShrink_updateOutput(const THTensor *input, THTensor *output, double lambda)
{
    TH_GIVEN("HardShrink", input, output);
    return forward<HardShrink>("HardShrink", input, output, lambda);
}

THStatus THCUNN_HardShrink_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput,
                                           double lambda)
{
    TH_GIVEN("HardShrink", input, gradOutput, gradInput);
    return backward<HardShrinkBackward>("HardShrink", "input", input, gradOutput, gradInput, lambda);
}

THStatus THCUNN_HardTanh_updateOutput(const THTensor *input, THTensor *output, double min_val, double max_val)
{
    TH_GIVEN("HardTanh", input, output);
    TH_FAIL_IF(!(min_val <= max_val), TH_ERR_VALUE, "[HardTanh] min_val is %g, expected at most max_val, which is %g", min_val,
               max_val);
    return forward<HardTanh>("HardTanh", input, output, min_val, max_val);
}

THStatus THCUNN_HardTanh_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput, double min_val,
                                         double max_val)
{
    TH_GIVEN("HardTanh", input, gradOutput, gradInput);
    return backward<HardTanhBackward>("HardTanh", "input", input, gradOutput, gradInput, min_val, max_val);
}

THStatus THCUNN_LogSigmoid_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("LogSigmoid", input, output);
    return forward<LogSigmoid>("LogSigmoid", input, output, 0);
}

THStatus THCUNN_LogSigmoid_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_GIVEN("LogSigmoid", input, gradOutput, gradInput);
    return backward<LogSigmoidBackward>("LogSigmoid", "input", input, gradOutput, gradInput, 0);
}

// --- what modules of torch.nn have of TH itself ------------------------------------------------------------------------------

THStatus THCUNN_Abs_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Abs", input, output);
    return forward<Abs>("Abs", input, output, 0);
}

THStatus THCUNN_Abs_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_GIVEN("Abs", input, gradOutput, gradInput);
    return backward<AbsBackward>("Abs", "input", input, gradOutput, gradInput, 0);
}

THStatus THCUNN_Sigmoid_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Sigmoid", input, output);
    TH_TRY(cunn_checkFloating("Sigmoid", "input", input));
    return THCTensor_sigmoid(output, input);
}

THStatus THCUNN_Sigmoid_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output)
{
    TH_GIVEN("Sigmoid", gradOutput, gradInput, output);
    return backward<SigmoidBackward>("Sigmoid", "output", output, gradOutput, gradInput, 0);
}

THStatus THCUNN_Sqrt_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Sqrt", input, output);
    return forward<Sqrt>("Sqrt", input, output, 0);
}

THStatus THCUNN_Sqrt_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output)
{
    TH_GIVEN("Sqrt", gradOutput, gradInput, output);
    return backward<SqrtBackward>("Sqrt", "output", output, gradOutput, gradInput, 0);
}

THStatus THCUNN_Square_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Square", input, output);
    return forward<Square>("Square", input, output, 0);
}

THStatus THCUNN_Square_updateGradInput(const THTensor *input, const THTensor *gradOutput, THTensor *gradInput)
{
    TH_GIVEN("Square", input, gradOutput, gradInput);
    return backward<SquareBackward>("Square", "input", input, gradOutput, gradInput, 0);
}

THStatus THCUNN_Tanh_updateOutput(const THTensor *input, THTensor *output)
{
    TH_GIVEN("Tanh", input, output);
    TH_TRY(cunn_checkFloating("Tanh", "input", input));
    return THCTensor_tanh(output, input);
}

THStatus THCUNN_Tanh_updateGradInput(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output)
{
    TH_GIVEN("Tanh", gradOutput, gradInput, output);
    return backward<TanhBackward>("Tanh", "output", output, gradOutput, gradInput, 0);
}
