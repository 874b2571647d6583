// Sums, products, means, norms, variances.
#include "THC/THCTensor.h"

#include <cmath>

#include "kernels/THCSums.cuh"
#include "ops/THCReduction.cuh"

namespace
{

THDtype resultOf(THDtype dtype)
{
    return THDtype_isFloating(dtype) ? dtype : THDtype_Long;
}

THStatus checkFloating(const char *op, const THTensor *a)
{
    TH_FAIL_IF(a->dtype != THDtype_None && !THDtype_isFloating((THDtype)a->dtype), TH_ERR_DTYPE,
               "[%s] can only calculate the %s of floating types, got %s; convert the tensor first", op, op,
               THDtype_name((THDtype)a->dtype));
    return TH_OK;
}

THStatus sum(THCReduction c, THTensor *r, bool mean)
{
    const THDtype dtype = (THDtype)c.a->dtype;
    if (dtype == THDtype_None) return thc_unsupported(c.op, dtype);
    if (mean) TH_TRY(checkFloating(c.op, c.a));
    TH_TRY(c.output(r, resultOf(dtype)));
    const THCTarget target(r);
    if (!target) return THStatus_last();
    const auto run = [&]() -> THStatus {
        THC_FOR_ALL(c.op, dtype, T, {
            return c.run(THCAdding<T>{thc_data<THCSumResult<T>>(target.get()), mean, (THCSum<T>)c.lines().n});
        })
    };
    TH_TRY(run());
    return target.finish();
}

THStatus prod(THCReduction c, THTensor *r)
{
    const THDtype dtype = (THDtype)c.a->dtype;
    if (dtype == THDtype_None) return thc_unsupported(c.op, dtype);
    TH_TRY(c.output(r, resultOf(dtype)));
    const THCTarget target(r);
    if (!target) return THStatus_last();
    const auto run = [&]() -> THStatus {
        THC_FOR_ALL(c.op, dtype, T, return c.run(THCMultiplying<T>{thc_data<THCSumResult<T>>(target.get())});)
    };
    TH_TRY(run());
    return target.finish();
}

THCNormKind kindOf(double p)
{
    if (p == 0) return THC_NORM_COUNT;
    if (p == 1) return THC_NORM_ABSOLUTE;
    if (p == 2) return THC_NORM_SQUARES;
    return std::isinf(p) ? THC_NORM_LARGEST : THC_NORM_POWER;
}

THStatus norm(THCReduction c, THTensor *r, double p)
{
    TH_TRY(checkFloating("norm", c.a));
    if (c.a->dtype == THDtype_None) return thc_unsupported("norm", THDtype_None);
    TH_FAIL_IF(std::isnan(p) || p == -INFINITY, TH_ERR_VALUE, "[norm] p %g, expected a finite number or inf", p);
    TH_TRY(c.output(r, (THDtype)c.a->dtype));
    const THCTarget target(r);
    if (!target) return THStatus_last();
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING("norm", c.a->dtype, T, {
            using C = THCCompute<T>;
            T *const out = thc_data<T>(target.get());
            const THCNormKind kind = kindOf(p);
            return kind == THC_NORM_POWER ? c.run(THCPowering<T>{out, (C)p, (C)(1 / p)}) : c.run(THCNorming<T>{out, kind});
        })
    };
    TH_TRY(run());
    return target.finish();
}

// The variance or its root. A single element, unbiased: 0 / 0 is nan.
THStatus spread(THCReduction c, THTensor *r, int biased, bool root)
{
    TH_TRY(checkFloating("var", c.a));
    if (c.a->dtype == THDtype_None) return thc_unsupported("var", THDtype_None);
    TH_TRY(c.output(r, (THDtype)c.a->dtype));
    const THCTarget target(r);
    if (!target) return THStatus_last();
    const double count = (double)c.lines().n, less = biased ? count : count - 1, divisor = less < 0 ? 0 : less;
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING("var", c.a->dtype, T,
                         { return c.run(THCSpreading<T>{thc_data<T>(target.get()), (THCCompute<T>)divisor, root}); })
    };
    TH_TRY(run());
    return target.finish();
}

// What a slice of this norm is multiplied by.
template <class C> struct Bound {
    double most;
    __device__ C operator()(C norm) const { return (double)norm > most ? (C)(most / ((double)norm + 1e-7)) : (C)1; }
};

// The p-norms of a's slices along dim, as a 1-d tensor. NULL on failure.
THTensor *newSliceNorms(const THTensor *a, double p, int dim)
{
    const int64_t size[] = {a->size[dim], a->size[dim] == 0 ? 0 : a->numel / a->size[dim]};
    const THCOwned turned(THTensor_newTranspose(a, 0, dim));
    if (!turned) return nullptr;
    const THCOwned slices(THCTensor_newReshape(turned.get(), 2, size));
    THCOwned norms(THTensor_new());
    if (!slices || !norms || THCTensor_norm(norms.get(), slices.get(), p, 1, 0) != TH_OK) return nullptr;
    return norms.release();
}

} // namespace

#define ALL(op) (THCReduction{op, a, true, 0, 0})
#define ALONG(op) (THCReduction{op, a, false, dim, keepdim})

THStatus THCTensor_sumall(THTensor *r, const THTensor *a)
{
    TH_GIVEN("sum", r, a);
    return sum(ALL("sum"), r, false);
}
THStatus THCTensor_sum(THTensor *r, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("sum", r, a);
    return sum(ALONG("sum"), r, false);
}
THStatus THCTensor_meanall(THTensor *r, const THTensor *a)
{
    TH_GIVEN("mean", r, a);
    return sum(ALL("mean"), r, true);
}
THStatus THCTensor_mean(THTensor *r, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("mean", r, a);
    return sum(ALONG("mean"), r, true);
}
THStatus THCTensor_prodall(THTensor *r, const THTensor *a)
{
    TH_GIVEN("prod", r, a);
    return prod(ALL("prod"), r);
}
THStatus THCTensor_prod(THTensor *r, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("prod", r, a);
    return prod(ALONG("prod"), r);
}
THStatus THCTensor_normall(THTensor *r, const THTensor *a, double p)
{
    TH_GIVEN("norm", r, a);
    return norm(ALL("norm"), r, p);
}
THStatus THCTensor_varall(THTensor *r, const THTensor *a, int biased)
{
    TH_GIVEN("var", r, a);
    return spread(ALL("var"), r, biased, false);
}

THStatus THCTensor_norm(THTensor *r, const THTensor *a, double p, int dim, int keepdim)
{
    TH_GIVEN("norm", r, a);
    return norm(ALONG("norm"), r, p);
}

THStatus THCTensor_var(THTensor *r, const THTensor *a, int dim, int biased, int keepdim)
{
    TH_GIVEN("var", r, a);
    return spread(ALONG("var"), r, biased, false);
}

THStatus THCTensor_std(THTensor *r, const THTensor *a, int dim, int biased, int keepdim)
{
    TH_GIVEN("std", r, a);
    return spread(ALONG("var"), r, biased, true);
}

THStatus THCTensor_stdall(THTensor *r, const THTensor *a, int biased)
{
    TH_GIVEN("std", r, a);
    return spread(ALL("var"), r, biased, true);
}

THStatus THCTensor_dist(THTensor *r, const THTensor *a, const THTensor *b, double p)
{
    TH_GIVEN("dist", r, a, b);
    const THCOwned difference(THTensor_new());
    if (!difference) return THStatus_last();
    TH_TRY(THCTensor_csub(difference.get(), a, b, THScalar_fromLong(1)));
    return THCTensor_normall(r, difference.get(), p);
}

THStatus THCTensor_logsumexp(THTensor *r, const THTensor *a, int dim, int keepdim)
{
    TH_GIVEN("logsumexp", r, a);
    THCReduction c = ALONG("logsumexp");
    if (!THDtype_isFloating((THDtype)a->dtype)) return thc_unsupported(c.op, (THDtype)a->dtype);
    TH_TRY(c.output(r, (THDtype)a->dtype));
    const THCTarget target(r);
    if (!target) return THStatus_last();
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING(c.op, a->dtype, T, return c.run(THCExponentials<T>{thc_data<T>(target.get())});)
    };
    TH_TRY(run());
    return target.finish();
}

THStatus THCTensor_renorm(THTensor *r, const THTensor *a, double p, int dim, double max_norm)
{
    TH_GIVEN("renorm", r, a);
    int64_t size[TH_MAX_DIMS];
    if (!THDtype_isFloating((THDtype)a->dtype)) return thc_unsupported("renorm", (THDtype)a->dtype);
    TH_FAIL_IF(!(p > 0), TH_ERR_VALUE, "[renorm] p %g, expected a number above 0: non-positive-norm not supported", p);
    TH_FAIL_IF(!(max_norm >= 0), TH_ERR_VALUE, "[renorm] maxnorm %g, expected a number that is not negative", max_norm);
    TH_FAIL_IF(a->ndim < 2, TH_ERR_SHAPE, "[renorm] a tensor of %d dimensions, expected at least 2", a->ndim);
    TH_TRY(THTensor_wrapDim(a, dim, "renorm", &dim));
    if (a->dtype == THDtype_Half) {
        const THCOwned wide(THCTensor_newConvert(a, THDtype_Float)), result(THTensor_new());
        if (!wide || !result) return THStatus_last();
        TH_TRY(THCTensor_renorm(result.get(), wide.get(), p, dim, max_norm));
        TH_TRY(THTensor_outputOn(r, "renorm", THTensor_device(a), THDtype_Half, a->ndim, a->size));
        return THCTensor_copy(r, result.get());
    }
    for (int d = 0; d < a->ndim; d++) size[d] = d == dim ? a->size[d] : 1;
    const THCOwned norms(newSliceNorms(a, p, dim));
    if (!norms) return THStatus_last();
    const auto bound = [&]() -> THStatus {
        THC_FOR_FLOATING("renorm", a->dtype, T, {
            return thc_map<T, T>("renorm", Bound<THCCompute<T>>{max_norm}, norms.get(),
                                 static_cast<const THTensor *>(norms.get()));
        })
    };
    TH_TRY(bound());
    const THCOwned factors(THTensor_newView(norms.get(), a->ndim, size));
    return factors ? THCTensor_cmul(r, a, factors.get()) : THStatus_last();
}
