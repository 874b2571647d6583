/* One line for each loss: its value at x and target t, and its slope along x; `a` is the parameter. */
#include "kernels/THNNElementLossKernel.h"

#include "kernels/THNNLogarithm.h"

#define LANES ((int)(256 / sizeof(scalar_t))) /* independent partial sums: compilers do not reorder floating point */
#define EPS ((scalar_t)1e-12)                 /* Torch's: log(0) becomes -27.6 in the cross-entropy of probabilities */

TH_INLINE scalar_t absolute(scalar_t x)
{
    return x < 0 ? -x : x;
}

TH_INLINE scalar_t smoothL1(scalar_t difference)
{
    const scalar_t d = absolute(difference);
    return d < 1 ? (scalar_t)0.5 * d * d : d - (scalar_t)0.5;
}

TH_INLINE scalar_t logitLoss(scalar_t x, scalar_t t)
{
    return (x > 0 ? x : (scalar_t)0) - x * t + log1pOfUnit(THNN_EXP(-absolute(x)));
}

TH_INLINE scalar_t divergence(scalar_t x, scalar_t t)
{
    const scalar_t value = t * (logOfPositive(t) - x);
    return t > 0 ? value : (scalar_t)0;
}

#define LOSS(name, value, slope)                                                                                               \
    static void TH_KERNEL(name)(int64_t n, const void *x_, const void *t_, double a_, void *y_)                                \
    {                                                                                                                          \
        const scalar_t *xs = x_, *ts = t_;                                                                                     \
        const scalar_t a = (scalar_t)a_;                                                                                       \
        scalar_t *y = y_;                                                                                                      \
        (void)a;                                                                                                               \
        TH_INDEPENDENT for (int64_t i = 0; i < n; i++)                                                                         \
        {                                                                                                                      \
            const scalar_t x = xs[i], t = ts[i];                                                                               \
            (void)x, (void)t;                                                                                                  \
            y[i] = (value);                                                                                                    \
        }                                                                                                                      \
    }                                                                                                                          \
    static double TH_KERNEL(name##_sum)(int64_t n, const void *x_, const void *t_, double a_)                                  \
    {                                                                                                                          \
        const scalar_t *xs = x_, *ts = t_;                                                                                     \
        const scalar_t a = (scalar_t)a_;                                                                                       \
        scalar_t lane[LANES] = {0};                                                                                            \
        (void)a;                                                                                                               \
        int64_t begin = 0;                                                                                                     \
        for (; begin + LANES <= n; begin += LANES) {                                                                           \
            for (int j = 0; j < LANES; j++) {                                                                                  \
                const scalar_t x = xs[begin + j], t = ts[begin + j];                                                           \
                (void)x, (void)t;                                                                                              \
                lane[j] += (value);                                                                                            \
            }                                                                                                                  \
        }                                                                                                                      \
        double sum = 0;                                                                                                        \
        for (int j = 0; j < LANES; j++) sum += (double)lane[j];                                                                \
        for (int64_t i = begin; i < n; i++) {                                                                                  \
            const scalar_t x = xs[i], t = ts[i];                                                                               \
            (void)x, (void)t;                                                                                                  \
            sum += (double)(value);                                                                                            \
        }                                                                                                                      \
        return sum;                                                                                                            \
    }                                                                                                                          \
    TH_INLINE void name##Slopes(int64_t n, const scalar_t *xs, const scalar_t *ts, scalar_t a, const scalar_t *gy,             \
                                int64_t gy_step, scalar_t scale, scalar_t *gx)                                                 \
    {                                                                                                                          \
        (void)a;                                                                                                               \
        TH_INDEPENDENT for (int64_t i = 0; i < n; i++)                                                                         \
        {                                                                                                                      \
            const scalar_t x = xs[i], t = ts[i];                                                                               \
            (void)x, (void)t;                                                                                                  \
            gx[i] = (gy_step == 0 ? scale : scale * gy[i]) * (slope);                                                          \
        }                                                                                                                      \
    }                                                                                                                          \
    static void TH_KERNEL(name##_backward)(int64_t n, const void *x, const void *t, double a, const void *gy, int64_t gy_step, \
                                           double scale, void *gx)                                                             \
    {                                                                                                                          \
        if (gy_step == 0)                                                                                                      \
            name##Slopes(n, x, t, (scalar_t)a, gy, 0, (scalar_t)(scale * (double)*(const scalar_t *)gy), gx);                  \
        else                                                                                                                   \
            name##Slopes(n, x, t, (scalar_t)a, gy, 1, (scalar_t)scale, gx);                                                    \
    }

LOSS(absLoss, absolute(x - t), x - t >= 0 ? (scalar_t)1 : (scalar_t)-1)
LOSS(bce, -(t *logOfPositive(x + EPS) + ((scalar_t)1 - t) * logOfPositive((scalar_t)1 - x + EPS)),
     (x - t) / (((scalar_t)1 - x + EPS) * (x + EPS)))
LOSS(bceWithLogits, logitLoss(x, t), sigmoidOf(x) - t)
LOSS(distKLDiv, divergence(x, t), t > 0 ? -t : (scalar_t)0)
LOSS(l1Cost, absolute(x), x > 0 ? (scalar_t)1 : x < 0 ? (scalar_t)-1 : (scalar_t)0)
LOSS(margin, a - x * t > 0 ? a - x * t : (scalar_t)0, a - x * t > 0 ? -t : (scalar_t)0)
LOSS(mse, (x - t) * (x - t), (scalar_t)2 * (x - t))
LOSS(smoothL1Loss, smoothL1(x - t), x - t > 1 ? (scalar_t)1 : x - t < -1 ? (scalar_t)-1 : x - t)
LOSS(softMargin, softPlusOf(-x *t), -t *sigmoidOf(-x *t))

static int TH_KERNEL(in_unit)(int64_t n, const void *x_)
{
    const scalar_t *x = x_;
    int outside = 0;
    for (int64_t i = 0; i < n; i++) outside |= (x[i] < 0) | (x[i] > 1);
    return !outside;
}

#define ALL(Name, name)                                                                                                        \
    .each[THNNElementLoss_##Name] = TH_KERNEL(name), .sum[THNNElementLoss_##Name] = TH_KERNEL(name##_sum),                     \
    .backward[THNNElementLoss_##Name] = TH_KERNEL(name##_backward)

const THNNElementLossKernel TH_TABLE(THNNElementLossKernel) = {
    ALL(Abs, absLoss),
    ALL(BCE, bce),
    ALL(BCEWithLogits, bceWithLogits),
    ALL(DistKLDiv, distKLDiv),
    ALL(L1Cost, l1Cost),
    ALL(Margin, margin),
    ALL(MSE, mse),
    ALL(SmoothL1, smoothL1Loss),
    ALL(SoftMargin, softMargin),
    .in_unit = TH_KERNEL(in_unit),
};
