/* Equations and decompositions: what was decomposed comes back as a product; errors; the typed names. */
#include "THTest.h"

#include "TH/THTyped.h"

#define TOLERANCE(dtype) ((dtype) == THDtype_Double ? 1e-12 : 1e-4)

/* Distinct numbers between -1 and 1, and `diagonal` added on the diagonal. */
static THTensor *matrix(THDtype dtype, int64_t rows, int64_t columns, double diagonal)
{
    const int64_t size[] = {rows, columns};
    THTensor *const t = THTensor_newWithSize(dtype, 2, size);
    for (int64_t i = 0; i < rows * columns; i++) {
        const double value = sin(1.7 * (double)(i * i) + 0.3 * (double)rows) + (i / columns == i % columns ? diagonal : 0);
        THScalar_store(THScalar_fromDouble(value), dtype, THTensor_dataBytes(t) + i * (int64_t)THDtype_size(dtype));
    }
    return t;
}

/* op(a) op(b), a new tensor. */
static THTensor *product(const THTensor *a, int transpose_a, const THTensor *b, int transpose_b)
{
    THTensor *const x = transpose_a ? THTensor_newTranspose(a, 0, 1) : THTensor_newWithTensor(a);
    THTensor *const y = transpose_b ? THTensor_newTranspose(b, 0, 1) : THTensor_newWithTensor(b);
    THTensor *const r = THTensor_new();
    CHECK_OK(THTensor_addmm(r, THScalar_fromLong(0), NULL, THScalar_fromLong(1), x, y));
    THTensor_free(x);
    THTensor_free(y);
    return r;
}

static void check_close(const char *what, const THTensor *a, const THTensor *b)
{
    double worst = a->ndim == b->ndim && a->numel == b->numel ? 0 : INFINITY;
    for (int64_t i = 0; worst < INFINITY && i < a->numel; i++) worst = fmax(worst, fabs(th_test_at(a, i) - th_test_at(b, i)));
    if (!CHECK(worst <= TOLERANCE(a->dtype))) fprintf(stderr, "    %s differs by %g\n", what, worst);
}

/* Frees `got`. */
static void check_product(const char *what, THTensor *got, const THTensor *want)
{
    check_close(what, got, want);
    THTensor_free(got);
}

static void free_all(int count, THTensor *const tensors[])
{
    for (int i = 0; i < count; i++) THTensor_free(tensors[i]);
}

static void test_equations(THDtype dtype)
{
    THTensor *const a = matrix(dtype, 4, 4, 3), *const b = matrix(dtype, 4, 2, 0),
                    *const turned = THTensor_newTranspose(a, 0, 1);
    THTensor *const x = THTensor_new(), *const lu = THTensor_new(), *const inverse = THTensor_new();
    CHECK_OK(THTensor_gesv(x, lu, b, turned));
    CHECK(x->stride[0] == 1 && x->stride[1] == 4);
    check_product("gesv", product(a, 1, x, 0), b);
    CHECK_OK(THTensor_inverse(inverse, turned));
    check_product("inverse", product(inverse, 0, b, 0), x);
    CHECK_OK(THTensor_trtrs(x, lu, b, a, 1, 0, 0));
    for (int64_t i = 0; i < 4; i++)
        for (int64_t j = 0; j < 2; j++) {
            double sum = 0;
            for (int64_t k = i; k < 4; k++) sum += th_test_at(a, 4 * i + k) * th_test_at(x, 2 * k + j);
            CHECK_NEAR(sum, th_test_at(b, 2 * i + j), TOLERANCE(dtype));
        }
    THTensor *const tall = matrix(dtype, 4, 3, 2), *const rest = THTensor_new(), *const gels = THTensor_new(),
                    *const qr = THTensor_new();
    CHECK_OK(THTensor_gels(gels, qr, b, tall));
    THTensor *const top = THTensor_newNarrow(gels, 0, 0, 3), *const fit = product(tall, 0, top, 0);
    CHECK_OK(THTensor_csub(rest, fit, b, THScalar_fromLong(1)));
    THTensor *const normal = product(tall, 1, rest, 0), *const zero = THTensor_newClone(normal);
    CHECK_OK(THTensor_zero(zero));
    check_close("gels", normal, zero); /* what is left is orthogonal to the columns */
    THTensor *const all[] = {a, b, turned, x, lu, inverse, tall, rest, gels, qr, top, fit, normal, zero};
    free_all(14, all);
}

static void test_definite(THDtype dtype)
{
    THTensor *const m = matrix(dtype, 3, 3, 2), *const a = product(m, 1, m, 0), *const b = matrix(dtype, 3, 2, 0);
    THTensor *const c = THTensor_new(), *const x = THTensor_new(), *const inverse = THTensor_new(),
                    *const pivots = THTensor_new();
    for (int upper = 0; upper < 2; upper++) {
        CHECK_OK(THTensor_potrf(c, a, upper));
        check_product("potrf", product(c, upper, c, !upper), a);
        CHECK(th_test_at(c, upper ? 3 : 1) == 0);
        CHECK_OK(THTensor_potrs(x, b, c, upper));
        check_product("potrs", product(a, 0, x, 0), b);
        CHECK_OK(THTensor_potri(inverse, c, upper));
        check_product("potri", product(inverse, 0, b, 0), x);
        CHECK_OK(THTensor_pstrf(c, pivots, a, upper, -1));
        THTensor *const back = product(c, upper, c, !upper);
        for (int64_t i = 0; i < 9; i++) {
            const int64_t row = (int64_t)th_test_at(pivots, i / 3) - 1, column = (int64_t)th_test_at(pivots, i % 3) - 1;
            CHECK_NEAR(th_test_at(back, i), th_test_at(a, 3 * row + column), 10 * TOLERANCE(dtype));
        }
        THTensor_free(back);
    }
    THTensor *const all[] = {m, a, b, c, x, inverse, pivots};
    free_all(7, all);
}

static void test_decompositions(THDtype dtype)
{
    static const int64_t sizes[][2] = {{3, 3}, {5, 2}, {2, 5}, {0, 3}};
    for (int i = 0; i < 4; i++) {
        const int64_t m = sizes[i][0], n = sizes[i][1], k = m < n ? m : n;
        THTensor *const a = matrix(dtype, m, n, 1);
        THTensor *const u = THTensor_new(), *const s = THTensor_new(), *const v = THTensor_new(),
                        *const scaled = THTensor_new();
        CHECK_OK(THTensor_gesvd(u, s, v, a, 1, 1));
        CHECK(s->size[0] == k && u->size[0] == m && u->size[1] == k && v->size[0] == n && v->size[1] == k);
        CHECK_OK(THTensor_cmul(scaled, u, s));
        if (k > 0) check_product("svd", product(scaled, 0, v, 1), a);
        CHECK_OK(THTensor_qr(u, v, a));
        if (k > 0) check_product("qr", product(u, 0, v, 0), a);
        THTensor *const reflectors = THTensor_new(), *const tau = THTensor_new(), *const q = THTensor_new();
        CHECK_OK(THTensor_geqrf(reflectors, tau, a));
        CHECK_OK(THTensor_orgqr(q, reflectors, tau));
        check_close("orgqr", q, u);
        CHECK_OK(THTensor_ormqr(scaled, reflectors, tau, a, 1, 1));
        if (k > 0) CHECK_NEAR(th_test_at(scaled, 0), th_test_at(v, 0), TOLERANCE(dtype));
        THTensor *const all[] = {a, u, s, v, scaled, reflectors, tau, q};
        free_all(8, all);
    }
}

static void test_eigenvalues(THDtype dtype)
{
    THTensor *const m = matrix(dtype, 4, 4, 0), *const a = product(m, 1, m, 0);
    THTensor *const e = THTensor_new(), *const v = THTensor_new(), *const scaled = THTensor_new();
    CHECK_OK(THTensor_syev(e, v, a, 1, 1));
    CHECK_OK(THTensor_cmul(scaled, v, e));
    check_product("symeig", product(a, 0, v, 0), scaled);
    CHECK(th_test_at(e, 0) <= th_test_at(e, 3));
    CHECK_OK(THTensor_geev(e, v, m, 1));
    CHECK(e->size[0] == 4 && e->size[1] == 2);
    double trace = 0, sum = 0;
    for (int64_t i = 0; i < 4; i++) trace += th_test_at(m, 5 * i), sum += th_test_at(e, 2 * i);
    CHECK_NEAR(trace, sum, 10 * TOLERANCE(dtype));
    CHECK_OK(THTensor_slogdet(e, v, a));
    CHECK_OK(THTensor_det(scaled, m));
    CHECK_NEAR(th_test_at(v, 0), 2 * log(fabs(th_test_at(scaled, 0))), 100 * TOLERANCE(dtype));
    THTensor *const all[] = {m, a, e, v, scaled};
    free_all(5, all);
}

static void test_batches(THDtype dtype)
{
    enum { BATCH = 300, N = 5 };
    const int64_t size[] = {BATCH, N, N}, right[] = {BATCH, N};
    THTensor *const flat = matrix(dtype, BATCH * N, N, 0), *const a = THTensor_newView(flat, 3, size);
    THTensor *const whole = matrix(dtype, BATCH, N, 0), *const b = THTensor_newView(whole, 2, right);
    THTensor *const lu = THTensor_new(), *const pivots = THTensor_new(), *const info = THTensor_new(),
                    *const x = THTensor_new();
    CHECK_OK(THTensor_btrifact(lu, pivots, info, a));
    CHECK(pivots->dtype == THDtype_Int && info->size[0] == BATCH);
    CHECK_OK(THTensor_btrisolve(x, b, lu, pivots));
    CHECK(x->ndim == 2 && x->size[1] == N);
    for (int64_t i = 0; i < BATCH; i += 37)
        for (int64_t row = 0; row < N; row++) {
            double sum = 0;
            for (int64_t k = 0; k < N; k++) sum += th_test_at(a, (i * N + row) * N + k) * th_test_at(x, i * N + k);
            CHECK_NEAR(sum, th_test_at(b, i * N + row), 100 * TOLERANCE(dtype));
        }
    CHECK_OK(THTensor_fill(pivots, THScalar_fromLong(N + 1)));
    CHECK_FAILS(THTensor_btrisolve(x, b, lu, pivots), TH_ERR_VALUE, "[btrisolve] pivots' element 0 is 6: must be 1 to 5");
    THTensor *const all[] = {flat, a, whole, b, lu, pivots, info, x};
    free_all(8, all);
}

static void test_errors(void)
{
    THTensor *const wide = matrix(THDtype_Float, 2, 3, 0), *const square = matrix(THDtype_Float, 2, 2, 0),
                    *const r = THTensor_new();
    THTensor *const other = matrix(THDtype_Double, 2, 2, 0), *const zero = THTensor_newClone(square),
                    *const lu = THTensor_new();
    CHECK_OK(THTensor_zero(zero));
    CHECK_FAILS(THTensor_gesv(r, lu, square, wide), TH_ERR_SHAPE, "[gesv] A should be square, but is 2 x 3");
    CHECK_FAILS(THTensor_gesv(r, lu, other, square), TH_ERR_DTYPE, "[gesv] B is Double, expected Float");
    CHECK_FAILS(THTensor_gesv(r, lu, square, zero), TH_ERR_VALUE, "[gesv] Lapack Error gesv : U(1,1) is zero, singular U.");
    CHECK_FAILS(THTensor_potrf(r, zero, 1), TH_ERR_VALUE, "the leading minor of order 1 is not positive definite");
    CHECK(r->storage == NULL && lu->storage == NULL);
    CHECK_FAILS(THTensor_inverse(other, square), TH_ERR_DTYPE, "[inverse] an output is Double, expected Float");
    CHECK_FAILS(THFloatTensor_potrf(r, square, "X"), TH_ERR_VALUE, "[potrf] uplo, \"X\": must be one of the letters LU");
    CHECK_FAILS(THFloatTensor_qr(r, lu, other), TH_ERR_DTYPE, "[qr] tensor is Double, expected Float");
    CHECK_OK(THFloatTensor_syev(r, lu, square, "V", "U"));
    CHECK_FAILS(THDoubleTensor_gesvd(zero, zero, zero, other, "S"), TH_ERR_DTYPE, "[svd] an output is Float");
    THTensor *const all[] = {wide, square, r, other, zero, lu};
    free_all(6, all);
}

int main(void)
{
    THTensor *const probe = matrix(THDtype_Float, 1, 1, 1), *const r = THTensor_new();
    const bool is_missing = THTensor_det(r, probe) == TH_ERR_UNSUPPORTED;
    THTensor_free(probe);
    THTensor_free(r);
    if (is_missing) {
        CHECK(strstr(THStatus_message(), "[det] no LAPACK library") != NULL);
        return th_test_end("lapack");
    }
    for (int i = 0; i < 2; i++) {
        const THDtype dtype = i == 0 ? THDtype_Float : THDtype_Double;
        test_equations(dtype);
        test_definite(dtype);
        test_decompositions(dtype);
        test_eigenvalues(dtype);
        test_batches(dtype);
    }
    test_errors();
    return th_test_end("lapack");
}
