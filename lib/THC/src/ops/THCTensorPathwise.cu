// How random numbers move with the parameters of their law: the host's formulas (TH/THPathwiseMath.h), computed in double.
#define TH_DTYPE Double

#include "TH/THPathwiseMath.h"
#include "THC/THCTensor.h"
#include "THC/device/THCMap.cuh"

namespace
{

template <class C> struct GammaSlope {
    bool in_log;
    __device__ C operator()(C shape, C sample) const
    {
        const double a = (double)shape, x = (double)sample;
        if (!in_log && (x == 0.0 || isinf(x))) return sample;
        const double slope = path_gammaLog(a, in_log ? x : log(x), gamma_digamma(a));
        return (C)(in_log ? slope : x * slope);
    }
};

template <class C> struct BetaSlope {
    __device__ C operator()(C place, C a, C b) const
    {
        return (C)path_beta((double)place, (double)a, (double)b, path_meanLog((double)a, (double)b));
    }
};

// Float and Double, as on the host.
THStatus checkComputes(const char *op, const THTensor *t)
{
    const THDtype dtype = (THDtype)t->dtype;
    return dtype == THDtype_Float || dtype == THDtype_Double ? TH_OK : thc_unsupported(op, dtype);
}

} // namespace

THStatus THCTensor_standardGammaGrad(THTensor *r, const THTensor *shape, const THTensor *sample, int logarithm)
{
    const char *const op = "standardGammaGrad";
    TH_GIVEN("standardGammaGrad", r, shape, sample);
    TH_TRY(thc_same(op, shape, sample));
    TH_TRY(checkComputes(op, shape));
    TH_TRY(thc_outputOfTwo(op, r, shape, sample, (THDtype)shape->dtype));
    if (shape->dtype == THDtype_Double)
        return thc_map<double, double, double>(op, GammaSlope<double>{logarithm != 0}, r, shape, sample);
    return thc_map<float, float, float>(op, GammaSlope<float>{logarithm != 0}, r, shape, sample);
}

THStatus THCTensor_betaGrad(THTensor *r, const THTensor *place, const THTensor *a, const THTensor *b)
{
    const char *const op = "betaGrad";
    TH_GIVEN("betaGrad", r, place, a, b);
    TH_TRY(thc_same(op, place, a));
    TH_TRY(thc_same(op, place, b));
    TH_TRY(checkComputes(op, place));
    TH_TRY(thc_outputOfThree(op, r, place, a, b, (THDtype)place->dtype));
    if (place->dtype == THDtype_Double) return thc_map<double, double, double, double>(op, BetaSlope<double>{}, r, place, a, b);
    return thc_map<float, float, float, float>(op, BetaSlope<float>{}, r, place, a, b);
}
