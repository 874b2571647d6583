/* Elementary functions against long double arithmetic, over sweeps of bit patterns, for each CPU level: at most 2 ulp. */
#include "THTest.h"

#define SWEEP 400000
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

typedef long double (*Oracle)(long double x);

static long double sigmoid_oracle(long double x)
{
    return 1 / (1 + expl(-x));
}

static long double rsqrt_oracle(long double x)
{
    return 1 / sqrtl(x);
}

static long double inverse_oracle(long double x)
{
    return 1 / x;
}

static const struct {
    const char *name;
    THStatus (*run)(THTensor *r, const THTensor *a);
    Oracle oracle;
} functions[] = {
    {"exp", THTensor_exp, expl},       {"log", THTensor_log, logl},
    {"log1p", THTensor_log1p, log1pl}, {"sin", THTensor_sin, sinl},
    {"cos", THTensor_cos, cosl},       {"tanh", THTensor_tanh, tanhl},
    {"sqrt", THTensor_sqrt, sqrtl},    {"sigmoid", THTensor_sigmoid, sigmoid_oracle},
    {"floor", THTensor_floor, floorl}, {"rsqrt", THTensor_rsqrt, rsqrt_oracle},
    {"ceil", THTensor_ceil, ceill},    {"cinv", THTensor_cinv, inverse_oracle},
    {"trunc", THTensor_trunc, truncl}, {"round", THTensor_round, rintl},
};

/* Half of the points anywhere among all bit patterns, half with exponents around 0, where the functions are interesting. */
static void fill_floats(float *x, uint32_t seed)
{
    for (int i = 0; i < SWEEP; i++) {
        seed += 2654435769u;
        uint32_t bits = seed ^ (seed >> 15);
        if (i % 2 == 1) bits = (bits & 0x83ffffffu) | 0x3c000000u;  /* 2^-7 to 2 */
        if (i % 16 == 3) bits = (bits & 0x80ffffffu) | 0x40000000u; /* 2 to 8 */
        memcpy(&x[i], &bits, sizeof(bits));
    }
}

static void fill_doubles(double *x, uint64_t seed)
{
    for (int i = 0; i < SWEEP; i++) {
        seed += 0x9e3779b97f4a7c15u;
        uint64_t bits = (seed ^ (seed >> 31)) * 0xbf58476d1ce4e5b9u;
        if (i % 2 == 1) bits = (bits & 0x807fffffffffffffu) | 0x3f80000000000000u;
        if (i % 16 == 3) bits = (bits & 0x801fffffffffffffu) | 0x4000000000000000u;
        memcpy(&x[i], &bits, sizeof(bits));
    }
}

/* Distance in units of the last place of the correctly rounded result; infinite if one is special and the other is not the
 * same. */
static double ulps_float(float got, long double exact)
{
    const float want = (float)exact;
    if (isnan(want)) return isnan(got) ? 0 : INFINITY;
    if (isinf(want) || isinf(got)) return got == want ? 0 : INFINITY;
    if (want == 0 && got == 0) return signbit(want) == signbit(got) ? 0 : INFINITY;
    const long double unit = (long double)nextafterf(fabsf(want), INFINITY) - fabsf(want);
    return isinf(unit) ? (got == want ? 0 : INFINITY) : (double)(fabsl((long double)got - exact) / unit);
}

static double ulps_double(double got, long double exact)
{
    const double want = (double)exact;
    if (isnan(want)) return isnan(got) ? 0 : INFINITY;
    if (isinf(want) || isinf(got)) return got == want ? 0 : INFINITY;
    if (want == 0 && got == 0) return signbit(want) == signbit(got) ? 0 : INFINITY;
    const long double unit = (long double)nextafter(fabs(want), INFINITY) - fabs(want);
    return isinf(unit) ? (got == want ? 0 : INFINITY) : (double)(fabsl((long double)got - exact) / unit);
}

static void report(const char *name, const char *dtype, double worst, double at)
{
    if (!CHECK(worst <= 2.0))
        fprintf(stderr, "    %s of %s at %s: %g ulp at %a\n", name, dtype, THCpu_name(THCpu_level()), worst, at);
    else if (worst > 0.501)
        printf("%-8s %-6s %-6s %.3f ulp\n", name, dtype, THCpu_name(THCpu_level()), worst);
}

static void test_floats(int k, const THTensor *a, const long double *exact)
{
    const float *const x = (const float *)THTensor_dataBytes(a);
    THTensor *const r = THTensor_new();
    double worst = 0, at = 0;
    CHECK_OK(functions[k].run(r, a));
    const float *const y = (const float *)THTensor_dataBytes(r);
    for (int i = 0; i < SWEEP; i++) {
        const double e = ulps_float(y[i], exact[i]);
        if (e > worst) worst = e, at = x[i];
    }
    report(functions[k].name, "Float", worst, at);
    THTensor_free(r);
}

static void test_doubles(int k, const THTensor *a, const long double *exact)
{
    const double *const x = (const double *)THTensor_dataBytes(a);
    THTensor *const r = THTensor_new();
    double worst = 0, at = 0;
    CHECK_OK(functions[k].run(r, a));
    const double *const y = (const double *)THTensor_dataBytes(r);
    for (int i = 0; i < SWEEP; i++) {
        const double e = ulps_double(y[i], exact[i]);
        if (e > worst) worst = e, at = x[i];
    }
    report(functions[k].name, "Double", worst, at);
    THTensor_free(r);
}

static void test_sweeps(long double *exact)
{
    const int64_t n = SWEEP;
    THTensor *const f = THTensor_newWithSize(THDtype_Float, 1, &n), *const d = THTensor_newWithSize(THDtype_Double, 1, &n);
    for (int k = 0; k < COUNT(functions); k++) {
        float *const x = (float *)THTensor_dataBytes(f);
        double *const y = (double *)THTensor_dataBytes(d);
        fill_floats(x, (uint32_t)k);
        for (int i = 0; i < SWEEP; i++) exact[i] = functions[k].oracle(x[i]);
        for (int level = 0; level <= (int)THCpu_best(); level++) {
            CHECK_OK(THCpu_force((THCpu)level));
            test_floats(k, f, exact);
        }
        fill_doubles(y, (uint64_t)k);
        for (int i = 0; i < SWEEP; i++) exact[i] = functions[k].oracle(y[i]);
        for (int level = 0; level <= (int)THCpu_best(); level++) {
            CHECK_OK(THCpu_force((THCpu)level));
            test_doubles(k, d, exact);
        }
    }
    THTensor_free(f);
    THTensor_free(d);
}

/* Special values alone, so that neither neighbours nor the vector width matter, and strided as well. */
static void test_specials(void)
{
    const double special[] = {0.0,   -0.0,     INFINITY, -INFINITY, NAN,    1.0,   -1.0, 0x1p-149, -0x1p-149,
                              1e-40, 0x1p-126, 88.0,     -88.0,     -103.5, 104.0, 0.55, 1e30,     -1e30,
                              0.5,   1.5,      2.5,      -0.5,      -1.5,   -2.5,  1e6,  1e6 + 1,  0x1.fffffep+127};
    const int64_t n = COUNT(special), spread[] = {COUNT(special), 3};
    THTensor *const d = THTensor_newWithSize(THDtype_Double, 1, &n), *const block =
                                                                         THTensor_newWithSize(THDtype_Float, 2, spread);
    THTensor *const f = THTensor_newSelect(block, 1, 1);
    memcpy(THTensor_dataBytes(d), special, sizeof(special));
    CHECK_OK(THTensor_copy(f, d));
    for (int k = 0; k < COUNT(functions); k++) {
        THTensor *const r = THTensor_new(), *const s = THTensor_new();
        CHECK_OK(functions[k].run(r, f));
        CHECK_OK(functions[k].run(s, d));
        for (int64_t i = 0; i < n; i++) {
            const float x = (float)special[i];
            if (!CHECK(ulps_float((float)th_test_at(r, i), functions[k].oracle(x)) <= 2) ||
                !CHECK(ulps_double(th_test_at(s, i), functions[k].oracle(special[i])) <= 2))
                fprintf(stderr, "    %s of %a: %a, %a\n", functions[k].name, special[i], th_test_at(r, i), th_test_at(s, i));
        }
        THTensor_free(r);
        THTensor_free(s);
    }
    THTensor_free(d);
    THTensor_free(block);
    THTensor_free(f);
}

/* Strided elements, with blocks' edges between them, give the same bits as elements side by side. */
static void test_strided(void)
{
    const int64_t size[] = {611, 3};
    THTensor *const wide = THTensor_newWithSize(THDtype_Float, 2, size), *const target =
                                                                             THTensor_newWithSize(THDtype_Float, 2, size);
    for (int64_t i = 0; i < wide->numel; i++) ((float *)THTensor_dataBytes(wide))[i] = (float)(i % 1000 - 300) / 37;
    THTensor *const column = THTensor_newSelect(wide, 1, 2), *const dense = THTensor_newContiguous(column);
    for (int k = 0; k < COUNT(functions); k++) {
        THTensor *const r = THTensor_new();
        CHECK_OK(functions[k].run(r, dense));
        CHECK_OK(THTensor_zero(target));
        THTensor *const s = THTensor_newSelect(target, 1, 1);
        CHECK_OK(functions[k].run(s, column));
        int wrong = 0;
        for (int64_t i = 0; i < size[0]; i++) {
            const double want = th_test_at(r, i), got = th_test_at(s, i);
            wrong += (want != got && !(isnan(want) && isnan(got))) || th_test_at(target, 3 * i) != 0;
        }
        if (!CHECK(wrong == 0)) fprintf(stderr, "    %s: %d differ\n", functions[k].name, wrong);
        THTensor_free(r);
        THTensor_free(s);
    }
    THTensor_free(wide);
    THTensor_free(target);
    THTensor_free(column);
    THTensor_free(dense);
}

int main(void)
{
    long double *const exact = malloc(SWEEP * sizeof(*exact));
    if (!CHECK(exact != NULL)) return th_test_end("math");
    test_sweeps(exact);
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        test_specials();
        test_strided();
    }
    free(exact);
    return th_test_end("math");
}
