/* Single numbers: draws are those of tensors, float16 by every bit pattern, logarithms of sums. */
#include <float.h>
#include <limits.h>

#include "THTest.h"

static void testDrawsAreThoseOfTensors(void)
{
    THGenerator *const g = THGenerator_new(), *const same = THGenerator_new();
    THTensor *const x = THTensor_newWithSize(THDtype_Double, 0, NULL), *const k = THTensor_newWithSize(THDtype_Long, 0, NULL);
    THRandom_manualSeed(g, 42);
    THGenerator_reserve(g, 5);
    CHECK(THGenerator_copy(same, g) == same && same->seed == 42 && same->offset == 5);
    for (int i = 0; i < 100; i++) {
        CHECK_OK(THTensor_uniform(x, same, -2, 3));
        CHECK(THRandom_uniform(g, -2, 3) == th_test_at(x, 0));
        CHECK_OK(THTensor_normal(x, same, 1, 2));
        CHECK(THRandom_normal(g, 1, 2) == th_test_at(x, 0));
        CHECK_OK(THTensor_exponential(x, same, 1.5));
        CHECK(THRandom_exponential(g, 1.5) == th_test_at(x, 0));
        CHECK_OK(THTensor_cauchy(x, same, 1, 2));
        CHECK(THRandom_cauchy(g, 1, 2) == th_test_at(x, 0));
        CHECK_OK(THTensor_logNormal(x, same, 0.5, 0.25));
        CHECK(THRandom_logNormal(g, 0.5, 0.25) == th_test_at(x, 0));
        CHECK_OK(THTensor_geometric(k, same, 0.3));
        CHECK(THRandom_geometric(g, 0.3) == th_test_at(k, 0));
        CHECK_OK(THTensor_bernoulli(k, same, 0.3));
        CHECK(THRandom_bernoulli(g, 0.3) == th_test_at(k, 0));
        CHECK_OK(THTensor_randint(k, same, 0, INT64_C(1) << 32));
        CHECK((double)THRandom_random(g) == th_test_at(k, 0));
        CHECK(g->offset == same->offset);
    }
    THTensor_free(k);
    THTensor_free(x);
    THGenerator_free(same);
    THGenerator_free(g);
}

/* Every bit of 64 comes as often as not: 4,096 draws, five standard deviations. And a small p reaches the end of int. */
static void testWholeNumbers(void)
{
    THGenerator *const g = THGenerator_new();
    int ones[64] = {0};
    for (int i = 0; i < 4096; i++) {
        const uint64_t x = THRandom_random64(g);
        for (int bit = 0; bit < 64; bit++) ones[bit] += (int)(x >> bit & 1);
    }
    for (int bit = 0; bit < 64; bit++) CHECK(ones[bit] > 2048 - 160 && ones[bit] < 2048 + 160);
    CHECK(THRandom_geometric(g, 1e-18) == INT_MAX);
    CHECK(THRandom_seed(g) == THRandom_initialSeed(g));
    THGenerator_free(g);
}

static void testRefused(void)
{
    THGenerator *const g = THGenerator_new();
    THStatus_clear();
    CHECK(isnan(THRandom_normal(g, 0, -1)) && THStatus_last() == TH_ERR_VALUE && g->offset == 0);
    THStatus_clear();
    CHECK(THRandom_geometric(g, 2) == 0 && THStatus_last() == TH_ERR_VALUE && g->offset == 0);
    THStatus_clear();
    CHECK(isnan(THLogSub(1, 2)) && THStatus_last() == TH_ERR_VALUE);
    CHECK(strstr(THStatus_message(), "[LogSub] log_b, 2: must be at most log_a, 1") != NULL);
    THGenerator_free(g);
}

/* Every float16 survives float32; what lies between two goes to the nearer one, a tie to the even one. */
static void testHalf(void)
{
    for (uint32_t half = 0; half < 0x10000; half++) {
        const float value = TH_half2float((uint16_t)half);
        if (isnan(value)) {
            CHECK(isnan(TH_half2float(TH_float2half(value))));
            continue;
        }
        CHECK(TH_float2half(value) == half);
        if ((half & 0x7fff) >= 0x7bff) continue; /* nothing finite follows */
        const float middle = (value + TH_half2float((uint16_t)(half + 1))) / 2;
        CHECK(TH_float2half(middle) == half + (half & 1));
        CHECK(TH_float2half(nextafterf(middle, value)) == half);
    }
    const float value = 1.5f;
    float back = 0;
    uint16_t half = 0;
    TH_float2halfbits(&value, &half);
    TH_halfbits2float(&half, &back);
    CHECK(half == 0x3e00 && back == 1.5f);
}

static void testLogarithms(void)
{
    CHECK_NEAR(THLogAdd(log(3), log(4)), log(7), 1e-15);
    CHECK_NEAR(THLogAdd(1000, 1001), 1001.31326168751822, 1e-12);
    CHECK(THLogAdd(THLogZero, 2) == 2 && THLogAdd(2, THLogZero) == 2 && THLogAdd(THLogZero, THLogZero) == THLogZero);
    CHECK(isnan(THLogAdd(NAN, 1)) && isnan(THLogAdd(1, NAN)));
    CHECK_NEAR(THLogSub(log(7), log(4)), log(3), 1e-15);
    CHECK_NEAR(THLogSub(0, -1e-10), log(1e-10), 1e-9);
    CHECK(THLogSub(5, 5) == THLogZero && THLogSub(5, THLogZero) == 5);
    CHECK(THExpMinusApprox(2) == exp(-2));
}

int main(void)
{
    testDrawsAreThoseOfTensors();
    testWholeNumbers();
    testRefused();
    testHalf();
    testLogarithms();
    return th_test_end("numbers");
}
