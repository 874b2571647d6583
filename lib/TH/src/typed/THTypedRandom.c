/* THFloatTensor_*: random numbers. */
#include "typed/THTypedBody.h"

/* One past the greatest integer that `random` gives. */
static int64_t random_limit(void)
{
    switch (REAL_DTYPE) {
    case THDtype_Byte:
        return (int64_t)1 << 8;
    case THDtype_Char:
        return (int64_t)1 << 7;
    case THDtype_Short:
        return (int64_t)1 << 15;
    case THDtype_Int:
        return (int64_t)1 << 31;
    case THDtype_Long:
        return INT64_MAX;
    case THDtype_Float:
        return (int64_t)1 << 24;
    default:
        return (int64_t)1 << 53;
    }
}

THStatus THTensor_(random)(THTensor *self, THGenerator *generator)
{
    TH_TRY(check_dtype("random", self));
    return THTensor_randint(self, generator, 0, random_limit());
}

THStatus THTensor_(clampedRandom)(THTensor *self, THGenerator *generator, int64_t min, int64_t max)
{
    TH_TRY(check_dtype("clampedRandom", self));
    return THTensor_randint(self, generator, min, max);
}

THStatus THTensor_(cappedRandom)(THTensor *self, THGenerator *generator, int64_t max)
{
    TH_TRY(check_dtype("cappedRandom", self));
    return THTensor_randint(self, generator, 0, max);
}

THStatus THTensor_(bernoulli)(THTensor *self, THGenerator *generator, double p)
{
    TH_TRY(check_dtype("bernoulli", self));
    return THTensor_bernoulli(self, generator, p);
}

static THStatus bernoulli_tensor(THTensor *self, THGenerator *generator, const THTensor *p, THDtype dtype)
{
    TH_TRY(check_dtype("bernoulli", self));
    TH_FAIL_IF(p->dtype != dtype, TH_ERR_DTYPE, "[bernoulli] p is %s, expected %s", THDtype_name((THDtype)p->dtype),
               THDtype_name(dtype));
    return THTensor_bernoulliTensor(self, generator, p);
}

THStatus THTensor_(bernoulli_FloatTensor)(THTensor *self, THGenerator *generator, const THTensor *p)
{
    return bernoulli_tensor(self, generator, p, THDtype_Float);
}

THStatus THTensor_(bernoulli_DoubleTensor)(THTensor *self, THGenerator *generator, const THTensor *p)
{
    return bernoulli_tensor(self, generator, p, THDtype_Double);
}

THStatus THTensor_(randperm)(THTensor *r_, THGenerator *generator, int64_t n)
{
    TH_TRY(check_dtype("randperm", r_));
    return THTensor_randperm(r_, generator, n);
}

#if TH_DTYPE_IS_FLOATING

THStatus THTensor_(uniform)(THTensor *self, THGenerator *generator, double a, double b)
{
    TH_TRY(check_dtype("uniform", self));
    return THTensor_uniform(self, generator, a, b);
}

THStatus THTensor_(normal)(THTensor *self, THGenerator *generator, double mean, double stdv)
{
    TH_TRY(check_dtype("normal", self));
    return THTensor_normal(self, generator, mean, stdv);
}

#endif
