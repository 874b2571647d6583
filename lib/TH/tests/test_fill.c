/* fill, copy, conversions between all dtypes at every CPU level, sequences. */
#include "THTest.h"

#define SIZE(...)                                                                                                              \
    (const int64_t[])                                                                                                          \
    {                                                                                                                          \
        __VA_ARGS__                                                                                                            \
    }

static void testFill(void)
{
    for (int dtype = 0; dtype < THDtype_Count; dtype++) {
        THTensor *t = THTensor_newWithSize((THDtype)dtype, 2, SIZE(70, 1001));
        CHECK_OK(THTensor_fill(t, THScalar_fromLong(7)));
        THTensor *some = THTensor_newSlice(t, 1, 0, 1001, 10);
        CHECK_OK(THTensor_fill(some, THScalar_fromLong(9)));
        CHECK(THTensor_version(t) == 2);
        int wrong = 0;
        for (int64_t i = 0; i < t->numel; i++) wrong += th_test_at(t, i) != (i % 1001 % 10 == 0 ? 9 : 7);
        CHECK_OK(THTensor_zero(some));
        for (int64_t i = 0; i < t->numel; i++) wrong += th_test_at(t, i) != (i % 1001 % 10 == 0 ? 0 : 7);
        CHECK_OK(THTensor_zero(t));
        for (int64_t i = 0; i < t->numel; i++) wrong += th_test_at(t, i) != 0;
        CHECK(wrong == 0);
        THTensor_free(some);
        THTensor_free(t);
    }
}

/* What the rules of core/THConvert.h say of `value` on its way to `dtype`. */
static double expectedInteger(double value, THDtype dtype)
{
    const int64_t wide = value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN;
    switch (dtype) {
    case THDtype_Byte:
        return (double)(uint8_t)wide;
    case THDtype_Char:
        return (double)(int8_t)wide;
    case THDtype_Short:
        return (double)(int16_t)wide;
    case THDtype_Int:
        return (double)(int32_t)wide;
    default:
        return (double)wide;
    }
}

static void testConversions(void)
{
    const double numbers[] = {0,      1,    -1,    2.5,   -2.5,  127,   128,        255,           256,
                              300.75, -129, 65504, 65519, 65520, 70000, 2147483647, -2147483648.0, 2147483648.0,
                              4e9,    -4e9, 1e10,  1e-7,  6e-8};
    const double odd[] = {NAN, INFINITY, -INFINITY, 1e19, -1e19, 1e38, 0x1p-24, -0.0};
    const int plain = (int)(sizeof numbers / sizeof *numbers), special = (int)(sizeof odd / sizeof *odd);
    for (int from = 0; from < THDtype_Count; from++) {
        const int64_t n = 5 * (plain + special) + 300;
        THTensor *a = THTensor_newWithSize((THDtype)from, 1, &n);
        const int64_t itemsize = (int64_t)THDtype_size((THDtype)from);
        for (int64_t i = 0; i < n; i++) {
            /* The first 256 are harmless, so that the fast way and the careful one are both taken. */
            const bool floats = THDtype_isFloating((THDtype)from) && i >= 280;
            const double value = floats && i % 3 == 0 ? odd[i % special] : i < 280 ? (double)(i % 100) : numbers[i % plain];
            THScalar_store(THScalar_fromDouble(value), (THDtype)from, THTensor_dataBytes(a) + i * itemsize);
        }
        for (int to = 0; to < THDtype_Count; to++) {
            THTensor *b = THTensor_newConvert(a, (THDtype)to);
            THTensor *steps = THTensor_newSlice(a, 0, 1, n, 3), *c = THTensor_newConvert(steps, (THDtype)to);
            int wrong = b == NULL || c == NULL;
            for (int64_t i = 0; !wrong && i < n; i++) {
                const double value = th_test_at(a, i), got = th_test_at(b, i);
                double expected = value;
                if (to == THDtype_Float) expected = (float)value;
                if (to == THDtype_Half) {
                    uint16_t half;
                    THScalar_store(THScalar_fromDouble(value), THDtype_Half, &half);
                    expected = THScalar_toDouble(THScalar_load(THDtype_Half, &half));
                }
                if (!THDtype_isFloating((THDtype)to)) expected = expectedInteger(value, (THDtype)to);
                wrong += !(got == expected || (isnan(got) && isnan(expected)));
                wrong += i % 3 == 1 && i / 3 < c->numel && memcmp(&(double){th_test_at(c, i / 3)}, &got, sizeof got) != 0;
            }
            if (!CHECK(wrong == 0))
                fprintf(stderr, "    %s to %s: %d\n", THDtype_name((THDtype)from), THDtype_name((THDtype)to), wrong);
            THTensor_free(steps);
            THTensor_free(b);
            THTensor_free(c);
        }
        THTensor_free(a);
    }
}

static void testTransposedCopies(void)
{
    const int64_t sizes[][3] = {{16, 16, 1}, {33, 70, 1}, {1, 100, 2}, {257, 31, 3}, {8, 8, 40}, {500, 401, 1}};
    for (int dtype = 0; dtype < THDtype_Count; dtype++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            const int64_t *size = sizes[s];
            THTensor *a = th_test_ramp((THDtype)dtype, 3, SIZE(size[2], size[0], size[1]));
            THTensor *turned = THTensor_newTranspose(a, 1, 2), *b = THTensor_newClone(turned);
            THTensor *cube = THTensor_newTranspose(a, 0, 2), *c = THTensor_newClone(cube);
            THTensor *target = THTensor_newWithSize((THDtype)dtype, 3, SIZE(size[2], size[0], size[1]));
            THTensor *target_turned = THTensor_newTranspose(target, 1, 2);
            CHECK_OK(THTensor_copy(target_turned, b));
            int wrong = 0;
            for (int64_t i = 0; i < a->numel; i++) {
                wrong += !(th_test_at(b, i) == th_test_at(turned, i) || isnan(th_test_at(b, i)));
                wrong += !(th_test_at(c, i) == th_test_at(cube, i) || isnan(th_test_at(c, i)));
                wrong += !(th_test_at(target, i) == th_test_at(a, i) || isnan(th_test_at(a, i)));
            }
            CHECK(wrong == 0);
            THTensor *all[] = {a, turned, b, cube, c, target, target_turned};
            for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
        }
    }
}

static void testOverlappingCopies(void)
{
    THTensor *line = th_test_ramp(THDtype_Int, 1, SIZE(100000));
    THTensor *left = THTensor_newNarrow(line, 0, 0, 99999), *right = THTensor_newNarrow(line, 0, 1, 99999);
    CHECK_OK(THTensor_copy(right, left));
    int wrong = 0;
    for (int64_t i = 1; i < 100000; i++) wrong += th_test_at(line, i) != (double)(i - 1);
    CHECK(wrong == 0);
    THTensor *square = th_test_ramp(THDtype_Int, 2, SIZE(50, 50)), *turned = THTensor_newTranspose(square, 0, 1);
    CHECK_OK(THTensor_copy(square, turned));
    for (int64_t i = 0; i < 2500; i++) wrong += th_test_at(square, i) != (double)(i % 50 * 50 + i / 50);
    CHECK(wrong == 0);
    THTensor *row = THTensor_newSelect(square, 0, 3);
    CHECK_OK(THTensor_copy(square, row)); /* broadcast from inside itself */
    for (int64_t i = 0; i < 2500; i++) wrong += th_test_at(square, i) != (double)(i % 50 * 50 + 3);
    CHECK(wrong == 0);
    CHECK_FAILS(THTensor_copy(row, square), TH_ERR_SHAPE, "[copy] shape (50, 50)");
    THTensor *all[] = {line, left, right, square, turned, row};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
}

static THScalar L(int64_t value)
{
    return THScalar_fromLong(value);
}

static THScalar D(double value)
{
    return THScalar_fromDouble(value);
}

static void testArange(void)
{
    THTensor *r = THTensor_new();
    CHECK_OK(THTensor_arange(r, L(2), L(100007), L(3)));
    CHECK(r->dtype == THDtype_Long && r->numel == 33335 && th_test_at(r, 33334) == 100004);
    THTensor_free(r);
    r = THTensor_new();
    CHECK_OK(THTensor_arange(r, D(0), D(1), D(0.1)));
    CHECK(r->dtype == THDtype_Float && r->numel == 10 && th_test_at(r, 3) == (float)(3 * 0.1));
    CHECK_OK(THTensor_arange(r, L(5), L(0), L(-2)));
    CHECK(r->dtype == THDtype_Float && r->numel == 3 && th_test_at(r, 2) == 1);
    CHECK_OK(THTensor_arange(r, L(5), L(5), L(1)));
    CHECK(r->numel == 0);
    CHECK_FAILS(THTensor_arange(r, L(0), L(5), L(0)), TH_ERR_VALUE, "step must be nonzero");
    CHECK_FAILS(THTensor_arange(r, L(0), L(5), L(-1)), TH_ERR_VALUE, "inconsistent with step sign");
    CHECK_FAILS(THTensor_arange(r, D(0), D(NAN), D(1)), TH_ERR_VALUE, "[arange]");
    CHECK_FAILS(THTensor_arange(r, D(0), D(INFINITY), D(1)), TH_ERR_SHAPE, "too many");
    CHECK_FAILS(THTensor_arange(r, L(INT64_MIN), L(INT64_MAX), L(1)), TH_ERR_SHAPE, "");
    THTensor_free(r);
    r = THTensor_new();
    CHECK_OK(THTensor_arange(r, L(INT64_MIN), L(INT64_MAX), L(INT64_MAX)));
    CHECK(r->numel == 3 && *(int64_t *)(void *)(THTensor_dataBytes(r) + 8) == -1);
    THTensor_free(r);
    THTensor *table = THTensor_newWithSize(THDtype_Byte, 2, SIZE(10, 2)), *column = THTensor_newSelect(table, 1, 1);
    CHECK_OK(THTensor_zero(table));
    CHECK_OK(THTensor_arange(column, L(0), L(10), L(1)));
    CHECK(th_test_at(table, 19) == 9 && th_test_at(table, 18) == 0);
    THTensor_free(column);
    THTensor_free(table);
}

static void testLinspaceEye(void)
{
    THTensor *r = THTensor_new();
    CHECK_OK(THTensor_linspace(r, -1, 2, 1001));
    CHECK(r->dtype == THDtype_Float && th_test_at(r, 0) == -1 && th_test_at(r, 1000) == 2);
    CHECK_NEAR(th_test_at(r, 500), 0.5, 1e-7);
    CHECK_OK(THTensor_linspace(r, 3, 9, 1));
    CHECK(r->numel == 1 && th_test_at(r, 0) == 3);
    CHECK_OK(THTensor_linspace(r, 3, 9, 0));
    CHECK(r->numel == 0);
    CHECK_FAILS(THTensor_linspace(r, 3, 9, -1), TH_ERR_VALUE, "[linspace] steps, -1");
    CHECK_OK(THTensor_eye(r, 3, 5));
    double sum = 0;
    for (int64_t i = 0; i < 15; i++) sum += th_test_at(r, i);
    CHECK(sum == 3 && th_test_at(r, 6) == 1 && th_test_at(r, 12) == 1);
    CHECK_OK(THTensor_eye(r, 0, 5));
    CHECK(r->numel == 0);
    CHECK_FAILS(THTensor_eye(r, -1, 5), TH_ERR_VALUE, "[eye]");
    THTensor_free(r);
}

int main(void)
{
    for (int level = THCpu_BASE; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        testConversions();
    }
    testFill();
    testTransposedCopies();
    testOverlappingCopies();
    testArange();
    testLinspaceEye();
    return th_test_end("fill");
}
