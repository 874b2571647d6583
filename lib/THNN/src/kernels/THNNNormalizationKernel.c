/* Sums run over independent lanes, because compilers do not reorder floating point; after each block of rounds the lanes are
 * added up in double, so that single partial sums stay short. */
#include "kernels/THNNNormalizationKernel.h"

#include <math.h>

#define LANES ((int)(256 / sizeof(scalar_t)))
#define SHORT ((int)(64 / sizeof(scalar_t))) /* lanes of what is left */
#define ROUNDS 64

/* The lanes' sum, pairwise: one after another each addition would wait for the one before. */
TH_INLINE double addLanes(const scalar_t *lane)
{
    double sum[LANES / 2];
    for (int j = 0; j < LANES / 2; j++) sum[j] = (double)lane[j] + (double)lane[j + LANES / 2];
    for (int j = 0; j < LANES / 4; j++) sum[j] += sum[j + LANES / 4];
    for (int j = 0; j < LANES / 8; j++) sum[j] += sum[j + LANES / 8];
    for (int j = 1; j < LANES / 8; j++) sum[0] += sum[j];
    return sum[0];
}

TH_INLINE double addShort(const scalar_t *lane)
{
    double sum[SHORT / 2];
    for (int j = 0; j < SHORT / 2; j++) sum[j] = (double)lane[j] + (double)lane[j + SHORT / 2];
    for (int j = 0; j < SHORT / 4; j++) sum[j] += sum[j + SHORT / 4];
    for (int j = 1; j < SHORT / 4; j++) sum[0] += sum[j];
    return sum[0];
}

#define SUM_LOOP(n, value)                                                                                                     \
    double sum = 0;                                                                                                            \
    int64_t i = 0;                                                                                                             \
    while (n - i >= LANES) {                                                                                                   \
        const int64_t end = n - i < ROUNDS * LANES ? i + (n - i) / LANES * LANES : i + ROUNDS * LANES;                         \
        scalar_t lane[LANES] = {0};                                                                                            \
        for (; i < end; i += LANES) {                                                                                          \
            for (int j = 0; j < LANES; j++) lane[j] += (value(i + j));                                                         \
        }                                                                                                                      \
        sum += addLanes(lane);                                                                                                 \
    }                                                                                                                          \
    if (n - i >= SHORT) {                                                                                                      \
        scalar_t lane[SHORT] = {0};                                                                                            \
        for (; n - i >= SHORT; i += SHORT) {                                                                                   \
            for (int j = 0; j < SHORT; j++) lane[j] += (value(i + j));                                                         \
        }                                                                                                                      \
        sum += addShort(lane);                                                                                                 \
    }                                                                                                                          \
    for (; i < n; i++) sum += (double)(value(i));                                                                              \
    return sum;

static double TH_KERNEL(sum)(int64_t n, const void *x_)
{
    const scalar_t *x = x_;
#define VALUE(k) x[k]
    SUM_LOOP(n, VALUE)
#undef VALUE
}

static double TH_KERNEL(squares)(int64_t n, const void *x_, double mean_)
{
    const scalar_t *x = x_;
    const scalar_t mean = (scalar_t)mean_;
#define VALUE(k) (x[k] - mean) * (x[k] - mean)
    SUM_LOOP(n, VALUE)
#undef VALUE
}

static void TH_KERNEL(products)(int64_t n, const void *x_, const void *gy_, double mean_, double *sum, double *dot)
{
    const scalar_t *x = x_;
    const scalar_t *gy = gy_;
    const scalar_t mean = (scalar_t)mean_;
    int64_t i = 0;
    while (n - i >= LANES) {
        const int64_t end = n - i < ROUNDS * LANES ? i + (n - i) / LANES * LANES : i + ROUNDS * LANES;
        scalar_t sums[LANES] = {0};
        scalar_t dots[LANES] = {0};
        for (; i < end; i += LANES) {
            for (int j = 0; j < LANES; j++) {
                sums[j] += gy[i + j];
                dots[j] += gy[i + j] * (x[i + j] - mean);
            }
        }
        *sum += addLanes(sums);
        *dot += addLanes(dots);
    }
    if (n - i >= SHORT) {
        scalar_t sums[SHORT] = {0};
        scalar_t dots[SHORT] = {0};
        for (; n - i >= SHORT; i += SHORT) {
            for (int j = 0; j < SHORT; j++) {
                sums[j] += gy[i + j];
                dots[j] += gy[i + j] * (x[i + j] - mean);
            }
        }
        *sum += addShort(sums);
        *dot += addShort(dots);
    }
    for (; i < n; i++) {
        *sum += (double)gy[i];
        *dot += (double)gy[i] * (double)(x[i] - mean);
    }
}

static void TH_KERNEL(apply)(int64_t n, const void *x_, double mean_, double scale_, double shift_, void *y_)
{
    const scalar_t *x = x_;
    const scalar_t mean = (scalar_t)mean_, scale = (scalar_t)scale_, shift = (scalar_t)shift_;
    scalar_t *y = y_;
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale + shift;
}

static void TH_KERNEL(backward)(int64_t n, const void *x_, const void *gy_, double mean_, double a_, double b_, double c_,
                                void *gx_)
{
    const scalar_t *x = x_;
    const scalar_t *gy = gy_;
    const scalar_t mean = (scalar_t)mean_, a = (scalar_t)a_, b = (scalar_t)b_, c = (scalar_t)c_;
    scalar_t *gx = gx_;
    for (int64_t i = 0; i < n; i++) gx[i] = gy[i] * a + (x[i] - mean) * b + c;
}

/* --- rows, whose elements have a weight and a bias of their own ---------------------------------------------------------- */

static void TH_KERNEL(row)(int64_t n, const void *x_, const void *weight_, const void *bias_, double eps, void *y_, void *mean_,
                           void *invstd_)
{
    const scalar_t *x = x_, *weight = weight_, *bias = bias_;
    scalar_t *y = y_;
    const scalar_t mean = (scalar_t)(TH_KERNEL(sum)(n, x) / (double)n);
    const scalar_t invstd = (scalar_t)(1 / sqrt(TH_KERNEL(squares)(n, x, mean) / (double)n + eps));
    *(scalar_t *)mean_ = mean;
    *(scalar_t *)invstd_ = invstd;
    if (weight != NULL && bias != NULL)
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * invstd * weight[i] + bias[i];
    else if (weight != NULL)
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * invstd * weight[i];
    else
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * invstd + (bias != NULL ? bias[i] : (scalar_t)0);
}

static void TH_KERNEL(row_backward)(int64_t n, const void *x_, const void *gy_, const void *weight_, const void *mean_,
                                    const void *invstd_, void *scaled_, void *gx_)
{
    const scalar_t *x = x_, *gy = gy_, *weight = weight_;
    const scalar_t mean = *(const scalar_t *)mean_, invstd = *(const scalar_t *)invstd_;
    scalar_t *scaled = scaled_;
    if (weight != NULL)
        for (int64_t i = 0; i < n; i++) scaled[i] = gy[i] * weight[i];
    const scalar_t *g = weight != NULL ? scaled : gy;
    double sum = 0, dot = 0;
    TH_KERNEL(products)(n, x, g, mean, &sum, &dot);
    const double each = (double)invstd / (double)n;
    TH_KERNEL(backward)(n, x, g, mean, invstd, -each * dot * (double)invstd * (double)invstd, -each * sum, gx_);
}

#define ROWS 64 /* that are added up in the dtype before they go to a sum in double */

static void TH_KERNEL(columns)(int64_t rows, int64_t n, int64_t stride, const void *x_, const void *gy_, const void *mean_,
                               const void *invstd_, double *gw, double *gb)
{
    const scalar_t *x = x_, *gy = gy_, *mean = mean_, *invstd = invstd_;
    for (int64_t begin = 0; begin < rows; begin += ROWS) {
        const int64_t end = rows - begin < ROWS ? rows : begin + ROWS;
        scalar_t w[THNN_COLUMNS] = {0}, b[THNN_COLUMNS] = {0};
        for (int64_t r = begin; r < end; r++) {
            const scalar_t *xr = x + r * stride, *gr = gy + r * stride;
            const scalar_t m = mean[r], s = invstd[r];
            for (int64_t i = 0; i < n; i++) {
                w[i] += gr[i] * ((xr[i] - m) * s);
                b[i] += gr[i];
            }
        }
        for (int64_t i = 0; i < n; i++) {
            gw[i] += (double)w[i];
            gb[i] += (double)b[i];
        }
    }
}

/* --- groups of channels, which have a weight and a bias each ------------------------------------------------------ */

static void TH_KERNEL(group)(int64_t channels, int64_t inner, const void *x_, const void *weight_, const void *bias_,
                             double eps, void *y_, void *mean_, void *invstd_)
{
    if (inner == 1) {
        TH_KERNEL(row)(channels, x_, weight_, bias_, eps, y_, mean_, invstd_);
        return;
    }
    const scalar_t *x = x_, *weight = weight_, *bias = bias_;
    scalar_t *y = y_;
    const int64_t n = channels * inner;
    const scalar_t mean = (scalar_t)(TH_KERNEL(sum)(n, x) / (double)n);
    const scalar_t invstd = (scalar_t)(1 / sqrt(TH_KERNEL(squares)(n, x, mean) / (double)n + eps));
    *(scalar_t *)mean_ = mean;
    *(scalar_t *)invstd_ = invstd;
    for (int64_t c = 0; c < channels; c++, x += inner, y += inner) {
        const scalar_t scale = weight == NULL ? invstd : invstd * weight[c];
        const scalar_t shift = bias == NULL ? (scalar_t)0 : bias[c];
        for (int64_t i = 0; i < inner; i++) y[i] = (x[i] - mean) * scale + shift;
    }
}

/* sums[c], dots[c]: of each channel; *sum and *dot: all of them, times the weights. */
TH_INLINE void groupProducts(int64_t channels, int64_t inner, const scalar_t *x, const scalar_t *gy, const scalar_t *weight,
                             scalar_t mean, double *sums, double *dots, double *sum, double *dot)
{
    if (inner == 1) {
        for (int64_t c = 0; c < channels; c++) {
            sums[c] = (double)gy[c];
            dots[c] = (double)(gy[c] * (x[c] - mean));
        }
    } else {
        for (int64_t c = 0; c < channels; c++) {
            sums[c] = dots[c] = 0;
            TH_KERNEL(products)(inner, x + c * inner, gy + c * inner, mean, &sums[c], &dots[c]);
        }
    }
    for (int64_t c = 0; c < channels; c++) {
        const double w = weight == NULL ? 1 : (double)weight[c];
        *sum += w * sums[c];
        *dot += w * dots[c];
    }
}

static void TH_KERNEL(group_backward)(int64_t channels, int64_t inner, const void *x_, const void *gy_, const void *weight_,
                                      const void *mean_, const void *invstd_, double *sums, double *dots, void *gx_)
{
    const scalar_t *x = x_, *gy = gy_, *weight = weight_;
    const scalar_t mean = *(const scalar_t *)mean_, invstd = *(const scalar_t *)invstd_;
    scalar_t *gx = gx_;
    double sum = 0, dot = 0;
    groupProducts(channels, inner, x, gy, weight, mean, sums, dots, &sum, &dot);
    if (gx == NULL) return;
    const double each = (double)invstd / (double)(channels * inner);
    const scalar_t b = (scalar_t)(-each * dot * (double)invstd * (double)invstd), shift = (scalar_t)(-each * sum);
    if (inner == 1 && weight != NULL) {
        for (int64_t c = 0; c < channels; c++) gx[c] = gy[c] * (weight[c] * invstd) + (x[c] - mean) * b + shift;
        return;
    }
    for (int64_t c = 0; c < channels; c++, x += inner, gy += inner, gx += inner) {
        const scalar_t a = weight == NULL ? invstd : weight[c] * invstd;
        for (int64_t i = 0; i < inner; i++) gx[i] = gy[i] * a + (x[i] - mean) * b + shift;
    }
}

const THNNNormalizationKernel TH_TABLE(THNNNormalizationKernel) = {
    .sum = TH_KERNEL(sum),
    .squares = TH_KERNEL(squares),
    .products = TH_KERNEL(products),
    .apply = TH_KERNEL(apply),
    .backward = TH_KERNEL(backward),
    .row = TH_KERNEL(row),
    .row_backward = TH_KERNEL(row_backward),
    .columns = TH_KERNEL(columns),
    .group = TH_KERNEL(group),
    .group_backward = TH_KERNEL(group_backward),
};
