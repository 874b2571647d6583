/* With the law's cumulative function F(x, a) held, dx/da = -(dF/da) / (dF/dx) (M. Figurnov et al., "Implicit
 * reparameterization gradients", 2018). dF/da is the integral up to x of the density p times the score d log p / da, or that
 * above x with the other sign. On the scale w = log x of the gamma law and w = log(x / (1 - x)) of the beta law densities are
 * log-concave and the score is log x less its mean: on one side of x it has one sign, so that nothing cancels there. Seen from
 * x the density falls like exp(-drop(v)) at the distance v, drop convex: Gauss and Legendre's quadrature from 0 to where
 * exp(-drop) no longer counts. Where a tail is long and has a bend, which only parameters below 1 bring about, a power series
 * serves. */
#include "kernels/THPathwise.h"

#include <math.h>
#include <stdbool.h>

#include "kernels/THGamma.h"

/* clang-format off */
/* Half of the nodes on [0, 1], which lie symmetrically, and their weights. */
static const double nodes[] = {
    0x1.5b4f66ca1e080p-8, 0x1.c60a99e906500p-6, 0x1.132ff2bac6df4p-4, 0x1.f4ee8896e3654p-4,
    0x1.874b732542e90p-3, 0x1.157ed32de2c47p-2, 0x1.6fd1a8cdee642p-2, 0x1.cf5a853312ac1p-2};
static const double weights[] = {
    0x1.bcddab4b7c228p-7, 0x1.fdfb1a2c1261ep-6, 0x1.85c4ee79cc24bp-5, 0x1.fe7af2bad3878p-5,
    0x1.325f61bca3cbep-4, 0x1.5a6ebbb5a7600p-4, 0x1.75f8c77e0c011p-4, 0x1.83feae80e4e01p-4};
/* clang-format on */

#define NODES ((int)(sizeof nodes / sizeof *nodes))
#define DEPTH 38.0 /* exp of less than -38 is below 2^-53 */
#define PIECE 0.2
#define TERMS 200 /* of a series; they fall at least like 2^-n */

/* One law seen from the sample in one direction. */
typedef struct Side {
    bool beta, above;
    double a, b;   /* the beta law's parameters; a: also the gamma law's shape */
    double x, y;   /* the sample; of the beta law 1 - x in y */
    double excess; /* log x less its mean */
} Side;

/* How far log density at the distance v lies below that at the sample; *score: the size of the score there. */
static double sideDrop(const Side *s, double v, double *score)
{
    if (!s->beta) {
        *score = fabs(s->excess) + v;
        return s->above ? s->x * expm1(v) - s->a * v : s->a * v + s->x * expm1(-v);
    }
    const double l = log1p((s->above ? s->y : s->x) * expm1(-v));
    *score = fabs(s->above ? s->excess - l : s->excess - v - l);
    return (s->above ? s->b : s->a) * v + (s->a + s->b) * l;
}

/* The integral of exp(-drop) * score over all distances; `width`: that of the law near its mode. */
static double sideIntegral(const Side *s, double width)
{
    double score, far = width, near = 0.0, sum = 0.0;
    for (int i = 0; i < 1100 && sideDrop(s, far, &score) < DEPTH; i++) {
        near = far;
        far *= 2.0;
    }
    for (int i = 0; i < 6; i++) { /* the end matters little: to 2 % */
        const double middle = 0.5 * (near + far);
        if (sideDrop(s, middle, &score) < DEPTH)
            near = middle;
        else
            far = middle;
    }
    /* Two pieces: near the mode the density may have another slope than in its tail. */
    for (int piece = 0; piece < 2; piece++) {
        const double begin = piece == 0 ? 0.0 : far * PIECE, length = far * (piece == 0 ? PIECE : 1.0 - PIECE);
        double part = 0.0;
        for (int k = 0; k < 2 * NODES; k++) {
            const double drop = sideDrop(s, begin + length * (k % 2 == 0 ? nodes[k / 2] : 1.0 - nodes[k / 2]), &score);
            part += weights[k / 2] * exp(-drop) * score;
        }
        sum += length * part;
    }
    return sum;
}

/* d w / d a of w = log x. */
static double path_gammaLog(double a, double w)
{
    const double x = exp(w);
    if (!(a > 0.0) || w != w) return NAN;
    if (a < 1.0 && w < 0.0) {
        const double excess = w - gamma_digamma(a);
        double sum = (w - gamma_digamma(a + 1.0)) / a, power = 1.0;
        for (int n = 1; n < TERMS; n++) {
            power *= -x / n;
            const double term = power * (excess - 1.0 / (a + n)) / (a + n);
            sum += term;
            if (!(fabs(term) > 0x1p-56 * fabs(sum))) break;
        }
        return -exp(x) * sum;
    }
    Side s = {.a = a, .x = x, .excess = w - gamma_digamma(a)};
    s.above = s.excess > 0.0;
    return sideIntegral(&s, 1.0 / sqrt(a > x ? a : x));
}

static double path_gamma(double a, double x)
{
    if (x == 0.0 || isinf(x)) return x;
    return x * path_gammaLog(a, log(x));
}

/* The integral from 0 to x of t^(a-1) (1-t)^(b-1) (log t - mean), over x^a. a is small: the mean is large, and so is 1 / a. */
static double seriesOfLower(const Side *s)
{
    double coefficient = 1.0, sum = (log(s->x) - gamma_digamma(s->a + 1.0) + gamma_digamma(s->a + s->b)) / s->a;
    for (int n = 1; n < TERMS; n++) {
        coefficient *= (n - s->b) / n * s->x;
        const double term = coefficient * (s->excess - 1.0 / (s->a + n)) / (s->a + n);
        sum += term;
        if (!(fabs(term) > 0x1p-56 * fabs(sum)) && n > s->b) break;
    }
    return sum;
}

/* The integral from 0 to y of t^(b-1) (1-t)^(a-1) (log(1-t) - mean), over y^b. */
static double seriesOfUpper(const Side *s, double mean)
{
    double coefficient = 1.0, slope = 0.0, sum = -mean / s->b; /* slope: that of the coefficient, by a */
    for (int n = 1; n < TERMS; n++) {
        slope = (slope * (n - s->a) - coefficient) / n * s->y;
        coefficient *= (n - s->a) / n * s->y;
        const double term = (slope - mean * coefficient) / (s->b + n);
        sum += term;
        if (!(fabs(term) > 0x1p-56 * fabs(sum)) && n > s->a) break;
    }
    return sum;
}

/* x times d w / d a of w = log(x / y), y = 1 - x; d x / d a is that times y. place: x, or -y where x > 1/2. */
static double path_beta(double place, double a, double b)
{
    const double x = signbit(place) ? 1.0 + place : place, y = signbit(place) ? -place : 1.0 - place;
    if (!(a > 0.0 && b > 0.0 && x >= 0.0 && y >= 0.0)) return NAN;
    if (x == 0.0) return 0.0;
    const double mean = gamma_digamma(a) - gamma_digamma(a + b);
    Side s = {.beta = true, .a = a, .b = b, .x = x, .y = y, .excess = (x > 0.5 ? log1p(-y) : log(x)) - mean};
    if (x <= 0.5 && a < 1.0 && x * b <= 1.0) return -x * exp(-b * log1p(-x)) * seriesOfLower(&s);
    if (y <= 0.5 && b < 1.0 && y * a <= 1.0) return x * exp(-a * log1p(-y)) * seriesOfUpper(&s, mean);
    s.above = s.excess > 0.0;
    return x * sideIntegral(&s, sqrt(1.0 / a + 1.0 / b));
}

TH_LOOP2(pathGamma, scalar_t, scalar_t, , path_gamma((double)x, (double)y))
TH_LOOP2(pathGammaLog, scalar_t, scalar_t, , path_gammaLog((double)x, (double)y))
TH_LOOP3(pathBeta, scalar_t, , path_beta((double)x, (double)y, (double)z))

const THPathwise TH_TABLE(THPathwise) = {
    .gamma = TH_KERNEL(pathGamma),
    .gammaLog = TH_KERNEL(pathGammaLog),
    .beta = TH_KERNEL(pathBeta),
};
