/* Operations on a device beside the same on the host; without a device, that they refuse the host's tensors' way there. */
#include "THCTest.h"

static const THDtype DTYPES[] = {THDtype_Byte, THDtype_Char, THDtype_Short, THDtype_Int,
                                 THDtype_Long, THDtype_Half, THDtype_Float, THDtype_Double};

static void test_copies(void)
{
    const int64_t size[] = {6, 7};
    for (size_t i = 0; i < sizeof DTYPES / sizeof *DTYPES; i++) {
        THTensor *const host = th_test_ramp(DTYPES[i], 2, size), *const turned = THTensor_newTranspose(host, 0, 1);
        THTensor *const there = thc_test_there(host), *const view = THTensor_newTranspose(there, 0, 1);
        thc_test_same("a copy", there, host, 0);
        thc_test_same("a view", view, turned, 0);
        THTensor *const dense = THCTensor_newContiguous(view), *const clone = THCTensor_newClone(view);
        thc_test_same("newContiguous", dense, turned, 0);
        thc_test_same("newClone", clone, turned, 0);
        for (size_t k = 0; k < sizeof DTYPES / sizeof *DTYPES; k++) {
            THTensor *const other = THCTensor_newConvert(view, DTYPES[k]), *const want = THTensor_newConvert(turned, DTYPES[k]);
            thc_test_same("newConvert", other, want, 0);
            THTensor_free(other);
            THTensor_free(want);
        }
        CHECK_OK(THCTensor_copy(turned, view)); /* to the host */
        CHECK_OK(THCTensor_zero(view));
        CHECK_OK(THCTensor_copy(view, turned));
        thc_test_same("there and back", there, host, 0);
        THTensor *const all[] = {host, turned, there, view, dense, clone};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
    }
}

typedef THStatus Pointwise(THTensor *r, const THTensor *a, const THTensor *b);
typedef THStatus Along(THTensor *r, const THTensor *a, int dim);

static void test_pointwise(void)
{
    static const struct {
        const char *name;
        Pointwise *there, *here;
    } table[] = {{"cmul", THCTensor_cmul, THTensor_cmul},
                 {"cmax", THCTensor_cmax, THTensor_cmax},
                 {"cmin", THCTensor_cmin, THTensor_cmin},
                 {"ltTensor", THCTensor_ltTensor, THTensor_ltTensor},
                 {"eqTensor", THCTensor_eqTensor, THTensor_eqTensor}};
    const int64_t size[] = {33, 5}, row[] = {5};
    for (size_t i = 0; i < sizeof DTYPES / sizeof *DTYPES; i++) {
        THTensor *const a = th_test_ramp(DTYPES[i], 2, size), *const b = th_test_ramp(DTYPES[i], 1, row);
        THTensor *const da = thc_test_there(a), *const db = thc_test_there(b);
        for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
            THTensor *const want = THTensor_new(), *const got = THTensor_new();
            CHECK_OK(table[k].here(want, a, b));
            CHECK_OK(table[k].there(got, da, db));
            thc_test_same(table[k].name, got, want, 0);
            THTensor_free(want);
            THTensor_free(got);
        }
        CHECK_FAILS(THCTensor_cmul(da, da, b), TH_ERR_STATE, "expected all on one device");
        THTensor *const all[] = {a, b, da, db};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
    }
}

static THStatus sum_there(THTensor *r, const THTensor *a, int dim)
{
    return THCTensor_sum(r, a, dim, 1);
}
static THStatus sum_here(THTensor *r, const THTensor *a, int dim)
{
    return THTensor_sum(r, a, dim, 1);
}
static THStatus prod_there(THTensor *r, const THTensor *a, int dim)
{
    return THCTensor_prod(r, a, dim, 1);
}
static THStatus prod_here(THTensor *r, const THTensor *a, int dim)
{
    return THTensor_prod(r, a, dim, 1);
}

static void test_along(void)
{
    static const struct {
        const char *name;
        Along *there, *here;
    } table[] = {{"sum", sum_there, sum_here},
                 {"prod", prod_there, prod_here},
                 {"cumsum", THCTensor_cumsum, THTensor_cumsum},
                 {"cumprod", THCTensor_cumprod, THTensor_cumprod}};
    const int64_t sizes[][3] = {{3, 5, 4}, {1, 3000, 1}, {2, 0, 3}, {70, 1, 9}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        THTensor *const a = th_test_ramp(THDtype_Double, 3, sizes[s]);
        CHECK_OK(THTensor_mul(a, a, THScalar_fromDouble(0x1p-12)));
        THTensor *const da = thc_test_there(a);
        for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
            for (int dim = 0; dim < 3; dim++) {
                THTensor *const want = THTensor_new(), *const got = THTensor_new();
                CHECK_OK(table[k].here(want, a, dim));
                CHECK_OK(table[k].there(got, da, dim));
                thc_test_same(table[k].name, got, want, 1e-12);
                THTensor_free(want);
                THTensor_free(got);
            }
        }
        THTensor_free(a);
        THTensor_free(da);
    }
}

static void test_index(void)
{
    const int64_t size[] = {5, 6}, three[] = {3};
    THTensor *const a = th_test_ramp(THDtype_Float, 2, size), *const index = th_test_ramp(THDtype_Long, 1, three);
    CHECK_OK(THTensor_mul(index, index, THScalar_fromLong(2)));
    THTensor *const da = thc_test_there(a), *const dindex = thc_test_there(index);
    for (int dim = 0; dim < 2; dim++) {
        THTensor *const want = THTensor_new(), *const got = THTensor_new();
        CHECK_OK(THTensor_indexSelect(want, a, dim, index));
        CHECK_OK(THCTensor_indexSelect(got, da, dim, dindex));
        thc_test_same("indexSelect", got, want, 0);
        THTensor_free(want);
        THTensor_free(got);
    }
    THTensor *const r = THTensor_new();
    CHECK_OK(THCTensor_add(dindex, dindex, THScalar_fromLong(2), THScalar_fromLong(1))); /* 2, 4, 6 */
    CHECK_FAILS(THCTensor_indexSelect(r, da, 0, dindex), TH_ERR_INDEX, "6 at place 2");
    CHECK_FAILS(THCTensor_indexSelect(r, da, 7, dindex), TH_ERR_INDEX, NULL);
    THTensor *const all[] = {a, index, da, dindex, r};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

static void test_products(void)
{
    const int64_t left[] = {4, 7}, right[] = {7, 3};
    for (int wide = 0; wide < 2; wide++) {
        const THDtype dtype = wide ? THDtype_Double : THDtype_Float;
        THTensor *const a = th_test_ramp(dtype, 2, left), *const b = th_test_ramp(dtype, 2, right);
        THTensor *const da = thc_test_there(a), *const db = thc_test_there(b), *const want = THTensor_new(),
                        *const got = THTensor_new();
        CHECK_OK(THTensor_addmm(want, THScalar_fromLong(0), NULL, THScalar_fromLong(1), a, b));
        CHECK_OK(THCTensor_addmm(got, THScalar_fromLong(0), NULL, THScalar_fromLong(1), da, db));
        thc_test_same("addmm", got, want, 0);
        CHECK_FAILS(THCTensor_addmm(got, THScalar_fromLong(0), NULL, THScalar_fromLong(1), da, da), TH_ERR_SHAPE, "mismatch");
        THTensor *const all[] = {a, b, da, db, want, got};
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
    }
}

/* In every dtype; the products' rows in no order, and the wrong ones refused. */
static void test_sparse(void)
{
    const int64_t n[] = {7}, pair[] = {7, 2}, of_dense[] = {7, 3};
    THTensor *const columns = th_test_ramp(THDtype_Long, 2, pair), *const places = th_test_ramp(THDtype_Long, 1, n);
    CHECK_OK(THTensor_remainder(columns, columns, THScalar_fromLong(5)));
    CHECK_OK(THTensor_remainder(places, places, THScalar_fromLong(3)));
    THTensor *const index = THTensor_newTranspose(columns, 0, 1), *const there = thc_test_there(columns);
    THTensor *const dindex = THTensor_newTranspose(there, 0, 1), *const dplaces = thc_test_there(places);
    for (size_t i = 0; i < sizeof DTYPES / sizeof *DTYPES; i++) {
        THTensor *const values = th_test_ramp(DTYPES[i], 1, n), *const dense = th_test_ramp(DTYPES[i], 2, of_dense);
        THTensor *const dvalues = thc_test_there(values), *const ddense = thc_test_there(dense);
        THTensor *t[8];
        for (int k = 0; k < 8; k++) t[k] = THTensor_new();
        CHECK_OK(THTensor_spmm(t[0], index, values, dense, 5));
        CHECK_OK(THCTensor_spmm(t[1], dindex, dvalues, ddense, 5));
        thc_test_same("spmm", t[1], t[0], 0);
        CHECK_OK(THTensor_coalesce(t[2], t[3], t[4], places, dense, 3));
        CHECK_OK(THCTensor_coalesce(t[5], t[6], t[7], dplaces, ddense, 3));
        for (int k = 2; k < 5; k++) thc_test_same("coalesce", t[k + 3], t[k], 0);
        CHECK_FAILS(THCTensor_spmm(t[1], dindex, dvalues, ddense, 4), TH_ERR_INDEX, "[spmm] index 4 at place 2");
        CHECK_FAILS(THCTensor_coalesce(t[5], t[6], t[7], dplaces, ddense, 2), TH_ERR_INDEX, "[coalesce] index 2 at place 2");
        CHECK_FAILS(THCTensor_spmm(ddense, dindex, dvalues, ddense, 5), TH_ERR_VALUE, "[spmm] output shares memory");
        CHECK_FAILS(THCTensor_coalesce(t[5], t[5], t[7], dplaces, ddense, 3), TH_ERR_VALUE, "[coalesce] two outputs share");
        CHECK_FAILS(THCTensor_coalesce(t[5], ddense, t[7], dplaces, ddense, 3), TH_ERR_VALUE, "[coalesce] output shares");
        CHECK_FAILS(THCTensor_spmm(t[1], index, dvalues, ddense, 5), TH_ERR_STATE, NULL);
        THTensor *const all[] = {values, dense, dvalues, ddense};
        for (size_t k = 0; k < 4; k++) THTensor_free(all[k]);
        for (int k = 0; k < 8; k++) THTensor_free(t[k]);
    }
    THTensor *const all[] = {columns, places, index, there, dindex, dplaces};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) THTensor_free(all[k]);
}

/* The way to a device fails, and leaves the tensor of the host as it was. */
static void test_without_device(void)
{
    const int64_t size[] = {2, 3};
    THTensor *const a = th_test_ramp(THDtype_Float, 2, size);
    CHECK_NULL(THCTensor_newOnDevice(a, 0), TH_ERR_UNSUPPORTED, "[cuda]");
    CHECK_NULL(THCTensor_newOnDevice(a, 3), TH_ERR_UNSUPPORTED, "[cuda]");
    for (int64_t i = 0; i < 6; i++) CHECK(th_test_at(a, i) == (double)i);
    THTensor_free(a);
}

int main(void)
{
    if (!thc_test_hasDevice()) {
        test_without_device();
        return th_test_end("test_ops, without a device");
    }
    test_copies();
    test_pointwise();
    test_along();
    test_index();
    test_products();
    test_sparse();
    return th_test_end("test_ops");
}
