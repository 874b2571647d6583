/* Philox: known answers, independence of threads, CPU level and strides, and the distributions' moments. */
#include "THTest.h"

#define SIZE(...)                                                                                                              \
    (const int64_t[])                                                                                                          \
    {                                                                                                                          \
        __VA_ARGS__                                                                                                            \
    }

static const THDtype floats[] = {THDtype_Half, THDtype_Float, THDtype_Double};

/* The first words of Philox 4x32-10 for key 0, counter 0 (the authors' known answers). */
static void testKnownAnswers(void)
{
    THGenerator *g = THGenerator_new();
    THGenerator_manualSeed(g, 0);
    THTensor *t = THTensor_newWithSize(THDtype_Float, 1, SIZE(4));
    CHECK_OK(THTensor_uniform(t, g, 0, 1));
    const uint32_t words[] = {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u};
    for (int i = 0; i < 4; i++) CHECK(th_test_at(t, i) == (double)(words[i] >> 8) * 0x1p-24);
    CHECK(g->offset == 1);
    THTensor_free(t);
    THGenerator_free(g);
}

typedef THStatus (*Draw)(THTensor *self, THGenerator *g);

static THStatus drawUniform(THTensor *t, THGenerator *g)
{
    return THTensor_uniform(t, g, -1, 3);
}

static THStatus drawNormal(THTensor *t, THGenerator *g)
{
    return THTensor_normal(t, g, 1, 2);
}

static THStatus drawBernoulli(THTensor *t, THGenerator *g)
{
    return THTensor_bernoulli(t, g, 0.3);
}

static THStatus drawRandint(THTensor *t, THGenerator *g)
{
    return THTensor_randint(t, g, -5, 1000);
}

static uint64_t hash(const THTensor *t)
{
    uint64_t h = 1469598103934665603u;
    const unsigned char *bytes = (const unsigned char *)THTensor_dataBytes(t);
    for (int64_t i = 0; i < t->numel * (int64_t)THDtype_size(t->dtype); i++) h = (h ^ bytes[i]) * 1099511628211u;
    return h;
}

/* The same numbers with every number of threads, CPU level, and through strides. */
static void testReproducible(void)
{
    const Draw draws[] = {drawUniform, drawNormal, drawBernoulli, drawRandint};
    THGenerator *g = THGenerator_new();
    for (int d = 0; d < 4; d++) {
        for (int f = 0; f < 3; f++) {
            uint64_t expected = 0;
            for (int level = THCpu_BASE; level <= (int)THCpu_best(); level++) {
                for (int threads = 1; threads < 4; threads++) {
                    CHECK_OK(THCpu_force((THCpu)level));
                    CHECK_OK(THThreads_set(threads));
                    THGenerator_manualSeed(g, 42);
                    THTensor *t = THTensor_newWithSize(floats[f], 2, SIZE(333, 301));
                    CHECK_OK(draws[d](t, g));
                    if (expected == 0) expected = hash(t);
                    CHECK(hash(t) == expected);
                    THTensor *wide = THTensor_newWithSize(floats[f], 2, SIZE(333, 400));
                    THTensor *part = THTensor_newNarrow(wide, 1, 7, 301);
                    THGenerator_manualSeed(g, 42);
                    CHECK_OK(draws[d](part, g));
                    THTensor *dense = THTensor_newClone(part);
                    CHECK(hash(dense) == expected);
                    THTensor_free(t);
                    THTensor_free(wide);
                    THTensor_free(part);
                    THTensor_free(dense);
                }
            }
        }
    }
    /* A second draw continues the stream. */
    THTensor *a = THTensor_newWithSize(THDtype_Float, 1, SIZE(1000)), *b = THTensor_newClone(a);
    CHECK_OK(THTensor_uniform(a, g, 0, 1));
    CHECK_OK(THTensor_uniform(b, g, 0, 1));
    CHECK(hash(a) != hash(b));
    THTensor_free(a);
    THTensor_free(b);
    THGenerator_free(g);
}

/* Mean, variance, skewness, kurtosis, least and greatest of n numbers. */
typedef struct Moments {
    double mean, variance, third, fourth, least, greatest;
} Moments;

static Moments momentsOf(const THTensor *t)
{
    Moments m = {.least = INFINITY, .greatest = -INFINITY};
    const double n = (double)t->numel;
    for (int64_t i = 0; i < t->numel; i++) m.mean += th_test_at(t, i) / n;
    for (int64_t i = 0; i < t->numel; i++) {
        const double x = th_test_at(t, i), d = x - m.mean;
        m.variance += d * d / n;
        m.third += d * d * d / n;
        m.fourth += d * d * d * d / n;
        m.least = fmin(m.least, x);
        m.greatest = fmax(m.greatest, x);
    }
    return m;
}

static void testDistributions(void)
{
    THGenerator *g = THGenerator_new();
    THGenerator_manualSeed(g, 7);
    for (int f = 0; f < 3; f++) {
        THTensor *t = THTensor_newWithSize(floats[f], 1, SIZE(400000));
        CHECK_OK(THTensor_uniform(t, g, 0, 1));
        Moments m = momentsOf(t);
        CHECK_NEAR(m.mean, 0.5, 3e-3);
        CHECK_NEAR(m.variance, 1.0 / 12, 1e-3);
        CHECK(m.least >= 0 && m.greatest < 1 && m.least < 1e-3 && m.greatest > 0.999);
        CHECK_OK(THTensor_normal(t, g, 0, 1));
        m = momentsOf(t);
        CHECK_NEAR(m.mean, 0, 1e-2);
        CHECK_NEAR(m.variance, 1, 2e-2);
        CHECK_NEAR(m.third, 0, 3e-2);
        CHECK_NEAR(m.fourth, 3, 0.1);
        CHECK(m.greatest > 4 && m.greatest < 7 && m.least < -4 && m.least > -7);
        CHECK_OK(THTensor_normal(t, g, 5, 0));
        m = momentsOf(t);
        CHECK(m.least == 5 && m.greatest == 5);
        CHECK_OK(THTensor_uniform(t, g, 1, 1 + 0x1p-9));
        m = momentsOf(t);
        CHECK(m.greatest < 1 + 0x1p-9 && m.least >= 1);
        THTensor_free(t);
    }
    THGenerator_free(g);
}

/* Box and Muller's formula, computed from the uniform words in double. */
static void testNormalFormula(void)
{
    THGenerator *g = THGenerator_new();
    THTensor *u = THTensor_newWithSize(THDtype_Double, 1, SIZE(100000)), *z = THTensor_newClone(u);
    CHECK_OK(THTensor_uniform(u, g, 0, 1));
    THGenerator_manualSeed(g, THGenerator_initialSeed(g));
    CHECK_OK(THTensor_normal(z, g, 0, 1));
    double worst = 0;
    for (int64_t i = 0; i < 100000; i += 2) {
        const double radius = sqrt(-2 * log(th_test_at(u, i) + 0x1p-53)), angle = 6.283185307179586 * th_test_at(u, i + 1);
        worst = fmax(worst, fabs(radius * cos(angle) - th_test_at(z, i)));
        worst = fmax(worst, fabs(radius * sin(angle) - th_test_at(z, i + 1)));
    }
    CHECK_NEAR(worst, 0, 5e-15);
    THTensor_free(u);
    THTensor_free(z);
    THGenerator_free(g);
}

static void testBernoulli(void)
{
    THGenerator *g = THGenerator_new();
    for (int dtype = 0; dtype < THDtype_Count; dtype++) {
        THTensor *t = THTensor_newWithSize((THDtype)dtype, 1, SIZE(100001));
        CHECK_OK(THTensor_bernoulli(t, g, 0.25));
        Moments m = momentsOf(t);
        CHECK_NEAR(m.mean, 0.25, 0.01);
        CHECK(m.least == 0 && m.greatest == 1);
        CHECK_OK(THTensor_bernoulli(t, g, 1));
        CHECK(momentsOf(t).least == 1);
        CHECK_OK(THTensor_bernoulli(t, g, 0));
        CHECK(momentsOf(t).greatest == 0);
        THTensor_free(t);
    }
    THTensor *t = THTensor_newWithSize(THDtype_Byte, 2, SIZE(20000, 3)), *p = THTensor_newWithSize(THDtype_Double, 1, SIZE(3));
    const double probabilities[] = {0, 0.5, 1};
    memcpy(THTensor_dataBytes(p), probabilities, sizeof probabilities);
    CHECK_OK(THTensor_bernoulliTensor(t, g, p));
    double sums[3] = {0};
    for (int64_t i = 0; i < t->numel; i++) sums[i % 3] += th_test_at(t, i);
    CHECK(sums[0] == 0 && sums[2] == 20000);
    CHECK_NEAR(sums[1], 10000, 400);
    const uint64_t before = hash(t);
    ((double *)(void *)THTensor_dataBytes(p))[1] = 1.5;
    CHECK_FAILS(THTensor_bernoulliTensor(t, g, p), TH_ERR_VALUE, "[bernoulli] p");
    CHECK(hash(t) == before);
    CHECK_FAILS(THTensor_bernoulli(t, g, NAN), TH_ERR_VALUE, "expects p to be in [0, 1]");
    CHECK_FAILS(THTensor_bernoulliTensor(t, g, t), TH_ERR_DTYPE, "must be floating");
    THTensor_free(t);
    THTensor_free(p);
    THGenerator_free(g);
}

static void testIntegers(void)
{
    THTensor *t = THTensor_newWithSize(THDtype_Byte, 1, SIZE(200000));
    CHECK_OK(THTensor_randint(t, NULL, 250, 256));
    Moments m = momentsOf(t);
    CHECK(m.least == 250 && m.greatest == 255);
    CHECK_NEAR(m.mean, 252.5, 0.03);
    CHECK_FAILS(THTensor_randint(t, NULL, 0, 257), TH_ERR_VALUE, "[randint] a bound, 256");
    CHECK_FAILS(THTensor_randint(t, NULL, 5, 5), TH_ERR_VALUE, "from=5 >= to=5");
    CHECK_FAILS(THTensor_uniform(t, NULL, 0, 1), TH_ERR_DTYPE, "[uniform] self, a tensor of dtype Byte");
    THTensor_free(t);
    t = THTensor_newWithSize(THDtype_Long, 1, SIZE(100000));
    CHECK_OK(THTensor_randint(t, NULL, INT64_MIN, INT64_MAX));
    m = momentsOf(t);
    CHECK(m.least < -9e18 && m.greatest > 9e18);
    CHECK_OK(THTensor_randperm(t, NULL, 50000));
    unsigned char *seen = calloc(1, 50000);
    double displaced = 0;
    for (int64_t i = 0; i < 50000; i++) {
        const int64_t value = (int64_t)th_test_at(t, i);
        seen[value]++;
        displaced += fabs((double)(value - i)) / 50000;
    }
    for (int64_t i = 0; i < 50000; i++) CHECK(seen[i] == 1);
    CHECK_NEAR(displaced, 50000.0 / 3, 500);
    free(seen);
    CHECK_OK(THTensor_randperm(t, NULL, 0));
    CHECK(t->numel == 0);
    CHECK_FAILS(THTensor_randperm(t, NULL, -1), TH_ERR_VALUE, "[randperm] n, -1");
    THTensor_free(t);
    t = THTensor_newWithSize(THDtype_Half, 1, SIZE(1));
    CHECK_FAILS(THTensor_randperm(t, NULL, 5000), TH_ERR_VALUE, "[randperm] a bound, 4999");
    CHECK_FAILS(THTensor_uniform(t, NULL, 1, 0), TH_ERR_VALUE, "from=1 > to=0");
    CHECK_FAILS(THTensor_normal(t, NULL, 0, -1), TH_ERR_VALUE, "expects std >= 0.0");
    THTensor_free(t);
}

int main(void)
{
    testKnownAnswers();
    testReproducible();
    testDistributions();
    testNormalFormula();
    testBernoulli();
    testIntegers();
    THGenerator *g = THGenerator_default();
    const uint64_t seed = THGenerator_seed(g);
    CHECK(THGenerator_initialSeed(g) == seed && g->offset == 0);
    CHECK(THGenerator_seed(g) != seed);
    CHECK(THGenerator_reserve(g, 10) == 0 && THGenerator_reserve(g, 1) == 10);
    return th_test_end("random");
}
