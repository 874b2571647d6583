// Sums, products, means, norms, variances.
#include "THC/THCTensor.h"

#include <cmath>

#include "ops/THCReduction.cuh"

namespace
{

template <class T> using Sum = typename THCAccumulate<T>::Type;
// Sums of integers are int64.
template <class T> using Result = std::conditional_t<std::is_integral_v<T>, int64_t, T>;

THDtype resultOf(THDtype dtype)
{
    return THDtype_isFloating(dtype) ? dtype : THDtype_Long;
}

// The sum, or with a divisor (floating dtypes) the mean.
template <class T> struct Adding {
    using In = T;
    using Acc = Sum<T>;
    Result<T> *out;
    bool divide;
    Acc divisor;
    __device__ Acc start() const { return 0; }
    __device__ Acc take(Acc acc, T x, int64_t) const { return THCAdd<Acc>{}(acc, (Acc)THCElement<T>::up(x)); }
    __device__ Acc join(Acc a, Acc b) const { return THCAdd<Acc>{}(a, b); }
    __device__ void write(int64_t slot, Acc acc) const
    {
        if constexpr (std::is_floating_point_v<Acc>)
            if (divide) acc /= divisor;
        out[slot] = THCElement<Result<T>>::down(acc);
    }
};

template <class T> struct Multiplying {
    using In = T;
    using Acc = Sum<T>;
    Result<T> *out;
    __device__ Acc start() const { return 1; }
    __device__ Acc take(Acc acc, T x, int64_t) const { return THCMul<Acc>{}(acc, (Acc)THCElement<T>::up(x)); }
    __device__ Acc join(Acc a, Acc b) const { return THCMul<Acc>{}(a, b); }
    __device__ void write(int64_t slot, Acc acc) const { out[slot] = THCElement<Result<T>>::down(acc); }
};

enum NormKind { COUNT, ABSOLUTE, SQUARES, LARGEST, POWERS };

// What is added up (or, for LARGEST, compared) is chosen by an argument: the branch is the same for all threads.
template <class T> struct Norming {
    using In = T;
    using Acc = THCCompute<T>;
    T *out;
    NormKind kind;
    Acc p, inverse;
    __device__ Acc start() const { return 0; }
    __device__ Acc join(Acc a, Acc b) const
    {
        if (kind == LARGEST) return b > a || b != b ? b : a;
        return a + b;
    }
    __device__ Acc take(Acc acc, T element, int64_t) const
    {
        const Acc x = THCElement<T>::up(element);
        if (kind == SQUARES) return acc + x * x;
        if (kind == COUNT) return acc + (Acc)(x != 0);
        return join(acc, kind == POWERS ? pow(fabs(x), p) : fabs(x));
    }
    __device__ void write(int64_t slot, Acc acc) const
    {
        out[slot] = THCElement<T>::down(kind == SQUARES ? sqrt(acc) : kind == POWERS ? pow(acc, inverse) : acc);
    }
};

// By Welford's method; parts are joined by Chan's. Distances are to the mean of what has been seen, so nothing cancels.
template <class T> struct Spreading {
    using In = T;
    using C = THCCompute<T>;
    struct Acc {
        int64_t count;
        C mean, squares;
    };
    T *out;
    C divisor;
    __device__ Acc start() const { return {0, 0, 0}; }
    __device__ Acc take(const Acc &acc, T element, int64_t) const
    {
        const C x = THCElement<T>::up(element), distance = x - acc.mean;
        const int64_t count = acc.count + 1;
        const C mean = acc.mean + distance / (C)count;
        return {count, mean, acc.squares + distance * (x - mean)};
    }
    __device__ Acc join(const Acc &a, const Acc &b) const
    {
        if (b.count == 0) return a;
        if (a.count == 0) return b;
        const int64_t count = a.count + b.count;
        const C distance = b.mean - a.mean, share = (C)b.count / (C)count;
        return {count, a.mean + distance * share, a.squares + b.squares + distance * distance * ((C)a.count * share)};
    }
    __device__ void write(int64_t slot, const Acc &acc) const { out[slot] = THCElement<T>::down(acc.squares / divisor); }
};

// log(sum(exp(a))) in one pass: a sum of exponentials of distances to the largest element so far, which starts as -inf.
template <class T> struct Exponentials {
    using In = T;
    using C = THCCompute<T>;
    struct Acc {
        C most, sum;
    };
    T *out;
    __device__ Acc start() const { return {-(C)INFINITY, 0}; }
    __device__ Acc join(const Acc &a, const Acc &b) const
    {
        if (a.most == b.most) return {a.most, a.sum + b.sum}; // infinities have no distance
        if (a.most > b.most) return {a.most, a.sum + b.sum * exp(b.most - a.most)};
        return {b.most, a.sum * exp(a.most - b.most) + b.sum};
    }
    __device__ Acc take(const Acc &acc, T element, int64_t) const
    {
        const C x = THCElement<T>::up(element);
        return x != x ? Acc{acc.most, x} : join(acc, {x, 1});
    }
    __device__ void write(int64_t slot, const Acc &acc) const { out[slot] = THCElement<T>::down(acc.most + log(acc.sum)); }
};

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
        THC_FOR_ALL(c.op, dtype, T, { return c.run(Adding<T>{thc_data<Result<T>>(target.get()), mean, (Sum<T>)c.lines().n}); })
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
        THC_FOR_ALL(c.op, dtype, T, return c.run(Multiplying<T>{thc_data<Result<T>>(target.get())});)
    };
    TH_TRY(run());
    return target.finish();
}

NormKind kindOf(double p)
{
    if (p == 0) return COUNT;
    if (p == 1) return ABSOLUTE;
    if (p == 2) return SQUARES;
    return std::isinf(p) ? LARGEST : POWERS;
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
            return c.run(Norming<T>{thc_data<T>(target.get()), kindOf(p), (C)p, (C)(1 / p)});
        })
    };
    TH_TRY(run());
    return target.finish();
}

// A single element, unbiased: 0 / 0 is nan.
THStatus variance(THCReduction c, THTensor *r, int biased)
{
    TH_TRY(checkFloating("var", c.a));
    if (c.a->dtype == THDtype_None) return thc_unsupported("var", THDtype_None);
    TH_TRY(c.output(r, (THDtype)c.a->dtype));
    const THCTarget target(r);
    if (!target) return THStatus_last();
    const double count = (double)c.lines().n, less = biased ? count : count - 1, divisor = less < 0 ? 0 : less;
    const auto run = [&]() -> THStatus {
        THC_FOR_FLOATING("var", c.a->dtype, T,
                         { return c.run(Spreading<T>{thc_data<T>(target.get()), (THCCompute<T>)divisor}); })
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
    return variance(ALL("var"), r, biased);
}

THStatus THCTensor_norm(THTensor *r, const THTensor *a, double p, int dim, int keepdim)
{
    TH_GIVEN("norm", r, a);
    return norm(ALONG("norm"), r, p);
}

THStatus THCTensor_var(THTensor *r, const THTensor *a, int dim, int biased, int keepdim)
{
    TH_GIVEN("var", r, a);
    return variance(ALONG("var"), r, biased);
}

THStatus THCTensor_std(THTensor *r, const THTensor *a, int dim, int biased, int keepdim)
{
    TH_GIVEN("std", r, a);
    TH_TRY(THCTensor_var(r, a, dim, biased, keepdim));
    return THCTensor_sqrt(r, r);
}

THStatus THCTensor_stdall(THTensor *r, const THTensor *a, int biased)
{
    TH_GIVEN("std", r, a);
    TH_TRY(THCTensor_varall(r, a, biased));
    return THCTensor_sqrt(r, r);
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
        THC_FOR_FLOATING(c.op, a->dtype, T, return c.run(Exponentials<T>{thc_data<T>(target.get())});)
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
