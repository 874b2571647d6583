/* Random numbers with parameters for each element: independence of threads and CPU level, moments, special parameters; how they
 * move with their parameters. */
#include "THTest.h"

typedef THStatus (*Draw)(THTensor *r, THGenerator *g, const THTensor *a);

static THStatus drawGamma(THTensor *r, THGenerator *g, const THTensor *a)
{
    return THTensor_standardGamma(r, g, a, 0);
}

static THStatus drawGammaLog(THTensor *r, THGenerator *g, const THTensor *a)
{
    return THTensor_standardGamma(r, g, a, 1);
}

static THStatus drawBinomial(THTensor *r, THGenerator *g, const THTensor *a)
{
    THTensor *const p = THTensor_newClone(a);
    CHECK_OK(THTensor_fill(p, THScalar_fromDouble(0.7)));
    const THStatus status = THTensor_binomial(r, g, a, p);
    THTensor_free(p);
    return status;
}

/* k gives a mean of k, variance of `spread` * k. */
static const struct {
    Draw draw;
    double mean, spread;
} draws[] = {{drawGamma, 1, 1}, {drawGammaLog, 0, 0}, {THTensor_poisson, 1, 1}, {drawBinomial, 0.7, 0.21}};

#define DRAWS ((int)(sizeof draws / sizeof *draws))

static THTensor *newFilled(THDtype dtype, int64_t n, double value)
{
    THTensor *const t = THTensor_newWithSize(dtype, 1, &n);
    CHECK_OK(THTensor_fill(t, THScalar_fromDouble(value)));
    return t;
}

static uint64_t hash(const THTensor *t)
{
    uint64_t h = 1469598103934665603u;
    for (int64_t i = 0; i < t->numel; i++) {
        const double x = th_test_at(t, i);
        uint64_t bits;
        memcpy(&bits, &x, sizeof bits);
        h = (h ^ bits) * 1099511628211u;
    }
    return h;
}

/* The same numbers with every number of threads and CPU level; parameters on both sides of each change of method. */
static void testReproducible(void)
{
    THGenerator *const g = THGenerator_new();
    for (int d = 0; d < DRAWS; d++) {
        THTensor *const a = th_test_ramp(THDtype_Double, 1, (const int64_t[]){1001}), *const r = THTensor_new();
        uint64_t expected = 0;
        for (int level = THCpu_BASE; level <= (int)THCpu_best(); level++) {
            for (int threads = 1; threads < 4; threads++) {
                CHECK_OK(THCpu_force((THCpu)level));
                CHECK_OK(THThreads_set(threads));
                THGenerator_manualSeed(g, 42);
                CHECK_OK(draws[d].draw(r, g, a));
                if (expected == 0) expected = hash(r);
                CHECK(hash(r) == expected);
            }
        }
        const uint64_t offset = g->offset;
        CHECK_OK(draws[d].draw(r, g, a)); /* a second draw continues the stream */
        CHECK(hash(r) != expected && g->offset == 2 * offset);
        THTensor_free(a);
        THTensor_free(r);
    }
    THGenerator_free(g);
}

static void testMoments(void)
{
    const double parameters[] = {1, 9, 30, 2000};
    const THDtype dtypes[] = {THDtype_Half, THDtype_Float, THDtype_Double};
    const int64_t n = 100000;
    THGenerator *const g = THGenerator_new();
    THGenerator_manualSeed(g, 7);
    for (int d = 0; d < DRAWS; d++) {
        for (int k = 0; k < 12 && draws[d].mean > 0; k++) {
            const double value = parameters[k % 4], mean = draws[d].mean * value, variance = draws[d].spread * value;
            THTensor *const a = newFilled(dtypes[k / 4], n, value), *const r = THTensor_new();
            CHECK_OK(draws[d].draw(r, g, a));
            CHECK(r->dtype == a->dtype && r->numel == n);
            double sum = 0, squares = 0;
            for (int64_t i = 0; i < n; i++) sum += th_test_at(r, i) - mean;
            for (int64_t i = 0; i < n; i++) squares += pow(th_test_at(r, i) - mean, 2);
            CHECK_NEAR(sum / (double)n, 0, 4 * sqrt(variance / (double)n) + (k < 4 ? 1e-4 * value : 0));
            CHECK_NEAR(squares / (double)n / variance, 1, k < 4 ? 0.06 : 0.05);
            THTensor_free(a);
            THTensor_free(r);
        }
    }
    THGenerator_free(g);
}

static void testSpecial(void)
{
    const double parameters[] = {0, -1, NAN, INFINITY};
    const double expected[][4] = {
        {0, NAN, NAN, INFINITY}, {-INFINITY, NAN, NAN, INFINITY}, {0, NAN, NAN, INFINITY}, {0, NAN, NAN, NAN}};
    for (int d = 0; d < DRAWS; d++) {
        for (int k = 0; k < 4; k++) {
            THTensor *const a = newFilled(THDtype_Double, 3, parameters[k]), *const r = THTensor_new();
            CHECK_OK(draws[d].draw(r, NULL, a));
            for (int i = 0; i < 3; i++) CHECK_NEAR(th_test_at(r, i), expected[d][k], 0);
            THTensor_free(a);
            THTensor_free(r);
        }
    }
    THTensor *const none = newFilled(THDtype_Float, 0, 1), *const longs = newFilled(THDtype_Long, 2, 1);
    THTensor *const three = newFilled(THDtype_Float, 3, 1), *const r = THTensor_new();
    CHECK_OK(THTensor_poisson(r, NULL, none));
    CHECK(r->numel == 0);
    CHECK_FAILS(THTensor_poisson(r, NULL, longs), TH_ERR_DTYPE, "[poisson] rate, a tensor of dtype Long: must be floating");
    CHECK_FAILS(THTensor_standardGamma(r, NULL, longs, 0), TH_ERR_DTYPE, "[standardGamma] shape, a tensor of dtype Long");
    CHECK_FAILS(THTensor_binomial(r, NULL, three, none), TH_ERR_SHAPE, "[binomial] count and p: must have one shape");
    THTensor *const all[] = {none, longs, three, r};
    for (int i = 0; i < 4; i++) THTensor_free(all[i]);
}

/* Laws whose quantiles are known: x = -log(1 - u) has no shape to move, but x^a of the beta law with b = 1 has: u^(1 / a). */
static void testPathwise(void)
{
    THTensor *const r = THTensor_new();
    for (double a = 0.01; a < 1000; a *= 3) {
        for (double u = 0.05; u < 1; u += 0.3) {
            const double x = pow(u, 1 / a), y = -expm1(log(u) / a);
            THTensor *const place = newFilled(THDtype_Double, 1, x <= 0.5 ? x : -y), *const one =
                                                                                         newFilled(THDtype_Double, 1, 1);
            THTensor *const shape = newFilled(THDtype_Double, 1, a);
            CHECK_OK(THTensor_betaGrad(r, place, shape, one));
            const double expected = -x * log(u) / (a * a) / y;
            CHECK_NEAR(th_test_at(r, 0) / expected, 1, 1e-8);
            /* From the other end: 1 - x is of the beta law of 1 and a. */
            CHECK_OK(THTensor_fill(place, THScalar_fromDouble(x <= 0.5 ? -x : y)));
            CHECK_OK(THTensor_betaGrad(r, place, one, shape));
            CHECK(th_test_at(r, 0) > 0);
            THTensor_free(place);
            THTensor_free(one);
            THTensor_free(shape);
        }
    }
    THTensor *const bad = newFilled(THDtype_Double, 1, NAN), *const one = newFilled(THDtype_Double, 1, 1);
    THTensor *const single = newFilled(THDtype_Float, 1, 1);
    CHECK_OK(THTensor_standardGammaGrad(r, one, bad, 0));
    CHECK(isnan(th_test_at(r, 0)));
    CHECK_OK(THTensor_betaGrad(r, one, bad, one));
    CHECK(isnan(th_test_at(r, 0)));
    const double outside[] = {-INFINITY, -1e300, -0.5, 0};
    for (int i = 0; i < 4; i++) {
        THTensor *const wrong = newFilled(THDtype_Double, 1, outside[i]);
        CHECK_OK(THTensor_betaGrad(r, one, wrong, one));
        CHECK(isnan(th_test_at(r, 0)));
        CHECK_OK(THTensor_betaGrad(r, one, one, wrong));
        CHECK(isnan(th_test_at(r, 0)));
        CHECK_OK(THTensor_standardGammaGrad(r, wrong, one, 0));
        THTensor_free(wrong);
    }
    CHECK_FAILS(THTensor_standardGammaGrad(r, one, single, 0), TH_ERR_DTYPE, "[standardGammaGrad]");
    CHECK_FAILS(THTensor_betaGrad(r, one, one, single), TH_ERR_DTYPE, "[betaGrad]");
    THTensor *const all[] = {bad, one, single, r};
    for (int i = 0; i < 4; i++) THTensor_free(all[i]);
}

int main(void)
{
    testReproducible();
    testMoments();
    testSpecial();
    testPathwise();
    return th_test_end("variate");
}
