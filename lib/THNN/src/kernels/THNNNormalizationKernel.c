/* Sums run over independent lanes, because compilers do not reorder floating point; after each block of rounds the lanes are
 * added up in double, so that single partial sums stay short. */
#include "kernels/THNNNormalizationKernel.h"

#define LANES ((int)(256 / sizeof(scalar_t)))
#define ROUNDS 64

#define SUM_LOOP(n, value)                                                                                                     \
    double sum = 0;                                                                                                            \
    int64_t i = 0;                                                                                                             \
    while (n - i >= LANES) {                                                                                                   \
        const int64_t end = n - i < ROUNDS * LANES ? i + (n - i) / LANES * LANES : i + ROUNDS * LANES;                         \
        scalar_t lane[LANES] = {0};                                                                                            \
        for (; i < end; i += LANES) {                                                                                          \
            for (int j = 0; j < LANES; j++) lane[j] += (value(i + j));                                                         \
        }                                                                                                                      \
        for (int j = 0; j < LANES; j++) sum += (double)lane[j];                                                                \
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
        for (int j = 0; j < LANES; j++) {
            *sum += (double)sums[j];
            *dot += (double)dots[j];
        }
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

const THNNNormalizationKernel TH_TABLE(THNNNormalizationKernel) = {
    .sum = TH_KERNEL(sum),
    .squares = TH_KERNEL(squares),
    .products = TH_KERNEL(products),
    .apply = TH_KERNEL(apply),
    .backward = TH_KERNEL(backward),
};
