#include "TH/THNumbers.h"

#include <limits.h>
#include <math.h>

#include "TH/THArgument.h"
#include "TH/THTensorRandom.h"
#include "core/THHalf.h"

THGenerator *THGenerator_copy(THGenerator *self, const THGenerator *from)
{
    TH_GIVEN_OR(NULL, "copy", self, from);
    const uint64_t offset = __atomic_load_n(&from->offset, __ATOMIC_ACQUIRE);
    THGenerator_manualSeed(self, THGenerator_initialSeed(from));
    THGenerator_reserve(self, offset);
    return self;
}

uint64_t THRandom_seed(THGenerator *self)
{
    return THGenerator_seed(self);
}

void THRandom_manualSeed(THGenerator *self, uint64_t seed)
{
    THGenerator_manualSeed(self, seed);
}

uint64_t THRandom_initialSeed(const THGenerator *self)
{
    return THGenerator_initialSeed(self);
}

/* Defines <name>_drawn: what `fill` puts into t, a tensor of one element; `failed` if it cannot. */
#define DRAW(name, dtype, failed, fill)                                                                                        \
    static THScalar name##_drawn(THGenerator *generator, double a, double b)                                                   \
    {                                                                                                                          \
        (void)a;                                                                                                               \
        (void)b;                                                                                                               \
        THScalar value;                                                                                                        \
        THTensor *const t = THTensor_newWithSize(dtype, 0, NULL);                                                              \
        const bool drawn = t != NULL && fill == TH_OK && THTensor_item(t, &value) == TH_OK;                                    \
        THTensor_free(t);                                                                                                      \
        return drawn ? value : failed;                                                                                         \
    }
#define DRAW_REAL(name, fill) DRAW(name, THDtype_Double, THScalar_fromDouble(NAN), fill)
#define DRAW_WHOLE(name, fill) DRAW(name, THDtype_Long, THScalar_fromLong(0), fill)

DRAW_REAL(uniform, THTensor_uniform(t, generator, a, b))
DRAW_REAL(normal, THTensor_normal(t, generator, a, b))
DRAW_REAL(exponential, THTensor_exponential(t, generator, a))
DRAW_REAL(cauchy, THTensor_cauchy(t, generator, a, b))
DRAW_REAL(logNormal, THTensor_logNormal(t, generator, a, b))
DRAW_WHOLE(random, THTensor_randint(t, generator, 0, INT64_C(1) << 32))
DRAW_WHOLE(geometric, THTensor_geometric(t, generator, a))
DRAW_WHOLE(bernoulli, THTensor_bernoulli(t, generator, a))

uint64_t THRandom_random(THGenerator *generator)
{
    return (uint64_t)THScalar_toLong(random_drawn(generator, 0, 0));
}

uint64_t THRandom_random64(THGenerator *generator)
{
    const uint64_t high = THRandom_random(generator);
    return high << 32 | THRandom_random(generator);
}

double THRandom_uniform(THGenerator *generator, double low, double high)
{
    return THScalar_toDouble(uniform_drawn(generator, low, high));
}

double THRandom_normal(THGenerator *generator, double mean, double stddev)
{
    return THScalar_toDouble(normal_drawn(generator, mean, stddev));
}

double THRandom_exponential(THGenerator *generator, double rate)
{
    return THScalar_toDouble(exponential_drawn(generator, rate, 0));
}

double THRandom_cauchy(THGenerator *generator, double median, double scale)
{
    return THScalar_toDouble(cauchy_drawn(generator, median, scale));
}

double THRandom_logNormal(THGenerator *generator, double mean, double stddev)
{
    return THScalar_toDouble(logNormal_drawn(generator, mean, stddev));
}

int THRandom_geometric(THGenerator *generator, double p)
{
    const int64_t k = THScalar_toLong(geometric_drawn(generator, p, 0));
    return k < INT_MAX ? (int)k : INT_MAX;
}

int THRandom_bernoulli(THGenerator *generator, double p)
{
    return (int)THScalar_toLong(bernoulli_drawn(generator, p, 0));
}

uint16_t TH_float2half(float value)
{
    return thHalf_fromFloat(value);
}

float TH_half2float(uint16_t half)
{
    return thHalf_toFloat(half);
}

void TH_float2halfbits(const float *value, uint16_t *half)
{
    TH_GIVEN_OR(, "float2halfbits", value, half);
    *half = thHalf_fromFloat(*value);
}

void TH_halfbits2float(const uint16_t *half, float *value)
{
    TH_GIVEN_OR(, "halfbits2float", half, value);
    *value = thHalf_toFloat(*half);
}

double THLogAdd(double log_a, double log_b)
{
    const double larger = fmax(log_a, log_b), smaller = fmin(log_a, log_b);
    if (isnan(log_a) || isnan(log_b)) return log_a + log_b;
    if (isinf(larger)) return larger; /* also both -inf: inf - inf is nan */
    return larger + log1p(exp(smaller - larger));
}

double THLogSub(double log_a, double log_b)
{
    if (log_b > log_a) {
        THStatus_fail(TH_ERR_VALUE, "[LogSub] log_b, %g: must be at most log_a, %g", log_b, log_a);
        return NAN;
    }
    if (log_a == log_b) return THLogZero;
    const double difference = log_b - log_a; /* < 0; 1 - exp of it by whichever of the two loses nothing */
    return log_a + (difference > -0.6931471805599453 ? log(-expm1(difference)) : log1p(-exp(difference)));
}

double THExpMinusApprox(double x)
{
    return exp(-x);
}
