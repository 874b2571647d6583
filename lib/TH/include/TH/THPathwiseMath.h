/* How gamma and beta numbers move with the parameters of their law when their quantile is held, of one element in double; the
 * kernels of the host and of devices share these formulas. Nodes are as many as TH_DTYPE needs.
 * With the law's cumulative function F(x, a) held, dx/da = -(dF/da) / (dF/dx) (M. Figurnov et al., "Implicit
 * reparameterization gradients", 2018). dF/da is the integral up to x of the density p times the score d log p / da, or that
 * above x with the other sign. On the scale w = log x of the gamma law and w = log(x / (1 - x)) of the beta law densities are
 * log-concave and the score is log x less its mean: on one side of x it has one sign, so that nothing cancels there. Seen from
 * x the density falls like exp(-drop(v)) at the distance v, drop convex: Gauss and Legendre's quadrature from 0 to where
 * exp(-drop) no longer counts. Where a tail is long and has a bend, which only parameters below 1 bring about, a power series
 * serves. */
#ifndef TH_PATHWISE_MATH_H
#define TH_PATHWISE_MATH_H

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "TH/THGammaMath.h"

/* The elementary functions; a unit may choose others before it includes this. */
#ifndef PATH_EXP
#define PATH_EXP(x) exp(x)
#define PATH_EXPM1(x) expm1(x)
#define PATH_LOG(x) log(x)
#endif
#ifdef __CUDACC__
#define PATH_TABLE static __constant__ const double
#define PATH_FUNCTION static __device__
#else
#define PATH_TABLE static const double
#define PATH_FUNCTION static
#endif

/* clang-format off */
/* Nodes of Gauss and Legendre on [0, 1/5] and [1/5, 1], and their weights: near the mode the density may have another slope
 * than in its tail. What is beyond exp(-PATH_DEPTH) is left out. */
#if TH_DTYPE_IS(Double)
#define PATH_DEPTH 38.0
PATH_TABLE pathNodes[] = {
    0x1.15d91f0818067p-10, 0x1.6b3bae54050cdp-8, 0x1.b84cb7913e320p-7, 0x1.90bed3abe91ddp-6, 0x1.390928ea9bedap-5,
    0x1.bbfe1eafd13a5p-5, 0x1.264153d7f1e9bp-4, 0x1.72aed0f5a889bp-4, 0x1.c084623d8aa9ap-4, 0x1.0678efada0a4cp-3,
    0x1.2a9a11eda54b0p-3, 0x1.4b574f5ef29e4p-3, 0x1.6781bf241c75fp-3, 0x1.7e14ce2085b68p-3, 0x1.8e3fbc26f9714p-3,
    0x1.976de75b89699p-3, 0x1.a2486291da59dp-3, 0x1.c7010f641a3b4p-3, 0x1.03d663bef4931p-2, 0x1.30fc81b7c7144p-2,
    0x1.695161421ac3ap-2, 0x1.aacbdc24b56a0p-2, 0x1.f30e20a4beb68p-2, 0x1.1fbdcee13aab4p-1, 0x1.46a897852bbb4p-1,
    0x1.6cdf5614070b2p-1, 0x1.910078540bb16p-1, 0x1.b1bdb5c55904ap-1, 0x1.cde8258a82dc6p-1, 0x1.e47b3486ec1cep-1,
    0x1.f4a6228d5fd7ap-1, 0x1.fdd44dc1efd00p-1};
PATH_TABLE pathWeights[] = {
    0x1.63e48909301bap-9, 0x1.97fc14f00eb4cp-8, 0x1.37d0bec7d683cp-7, 0x1.98625bc8a9394p-7, 0x1.ea3235fa9facap-7,
    0x1.152562f7b919ap-6, 0x1.2b2d6c64d6674p-6, 0x1.366558671d801p-6, 0x1.366558671d801p-6, 0x1.2b2d6c64d6674p-6,
    0x1.152562f7b919ap-6, 0x1.ea3235fa9facap-7, 0x1.98625bc8a9394p-7, 0x1.37d0bec7d683cp-7, 0x1.97fc14f00eb4cp-8,
    0x1.63e48909301bap-9, 0x1.63e48909301bap-7, 0x1.97fc14f00eb4cp-6, 0x1.37d0bec7d683cp-5, 0x1.98625bc8a9394p-5,
    0x1.ea3235fa9facap-5, 0x1.152562f7b919ap-4, 0x1.2b2d6c64d6674p-4, 0x1.366558671d801p-4, 0x1.366558671d801p-4,
    0x1.2b2d6c64d6674p-4, 0x1.152562f7b919ap-4, 0x1.ea3235fa9facap-5, 0x1.98625bc8a9394p-5, 0x1.37d0bec7d683cp-5,
    0x1.97fc14f00eb4cp-6, 0x1.63e48909301bap-7};
#else
#define PATH_DEPTH 20.0
PATH_TABLE pathNodes[] = {
    0x1.56032954e1d9ap-9, 0x1.ba290d5aeb9edp-7, 0x1.06a0afbe9ca40p-5, 0x1.d02999265441dp-5, 0x1.5c9efe7e2d2b5p-4,
    0x1.d69434b50607fp-4, 0x1.258f335004893p-3, 0x1.57f16da9f270ap-3, 0x1.7df708c3eadfcp-3, 0x1.94418cf446124p-3,
    0x1.aef9cc2ee7b74p-3, 0x1.0411ee782a40bp-2, 0x1.501d24ac1b1edp-2, 0x1.b4e1995ff6edcp-2, 0x1.14b5e5a57cfc1p-1,
    0x1.51b080c0e96a6p-1, 0x1.8bf599b66aefap-1, 0x1.be57d41058d70p-1, 0x1.e45d6f2a51462p-1, 0x1.faa7f35aac78ap-1};
PATH_TABLE pathWeights[] = {
    0x1.b4eff456af9ccp-8, 0x1.e9b8e0d8e4c97p-7, 0x1.66f37b0cd635ap-6, 0x1.b92aa5d55c668p-6, 0x1.e42fd802157e4p-6,
    0x1.e42fd802157e4p-6, 0x1.b92aa5d55c668p-6, 0x1.66f37b0cd635ap-6, 0x1.e9b8e0d8e4c97p-7, 0x1.b4eff456af9ccp-8,
    0x1.b4eff456af9ccp-6, 0x1.e9b8e0d8e4c97p-5, 0x1.66f37b0cd635ap-4, 0x1.b92aa5d55c668p-4, 0x1.e42fd802157e4p-4,
    0x1.e42fd802157e4p-4, 0x1.b92aa5d55c668p-4, 0x1.66f37b0cd635ap-4, 0x1.e9b8e0d8e4c97p-5, 0x1.b4eff456af9ccp-6};
#endif
/* clang-format on */

#define PATH_NODES ((int)(sizeof(pathNodes) / sizeof(pathNodes[0])))
#define PATH_TERMS 200 /* of a series; they fall at least like 2^-n */

/* One law seen from the sample in one direction. Of the beta law the densities at the distance v differ by
 * drop = slope v + (a + b) L, L = log(1 + t (exp(sign v) - 1)), and log x by shift v + turn L: two forms, of which the one with
 * the smaller t, x or 1 - x, loses no digits. */
typedef struct PathSide {
    bool beta, above;
    double a, b;   /* the beta law's parameters; a: also the gamma law's shape */
    double x, y;   /* the sample; of the beta law 1 - x in y */
    double excess; /* log x less its mean */
    double t, sign, slope, shift, turn;
} PathSide;

PATH_FUNCTION void path_chooseForm(PathSide *s)
{
    const bool byX = s->x < s->y;
    s->t = byX ? s->x : s->y;
    s->sign = byX == s->above ? 1.0 : -1.0;
    s->slope = byX == s->above ? -(s->above ? s->a : s->b) : (s->above ? s->b : s->a);
    s->shift = byX ? 1.0 : 0.0;
    s->turn = s->above ? -1.0 : 1.0;
}

/* log(1 + t). */
TH_INLINE double path_log1p(double t)
{
    const double u = 1.0 + t;
    return PATH_LOG(u) + (t - (u - 1.0)) / u;
}

/* How far the log density at the distance v lies below that at the sample; *more: how much larger the score is there. */
TH_INLINE double path_sideDrop(bool beta, const PathSide *s, double v, double *more)
{
    if (!beta) {
        const double w = s->above ? v : -v;
        *more = v;
        return s->x * PATH_EXPM1(w) - s->a * w;
    }
    const double l = path_log1p(s->t * PATH_EXPM1(s->sign * v));
    *more = s->shift * v + s->turn * l;
    return s->slope * v + (s->a + s->b) * l;
}

PATH_FUNCTION double path_sideSlope(const PathSide *s, double v)
{
    if (!s->beta) return s->above ? s->x * PATH_EXP(v) - s->a : s->a - s->x * PATH_EXP(-v);
    const double w = s->sign * v;
    return s->slope + (s->a + s->b) * s->sign * s->t * PATH_EXP(w) / (1.0 + s->t * PATH_EXPM1(w));
}

/* A distance at which the drop is at least PATH_DEPTH: a bound, and Newton's steps from there, which stay beyond for a convex
 * function, until it is not much more. */
PATH_FUNCTION double path_sideEnd(const PathSide *s)
{
    double v, more;
    if (s->beta) {
        v = (PATH_DEPTH - (s->a + s->b) * PATH_LOG(s->above ? s->x : s->y)) / (s->above ? s->b : s->a);
        v = v < 700.0 || s->sign < 0.0 ? v : 700.0; /* exp overflows beyond */
    } else if (s->above) {
        v = (s->a - s->x + sqrt((s->a - s->x) * (s->a - s->x) + 2.0 * s->x * PATH_DEPTH)) / s->x;
    } else {
        v = (PATH_DEPTH + s->x) / s->a;
    }
    for (int i = 0; i < 100; i++) {
        const double drop = path_sideDrop(s->beta, s, v, &more);
        if (!(drop > 1.4 * PATH_DEPTH)) break;
        v -= (drop - PATH_DEPTH) / path_sideSlope(s, v);
    }
    return v;
}

TH_INLINE double path_sideSum(bool beta, const PathSide *s)
{
    const double end = path_sideEnd(s), size = fabs(s->excess);
    double terms[PATH_NODES], sum = 0.0;
    for (int k = 0; k < PATH_NODES; k++) {
        double more;
        const double v = end * pathNodes[k], drop = path_sideDrop(beta, s, v, &more);
        terms[k] = pathWeights[k] * PATH_EXP(-drop) * (size + more);
    }
    for (int k = 0; k < PATH_NODES; k++) sum += terms[k];
    return sum * end;
}

/* The integral of exp(-drop) times the size of the score over all distances. */
PATH_FUNCTION double path_sideIntegral(PathSide *s)
{
    if (!s->beta) return path_sideSum(false, s);
    path_chooseForm(s);
    return path_sideSum(true, s);
}

/* d w / d a of w = log x; mean: digamma(a). */
PATH_FUNCTION double path_gammaLog(double a, double w, double mean)
{
    const double x = exp(w);
    if (!(a > 0.0) || w != w) return NAN;
    if (a < 1.0 && w < 0.0) {
        const double excess = w - mean;
        double sum = (w - gamma_digamma(a + 1.0)) / a, power = 1.0; /* 1 / a would lose the digits of the mean */
        for (int n = 1; n < PATH_TERMS; n++) {
            power *= -x / n;
            const double term = power * (excess - 1.0 / (a + n)) / (a + n);
            sum += term;
            if (!(fabs(term) > 0x1p-56 * fabs(sum))) break;
        }
        return -exp(x) * sum;
    }
    PathSide s;
    memset(&s, 0, sizeof s);
    s.a = a;
    s.x = x;
    s.excess = w - mean;
    s.above = s.excess > 0.0;
    return path_sideIntegral(&s);
}

/* The mean of log x for a beta number, digamma(a) - digamma(a + b), with all digits also where b is small beside a: steps to
 * a >= 20, there the asymptotic series, with differences of powers by their factors. */
PATH_FUNCTION double path_meanLog(double a, double b)
{
    double sum = 0.0;
    if (!(a > 0.0 && b > 0.0)) return NAN; /* steps from far below would never arrive */
    for (; a < 20.0; a += 1.0) sum += b / (a * (a + b));
    const double c = a + b, p = 1.0 / (a * a), q = 1.0 / (c * c), difference = b / a * ((a + c) / c) * (1.0 / (a * c));
    const double fourth = difference * (p + q), sixth = difference * (p * p + p * q + q * q), eighth = fourth * (p * p + q * q);
    const double powers = difference / 12 - fourth / 120 + sixth / 252 - eighth / 240;
    return -log1p(b / a) - 0.5 * (b / a) / c - powers - sum;
}

/* The integral from 0 to x of t^(a-1) (1-t)^(b-1) (log t - mean), over x^a. a is small: the mean is large, and so is 1 / a. */
PATH_FUNCTION double path_seriesOfLower(const PathSide *s)
{
    double coefficient = 1.0, sum = (log(s->x) - gamma_digamma(s->a + 1.0) + gamma_digamma(s->a + s->b)) / s->a;
    for (int n = 1; n < PATH_TERMS; n++) {
        coefficient *= (n - s->b) / n * s->x;
        const double term = coefficient * (s->excess - 1.0 / (s->a + n)) / (s->a + n);
        sum += term;
        if (!(fabs(term) > 0x1p-56 * fabs(sum)) && n > s->b) break;
    }
    return sum;
}

/* The integral from 0 to y of t^(b-1) (1-t)^(a-1) (log(1-t) - mean), over y^b. */
PATH_FUNCTION double path_seriesOfUpper(const PathSide *s, double mean)
{
    double coefficient = 1.0, slope = 0.0, sum = -mean / s->b; /* slope: that of the coefficient, by a */
    for (int n = 1; n < PATH_TERMS; n++) {
        slope = (slope * (n - s->a) - coefficient) / n * s->y;
        coefficient *= (n - s->a) / n * s->y;
        const double term = (slope - mean * coefficient) / (s->b + n);
        sum += term;
        if (!(fabs(term) > 0x1p-56 * fabs(sum)) && n > s->a) break;
    }
    return sum;
}

/* x times d w / d a of w = log(x / y), y = 1 - x; d x / d a is that times y. place: x, or -y where x > 1/2; mean: that
 * of log x. */
PATH_FUNCTION double path_beta(double place, double a, double b, double mean)
{
    const double x = signbit(place) ? 1.0 + place : place, y = signbit(place) ? -place : 1.0 - place;
    if (!(a > 0.0 && b > 0.0 && x >= 0.0 && y >= 0.0)) return NAN;
    if (x == 0.0) return 0.0;
    PathSide s;
    memset(&s, 0, sizeof s);
    s.beta = true;
    s.a = a;
    s.b = b;
    s.x = x;
    s.y = y;
    s.excess = (x > 0.5 ? log1p(-y) : log(x)) - mean;
    if (x <= 0.5 && a < 1.0 && x * b <= 1.0) return -x * exp(-b * log1p(-x)) * path_seriesOfLower(&s);
    if (y <= 0.5 && b < 1.0 && y * a <= 1.0) return x * exp(-a * log1p(-y)) * path_seriesOfUpper(&s, mean);
    s.above = s.excess > 0.0;
    return x * path_sideIntegral(&s);
}

#endif
