/* Loops over the formulas of TH/THPathwiseMath.h. */
#include "kernels/THPathwise.h"

#include "kernels/THWide.h"

#define PATH_EXP(x) wide_exp(x)
#define PATH_EXPM1(x) wide_expm1(x)
#define PATH_LOG(x) wide_log(x)
#include "TH/THPathwiseMath.h"

/* Neighbours often have the same parameters: what depends only on these is computed where they change. */
TH_INLINE void gammaLoop(char *const data[], const int64_t stride[], int64_t n, bool logarithm)
{
    double last = NAN, mean = NAN;
    for (int64_t i = 0; i < n; i++) {
        const double a = (double)TH_CONST_AT(scalar_t, data[1], stride[1], i);
        const double sample = (double)TH_CONST_AT(scalar_t, data[2], stride[2], i);
        if (a != last) mean = gamma_digamma(a);
        last = a;
        double slope = sample;
        if (logarithm)
            slope = path_gammaLog(a, sample, mean);
        else if (sample != 0.0 && !isinf(sample))
            slope *= path_gammaLog(a, log(sample), mean);
        TH_AT(scalar_t, data[0], stride[0], i) = (scalar_t)slope;
    }
}

static void TH_KERNEL(pathGamma)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    (void)args;
    gammaLoop(data, stride, n, false);
}

static void TH_KERNEL(pathGammaLog)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    (void)args;
    gammaLoop(data, stride, n, true);
}

static void TH_KERNEL(pathBeta)(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    double last_a = NAN, last_b = NAN, mean = NAN;
    (void)args;
    for (int64_t i = 0; i < n; i++) {
        const double place = (double)TH_CONST_AT(scalar_t, data[1], stride[1], i);
        const double a = (double)TH_CONST_AT(scalar_t, data[2], stride[2], i);
        const double b = (double)TH_CONST_AT(scalar_t, data[3], stride[3], i);
        if (a != last_a || b != last_b) mean = path_meanLog(a, b);
        last_a = a;
        last_b = b;
        TH_AT(scalar_t, data[0], stride[0], i) = (scalar_t)path_beta(place, a, b, mean);
    }
}

const THPathwise TH_TABLE(THPathwise) = {
    .gamma = TH_KERNEL(pathGamma),
    .gammaLog = TH_KERNEL(pathGammaLog),
    .beta = TH_KERNEL(pathBeta),
};
