/* Arithmetic and comparisons, against the same arithmetic element by element, for each dtype, CPU level and layout. */
#include "THTest.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const THDtype arithmetic[] = {THDtype_Byte, THDtype_Char,  THDtype_Short, THDtype_Int,
                                     THDtype_Long, THDtype_Float, THDtype_Double};

/* Small numbers without 0, of both signs where the dtype has them; `seed` varies them. */
static THTensor *numbers(THDtype dtype, int ndim, const int64_t *size, unsigned seed)
{
    THTensor *const t = THTensor_newWithSize(dtype, ndim, size);
    for (int64_t i = 0; t != NULL && i < t->numel; i++) {
        seed = seed * 1664525u + 1013904223u;
        int64_t v = (int64_t)(seed >> 16) % 100 + 1;
        if (dtype != THDtype_Byte && (seed & 1024)) v = -v;
        const THScalar s = THDtype_isFloating(dtype) ? THScalar_fromDouble((double)v * 0.37) : THScalar_fromLong(v);
        THScalar_store(s, dtype, THTensor_dataBytes(t) + i * (int64_t)THDtype_size(dtype));
    }
    return t;
}

/* What an element of `dtype` makes of an integer (wrapped) or a floating result (rounded). */
static double as_element(THDtype dtype, int64_t integer, double floating)
{
    switch (dtype) {
    case THDtype_Byte:
        return (uint8_t)integer;
    case THDtype_Char:
        return (int8_t)(uint8_t)integer;
    case THDtype_Short:
        return (int16_t)(uint16_t)integer;
    case THDtype_Int:
        return (int32_t)(uint32_t)integer;
    case THDtype_Long:
        return (double)integer;
    case THDtype_Float:
        return (float)floating;
    default:
        return floating;
    }
}

static int64_t integer_power(int64_t x, int64_t e)
{
    uint64_t result = 1;
    for (int64_t k = 0; k < e; k++) result *= (uint64_t)x;
    return (int64_t)result;
}

static double floor_mod(double x, double y)
{
    const double m = fmod(x, y);
    return m != 0 && (m < 0) != (y < 0) ? m + y : m;
}

/* Float results are computed in double and rounded once more, which for + - * / is the correctly rounded float. */
static double expected(const char *op, THDtype dtype, double x, double y)
{
    const int64_t i = THDtype_isFloating(dtype) ? 0 : (int64_t)x, j = THDtype_isFloating(dtype) ? 1 : (int64_t)y;
    if (strcmp(op, "add") == 0) return as_element(dtype, i + j, x + y);
    if (strcmp(op, "sub") == 0) return as_element(dtype, i - j, x - y);
    if (strcmp(op, "mul") == 0) return as_element(dtype, i * j, x * y);
    if (strcmp(op, "div") == 0) return as_element(dtype, i / j, x / y);
    if (strcmp(op, "max") == 0) return x > y ? x : y;
    if (strcmp(op, "min") == 0) return x < y ? x : y;
    if (strcmp(op, "fmod") == 0) return as_element(dtype, i % j, fmod(x, y));
    if (strcmp(op, "remainder") == 0) return as_element(dtype, (int64_t)floor_mod((double)i, (double)j), floor_mod(x, y));
    return NAN;
}

typedef THStatus (*Binary)(THTensor *r, const THTensor *a, const THTensor *b);

static THStatus add(THTensor *r, const THTensor *a, const THTensor *b)
{
    return THTensor_cadd(r, a, b, THScalar_fromLong(1));
}

static THStatus sub(THTensor *r, const THTensor *a, const THTensor *b)
{
    return THTensor_csub(r, a, b, THScalar_fromLong(1));
}

static const struct {
    const char *name;
    Binary run;
} binaries[] = {{"add", add},           {"sub", sub},           {"mul", THTensor_cmul},   {"div", THTensor_cdiv},
                {"max", THTensor_cmax}, {"min", THTensor_cmin}, {"fmod", THTensor_cfmod}, {"remainder", THTensor_cremainder}};

/* a and b: any layout, broadcast to size. */
static void check_binaries(THDtype dtype, THTensor *a, THTensor *b, int ndim, const int64_t *size)
{
    THTensor *const wide_a = THTensor_newExpand(a, ndim, size), *const wide_b = THTensor_newExpand(b, ndim, size);
    for (int k = 0; k < COUNT(binaries); k++) {
        THTensor *const r = THTensor_new();
        int wrong = 0;
        CHECK_OK(binaries[k].run(r, a, b));
        CHECK(r->dtype == dtype && THTensor_isSameSizeAs(r, wide_a));
        for (int64_t i = 0; i < r->numel; i++) {
            const double want = expected(binaries[k].name, dtype, th_test_at(wide_a, i), th_test_at(wide_b, i));
            wrong += !(th_test_at(r, i) == want);
        }
        if (!CHECK(wrong == 0))
            fprintf(stderr, "    %s of %s at %s: %d wrong\n", binaries[k].name, THDtype_name(dtype), THCpu_name(THCpu_level()),
                    wrong);
        THTensor_free(r);
    }
    THTensor_free(wide_a);
    THTensor_free(wide_b);
}

static void test_layouts(THDtype dtype)
{
    const int64_t size[] = {19, 53}, flipped[] = {53, 19}, row[] = {53}, column[] = {19, 1}, one[] = {1};
    THTensor *const a = numbers(dtype, 2, size, 1), *const b = numbers(dtype, 2, size, 2);
    THTensor *const turned = numbers(dtype, 2, flipped, 3), *const c = THTensor_newTranspose(turned, 0, 1);
    THTensor *const r = numbers(dtype, 1, row, 4), *const k = numbers(dtype, 2, column, 5),
                    *const s = numbers(dtype, 1, one, 6);
    THTensor *const part = THTensor_newSlice(a, 1, 0, 53, 2), *const other = THTensor_newSlice(b, 1, 0, 53, 2);
    check_binaries(dtype, a, b, 2, size);
    check_binaries(dtype, a, c, 2, size);
    check_binaries(dtype, c, c, 2, size);
    check_binaries(dtype, a, r, 2, size);
    check_binaries(dtype, k, r, 2, size);
    check_binaries(dtype, a, s, 2, size);
    check_binaries(dtype, s, b, 2, size);
    check_binaries(dtype, part, other, 2, part->size);
    THTensor *const all[] = {a, b, turned, c, r, k, s, part, other};
    for (int i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

static void test_scalars(THDtype dtype)
{
    const int64_t size[] = {131};
    const bool floating = THDtype_isFloating(dtype);
    const THScalar v = floating ? THScalar_fromDouble(2.5) : THScalar_fromLong(7), two = THScalar_fromLong(2);
    THTensor *const a = numbers(dtype, 1, size, 9), *const r = THTensor_new();
    const double y = THScalar_toDouble(v);
    int wrong = 0;
#define EACH(call, want)                                                                                                       \
    CHECK_OK(call);                                                                                                            \
    for (int64_t i = 0; i < a->numel; i++) {                                                                                   \
        const double x = th_test_at(a, i);                                                                                     \
        wrong += th_test_at(r, i) != (want);                                                                                   \
    }                                                                                                                          \
    CHECK(wrong == 0)
    EACH(THTensor_add(r, a, v, two), expected("add", dtype, x, 2 * y));
    EACH(THTensor_sub(r, a, v, two), expected("sub", dtype, x, 2 * y));
    EACH(THTensor_rsub(r, a, v), expected("sub", dtype, y, x));
    EACH(THTensor_mul(r, a, v), expected("mul", dtype, x, y));
    EACH(THTensor_div(r, a, v), expected("div", dtype, x, y));
    EACH(THTensor_rdiv(r, a, v), expected("div", dtype, y, x));
    EACH(THTensor_fmod(r, a, v), expected("fmod", dtype, x, y));
    EACH(THTensor_remainder(r, a, v), expected("remainder", dtype, x, y));
    EACH(THTensor_pow(r, a, two), expected("mul", dtype, x, x));
    EACH(THTensor_pow(r, a, THScalar_fromLong(3)),
         floating ? as_element(dtype, 0, dtype == THDtype_Float ? powf((float)x, 3) : pow(x, 3))
                  : as_element(dtype, integer_power((int64_t)x, 3), 0));
    EACH(THTensor_clamp(r, a, 1, two, 1, THScalar_fromLong(30)), x < 2 ? 2 : (x > 30 ? 30 : x));
    EACH(THTensor_clamp(r, a, 0, two, 1, THScalar_fromLong(30)), x > 30 ? 30 : x);
    EACH(THTensor_clamp(r, a, 1, two, 0, two), x < 2 ? 2 : x);
    EACH(THTensor_neg(r, a), expected("sub", dtype, 0, x));
    EACH(THTensor_abs(r, a), fabs(x));
    EACH(THTensor_sign(r, a), (x > 0) - (x < 0));
    EACH(THTensor_cadd(r, a, a, two), as_element(dtype, (int64_t)x * 3, x + as_element(dtype, 0, 2 * x)));
    EACH(THTensor_addcmul(r, a, two, a, a), as_element(dtype, (int64_t)x + 2 * (int64_t)x * (int64_t)x,
                                                       x + as_element(dtype, 0, as_element(dtype, 0, 2 * x) * x)));
    EACH(THTensor_addcdiv(r, a, THScalar_fromLong(1), a, a), as_element(dtype, (int64_t)x + 1, x + 1));
#undef EACH
    THTensor_free(a);
    THTensor_free(r);
}

static THTensor *longs(const int64_t *values, int64_t n)
{
    THTensor *const t = THTensor_newWithSize(THDtype_Long, 1, &n);
    memcpy(THTensor_dataBytes(t), values, (size_t)n * sizeof(*values));
    return t;
}

static THTensor *doubles(const double *values, int64_t n)
{
    THTensor *const t = THTensor_newWithSize(THDtype_Double, 1, &n);
    memcpy(THTensor_dataBytes(t), values, (size_t)n * sizeof(*values));
    return t;
}

static void test_integer_edges(void)
{
    const int64_t x[] = {INT64_MIN, INT64_MAX, INT64_MIN, 7, -7, 7, -7}, y[] = {-1, 2, 3, 3, 3, -3, -3};
    THTensor *const a = longs(x, 7), *const b = longs(y, 7), *const r = THTensor_new();
    const int64_t *const out = (CHECK_OK(THTensor_cdiv(r, a, b)), (const int64_t *)THTensor_dataBytes(r));
    CHECK(out[0] == INT64_MIN && out[1] == INT64_MAX / 2 && out[3] == 2 && out[4] == -2 && out[6] == 2);
    CHECK_OK(THTensor_cremainder(r, a, b));
    CHECK(out[0] == 0 && out[3] == 1 && out[4] == 2 && out[5] == -2 && out[6] == -1);
    CHECK_OK(THTensor_cfmod(r, a, b));
    CHECK(out[0] == 0 && out[3] == 1 && out[4] == -1 && out[5] == 1 && out[6] == -1);
    CHECK_OK(THTensor_cadd(r, a, a, THScalar_fromLong(1)));
    CHECK(out[0] == 0 && out[1] == -2);
    CHECK_OK(THTensor_abs(r, a));
    CHECK(out[0] == INT64_MIN && out[4] == 7);
    CHECK_FAILS(THTensor_cpow(r, a, b), TH_ERR_VALUE, "[pow] exponent -3");
    CHECK_FAILS(THTensor_pow(r, a, THScalar_fromLong(-2)), TH_ERR_VALUE, "negative powers");
    CHECK_FAILS(THTensor_tpow(r, b, THScalar_fromLong(2)), TH_ERR_VALUE, "negative powers");
    const int64_t before = out[4];
    CHECK_OK(THTensor_sub(b, b, THScalar_fromLong(3), THScalar_fromLong(1))); /* two elements become 0 */
    CHECK_FAILS(THTensor_cdiv(r, a, b), TH_ERR_VALUE, "[div] divisor's element 2 is 0");
    CHECK_FAILS(THTensor_cfmod(a, a, b), TH_ERR_VALUE, "division by zero");
    CHECK_FAILS(THTensor_cremainder(a, a, b), TH_ERR_VALUE, "division by zero");
    CHECK_FAILS(THTensor_div(r, a, THScalar_fromLong(0)), TH_ERR_VALUE, "division by zero");
    CHECK_FAILS(THTensor_rdiv(r, b, THScalar_fromLong(5)), TH_ERR_VALUE, "division by zero");
    CHECK(out[4] == before && th_test_at(a, 3) == 7);
    THTensor_free(a);
    THTensor_free(b);
    THTensor_free(r);
}

static void test_in_place(void)
{
    const int64_t size[] = {4, 3}, row[] = {3};
    THTensor *const a = th_test_ramp(THDtype_Float, 2, size), *const b = th_test_ramp(THDtype_Float, 1, row);
    char *const data = THTensor_dataBytes(a);
    const uint32_t version = THTensor_version(a);
    CHECK_OK(THTensor_cadd(a, a, b, THScalar_fromDouble(0.5)));
    CHECK(THTensor_dataBytes(a) == data && THTensor_version(a) > version);
    CHECK(th_test_at(a, 0) == 0 && th_test_at(a, 5) == 6 && th_test_at(a, 11) == 12);
    CHECK_FAILS(THTensor_cadd(b, b, a, THScalar_fromLong(1)), TH_ERR_SHAPE, "broadcast size");
    CHECK(b->ndim == 1 && th_test_at(b, 2) == 2);
    THTensor *const t = THTensor_newTranspose(a, 0, 1);
    THTensor *const square = THTensor_newNarrow(a, 0, 0, 3), *const turned = THTensor_newTranspose(square, 0, 1);
    const double corner = th_test_at(square, 1), mirror = th_test_at(square, 3);
    CHECK_OK(THTensor_cadd(square, square, turned, THScalar_fromLong(1))); /* overlaps without being the same view */
    CHECK(th_test_at(square, 1) == corner + mirror && th_test_at(square, 3) == corner + mirror);
    CHECK_FAILS(THTensor_cadd(b, a, t, THScalar_fromLong(1)), TH_ERR_SHAPE, "(4, 3)");
    THTensor_free(a);
    THTensor_free(b);
    THTensor_free(t);
    THTensor_free(square);
    THTensor_free(turned);
}

/* Half computes in float: each result is that of the floats, rounded, whatever the strides. */
static void test_half(void)
{
    const int64_t size[] = {7, 129};
    THTensor *const f = numbers(THDtype_Float, 2, size, 3), *const g = numbers(THDtype_Float, 2, size, 4);
    THTensor *const h = THTensor_newConvert(f, THDtype_Half), *const k = THTensor_newConvert(g, THDtype_Half);
    const THScalar two = THScalar_fromLong(2), low = THScalar_fromDouble(-3.5), high = THScalar_fromDouble(8.25);
    CHECK_OK(THTensor_copy(f, h));
    CHECK_OK(THTensor_copy(g, k));
    THTensor *const results[2][7] = {
        {THTensor_new(), THTensor_new(), THTensor_new(), THTensor_new(), THTensor_new(), THTensor_new(), THTensor_new()},
        {THTensor_new(), THTensor_new(), THTensor_new(), THTensor_new(), THTensor_new(), THTensor_new(), THTensor_new()}};
    for (int pass = 0; pass < 2; pass++) {
        const THTensor *const a = pass == 0 ? f : h, *const b = pass == 0 ? g : k;
        THTensor *const ta = THTensor_newTranspose(a, 0, 1), *const tb = THTensor_newTranspose(b, 0, 1);
        THTensor *const *const r = results[pass];
        CHECK_OK(THTensor_cadd(r[0], a, b, two));
        CHECK_OK(THTensor_cdiv(r[1], ta, tb));
        CHECK_OK(THTensor_rsub(r[2], a, two));
        CHECK_OK(THTensor_clamp(r[3], ta, 1, low, 1, high));
        CHECK_OK(THTensor_addcmul(r[4], a, two, b, a));
        CHECK_OK(THTensor_ltTensor(r[5], ta, tb));
        CHECK_OK(THTensor_cpow(r[6], a, b));
        THTensor_free(ta);
        THTensor_free(tb);
    }
    for (int i = 0; i < 7; i++) {
        THTensor *const want = i == 5 ? THTensor_newClone(results[0][i]) : THTensor_newConvert(results[0][i], THDtype_Half);
        int wrong = 0;
        for (int64_t j = 0; j < want->numel; j++) {
            const double x = th_test_at(want, j), y = th_test_at(results[1][i], j);
            wrong += !(x == y || (isnan(x) && isnan(y)));
        }
        CHECK(wrong == 0 && results[1][i]->dtype == want->dtype);
        THTensor_free(want);
    }
    for (int i = 0; i < 14; i++) THTensor_free(results[i / 7][i % 7]);
    THTensor *const all[] = {f, g, h, k};
    for (int i = 0; i < 4; i++) THTensor_free(all[i]);
}

/* Three operands of which any are the same for a whole row, or for all. */
static void test_three_broadcast(THDtype dtype)
{
    const int64_t size[] = {5, 67}, column[] = {5, 1}, row[] = {67}, one[] = {1};
    THTensor *const shapes[] = {numbers(dtype, 2, size, 11), numbers(dtype, 2, column, 12), numbers(dtype, 1, row, 13),
                                numbers(dtype, 1, one, 14)};
    for (int k = 0; k < 64; k++) {
        THTensor *const a = shapes[k % 4], *const b = shapes[k / 4 % 4], *const c = shapes[k / 16];
        THTensor *const wide[] = {THTensor_newExpand(a, 2, size), THTensor_newExpand(b, 2, size),
                                  THTensor_newExpand(c, 2, size)};
        THTensor *const r = THTensor_newWithSize(dtype, 2, size), *const s = THTensor_new();
        THTensor *const dense[] = {THTensor_newContiguous(wide[0]), THTensor_newContiguous(wide[1]),
                                   THTensor_newContiguous(wide[2])};
        CHECK_OK(THTensor_addcmul(r, wide[0], THScalar_fromLong(3), wide[1], wide[2]));
        CHECK_OK(THTensor_addcmul(s, dense[0], THScalar_fromLong(3), dense[1], dense[2]));
        int wrong = 0;
        for (int64_t i = 0; i < r->numel; i++) {
            wrong += th_test_at(r, i) != th_test_at(s, i);
            const double x = th_test_at(dense[0], i), y = th_test_at(dense[1], i), z = th_test_at(dense[2], i);
            if (dtype == THDtype_Double) wrong += th_test_at(r, i) != x + 3 * y * z;
        }
        CHECK(wrong == 0);
        THTensor *const all[] = {wide[0], wide[1], wide[2], dense[0], dense[1], dense[2], r, s};
        for (int i = 0; i < 8; i++) THTensor_free(all[i]);
    }
    for (int i = 0; i < 4; i++) THTensor_free(shapes[i]);
}

/* Shifts and bits of each integer dtype, counts out of range included. */
static void test_bits(THDtype dtype)
{
    const int64_t size[] = {9};
    THTensor *const a = numbers(dtype, 1, size, 5), *const b = th_test_ramp(dtype, 1, size), *const r = THTensor_new();
    const int bits = 8 * (int)THDtype_size(dtype);
    CHECK_OK(THTensor_clshift(r, a, b));
    for (int64_t i = 0; i < 9; i++)
        CHECK(th_test_at(r, i) == as_element(dtype, (int64_t)((uint64_t)(int64_t)th_test_at(a, i) << i), 0));
    CHECK_OK(THTensor_crshift(r, a, b));
    for (int64_t i = 0; i < 9; i++) CHECK(th_test_at(r, i) == floor(th_test_at(a, i) / (double)(1 << i)));
    CHECK_OK(THTensor_rshift(r, a, THScalar_fromLong(bits)));
    for (int64_t i = 0; i < 9; i++) CHECK(th_test_at(r, i) == (th_test_at(a, i) < 0 ? -1 : 0));
    CHECK_OK(THTensor_lshift(r, a, THScalar_fromLong(bits)));
    for (int64_t i = 0; i < 9; i++) CHECK(th_test_at(r, i) == 0);
    CHECK_OK(THTensor_cbitand(r, a, b));
    for (int64_t i = 0; i < 9; i++) CHECK(th_test_at(r, i) == (double)((int64_t)th_test_at(a, i) & i));
    CHECK_OK(THTensor_bitor(r, a, THScalar_fromLong(5)));
    for (int64_t i = 0; i < 9; i++) CHECK(th_test_at(r, i) == as_element(dtype, (int64_t)th_test_at(a, i) | 5, 0));
    CHECK_OK(THTensor_bitxor(r, a, THScalar_fromLong(6)));
    for (int64_t i = 0; i < 9; i++) CHECK(th_test_at(r, i) == as_element(dtype, (int64_t)th_test_at(a, i) ^ 6, 0));
    THTensor_free(a);
    THTensor_free(b);
    THTensor_free(r);
}

static void test_refusals(void)
{
    const int64_t size[] = {2};
    const THScalar one = THScalar_fromLong(1), half = THScalar_fromDouble(0.5);
    THTensor *const f = th_test_ramp(THDtype_Float, 1, size), *const d = th_test_ramp(THDtype_Double, 1, size);
    THTensor *const h = th_test_ramp(THDtype_Half, 1, size), *const i = th_test_ramp(THDtype_Byte, 1, size);
    THTensor *const r = THTensor_new(), *const nothing = THTensor_new();
    CHECK_FAILS(THTensor_cadd(r, f, d, one), TH_ERR_DTYPE, "[add] expected tensors of one dtype, got Float and Double");
    CHECK_FAILS(THTensor_cadd(d, f, f, one), TH_ERR_DTYPE, "add");
    CHECK_FAILS(THTensor_cbitand(r, h, h), TH_ERR_DTYPE, "[bitand] self, of dtype Half: only integers have bits to combine");
    CHECK_FAILS(THTensor_cadd(r, nothing, nothing, one), TH_ERR_DTYPE, "without dtype");
    CHECK_FAILS(THTensor_add(r, i, half, one), TH_ERR_DTYPE, "[add]");
    CHECK_FAILS(THTensor_add(r, i, one, half), TH_ERR_DTYPE, "alpha");
    CHECK_FAILS(THTensor_mul(r, i, THScalar_fromLong(256)), TH_ERR_VALUE, "[mul]");
    CHECK_FAILS(THTensor_exp(r, i), TH_ERR_UNSUPPORTED, "[exp] not implemented for Byte");
    CHECK_FAILS(THTensor_cinv(r, i), TH_ERR_UNSUPPORTED, "[cinv]");
    CHECK_FAILS(THTensor_clamp(r, f, 0, one, 0, one), TH_ERR_VALUE, "neither min nor max");
    CHECK_FAILS(THTensor_where(r, f, f, f), TH_ERR_DTYPE, "condition is Float");
    CHECK(r->dtype == THDtype_None);
    THTensor *const all[] = {f, d, h, i, r, nothing};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

typedef THStatus (*Compare)(THTensor *r, const THTensor *a, const THTensor *b);
typedef THStatus (*CompareValue)(THTensor *r, const THTensor *a, THScalar value);
static const Compare compares[] = {THTensor_ltTensor, THTensor_leTensor, THTensor_gtTensor,
                                   THTensor_geTensor, THTensor_eqTensor, THTensor_neTensor};
static const CompareValue value_compares[] = {THTensor_ltValue, THTensor_leValue, THTensor_gtValue,
                                              THTensor_geValue, THTensor_eqValue, THTensor_neValue};

static bool holds(int relation, double x, double y)
{
    const bool all[] = {x<y, x <= y, x> y, x >= y, x == y, x != y};
    return all[relation];
}

static void test_comparisons(THDtype dtype)
{
    const int64_t size[] = {7, 41}, column[] = {7, 1};
    THTensor *const a = numbers(dtype, 2, size, 11), *const c = numbers(dtype, 2, column, 13);
    THTensor *const wide = THTensor_newExpand(c, 2, size);
    const double values[] = {3, 3.5, -1.5, 1e300, -1e300, INFINITY, -INFINITY, NAN, 0x1p63, -0x1p63};
    THTensor *const part = THTensor_newNarrow(a, 1, 0, 9), *const equals = THTensor_newNarrow(wide, 1, 0, 9);
    CHECK_OK(THTensor_copy(part, equals)); /* so that some are equal */
    for (int k = 0; k < 6; k++) {
        THTensor *const r = THTensor_new();
        int wrong = 0;
        CHECK_OK(compares[k](r, a, c));
        CHECK(r->dtype == THDtype_Byte);
        for (int64_t i = 0; i < r->numel; i++) wrong += th_test_at(r, i) != holds(k, th_test_at(a, i), th_test_at(wide, i));
        for (int v = 0; v < COUNT(values); v++) {
            const double y = dtype == THDtype_Float ? (double)(float)values[v] : values[v];
            CHECK_OK(value_compares[k](r, a, THScalar_fromDouble(values[v])));
            for (int64_t i = 0; i < r->numel; i++) wrong += th_test_at(r, i) != holds(k, th_test_at(a, i), y);
        }
        CHECK_OK(value_compares[k](r, a, THScalar_fromLong(1000)));
        for (int64_t i = 0; i < r->numel; i++) wrong += th_test_at(r, i) != holds(k, th_test_at(a, i), 1000);
        CHECK(wrong == 0);
        THTensor_free(r);
    }
    THTensor *const all[] = {a, c, wide, part, equals};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

static void test_nan_and_output(void)
{
    const double x[] = {1, NAN, 3, -0.0}, y[] = {NAN, 2, 3, 0.0};
    THTensor *const a = doubles(x, 4), *const b = doubles(y, 4), *const r = THTensor_new();
    int same = 1;
    CHECK_OK(THTensor_cmax(r, a, b));
    CHECK(isnan(th_test_at(r, 0)) && isnan(th_test_at(r, 1)) && th_test_at(r, 2) == 3);
    CHECK_OK(THTensor_cmin(r, b, a));
    CHECK(isnan(th_test_at(r, 0)) && isnan(th_test_at(r, 1)) && th_test_at(r, 2) == 3);
    CHECK_OK(THTensor_clamp(r, a, 1, THScalar_fromLong(2), 0, THScalar_fromLong(0)));
    CHECK(isnan(th_test_at(r, 1)) && th_test_at(r, 0) == 2);
    CHECK_OK(THTensor_sign(r, a));
    CHECK(isnan(th_test_at(r, 1)) && th_test_at(r, 3) == 0);
    CHECK_OK(THTensor_equal(&same, a, b));
    CHECK(same == 0);
    CHECK_OK(THTensor_equal(&same, a, a)); /* nan differs from itself */
    CHECK(same == 0);
    CHECK_OK(THTensor_eqTensor(a, a, b)); /* an output of the input's dtype keeps it */
    CHECK(a->dtype == THDtype_Double && th_test_at(a, 0) == 0 && th_test_at(a, 2) == 1 && th_test_at(a, 3) == 1);
    CHECK_OK(THTensor_equal(&same, a, a));
    CHECK(same == 1);
    THTensor_free(a);
    THTensor_free(b);
    THTensor_free(r);
}

static void test_where(THDtype dtype)
{
    const int64_t size[] = {6, 35}, row[] = {35};
    THTensor *const a = numbers(THDtype_Int, 2, size, 21), *const b = numbers(dtype, 2, size, 22),
                    *const c = numbers(dtype, 1, row, 23);
    THTensor *const condition = THTensor_new(), *const r = THTensor_new();
    THTensor *const wide = THTensor_newExpand(c, 2, size);
    int wrong = 0;
    CHECK_OK(THTensor_gtValue(condition, a, THScalar_fromLong(3)));
    CHECK_OK(THTensor_where(r, condition, b, c));
    for (int64_t i = 0; i < r->numel; i++)
        wrong += th_test_at(r, i) != (th_test_at(condition, i) != 0 ? th_test_at(b, i) : th_test_at(wide, i));
    CHECK(wrong == 0 && r->dtype == dtype);
    THTensor *const all[] = {a, b, c, condition, r, wide};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

int main(void)
{
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        for (int k = 0; k < COUNT(arithmetic); k++) {
            test_layouts(arithmetic[k]);
            test_scalars(arithmetic[k]);
            test_comparisons(arithmetic[k]);
            test_where(arithmetic[k]);
            test_three_broadcast(arithmetic[k]);
            if (!THDtype_isFloating(arithmetic[k])) test_bits(arithmetic[k]);
        }
        test_where(THDtype_Half);
        test_half();
        test_integer_edges();
        test_nan_and_output();
    }
    test_in_place();
    test_refusals();
    return th_test_end("pointwise");
}
