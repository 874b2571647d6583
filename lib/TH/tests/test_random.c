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

static THStatus drawExponential(THTensor *t, THGenerator *g)
{
    return THTensor_exponential(t, g, 1.5);
}

static THStatus drawCauchy(THTensor *t, THGenerator *g)
{
    return THTensor_cauchy(t, g, 1, 2);
}

static THStatus drawLogNormal(THTensor *t, THGenerator *g)
{
    return THTensor_logNormal(t, g, 0.5, 0.25);
}

static THStatus drawGeometric(THTensor *t, THGenerator *g)
{
    return THTensor_geometric(t, g, 0.3);
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
    const Draw draws[] = {drawUniform,     drawNormal, drawBernoulli, drawRandint,
                          drawExponential, drawCauchy, drawLogNormal, drawGeometric};
    THGenerator *g = THGenerator_new();
    for (size_t d = 0; d < sizeof draws / sizeof *draws; d++) {
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

/* The coins are those of bernoulli, and what they leave is scaled. */
static void testDropout(void)
{
    for (int dtype = THDtype_Half; dtype <= THDtype_Double; dtype++) {
        THGenerator *one = THGenerator_new(), *other = THGenerator_new();
        THTensor *whole = THTensor_newWithSize((THDtype)dtype, 2, SIZE(3, 40001)), *x = THTensor_newTranspose(whole, 0, 1);
        THTensor *r = THTensor_new(), *keep = THTensor_new(), *coins = THTensor_newWithSize(THDtype_Byte, 2, SIZE(40001, 3));
        CHECK_OK(THTensor_uniform(whole, one, 1, 2));
        CHECK_OK(THTensor_uniform(whole, other, 1, 2));
        CHECK_OK(THTensor_dropout(r, keep, x, one, 0.75));
        CHECK_OK(THTensor_bernoulli(coins, other, 0.25));
        CHECK(hash(keep) == hash(coins) && r->dtype == dtype && THTensor_isSameSizeAs(r, x));
        int64_t wrong = 0;
        for (int64_t i = 0; i < x->numel; i++)
            wrong += th_test_at(r, i) != (th_test_at(coins, i) != 0 ? 4 * th_test_at(x, i) : 0);
        CHECK(wrong == 0);
        CHECK_FAILS(THTensor_dropoutGrad(coins, x, keep, 0.5), TH_ERR_DTYPE, "dtype");
        CHECK_OK(THTensor_dropoutGrad(x, x, keep, 0.75));
        for (int64_t i = 0; i < x->numel; i++) wrong += th_test_at(x, i) != th_test_at(r, i);
        CHECK(wrong == 0);
        CHECK_FAILS(THTensor_dropout(r, keep, x, one, 1), TH_ERR_VALUE, "[dropout] p, 1");
        CHECK_FAILS(THTensor_dropout(r, keep, coins, one, 0.5), TH_ERR_DTYPE, "must be floating");
        CHECK_FAILS(THTensor_dropout(x, keep, x, one, 0.5), TH_ERR_VALUE, "shares memory");
        CHECK_FAILS(THTensor_dropout(r, r, x, one, 0.5), TH_ERR_VALUE, "two outputs share memory");
        CHECK_FAILS(THTensor_dropoutGrad(r, x, r, 0.5), TH_ERR_DTYPE, "[dropout] keep");
        CHECK_FAILS(THTensor_dropoutGrad(r, whole, keep, 0.5), TH_ERR_SHAPE, "the gradient's shape");
        THTensor *const all[] = {whole, x, r, keep, coins};
        for (int i = 0; i < 5; i++) THTensor_free(all[i]);
        THGenerator_free(one);
        THGenerator_free(other);
    }
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

/* The largest distance between the numbers' distribution and `expected` (Kolmogorov and Smirnov), sorted numbers. */
static double distanceOf(const THTensor *t, double (*expected)(double x))
{
    const double n = (double)t->numel;
    double worst = 0;
    for (int64_t i = 0; i < t->numel; i++) {
        const double p = expected(th_test_at(t, i));
        worst = fmax(worst, fmax(fabs(p - (double)i / n), fabs(p - (double)(i + 1) / n)));
    }
    return worst;
}

static double exponentialBelow(double x)
{
    return x < 0 ? 0 : 1 - exp(-1.5 * x);
}

static double cauchyBelow(double x)
{
    return 0.5 + atan((x - 1) / 2) / acos(-1);
}

static double logNormalBelow(double x)
{
    return x <= 0 ? 0 : 0.5 * erfc(-(log(x) - 0.5) / 0.25 / sqrt(2));
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* At n = 100,000 the distance exceeds 2 / sqrt(n) once in 1,500 times; the seed is fixed. */
static void testContinuous(void)
{
    const int64_t n = 100000;
    const struct {
        Draw draw;
        double (*below)(double x);
    } cases[] = {{drawExponential, exponentialBelow}, {drawCauchy, cauchyBelow}, {drawLogNormal, logNormalBelow}};
    THGenerator *g = THGenerator_new();
    THGenerator_manualSeed(g, 5);
    for (int k = 0; k < 3; k++) {
        for (int f = 1; f < 3; f++) {
            THTensor *t = THTensor_newWithSize(floats[f], 1, &n);
            CHECK_OK(cases[k].draw(t, g));
            THTensor *d = THTensor_newConvert(t, THDtype_Double);
            qsort(THTensor_dataBytes(d), (size_t)n, sizeof(double), compare);
            CHECK(distanceOf(d, cases[k].below) < 2 / sqrt((double)n));
            CHECK(isfinite(th_test_at(d, 0)) && isfinite(th_test_at(d, n - 1)));
            THTensor_free(t);
            THTensor_free(d);
        }
    }
    THGenerator_free(g);
}

static void testGeometric(void)
{
    const int64_t n = 100000;
    const THDtype dtypes[] = {THDtype_Byte, THDtype_Long, THDtype_Float, THDtype_Double};
    for (int k = 0; k < 4; k++) {
        THTensor *t = THTensor_newWithSize(dtypes[k], 1, &n);
        THGenerator *g = THGenerator_new();
        THGenerator_manualSeed(g, 7);
        CHECK_OK(THTensor_geometric(t, g, 0.25));
        int counts[4] = {0};
        for (int64_t i = 0; i < n; i++) {
            const double x = th_test_at(t, i);
            counts[x <= 3 ? (int)x : 0]++;
        }
        for (int i = 1; i < 4; i++) CHECK_NEAR(counts[i] / (double)n, pow(0.75, i - 1) * 0.25, 0.006);
        THTensor_free(t);
        THGenerator_free(g);
    }
    THTensor *t = THTensor_newWithSize(THDtype_Byte, 1, &n);
    CHECK_OK(THTensor_geometric(t, NULL, 1e-6));
    CHECK(th_test_at(t, 0) == 255 || th_test_at(t, 1) == 255); /* as far as the dtype reaches */
    CHECK_FAILS(THTensor_geometric(t, NULL, 1), TH_ERR_VALUE, "[geometric] p, 1: geometric_ expects p to be in (0, 1)");
    CHECK_FAILS(THTensor_exponential(t, NULL, 1), TH_ERR_DTYPE, "[exponential] self, a tensor of dtype Byte");
    CHECK_FAILS(THTensor_cauchy(t, NULL, 0, 0), TH_ERR_VALUE, "[cauchy] sigma, 0");
    THTensor_free(t);
}

static void testMultinomial(void)
{
    const double p[] = {0, 1, 2, 0, 5, 0};
    const int64_t n = 80000;
    THTensor *t = THTensor_newWithSize(THDtype_Float, 1, SIZE(6)), *r = THTensor_new();
    for (int i = 0; i < 6; i++) ((float *)(void *)THTensor_dataBytes(t))[i] = (float)p[i];
    THGenerator *g = THGenerator_new();
    THGenerator_manualSeed(g, 3);
    CHECK_OK(THTensor_multinomial(r, g, t, n, 1));
    CHECK(r->dtype == THDtype_Long && r->size[0] == n);
    int counts[6] = {0}, first[6] = {0};
    for (int64_t i = 0; i < n; i++) counts[(int)th_test_at(r, i)]++;
    for (int i = 0; i < 6; i++) CHECK_NEAR(counts[i] / (double)n, p[i] / 8, 0.006);
    /* Without replacement: the first as above, and no number twice. */
    THTensor *rows = THTensor_newExpand(t, 2, SIZE(20000, 6));
    CHECK_OK(THTensor_multinomial(r, g, rows, 3, 0));
    CHECK(r->size[0] == 20000 && r->size[1] == 3);
    int second_after_4 = 0;
    for (int64_t i = 0; i < 20000; i++) {
        const int a = (int)th_test_at(r, 3 * i), b = (int)th_test_at(r, 3 * i + 1), c = (int)th_test_at(r, 3 * i + 2);
        first[a]++;
        second_after_4 += a == 4 && b == 2;
        if (a == b || b == c || a == c || p[a] == 0 || p[b] == 0 || p[c] == 0) CHECK(false);
    }
    for (int i = 0; i < 6; i++) CHECK_NEAR(first[i] / 20000.0, p[i] / 8, 0.012);
    CHECK_NEAR(second_after_4 / (double)first[4], 2.0 / 3, 0.02);
    CHECK_FAILS(THTensor_multinomial(r, g, t, 4, 0), TH_ERR_VALUE, "not enough non-negative category to sample");
    CHECK_FAILS(THTensor_multinomial(r, g, t, 0, 1), TH_ERR_VALUE, "[multinomial] count, 0: cannot sample n_sample <= 0");
    ((float *)(void *)THTensor_dataBytes(t))[1] = -1;
    CHECK_FAILS(THTensor_multinomial(r, g, t, 1, 1), TH_ERR_VALUE, "[multinomial] p's element 1, -1: invalid multinomial");
    CHECK_OK(THTensor_zero(t));
    CHECK_FAILS(THTensor_multinomial(r, g, t, 1, 1), TH_ERR_VALUE, "sum of probabilities <= 0");
    THTensor_free(t);
    THTensor_free(r);
    THTensor_free(rows);
    THGenerator_free(g);
}

static void testNormalTensors(void)
{
    THTensor *mean = th_test_ramp(THDtype_Double, 2, SIZE(3, 1)), *stddev = th_test_ramp(THDtype_Double, 1, SIZE(40000));
    THTensor *t = THTensor_newWithSize(THDtype_Double, 2, SIZE(3, 40000)), *z = THTensor_newClone(t);
    THGenerator *g = THGenerator_new();
    CHECK_OK(THTensor_normalTensors(t, g, mean, stddev));
    THGenerator_manualSeed(g, THGenerator_initialSeed(g));
    CHECK_OK(THTensor_normal(z, g, 0, 1));
    for (int64_t i = 0; i < 120000; i += 997)
        CHECK_NEAR(th_test_at(t, i), (double)(i / 40000) + th_test_at(z, i) * (double)(i % 40000), 1e-9);
    CHECK_OK(THTensor_fill(mean, THScalar_fromLong(-1)));
    CHECK_FAILS(THTensor_normalTensors(t, g, NULL, mean), TH_ERR_VALUE, "normal expects all std >= 0.0");
    THTensor *const all[] = {mean, stddev, t, z};
    for (int i = 0; i < 4; i++) THTensor_free(all[i]);
    THGenerator_free(g);
}

int main(void)
{
    testKnownAnswers();
    testReproducible();
    testDistributions();
    testNormalFormula();
    testBernoulli();
    testDropout();
    testIntegers();
    testContinuous();
    testGeometric();
    testMultinomial();
    testNormalTensors();
    THGenerator *g = THGenerator_default();
    const uint64_t seed = THGenerator_seed(g);
    CHECK(THGenerator_initialSeed(g) == seed && g->offset == 0);
    CHECK(THGenerator_seed(g) != seed);
    CHECK(THGenerator_reserve(g, 10) == 0 && THGenerator_reserve(g, 1) == 10);
    return th_test_end("random");
}
