/* One line for each activation: its value at x, and its slope times gy. In place is allowed, element on element: TH_INDEPENDENT
 * tells the compiler that no iteration reads what another one wrote. */
#include "kernels/THNNActivationKernel.h"

#include <math.h>

#include "kernels/THNNLogarithm.h"

#define LANES ((int)(256 / sizeof(scalar_t))) /* independent partial sums: compilers do not reorder floating point */

#if TH_DTYPE_IS(Float)
#define SQRT sqrtf
#else
#define SQRT sqrt
#endif

#define FORWARD(name, value)                                                                                                   \
    static void TH_KERNEL(name)(int64_t n, const void *x_, void *y_, double a_, double b_)                                     \
    {                                                                                                                          \
        const scalar_t *xs = x_;                                                                                               \
        scalar_t *y = y_;                                                                                                      \
        const scalar_t a = (scalar_t)a_, b = (scalar_t)b_;                                                                     \
        (void)a, (void)b;                                                                                                      \
        TH_INDEPENDENT for (int64_t i = 0; i < n; i++)                                                                         \
        {                                                                                                                      \
            const scalar_t x = xs[i];                                                                                          \
            y[i] = (value);                                                                                                    \
        }                                                                                                                      \
    }

/* gy is loaded always: the loop then has no branch. */
#define BACKWARD(name, gradient)                                                                                               \
    static void TH_KERNEL(name##_backward)(int64_t n, const void *x_, const void *gy_, void *gx_, double a_, double b_)        \
    {                                                                                                                          \
        const scalar_t *xs = x_;                                                                                               \
        const scalar_t *gys = gy_;                                                                                             \
        scalar_t *gx = gx_;                                                                                                    \
        const scalar_t a = (scalar_t)a_, b = (scalar_t)b_;                                                                     \
        (void)a, (void)b;                                                                                                      \
        TH_INDEPENDENT for (int64_t i = 0; i < n; i++)                                                                         \
        {                                                                                                                      \
            const scalar_t x = xs[i], gy = gys[i];                                                                             \
            gx[i] = (gradient);                                                                                                \
        }                                                                                                                      \
    }

FORWARD(abs, x < 0 ? -x : x)
BACKWARD(abs, x < 0 ? -gy : gy)
FORWARD(elu, x <= 0 ? expm1Below(x < 0 ? x : (scalar_t)0) * a : x * b)
BACKWARD(elu, x <= 0 ? gy * (x + a) : gy * b)
FORWARD(hard_shrink, x >= -a && x <= a ? (scalar_t)0 : x) /* nan stays */
BACKWARD(hard_shrink, x >= -a && x <= a ? (scalar_t)0 : gy)
FORWARD(hard_tanh, x<a ? a : x> b ? b : x)
BACKWARD(hard_tanh, x <= a || x >= b ? (scalar_t)0 : gy)
FORWARD(leaky_relu, x > 0 ? x : x * a)
BACKWARD(leaky_relu, x > 0 ? gy : gy * a)
FORWARD(log_sigmoid, -softPlusOf(-x))
BACKWARD(log_sigmoid, gy *sigmoidOf(-x))
BACKWARD(sigmoid, gy * x * ((scalar_t)1 - x))
FORWARD(soft_plus, x *a > b ? x : softPlusOf(x * a) / a)
BACKWARD(soft_plus, x *a > b ? gy : gy * sigmoidOf(x * a))
FORWARD(soft_shrink, x > a ? x - a : x < -a ? x + a : (scalar_t)0 * x)
BACKWARD(soft_shrink, x > a || x < -a ? gy : (scalar_t)0)
FORWARD(sqrt, SQRT(x))
BACKWARD(sqrt, x == 0 ? (scalar_t)0 : (scalar_t)0.5 * gy / x)
FORWARD(square, x *x)
BACKWARD(square, (scalar_t)2 * gy * x)
BACKWARD(tanh, gy *((scalar_t)1 - x * x))

static double TH_KERNEL(negative_product)(int64_t n, const void *x_, const void *gy_)
{
    const scalar_t *x = x_;
    const scalar_t *gy = gy_;
    scalar_t lane[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int j = 0; j < LANES; j++) lane[j] += x[i + j] > 0 ? (scalar_t)0 : x[i + j] * gy[i + j];
    }
    double sum = 0;
    for (int j = 0; j < LANES; j++) sum += (double)lane[j];
    for (; i < n; i++) sum += x[i] > 0 ? 0.0 : (double)x[i] * (double)gy[i];
    return sum;
}

static void TH_KERNEL(gated)(int64_t n, const void *x_, const void *gate_, void *y_)
{
    const scalar_t *x = x_;
    const scalar_t *gate = gate_;
    scalar_t *y = y_;
    for (int64_t i = 0; i < n; i++) y[i] = x[i] * sigmoidOf(gate[i]);
}

static void TH_KERNEL(gated_backward)(int64_t n, const void *x_, const void *gate_, const void *gy_, void *gx_, void *ggate_)
{
    const scalar_t *x = x_;
    const scalar_t *gate = gate_;
    const scalar_t *gy = gy_;
    scalar_t *gx = gx_;
    scalar_t *ggate = ggate_;
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        const scalar_t open = sigmoidOf(gate[i]);
        gx[i] = gy[i] * open;
        ggate[i] = gy[i] * x[i] * open * ((scalar_t)1 - open);
    }
}

static void TH_KERNEL(randomized)(int64_t n, const void *x_, void *noise_, void *y_)
{
    const scalar_t *x = x_;
    scalar_t *noise = noise_;
    scalar_t *y = y_;
    TH_INDEPENDENT
    for (int64_t i = 0; i < n; i++) {
        const scalar_t slope = x[i] <= 0 ? noise[i] : (scalar_t)1;
        noise[i] = slope;
        y[i] = x[i] * slope;
    }
}

#define BOTH(Name, name)                                                                                                       \
    .forward[THNNActivation_##Name] = TH_KERNEL(name), .backward[THNNActivation_##Name] = TH_KERNEL(name##_backward)

const THNNActivationKernel TH_TABLE(THNNActivationKernel) = {
    BOTH(Abs, abs),
    BOTH(ELU, elu),
    BOTH(HardShrink, hard_shrink),
    BOTH(HardTanh, hard_tanh),
    BOTH(LeakyReLU, leaky_relu),
    BOTH(LogSigmoid, log_sigmoid),
    BOTH(SoftPlus, soft_plus),
    BOTH(SoftShrink, soft_shrink),
    BOTH(Sqrt, sqrt),
    BOTH(Square, square),
    .backward[THNNActivation_Sigmoid] = TH_KERNEL(sigmoid_backward),
    .backward[THNNActivation_Tanh] = TH_KERNEL(tanh_backward),
    .negative_product = TH_KERNEL(negative_product),
    .gated = TH_KERNEL(gated),
    .gated_backward = TH_KERNEL(gated_backward),
    .randomized = TH_KERNEL(randomized),
};
