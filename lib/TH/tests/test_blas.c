/* Products against a triple loop in long double, by the library and in plain C: layouts, sizes, dtypes, refusals. */
#include "THTest.h"

#define SIZE(...)                                                                                                              \
    (const int64_t[])                                                                                                          \
    {                                                                                                                          \
        __VA_ARGS__                                                                                                            \
    }

static uint64_t state = 88172645463325252u;

static int64_t draw(int64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int64_t)(state % (uint64_t)below);
}

/* Small integers, so that sums are exact in every dtype but for the wrap of bytes. layout: 0 row-major, 1 column-major, 2
 * with gaps, 3 strided both ways. */
static THTensor *matrix(THDtype dtype, int64_t rows, int64_t columns, int layout)
{
    const int64_t size[2] = {layout == 1   ? columns
                             : layout >= 2 ? rows + 3
                                           : rows,
                             layout == 1   ? rows
                             : layout == 2 ? columns + 5
                             : layout == 3 ? 2 * columns + 1
                                           : columns};
    THTensor *t = THTensor_newWithSize(dtype, 2, size);
    const int64_t itemsize = (int64_t)THDtype_size(dtype);
    for (int64_t i = 0; i < t->numel; i++)
        THScalar_store(THScalar_fromLong(draw(7) - (dtype == THDtype_Byte ? 0 : 3)), dtype,
                       THTensor_dataBytes(t) + i * itemsize);
    if (layout == 0) return t;
    THTensor *view = NULL;
    if (layout == 1) {
        view = THTensor_newTranspose(t, 0, 1);
    } else {
        THTensor *some = THTensor_newNarrow(t, 0, 1, rows);
        view = layout == 2 ? THTensor_newNarrow(some, 1, 2, columns) : THTensor_newSlice(some, 1, 1, 2 * columns + 1, 2);
        THTensor_free(some);
    }
    THTensor_free(t);
    return view;
}

/* What dtype makes of an exact integer. */
static double wrapped(double value, THDtype dtype)
{
    int64_t element = 0;
    THScalar_store(THScalar_fromDouble(value), dtype, &element);
    return THScalar_toDouble(THScalar_load(dtype, &element));
}

static double product(const THTensor *a, const THTensor *b, int64_t i, int64_t j)
{
    const int64_t k = a->size[1];
    double sum = 0;
    for (int64_t p = 0; p < k; p++) sum += th_test_at(a, i * k + p) * th_test_at(b, p * b->size[1] + j);
    return sum;
}

static bool addmmRight(THDtype dtype, int64_t n, int64_t k, int64_t p, int la, int lb, int lr, int64_t beta, int64_t alpha)
{
    THTensor *a = matrix(dtype, n, k, la), *b = matrix(dtype, k, p, lb), *m = matrix(dtype, n, p, (la + lb) % 4);
    THTensor *r = lr < 0 ? THTensor_new() : matrix(dtype, n, p, lr);
    bool right = THTensor_addmm(r, THScalar_fromLong(beta), beta == 0 ? NULL : m, THScalar_fromLong(alpha), a, b) == TH_OK;
    for (int64_t i = 0; right && i < n; i++) {
        for (int64_t j = 0; right && j < p; j++) {
            const double exact = (double)alpha * product(a, b, i, j) + (double)beta * th_test_at(m, i * p + j);
            right = th_test_at(r, i * p + j) == wrapped(exact, dtype);
        }
    }
    THTensor_free(a);
    THTensor_free(b);
    THTensor_free(m);
    THTensor_free(r);
    return right;
}

static void testAddmm(void)
{
    const THDtype dtypes[] = {THDtype_Float, THDtype_Double, THDtype_Long, THDtype_Byte,
                              THDtype_Short, THDtype_Int,    THDtype_Char};
    const int64_t sizes[][3] = {{1, 1, 1},    {2, 3, 4},    {5, 6, 7}, {1, 300, 1}, {17, 1, 19},
                                {16, 16, 16}, {33, 70, 65}, {0, 3, 2}, {3, 0, 2},   {2, 3, 0}};
    for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            int wrong = 0;
            for (int l = 0; l < 64; l++) {
                if (s == 6 && l % 5 != 0) continue;
                wrong += !addmmRight(dtypes[d], sizes[s][0], sizes[s][1], sizes[s][2], l % 4, l / 4 % 4, l / 16 % 4 - 1, l % 3,
                                     1 + l % 2);
            }
            if (!CHECK(wrong == 0)) fprintf(stderr, "    %s, size %d: %d\n", THDtype_name(dtypes[d]), (int)s, wrong);
        }
    }
    /* Large enough to be cut for threads, and not a multiple of anything. */
    CHECK(addmmRight(THDtype_Float, 131, 257, 143, 0, 1, -1, 0, 1));
    CHECK(addmmRight(THDtype_Double, 131, 130, 143, 1, 0, 1, 1, 2));
    CHECK(addmmRight(THDtype_Float, 300, 20, 90, 1, 1, 2, 1, 1));
    /* Few rows, or few columns, times a matrix that is worked on in pieces, the last of them small: 128, 64, 32 at once. */
    for (int l = 0; l < 2; l++) {
        CHECK(addmmRight(THDtype_Float, 1, 1500, 709, 0, l, -1, 0, 1));
        CHECK(addmmRight(THDtype_Double, 7, 1500, 301, l, 1, l - 1, 1, 2));
        CHECK(addmmRight(THDtype_Float, 16, 1100, 131, 0, l, l - 1, 1, 1));
        CHECK(addmmRight(THDtype_Float, 403, 900, 9, l, 0, l - 1, 1, -1));
    }
}

static void testInPlaceAndOverlap(void)
{
    THTensor *a = matrix(THDtype_Float, 20, 20, 0), *b = matrix(THDtype_Float, 20, 20, 0), *r = THTensor_newClone(a);
    double expected[400];
    for (int64_t i = 0; i < 400; i++) expected[i] = product(a, b, i / 20, i % 20);
    const THScalar zero = THScalar_fromLong(0), one = THScalar_fromLong(1);
    CHECK_OK(THTensor_addmm(r, zero, NULL, one, r, b)); /* r is an operand */
    int wrong = 0;
    for (int64_t i = 0; i < 400; i++) wrong += th_test_at(r, i) != expected[i];
    THTensor *turned = THTensor_newTranspose(b, 0, 1);
    const uint32_t version = THTensor_version(r);
    CHECK_OK(THTensor_addmm(r, one, r, one, a, b)); /* r is what is added */
    CHECK(THTensor_version(r) != version);
    for (int64_t i = 0; i < 400; i++) wrong += th_test_at(r, i) != 2 * expected[i];
    CHECK_OK(THTensor_addmm(turned, one, turned, one, a, b));
    CHECK(wrong == 0);
    /* beta 0 does not read what is there. */
    CHECK_OK(THTensor_fill(r, THScalar_fromDouble(NAN)));
    CHECK_OK(THTensor_addmm(r, zero, r, one, a, a));
    for (int64_t i = 0; i < 400; i++) wrong += isnan(th_test_at(r, i));
    THTensor *bias = THTensor_newSelect(b, 0, 0), *fresh = THTensor_new();
    CHECK_OK(THTensor_addmm(fresh, one, bias, one, a, a));
    for (int64_t i = 0; i < 400; i++) wrong += th_test_at(fresh, i) != th_test_at(r, i) + th_test_at(bias, i % 20);
    THTensor *single = THTensor_newSelect(a, 1, 3), *expanded = THTensor_newUnsqueeze(single, 1);
    THTensor *spread = THTensor_newExpand(expanded, 2, SIZE(20, 20));
    CHECK_OK(THTensor_addmm(fresh, zero, NULL, one, a, spread));
    for (int64_t i = 0; i < 400; i++) wrong += th_test_at(fresh, i) != product(a, spread, i / 20, i % 20);
    CHECK(wrong == 0);
    THTensor *all[] = {a, b, r, turned, bias, fresh, single, expanded, spread};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
}

static void testVectors(void)
{
    const THScalar one = THScalar_fromLong(1), two = THScalar_fromLong(2), zero = THScalar_fromLong(0);
    const THDtype dtypes[] = {THDtype_Float, THDtype_Double, THDtype_Long};
    for (int d = 0; d < 3; d++) {
        for (int layout = 0; layout < 4; layout++) {
            int wrong = 0;
            THTensor *a = matrix(dtypes[d], 70, 45, layout), *square = matrix(dtypes[d], 70, 45, 3 - layout);
            THTensor *x = THTensor_newSelect(square, 0, 2), *y = THTensor_newSelect(square, 1, 3), *r = THTensor_new();
            CHECK_OK(THTensor_addmv(r, two, y, one, a, x));
            for (int64_t i = 0; i < 70; i++) {
                double sum = 2 * th_test_at(y, i);
                for (int64_t j = 0; j < 45; j++) sum += th_test_at(a, i * 45 + j) * th_test_at(x, j);
                wrong += th_test_at(r, i) != sum;
            }
            THTensor *outer = THTensor_new(), *sum = THTensor_new();
            CHECK_OK(THTensor_addr(outer, one, a, two, y, x));
            for (int64_t i = 0; i < 70 * 45; i++)
                wrong += th_test_at(outer, i) != th_test_at(a, i) + 2 * th_test_at(y, i / 45) * th_test_at(x, i % 45);
            CHECK_OK(THTensor_dot(sum, x, x));
            double expected = 0;
            for (int64_t j = 0; j < 45; j++) expected += th_test_at(x, j) * th_test_at(x, j);
            wrong += th_test_at(sum, 0) != expected;
            THTensor *none = THTensor_newNarrow(x, 0, 0, 0), *thin = THTensor_newNarrow(a, 1, 0, 0);
            CHECK_OK(THTensor_dot(sum, none, none));
            wrong += th_test_at(sum, 0) != 0;
            CHECK_OK(THTensor_addmv(r, two, y, one, thin, none));
            for (int64_t i = 0; i < 70; i++) wrong += th_test_at(r, i) != 2 * th_test_at(y, i);
            CHECK_OK(THTensor_addmv(r, zero, NULL, one, thin, none));
            for (int64_t i = 0; i < 70; i++) wrong += th_test_at(r, i) != 0;
            CHECK(wrong == 0);
            THTensor *all[] = {a, square, x, y, r, outer, sum, none, thin};
            for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
        }
    }
    /* Accumulated in double: 2^24 + 1 ones are counted. */
    const int64_t n = (1 << 24) + 1;
    THTensor *ones = THTensor_newWithSize(THDtype_Float, 1, &n);
    CHECK_OK(THTensor_fill(ones, one));
    THScalar sum;
    CHECK_OK(THBlas_dot(THDtype_Float, n, THTensor_dataBytes(ones), 1, THTensor_dataBytes(ones), 1, &sum));
    CHECK(sum.value.d == (double)n);
    THTensor_free(ones);
}

static void testBatches(void)
{
    const THScalar one = THScalar_fromLong(1), zero = THScalar_fromLong(0);
    THTensor *a = th_test_ramp(THDtype_Double, 3, SIZE(50, 6, 5)), *c = th_test_ramp(THDtype_Double, 3, SIZE(50, 7, 5));
    THTensor *b = THTensor_newTranspose(c, 1, 2), *r = THTensor_new(), *m = th_test_ramp(THDtype_Double, 1, SIZE(7));
    for (int round = 0; round < 2; round++) {
        CHECK_OK(THTensor_baddbmm(r, round ? one : zero, round ? m : NULL, one, a, b));
        int wrong = 0;
        for (int64_t i = 0; i < 50; i++) {
            THTensor *ai = THTensor_newSelect(a, 0, i), *bi = THTensor_newSelect(b, 0, i);
            for (int64_t j = 0; j < 42; j++)
                wrong += th_test_at(r, i * 42 + j) != product(ai, bi, j / 7, j % 7) + (round ? (double)(j % 7) : 0);
            THTensor_free(ai);
            THTensor_free(bi);
        }
        CHECK(wrong == 0);
    }
    CHECK_FAILS(THTensor_baddbmm(r, zero, NULL, one, a, c), TH_ERR_SHAPE,
                "wrong matrix size, batch1: [6 x 5], batch2: [7 x 5]");
    THTensor *all[] = {a, b, c, r, m};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
}

/* Halves multiply and add up in float: sums that halves could not hold on the way. */
static void testHalf(void)
{
    const THScalar one = THScalar_fromLong(1), zero = THScalar_fromLong(0);
    THTensor *const a = THTensor_newWithSize(THDtype_Half, 2, SIZE(2, 3000)), *const r = THTensor_new();
    CHECK_OK(THTensor_fill(a, one));
    THTensor *const b = THTensor_newTranspose(a, 0, 1), *const x = THTensor_newSelect(a, 0, 0);
    CHECK_OK(THTensor_addmm(r, zero, NULL, one, a, b));
    CHECK(r->dtype == THDtype_Half && th_test_at(r, 3) == 3000);
    CHECK_OK(THTensor_addmm(r, one, r, THScalar_fromLong(-1), a, b));
    CHECK(th_test_at(r, 3) == 0);
    THTensor *const v = THTensor_new(), *const s = THTensor_new();
    CHECK_OK(THTensor_addmv(v, zero, NULL, one, a, x));
    CHECK(v->size[0] == 2 && th_test_at(v, 1) == 3000);
    CHECK_OK(THTensor_dot(s, x, x));
    CHECK(s->dtype == THDtype_Half && th_test_at(s, 0) == 3000);
    THTensor *const all[] = {a, b, r, v, x, s};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
}

/* One product for the whole batch. */
static void testAddbmm(void)
{
    const THScalar one = THScalar_fromLong(1), two = THScalar_fromLong(2);
    THTensor *const a = th_test_ramp(THDtype_Double, 3, SIZE(3, 2, 4)), *const c =
                                                                            th_test_ramp(THDtype_Double, 3, SIZE(3, 5, 4));
    THTensor *const b = THTensor_newTranspose(c, 1, 2), *const m = th_test_ramp(THDtype_Double, 1, SIZE(5)),
                    *const r = THTensor_new();
    CHECK_OK(THTensor_addbmm(r, two, m, one, a, b));
    for (int64_t i = 0; i < 2; i++)
        for (int64_t j = 0; j < 5; j++) {
            double sum = 2 * (double)j;
            for (int64_t k = 0; k < 12; k++)
                sum += th_test_at(a, k / 4 * 8 + i * 4 + k % 4) * th_test_at(c, k / 4 * 20 + j * 4 + k % 4);
            CHECK(th_test_at(r, 5 * i + j) == sum);
        }
    CHECK_FAILS(THTensor_addbmm(r, two, m, one, a, c), TH_ERR_SHAPE, "[addbmm] wrong matrix size");
    THTensor *const all[] = {a, b, c, m, r};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
}

static void testRefusals(void)
{
    const THScalar one = THScalar_fromLong(1), zero = THScalar_fromLong(0), half = THScalar_fromDouble(0.5);
    THTensor *a = matrix(THDtype_Float, 2, 3, 0), *b = matrix(THDtype_Float, 4, 5, 0), *l = matrix(THDtype_Long, 3, 3, 0);
    THTensor *r = THTensor_new();
    CHECK_FAILS(THTensor_addmm(r, zero, NULL, one, a, b), TH_ERR_SHAPE, "size mismatch, m1: [2 x 3], m2: [4 x 5]");
    CHECK_FAILS(THTensor_addmm(r, zero, NULL, one, a, l), TH_ERR_DTYPE, "[addmm] operands, Float and Long");
    CHECK_FAILS(THTensor_addmm(r, one, NULL, one, l, l), TH_ERR_VALUE, "the added tensor is missing");
    CHECK_FAILS(THTensor_addmm(r, zero, NULL, half, l, l), TH_ERR_DTYPE, "[addmm] alpha, 0.5");
    CHECK_FAILS(THTensor_addmm(r, one, a, one, l, l), TH_ERR_DTYPE, "Float and Long");
    THTensor *row = THTensor_newSelect(a, 0, 0);
    CHECK_FAILS(THTensor_addmm(r, zero, NULL, one, row, a), TH_ERR_SHAPE, "matrices expected, got 1D, 2D tensors");
    CHECK_FAILS(THTensor_addmv(r, zero, NULL, one, b, row), TH_ERR_SHAPE, "size mismatch, [4 x 5], [3]");
    CHECK_FAILS(THTensor_dot(r, a, a), TH_ERR_SHAPE, "1D tensors expected");
    CHECK(r->storage == NULL);
    float x[4] = {0};
    CHECK_FAILS(THBlas_gemm(THDtype_Float, 'x', 'n', 2, 2, 1, one, x, 2, x, 1, zero, x, 2), TH_ERR_VALUE, "[gemm] transa, 'x'");
    CHECK_FAILS(THBlas_gemm(THDtype_Float, 'n', 'n', 2, 2, 1, one, x, 1, x, 1, zero, x, 2), TH_ERR_SHAPE,
                "[gemm] lda, 1: must be at least 2");
    CHECK_FAILS(THBlas_gemm(THDtype_Float, 'n', 'n', -2, 2, 1, one, x, 1, x, 1, zero, x, 2), TH_ERR_SHAPE, "[gemm] m, -2");
    CHECK_FAILS(THBlas_gemv(THDtype_Float, 'n', 2, 2, one, x, 2, x, 0, zero, x, 1), TH_ERR_SHAPE, "[gemv] incx, 0");
    CHECK_FAILS(THBlas_dot(THDtype_None, 1, x, 1, x, 1, &(THScalar){0}), TH_ERR_UNSUPPORTED, "[dot] not implemented for None");
    THTensor *all[] = {a, b, l, r, row};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
}

static void testRaw(void)
{
    const THScalar one = THScalar_fromLong(1), two = THScalar_fromLong(2);
    double a[6] = {1, 2, 3, 4, 5, 6}, x[2] = {1, 10}, y[3] = {1, 1, 1};
    CHECK_OK(THBlas_gemv(THDtype_Double, 'n', 3, 2, one, a, 3, x, 1, two, y, 1));
    CHECK(y[0] == 43 && y[1] == 54 && y[2] == 65);
    CHECK_OK(THBlas_ger(THDtype_Double, 3, 2, two, y, 1, x, 1, a, 3));
    CHECK(a[0] == 87 && a[5] == 6 + 2 * 65 * 10);
}

/* Long inner products, cut for threads: each part counts, whole ones and the rest, strides too; the same for any number of
 * threads, to the last bit, and near to what the numbers are. */
static void testLongDots(void)
{
    static const int64_t lengths[] = {32767, 32768, 32769, 65536, 131073, 2097152, 2097153};
    const int threads = THThreads_get();
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        const int64_t n = lengths[k], room = 2 * n;
        THTensor *t = THTensor_newWithSize(THDtype_Double, 1, &room), *whole = THTensor_newWithSize(THDtype_Long, 1, &n);
        double *x = (double *)(void *)THTensor_dataBytes(t), exact = 0;
        int64_t *w = (int64_t *)(void *)THTensor_dataBytes(whole), wrapped = 0;
        for (int64_t i = 0; i < room; i++) x[i] = (double)(i * 7919 % 10007) / 10007 - 0.3;
        for (int64_t i = 0; i < n; i++) w[i] = (i * 7919 % 10007) << 30;
        for (int64_t i = 0; i < n; i++) {
            exact += x[2 * i] * x[i];
            wrapped = (int64_t)((uint64_t)wrapped + (uint64_t)w[i] * (uint64_t)w[n - 1 - i]);
        }
        THScalar one, several, integer;
        CHECK_OK(THThreads_set(1));
        CHECK_OK(THBlas_dot(THDtype_Double, n, x, 2, x, 1, &one));
        CHECK_OK(THThreads_set(3));
        CHECK_OK(THBlas_dot(THDtype_Double, n, x, 2, x, 1, &several));
        CHECK(one.value.d == several.value.d);
        CHECK_NEAR(several.value.d, exact, 1e-12 * (double)n);
        CHECK_OK(THBlas_dot(THDtype_Long, n, w, 1, w + n - 1, -1, &integer));
        CHECK(integer.value.i == wrapped);
        THTensor_free(t);
        THTensor_free(whole);
    }
    CHECK_OK(THThreads_set(threads));
}

int main(void)
{
    printf("%s: %s\n", THBlas_name(), THBlas_describe());
    for (int library = 1; library >= 0; library--) {
        THBlas_useLibrary(library);
        for (int threads = 1; threads <= 3; threads += 2) {
            CHECK_OK(THThreads_set(threads));
            testAddmm();
            testInPlaceAndOverlap();
            testVectors();
            testBatches();
            testHalf();
            testAddbmm();
            testRefusals();
            testRaw();
            testLongDots();
        }
    }
    CHECK(strcmp(THBlas_name(), "reference") == 0);
    return th_test_end("blas");
}
