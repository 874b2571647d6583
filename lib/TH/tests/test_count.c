/* Histograms, and reductions that are made of others, against plain loops. */
#include "THTest.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* 0.25, 0.5, ... with infinities and a nan among them; every second column of a wider matrix. */
static THTensor *new_sample(THDtype dtype, int64_t rows, int64_t columns)
{
    const int64_t size[] = {rows, 2 * columns};
    THTensor *const wide = THTensor_newWithSize(dtype, 2, size);
    const int64_t itemsize = (int64_t)THDtype_size(dtype);
    for (int64_t i = 0; i < wide->numel; i++) {
        const double special[] = {NAN, INFINITY, -INFINITY};
        const double value = i % 31 < 3 ? special[i % 31] : (double)(i * 7 % 23) / 4;
        THScalar_store(THScalar_fromDouble(value), dtype, THTensor_dataBytes(wide) + i * itemsize);
    }
    THTensor *const view = THTensor_newSlice(wide, 1, 0, 2 * columns, 2);
    THTensor_free(wide);
    return view;
}

static void test_histograms(THDtype dtype)
{
    THTensor *const a = new_sample(dtype, 3, 20), *const r = THTensor_new(), *const rows = THTensor_new();
    double want[3][6] = {{0}};
    int wrong = 0;
    for (int64_t i = 0; i < a->numel; i++) {
        const double x = th_test_at(a, i);
        if (!(x >= 1 && x <= 4)) continue;
        want[i / 20][x == 4 ? 5 : (int)((x - 1) * 2)]++;
    }
    CHECK_OK(THTensor_histc(r, a, 6, 1, 4));
    CHECK_OK(THTensor_bhistc(rows, a, 6, 1, 4));
    CHECK(r->ndim == 1 && r->dtype == dtype && rows->ndim == 2);
    for (int b = 0; b < 6; b++) {
        wrong += th_test_at(r, b) != want[0][b] + want[1][b] + want[2][b];
        for (int row = 0; row < 3; row++) wrong += th_test_at(rows, row * 6 + b) != want[row][b];
    }
    CHECK(wrong == 0);
    CHECK_FAILS(THTensor_histc(r, a, 6, 0, 0), TH_ERR_VALUE, "[histc] range of");
    CHECK_FAILS(THTensor_histc(r, a, 0, 0, 1), TH_ERR_VALUE, "[histc] bins, 0: must be > 0");
    CHECK_FAILS(THTensor_histc(r, a, 3, 2, 1), TH_ERR_VALUE, "[histc] limits 2 and 1, expected min <= max");
    CHECK_FAILS(THTensor_histc(a, a, 3, 1, 2), TH_ERR_VALUE, "[histc] output shares memory");
    CHECK_OK(THTensor_fill(a, THScalar_fromLong(0)));
    CHECK_OK(THTensor_histc(rows, a, 4, 0, 1e-320)); /* so near each other that bins / (high - low) is infinite */
    CHECK(th_test_at(rows, 0) == 60);
    THTensor *const same = THTensor_newWithScalar(dtype, THScalar_fromLong(5)), *const s = THTensor_new();
    CHECK_OK(THTensor_histc(s, same, 4, 0, 0)); /* from 4 to 6 */
    CHECK(th_test_at(s, 2) == 1 && th_test_at(s, 0) + th_test_at(s, 1) + th_test_at(s, 3) == 0);
    CHECK_OK(THTensor_fill(same, THScalar_fromDouble(0x1p60))); /* to which 1 is nothing */
    CHECK_OK(THTensor_histc(s, same, 4, 0, 0));
    CHECK(th_test_at(s, 2) == 1 && th_test_at(s, 0) + th_test_at(s, 1) + th_test_at(s, 3) == 0);
    THTensor *const all[] = {a, r, rows, same, s};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

static void test_bincount(THDtype dtype)
{
    const int64_t n = 40, zero = 0;
    THTensor *const ramp = th_test_ramp(dtype, 1, &n), *const a = THTensor_new(), *const r = THTensor_new();
    THTensor *const weights = th_test_ramp(THDtype_Double, 1, &n), *const sums = THTensor_new();
    THTensor *const none = THTensor_newWithSize(dtype, 1, &zero), *const few = THTensor_new();
    int wrong = 0;
    CHECK_OK(THTensor_fmod(a, ramp, THScalar_fromLong(7)));
    CHECK_OK(THTensor_bincount(r, a, NULL, 9));
    CHECK_OK(THTensor_bincount(sums, a, weights, 0));
    CHECK(r->numel == 9 && r->dtype == THDtype_Long && sums->numel == 7 && sums->dtype == THDtype_Double);
    for (int64_t v = 0; v < 7; v++) {
        double count = 0, sum = 0;
        for (int64_t i = v; i < n; i += 7) count++, sum += (double)i;
        wrong += th_test_at(r, v) != count || th_test_at(sums, v) != sum;
    }
    CHECK(wrong == 0 && th_test_at(r, 8) == 0);
    CHECK_OK(THTensor_bincount(few, none, NULL, 2));
    CHECK(few->numel == 2 && th_test_at(few, 1) == 0);
    CHECK_FAILS(THTensor_bincount(few, a, NULL, -1), TH_ERR_VALUE, "[bincount] minlength, -1");
    CHECK_FAILS(THTensor_bincount(few, a, none, 0), TH_ERR_DTYPE, "[bincount] weights are");
    CHECK_FAILS(THTensor_bincount(few, weights, NULL, 0), TH_ERR_DTYPE, "[bincount] tensor is Double, expected integers");
    if (dtype != THDtype_Byte) {
        CHECK_OK(THTensor_neg(a, a));
        CHECK_FAILS(THTensor_bincount(few, a, NULL, 0), TH_ERR_VALUE, "[bincount] element -6: elements must not be negative");
    }
    CHECK(few->numel == 2);
    THTensor *const all[] = {ramp, a, r, weights, sums, none, few};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

static void test_norms(THDtype dtype)
{
    const int64_t size[] = {3, 4}, row[] = {4};
    const double tolerance = dtype == THDtype_Float ? 1e-5 : 1e-13;
    THTensor *const a = th_test_ramp(dtype, 2, size), *const b = th_test_ramp(dtype, 1, row), *const r = THTensor_new();
    THTensor *const t = THTensor_newTranspose(a, 0, 1), *const d = THTensor_new(), *const e = THTensor_new();
    int wrong = 0;
    CHECK_OK(THTensor_dist(d, a, b, 1));
    CHECK(th_test_at(d, 0) == 4 * 4 + 4 * 8);
    CHECK_OK(THTensor_renorm(r, t, 2, 1, 5.0));
    for (int64_t i = 0; i < 3; i++) {
        double norm = 0;
        for (int64_t j = 0; j < 4; j++) norm += th_test_at(a, i * 4 + j) * th_test_at(a, i * 4 + j);
        norm = sqrt(norm);
        for (int64_t j = 0; j < 4; j++) {
            const double want = th_test_at(a, i * 4 + j) * (norm > 5 ? 5 / (norm + 1e-7) : 1);
            wrong += fabs(th_test_at(r, j * 3 + i) - want) > tolerance;
        }
    }
    CHECK(wrong == 0);
    CHECK_OK(THTensor_mul(a, a, THScalar_fromLong(100)));
    CHECK_OK(THTensor_logsumexp(e, a, 1, 0));
    CHECK(e->ndim == 1);
    for (int64_t i = 0; i < 3; i++) CHECK_NEAR(th_test_at(e, i), (double)(i * 4 + 3) * 100, 1e-9);
    CHECK_FAILS(THTensor_renorm(r, a, 0, 0, 1), TH_ERR_VALUE, "[renorm] p 0");
    CHECK_FAILS(THTensor_renorm(r, a, 2, 0, -1), TH_ERR_VALUE, "[renorm] maxnorm -1");
    CHECK_FAILS(THTensor_renorm(r, b, 2, 0, 1), TH_ERR_SHAPE, "[renorm] a tensor of 1 dimensions");
    THTensor *const all[] = {a, b, r, t, d, e};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

int main(void)
{
    const THDtype integers[] = {THDtype_Byte, THDtype_Char, THDtype_Short, THDtype_Int, THDtype_Long};
    for (int k = 0; k < COUNT(integers); k++) test_bincount(integers[k]);
    test_histograms(THDtype_Float);
    test_histograms(THDtype_Double);
    test_norms(THDtype_Float);
    test_norms(THDtype_Double);
    return th_test_end("count");
}
