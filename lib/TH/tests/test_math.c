/* Elementary functions against long double arithmetic, over sweeps of bit patterns, for each CPU level: at most 2 ulp, or what
 * is said beside the function. */
#include "THTest.h"

#define SWEEP 200000
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

static long double frac_oracle(long double x)
{
    return isinf(x) ? copysignl(0, x) : copysignl(x - truncl(x), x);
}

/* Halley's steps from what is within 2 %. */
static long double erfinv_oracle(long double x)
{
    const long double a = fabsl(x), w = -logl((1 - a) * (1 + a)), half_root_pi = 0.886226925452758013649L;
    if (!(a < 1)) return a == 1 ? copysignl(INFINITY, x) : NAN;
    if (a < 0x1p-40L) return half_root_pi * x;
    long double y = w < 5 ? a * (half_root_pi + 0.243L * w) : 1.005L * sqrtl(w) - 0.182L;
    for (int k = 0; k < 4; k++) {
        const long double short_of = a > 0.5L ? erfcl(y) - (1 - a) : a - erfl(y);
        const long double step = short_of * half_root_pi * expl(y * y);
        y += step / (1 - step * y);
    }
    return copysignl(y, x);
}

static const struct {
    const char *name;
    THStatus (*run)(THTensor *r, const THTensor *a);
    Oracle oracle;
    double double_bound; /* of Double, in ulp; 0: 2 */
} functions[] = {
    {"exp", THTensor_exp, expl, 0},          {"log", THTensor_log, logl, 0},
    {"log1p", THTensor_log1p, log1pl, 0},    {"sin", THTensor_sin, sinl, 0},
    {"cos", THTensor_cos, cosl, 0},          {"tanh", THTensor_tanh, tanhl, 0},
    {"sqrt", THTensor_sqrt, sqrtl, 0},       {"sigmoid", THTensor_sigmoid, sigmoid_oracle, 0},
    {"floor", THTensor_floor, floorl, 0},    {"rsqrt", THTensor_rsqrt, rsqrt_oracle, 0},
    {"ceil", THTensor_ceil, ceill, 0},       {"cinv", THTensor_cinv, inverse_oracle, 0},
    {"trunc", THTensor_trunc, truncl, 0},    {"round", THTensor_round, rintl, 0},
    {"tan", THTensor_tan, tanl, 0},          {"asin", THTensor_asin, asinl, 0},
    {"acos", THTensor_acos, acosl, 0},       {"atan", THTensor_atan, atanl, 0},
    {"sinh", THTensor_sinh, sinhl, 0},       {"cosh", THTensor_cosh, coshl, 0},
    {"expm1", THTensor_expm1, expm1l, 0},    {"log2", THTensor_log2, log2l, 0},
    {"log10", THTensor_log10, log10l, 0},    {"frac", THTensor_frac, frac_oracle, 0},
    {"erf", THTensor_erf, erfl, 0},          {"erfc", THTensor_erfc, erfcl, 0},
    {"lgamma", THTensor_lgamma, lgammal, 8}, {"erfinv", THTensor_erfinv, erfinv_oracle, 4},
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

static double bound_of(int k)
{
    return functions[k].double_bound > 0 ? functions[k].double_bound : 2;
}

static void report(const char *name, const char *dtype, double bound, double worst, double at)
{
    if (!CHECK(worst <= bound))
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
    report(functions[k].name, "Float", 2, worst, at);
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
    report(functions[k].name, "Double", bound_of(k), worst, at);
    THTensor_free(r);
}

/* The function of SWEEP numbers, floats or doubles, at every level of the CPU. */
static void test_levels(int k, const THTensor *a, long double *exact)
{
    const int is_float = a->dtype == THDtype_Float;
    const float *const x = (const float *)THTensor_dataBytes(a);
    const double *const y = (const double *)THTensor_dataBytes(a);
    for (int i = 0; i < SWEEP; i++) exact[i] = functions[k].oracle(is_float ? x[i] : y[i]);
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        (is_float ? test_floats : test_doubles)(k, a, exact);
    }
}

static void test_sweeps(long double *exact)
{
    const int64_t n = SWEEP;
    THTensor *const f = THTensor_newWithSize(THDtype_Float, 1, &n), *const d = THTensor_newWithSize(THDtype_Double, 1, &n);
    for (int k = 0; k < COUNT(functions); k++) {
        float *const x = (float *)THTensor_dataBytes(f);
        double *const y = (double *)THTensor_dataBytes(d);
        fill_floats(x, (uint32_t)k);
        test_levels(k, f, exact);
        fill_doubles(y, (uint64_t)k);
        test_levels(k, d, exact);
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
                !CHECK(ulps_double(th_test_at(s, i), functions[k].oracle(special[i])) <= bound_of(k)))
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

/* erf and erfc from where they are at their limits to where erfc underflows; erfinv up to 1. */
static void test_error_line(long double *exact)
{
    const int64_t n = SWEEP;
    THTensor *const f = THTensor_newWithSize(THDtype_Float, 1, &n), *const d = THTensor_newWithSize(THDtype_Double, 1, &n);
    float *const x = (float *)THTensor_dataBytes(f);
    double *const y = (double *)THTensor_dataBytes(d);
    for (int i = 0; i < SWEEP; i++) {
        y[i] = i % 3 == 0 ? -7 + i * (35.5 / SWEEP) : i * (12.0 / SWEEP);
        if (i % 3 == 2) y[i] = nextafter((i / 3 % 1800) / 64.0 + (i / 5400 - 6) * (1 / 512.0), 6); /* nodes, and between them */
        x[i] = (float)y[i];
    }
    for (int k = 0; k < COUNT(functions); k++) {
        const int is_inverse = functions[k].run == THTensor_erfinv;
        if (!is_inverse && functions[k].run != THTensor_erf && functions[k].run != THTensor_erfc) continue;
        for (int i = 0; is_inverse && i < SWEEP; i++) { /* the last of the three */
            y[i] = i % 2 == 0 ? 1 - exp2(-i * (53.5 / SWEEP)) : i * (1.0 / SWEEP);
            x[i] = i % 2 == 0 ? 1 - exp2f((float)(-i * (24.5 / SWEEP))) : (float)y[i];
        }
        test_levels(k, f, exact);
        test_levels(k, d, exact);
    }
    THTensor_free(f);
    THTensor_free(d);
}

/* A number's result is the same bits alone, among others of any kind, at each place of a block, and in place. */
static void test_neighbours(THDtype dtype)
{
    const int64_t n = 700, one = 1;
    THTensor *const all = THTensor_newWithSize(THDtype_Double, 1, &n);
    double *const x = (double *)THTensor_dataBytes(all);
    for (int64_t i = 0; i < n; i++) x[i] = i < 300 ? (double)(i - 150) / 26 : (double)((i * 37) % 611 - 150) / 17;
    x[350] = NAN, x[400] = INFINITY, x[401] = -INFINITY, x[450] = -0.0, x[500] = 6.0, x[501] = nextafter(6.0, 7.0);
    THTensor *const a = THTensor_newConvert(all, dtype), *const alone = THTensor_newWithSize(dtype, 1, &one);
    const size_t width = THDtype_size(dtype);
    for (int k = 0; k < COUNT(functions); k++) {
        THTensor *const r = THTensor_new(), *const s = THTensor_new(), *const t = THTensor_newConvert(all, dtype);
        CHECK_OK(functions[k].run(r, a));
        CHECK_OK(functions[k].run(t, t));
        int wrong = 0;
        for (int64_t i = 0; i < n; i++) {
            memcpy(THTensor_dataBytes(alone), (const char *)THTensor_dataBytes(a) + (size_t)i * width, width);
            CHECK_OK(functions[k].run(s, alone));
            const double want = th_test_at(s, 0), among = th_test_at(r, i), inside = th_test_at(t, i);
            wrong += !(isnan(want) && isnan(among) && isnan(inside)) && (want != among || want != inside);
        }
        if (!CHECK(wrong == 0)) fprintf(stderr, "    %s of %s: %d differ\n", functions[k].name, THDtype_name(dtype), wrong);
        THTensor_free(r);
        THTensor_free(s);
        THTensor_free(t);
    }
    THTensor_free(all);
    THTensor_free(a);
    THTensor_free(alone);
}

static const struct {
    const char *name;
    THStatus (*run)(THTensor *r, const THTensor *a, const THTensor *b);
    long double (*oracle)(long double x, long double y);
} pairs[] = {{"atan2", THTensor_atan2, atan2l}, {"pow", THTensor_cpow, powl}};

/* Functions of two numbers: all pairs of special values, and of ordinary ones. */
static void test_pairs(void)
{
    enum { SIDE = 40 };
    double values[SIDE] = {0.0, -0.0, INFINITY, -INFINITY, NAN,      1,         -1,   2,    -2,
                           3,   -3,   0.5,      -0.5,      0x1p-149, -0x1p-149, 1e30, -1e30};
    for (int i = 17; i < SIDE; i++) values[i] = sin(i) * pow(1.4, i - 20);
    const int64_t rows[] = {SIDE, 1}, columns[] = {SIDE};
    THTensor *const d = THTensor_newWithSize(THDtype_Double, 2, rows), *const e =
                                                                           THTensor_newWithSize(THDtype_Double, 1, columns);
    THTensor *const f = THTensor_newWithSize(THDtype_Float, 2, rows), *const g =
                                                                          THTensor_newWithSize(THDtype_Float, 1, columns);
    memcpy(THTensor_dataBytes(d), values, sizeof(values));
    memcpy(THTensor_dataBytes(e), values, sizeof(values));
    CHECK_OK(THTensor_copy(f, d));
    CHECK_OK(THTensor_copy(g, e));
    for (int k = 0; k < COUNT(pairs); k++) {
        THTensor *const r = THTensor_new(), *const s = THTensor_new();
        CHECK_OK(pairs[k].run(r, f, g));
        CHECK_OK(pairs[k].run(s, d, e));
        for (int i = 0; i < SIDE * SIDE; i++) {
            const double x = values[i / SIDE], y = values[i % SIDE];
            if (!CHECK(ulps_float((float)th_test_at(r, i), pairs[k].oracle((float)x, (float)y)) <= 2) ||
                !CHECK(ulps_double(th_test_at(s, i), pairs[k].oracle(x, y)) <= 2))
                fprintf(stderr, "    %s of %a, %a: %a, %a\n", pairs[k].name, x, y, th_test_at(r, i), th_test_at(s, i));
        }
        THTensor_free(r);
        THTensor_free(s);
    }
    THTensor *const all[] = {d, e, f, g};
    for (int k = 0; k < 4; k++) THTensor_free(all[k]);
}

/* Functions of two floats over sweeps of bit patterns, and of pairs near to one another. */
static void test_pair_sweeps(long double *exact)
{
    const int64_t n = SWEEP;
    THTensor *const a = THTensor_newWithSize(THDtype_Float, 1, &n), *const b = THTensor_newWithSize(THDtype_Float, 1, &n);
    float *const x = (float *)THTensor_dataBytes(a), *const y = (float *)THTensor_dataBytes(b);
    fill_floats(x, 77);
    fill_floats(y, 78);
    for (int i = 0; i < SWEEP; i += 3) y[i] = x[i] * (float)(0.3 + (i % 1000) * 0.002);
    for (int k = 0; k < COUNT(pairs); k++) {
        for (int i = 0; i < SWEEP; i++) exact[i] = pairs[k].oracle(x[i], y[i]);
        for (int level = 0; level <= (int)THCpu_best(); level++) {
            THTensor *const r = THTensor_new();
            double worst = 0, at = 0;
            CHECK_OK(THCpu_force((THCpu)level));
            CHECK_OK(pairs[k].run(r, a, b));
            const float *const z = (const float *)THTensor_dataBytes(r);
            for (int i = 0; i < SWEEP; i++) {
                const double e = ulps_float(z[i], exact[i]);
                if (e > worst) worst = e, at = x[i];
            }
            report(pairs[k].name, "Float", 2, worst, at);
            THTensor_free(r);
        }
    }
    THTensor_free(a);
    THTensor_free(b);
}

/* The same of doubles; powers are within 0.55 ulp, so that whole ones are exact where they can be. */
static void test_double_pair_sweeps(long double *exact)
{
    const int64_t n = SWEEP;
    THTensor *const a = THTensor_newWithSize(THDtype_Double, 1, &n), *const b = THTensor_newWithSize(THDtype_Double, 1, &n);
    double *const x = (double *)THTensor_dataBytes(a), *const y = (double *)THTensor_dataBytes(b);
    fill_doubles(x, 79);
    fill_doubles(y, 80);
    for (int i = 0; i < SWEEP; i += 3) x[i] = 1 + y[i] * 0x1p-9, y[i] = i - SWEEP / 2;
    for (int i = 1; i < SWEEP; i += 3) x[i] = (i % 1000 - 500) / 8.0, y[i] = i % 7 - 3;
    for (int i = 2; i < SWEEP; i += 6) { /* powers that use the whole range, of bases near to 1 */
        x[i] = 1 + (i % 2000 - 1000) * 0x1.35p-15 + i * 0x1p-52;
        y[i] = (i % 1301 - 650) / log(x[i]);
    }
    for (int k = 0; k < COUNT(pairs); k++) {
        for (int i = 0; i < SWEEP; i++) exact[i] = pairs[k].oracle(x[i], y[i]);
        for (int level = 0; level <= (int)THCpu_best(); level++) {
            THTensor *const r = THTensor_new();
            double worst = 0, at = 0;
            CHECK_OK(THCpu_force((THCpu)level));
            CHECK_OK(pairs[k].run(r, a, b));
            const double *const z = (const double *)THTensor_dataBytes(r);
            for (int i = 0; i < SWEEP; i++) {
                const int subnormal = fabsl(exact[i]) < 0x1p-1022L; /* rounded twice */
                const double e = ulps_double(z[i], exact[i]) - (subnormal ? 0.5 : 0);
                if (e > worst) worst = e, at = x[i];
            }
            report(pairs[k].name, "Double", strcmp(pairs[k].name, "pow") == 0 ? 0.55 : 2, worst, at);
            THTensor_free(r);
        }
    }
    THTensor_free(a);
    THTensor_free(b);
}

/* Half is the result in float, rounded: of each of the 65536 numbers. */
static void test_half(void)
{
    const int64_t n = 65536;
    THTensor *const h = THTensor_newWithSize(THDtype_Half, 1, &n), *const f = THTensor_newConvert(h, THDtype_Float);
    for (int64_t i = 0; i < n; i++) ((uint16_t *)(void *)THTensor_dataBytes(h))[i] = (uint16_t)i;
    CHECK_OK(THTensor_copy(f, h));
    for (int k = 0; k < COUNT(functions); k++) {
        THTensor *const r = THTensor_new(), *const s = THTensor_new();
        CHECK_OK(functions[k].run(r, h));
        CHECK_OK(functions[k].run(s, f));
        THTensor *const rounded = THTensor_newConvert(s, THDtype_Half);
        CHECK(r->dtype == THDtype_Half);
        if (!CHECK(memcmp(THTensor_dataBytes(r), THTensor_dataBytes(rounded), 2 * (size_t)n) == 0))
            fprintf(stderr, "    %s of Half\n", functions[k].name);
        THTensor_free(r);
        THTensor_free(s);
        THTensor_free(rounded);
    }
    THTensor_free(h);
    THTensor_free(f);
}

static void test_errors(void)
{
    const int64_t n = 3;
    THTensor *const i = th_test_ramp(THDtype_Int, 1, &n), *const f = th_test_ramp(THDtype_Float, 1, &n),
                    *const r = THTensor_new();
    CHECK_FAILS(THTensor_erf(r, i), TH_ERR_UNSUPPORTED, "[erf] not implemented for Int");
    CHECK_FAILS(THTensor_atan2(r, f, i), TH_ERR_DTYPE, "[atan2] expected tensors of one dtype");
    CHECK_FAILS(THTensor_polygamma(r, f, 171), TH_ERR_VALUE, "[polygamma] n, 171: must be 0 to 170");
    CHECK_FAILS(THTensor_polygamma(r, f, -1), TH_ERR_VALUE, "[polygamma] n, -1");
    CHECK(r->storage == NULL);
    THTensor_free(i);
    THTensor_free(f);
    THTensor_free(r);
}

int main(void)
{
    long double *const exact = malloc(SWEEP * sizeof(*exact));
    if (!CHECK(exact != NULL)) return th_test_end("math");
    test_sweeps(exact);
    test_error_line(exact);
    test_pair_sweeps(exact);
    test_double_pair_sweeps(exact);
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        test_specials();
        test_strided();
        test_neighbours(THDtype_Float);
        test_neighbours(THDtype_Double);
        test_pairs();
        test_half();
    }
    test_errors();
    free(exact);
    return th_test_end("math");
}
