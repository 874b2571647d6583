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
    case THDtype_Half:
        return (int64_t)1 << 11;
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
    TH_GIVEN("bernoulli", p);
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

THStatus THTensor_(geometric)(THTensor *self, THGenerator *generator, double p)
{
    TH_TRY(check_dtype("geometric", self));
    return THTensor_geometric(self, generator, p);
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

/* Draws in the shape of one of the parameters; self is touched when nothing can be refused any more. */
static THStatus draw_like(THTensor *self, THGenerator *generator, const THTensor *shape, const THTensor *means,
                          const THTensor *stddevs)
{
    TH_TRY(check_dtype("normal", self));
    TH_GIVEN("normal", means, stddevs);
    TH_TRY(thTyped_check("normal", THTensor_device(self)));
    THTensor *const drawn = thTyped_new(REAL_DTYPE, shape->ndim, shape->size);
    THStatus status = drawn == NULL ? THStatus_last() : THTensor_normalTensors(drawn, generator, means, stddevs);
    if (status == TH_OK) status = thTyped_output(self, "normal", NULL, REAL_DTYPE, shape->ndim, shape->size);
    if (status == TH_OK) status = THTensor_copy(self, drawn);
    THTensor_free(drawn);
    return status;
}

/* A tensor of one element. */
static THTensor *number(double value)
{
    THTensor *const t = thTyped_new(REAL_DTYPE, 0, NULL);
    if (t == NULL || THTensor_fill(t, THScalar_fromDouble(value)) == TH_OK) return t;
    THTensor_free(t);
    return NULL;
}

THStatus THTensor_(normal_means)(THTensor *self, THGenerator *generator, const THTensor *means, double stddev)
{
    TH_GIVEN("normal_means", self, means);
    TH_TRY(thTyped_check("normal_means", THTensor_device(self)));
    TH_FAIL_IF(!(stddev >= 0), TH_ERR_VALUE, "[normal_means] stddev, %g: normal expects std >= 0.0", stddev);
    THTensor *const all = number(stddev);
    const THStatus status = all == NULL ? THStatus_last() : draw_like(self, generator, means, means, all);
    THTensor_free(all);
    return status;
}

THStatus THTensor_(normal_stddevs)(THTensor *self, THGenerator *generator, double mean, const THTensor *stddevs)
{
    TH_GIVEN("normal_stddevs", self, stddevs);
    TH_TRY(thTyped_check("normal_stddevs", THTensor_device(self)));
    THTensor *const all = number(mean);
    const THStatus status = all == NULL ? THStatus_last() : draw_like(self, generator, stddevs, all, stddevs);
    THTensor_free(all);
    return status;
}

THStatus THTensor_(normal_means_stddevs)(THTensor *self, THGenerator *generator, const THTensor *means, const THTensor *stddevs)
{
    return draw_like(self, generator, means, means, stddevs);
}

THStatus THTensor_(exponential)(THTensor *self, THGenerator *generator, double lambda)
{
    TH_TRY(check_dtype("exponential", self));
    return THTensor_exponential(self, generator, lambda);
}

THStatus THTensor_(cauchy)(THTensor *self, THGenerator *generator, double median, double sigma)
{
    TH_TRY(check_dtype("cauchy", self));
    return THTensor_cauchy(self, generator, median, sigma);
}

THStatus THTensor_(logNormal)(THTensor *self, THGenerator *generator, double mean, double stdv)
{
    TH_TRY(check_dtype("logNormal", self));
    return THTensor_logNormal(self, generator, mean, stdv);
}

THStatus THTensor_(multinomial)(THTensor *self, THGenerator *generator, const THTensor *prob_dist, int n_sample,
                                int with_replacement)
{
    TH_TRY(check_dtype("multinomial", prob_dist));
    return THTensor_multinomial(self, generator, prob_dist, n_sample, with_replacement);
}

THStatus THTensor_(multinomialAliasSetup)(const THTensor *prob_dist, THTensor *J, THTensor *q)
{
    TH_TRY(check_dtype("multinomialAliasSetup", prob_dist));
    return THTensor_aliasSetup(q, J, prob_dist);
}

THStatus THTensor_(multinomialAliasDraw)(THTensor *self, THGenerator *generator, const THTensor *J, const THTensor *q)
{
    TH_TRY(check_dtype("multinomialAliasDraw", q));
    return THTensor_aliasDraw(self, generator, q, J);
}

#endif

#if TH_DTYPE_IS(Byte) && !defined TH_TYPED_SHARED
static const int64_t state_bytes = 2 * (int64_t)sizeof(uint64_t);

THStatus THTensor_(getRNGState)(THGenerator *generator, THTensor *self)
{
    TH_GIVEN("getRNGState", self);
    const THGenerator *const from = generator == NULL ? THGenerator_default() : generator;
    const uint64_t words[] = {__atomic_load_n(&from->seed, __ATOMIC_RELAXED), __atomic_load_n(&from->offset, __ATOMIC_ACQUIRE)};
    THTensor *const state = THTensor_newWithSize(THDtype_Byte, 1, &state_bytes);
    if (state == NULL) return THStatus_last();
    memcpy(THTensor_dataBytes(state), words, sizeof words);
    THStatus status = THTensor_output(self, "getRNGState", THDtype_Byte, 1, &state_bytes);
    if (status == TH_OK) status = THTensor_copy(self, state);
    THTensor_free(state);
    return status;
}

THStatus THTensor_(setRNGState)(THGenerator *generator, const THTensor *self)
{
    TH_GIVEN("setRNGState", self);
    THGenerator *const to = generator == NULL ? THGenerator_default() : generator;
    uint64_t words[2];
    TH_TRY(check_dtype("setRNGState", self));
    TH_FAIL_IF(self->ndim != 1 || self->numel != state_bytes, TH_ERR_SHAPE,
               "[setRNGState] state has %d dimensions and %lld elements, expected %lld bytes", self->ndim,
               (long long)self->numel, (long long)state_bytes);
    THTensor *const state = THTensor_newClone(self);
    if (state == NULL) return THStatus_last();
    memcpy(words, THTensor_dataBytes(state), sizeof words);
    THTensor_free(state);
    THGenerator_manualSeed(to, words[0]);
    (void)THGenerator_reserve(to, words[1]);
    return TH_OK;
}
#endif
