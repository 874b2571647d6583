/* Equations and decompositions on a device: what was decomposed comes back as a product; errors. */
#include "THCTest.h"

#define TOLERANCE(dtype) ((dtype) == THDtype_Double ? 1e-12 : 1e-4)

/* Distinct numbers between -1 and 1 on device 0, and `diagonal` added on the diagonal. */
static THTensor *matrix(THDtype dtype, int64_t rows, int64_t columns, double diagonal)
{
    const int64_t size[] = {rows, columns};
    THTensor *const t = THTensor_newWithSize(dtype, 2, size);
    for (int64_t i = 0; i < rows * columns; i++) {
        const double value = sin(1.7 * (double)(i * i) + 0.3 * (double)rows) + (i / columns == i % columns ? diagonal : 0);
        THScalar_store(THScalar_fromDouble(value), dtype, THTensor_dataBytes(t) + i * (int64_t)THDtype_size(dtype));
    }
    THTensor *const there = thc_test_there(t);
    THTensor_free(t);
    return there;
}

/* op(a) op(b) is `want`. */
static void check_product(const char *what, const THTensor *a, int transpose_a, const THTensor *b, int transpose_b,
                          const THTensor *want)
{
    THTensor *const x = transpose_a ? THTensor_newTranspose(a, 0, 1) : THTensor_newWithTensor(a);
    THTensor *const y = transpose_b ? THTensor_newTranspose(b, 0, 1) : THTensor_newWithTensor(b);
    THTensor *const r = THTensor_new(), *const host = THCTensor_newOnDevice(want, TH_DEVICE_HOST);
    CHECK_OK(THCTensor_addmm(r, THScalar_fromLong(0), NULL, THScalar_fromLong(1), x, y));
    thc_test_same(what, r, host, TOLERANCE(want->dtype));
    THTensor *const all[] = {x, y, r, host};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

static void test_equations(THDtype dtype)
{
    THTensor *const a = matrix(dtype, 4, 4, 3), *const b = matrix(dtype, 4, 2, 0), *const x = THTensor_new(),
                    *const lu = THTensor_new(), *const inverse = THTensor_new();
    CHECK_OK(THCTensor_gesv(x, lu, b, a));
    CHECK(x->stride[0] == 1 && x->stride[1] == 4);
    check_product("gesv", a, 0, x, 0, b);
    CHECK_OK(THCTensor_inverse(inverse, a));
    check_product("inverse", inverse, 0, b, 0, x);
    CHECK_OK(THCTensor_zero(a));
    CHECK_FAILS(THCTensor_inverse(inverse, a), TH_ERR_VALUE, "U(1,1) is 0, U is singular");
    CHECK_FAILS(THCTensor_gesv(x, lu, b, a), TH_ERR_VALUE, "singular");
    check_product("a failure writes nothing", inverse, 0, b, 0, x);
    CHECK_FAILS(THCTensor_inverse(inverse, b), TH_ERR_SHAPE, "should be square");
    THTensor *const all[] = {a, b, x, lu, inverse};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

static void test_decompositions(THDtype dtype)
{
    const int64_t sizes[][2] = {{4, 4}, {6, 3}, {3, 6}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        THTensor *const a = matrix(dtype, sizes[i][0], sizes[i][1], 1), *const q = THTensor_new(), *const r = THTensor_new();
        THTensor *const u = THTensor_new(), *const s = THTensor_new(), *const v = THTensor_new(),
                        *const scaled = THTensor_new();
        CHECK_OK(THCTensor_qr(q, r, a));
        check_product("qr", q, 0, r, 0, a);
        CHECK_OK(THCTensor_gesvd(u, s, v, a, 1, 1));
        CHECK_OK(THCTensor_cmul(scaled, u, s));
        check_product("svd", scaled, 0, v, 1, a);
        THTensor *const all[] = {a, q, r, u, s, v, scaled};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
    }
}

static void test_symmetric(THDtype dtype)
{
    THTensor *const m = matrix(dtype, 5, 5, 2), *const turned = THTensor_newTranspose(m, 0, 1), *const a = THTensor_new(),
                    *const c = THTensor_new(), *const e = THTensor_new(), *const v = THTensor_new(),
                    *const scaled = THTensor_new();
    CHECK_OK(THCTensor_addmm(a, THScalar_fromLong(0), NULL, THScalar_fromLong(1), m, turned));
    CHECK_OK(THCTensor_potrf(c, a, 1));
    check_product("potrf, upper", c, 1, c, 0, a);
    CHECK_OK(THCTensor_potrf(c, a, 0));
    check_product("potrf, lower", c, 0, c, 1, a);
    CHECK_OK(THCTensor_syev(e, v, a, 1, 1));
    CHECK_OK(THCTensor_cmul(scaled, v, e));
    check_product("syev", scaled, 0, v, 1, a);
    CHECK_OK(THCTensor_neg(a, a));
    CHECK_FAILS(THCTensor_potrf(c, a, 1), TH_ERR_VALUE, "the leading minor of order 1 is not positive definite");
    THTensor *const all[] = {m, turned, a, c, e, v, scaled};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

/* Of the host, where these functions are not asked for: they say so before they touch an element. */
static void test_without_device(void)
{
    const int64_t size[] = {2, 2};
    THTensor *const a = th_test_ramp(THDtype_Int, 2, size);
    CHECK_NULL(THCTensor_newOnDevice(a, 0), TH_ERR_UNSUPPORTED, "[cuda]");
    THTensor_free(a);
}

int main(void)
{
    if (!thc_test_hasDevice()) {
        test_without_device();
        return th_test_end("test_lapack, without a device");
    }
    for (int wide = 0; wide < 2; wide++) {
        const THDtype dtype = wide ? THDtype_Double : THDtype_Float;
        test_equations(dtype);
        test_decompositions(dtype);
        test_symmetric(dtype);
    }
    return th_test_end("test_lapack");
}
