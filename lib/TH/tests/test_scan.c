/* Running sums and products, against plain loops. */
#include "THTest.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Small numbers around `middle`, exact in every dtype. */
static THTensor *sample(THDtype dtype, int ndim, const int64_t *size, int middle)
{
    THTensor *const t = THTensor_newWithSize(dtype, ndim, size);
    const int64_t itemsize = (int64_t)THDtype_size(dtype);
    for (int64_t i = 0; i < t->numel; i++)
        THScalar_store(THScalar_fromLong(middle + i * 7 % 3 - (middle > 0)), dtype, THTensor_dataBytes(t) + i * itemsize);
    return t;
}

/* r is the running result of a along dim; products wrap as int64 does. */
static int wrong_results(const THTensor *a, const THTensor *r, int dim, bool product)
{
    int wrong = 0;
    const int64_t n = a->size[dim], inner = a->stride[dim], r_inner = r->stride[dim];
    THTensor *const first = THTensor_newSelect(a, dim, 0), *const r_first = THTensor_newSelect(r, dim, 0);
    for (int64_t line = 0; line < first->numel; line++) {
        int64_t place = first->offset, r_place = r_first->offset, rest = line;
        for (int d = first->ndim - 1; d >= 0; d--) {
            place += rest % first->size[d] * first->stride[d];
            r_place += rest % first->size[d] * r_first->stride[d];
            rest /= first->size[d];
        }
        int64_t whole = product;
        double real = product;
        for (int64_t i = 0; i < n; i++) {
            const THScalar x =
                THScalar_load((THDtype)a->dtype, a->storage->data + (place + i * inner) * THDtype_itemsize(a->dtype));
            const THScalar y =
                THScalar_load((THDtype)r->dtype, r->storage->data + (r_place + i * r_inner) * THDtype_itemsize(r->dtype));
            if (x.is_float) {
                real = product ? real * x.value.d : real + x.value.d;
                wrong += y.value.d != (a->dtype == THDtype_Float ? (double)(float)real : real);
            } else {
                whole = (int64_t)(product ? (uint64_t)whole * (uint64_t)x.value.i : (uint64_t)whole + (uint64_t)x.value.i);
                wrong += y.value.i != whole;
            }
        }
    }
    THTensor_free(first);
    THTensor_free(r_first);
    return wrong;
}

static void test_layouts(THDtype dtype)
{
    const int64_t size[] = {5, 6, 7}, wide[] = {5, 6, 14}, thin[] = {5, 1, 7}, long_size[] = {3, 700}, tall[] = {700, 3};
    THTensor *const a = sample(dtype, 3, size, 2), *const b = sample(dtype, 3, wide, 2), *const c = sample(dtype, 3, thin, 2);
    THTensor *const views[] = {a,
                               THTensor_newTranspose(a, 0, 2),
                               THTensor_newSlice(b, 2, 0, 14, 2),
                               THTensor_newExpand(c, 3, size),
                               sample(dtype, 2, long_size, 1),
                               sample(dtype, 2, tall, 1)};
    for (int v = 0; v < COUNT(views); v++) {
        for (int dim = 0; dim < views[v]->ndim; dim++) {
            THTensor *const r = THTensor_new(), *const p = THTensor_new();
            CHECK_OK(THTensor_cumsum(r, views[v], dim));
            CHECK(THTensor_isSameSizeAs(r, views[v]) && r->dtype == (THDtype_isFloating(dtype) ? dtype : THDtype_Long));
            CHECK(wrong_results(views[v], r, dim, false) == 0);
            CHECK_OK(THTensor_cumprod(p, views[v], dim - views[v]->ndim));
            CHECK(wrong_results(views[v], p, dim, true) == 0);
            /* into a transposed output */
            THTensor *const turned = THTensor_newTranspose(r, 0, 1);
            THTensor *const back = THTensor_newWithSize((THDtype)r->dtype, turned->ndim, turned->size);
            THTensor *const out = THTensor_newTranspose(back, 0, 1);
            int same = 0;
            CHECK_OK(THTensor_cumsum(out, views[v], dim));
            CHECK_OK(THTensor_equal(&same, out, r));
            CHECK(same == 1);
            THTensor *const all[] = {r, p, turned, back, out};
            for (int i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
        }
    }
    for (int v = 1; v < COUNT(views); v++) THTensor_free(views[v]);
    THTensor *const all[] = {a, b, c};
    for (int i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

/* Longer than a part: equal for every number of threads, and in place. */
static void test_long(THDtype dtype)
{
    const int64_t n = 200003;
    const int before = THThreads_get();
    THTensor *const a = sample(dtype, 1, &n, 0);
    THTensor *first = NULL;
    for (int threads = 1; threads <= 3; threads++) {
        THTensor *const r = THTensor_new();
        int same = 0;
        CHECK_OK(THThreads_set(threads));
        CHECK_OK(THTensor_cumsum(r, a, 0));
        CHECK(wrong_results(a, r, 0, false) == 0);
        if (first == NULL) {
            first = r;
            continue;
        }
        CHECK_OK(THTensor_equal(&same, first, r));
        CHECK(same == 1);
        THTensor_free(r);
    }
    CHECK_OK(THThreads_set(before));
    if (THDtype_isFloating(dtype) || dtype == THDtype_Long) {
        int same = 0;
        CHECK_OK(THTensor_cumsum(a, a, 0));
        CHECK_OK(THTensor_equal(&same, first, a));
        CHECK(same == 1);
    }
    THTensor_free(first);
    THTensor_free(a);
}

static void test_recurrence(THDtype dtype)
{
    const int64_t size[] = {3, 5, 4};
    THTensor *const a = sample(dtype, 3, size, 2), *const x = sample(dtype, 3, size, 1), *const r = THTensor_new();
    for (int dim = 0; dim < 3; dim++) {
        int wrong = 0;
        CHECK_OK(THTensor_recurrence(r, a, x, dim));
        for (int64_t i = 0; i < r->numel; i++) {
            const int64_t at = i / r->stride[dim] % r->size[dim];
            const double earlier = at == 0 ? 0 : th_test_at(r, i - r->stride[dim]);
            wrong += th_test_at(r, i) != th_test_at(a, i) + th_test_at(x, i) * earlier;
        }
        CHECK(wrong == 0);
    }
    THTensor_free(a);
    THTensor_free(x);
    THTensor_free(r);
}

static void test_edges(void)
{
    const int64_t none[] = {2, 0}, size[] = {2, 3};
    THTensor *const empty = THTensor_newWithSize(THDtype_Float, 2, none), *const r = THTensor_new();
    THTensor *const scalar = THTensor_newWithScalar(THDtype_Float, THScalar_fromDouble(2.5)), *const s = THTensor_new();
    THTensor *const a = th_test_ramp(THDtype_Float, 2, size), *const half = th_test_ramp(THDtype_Half, 2, size);
    THTensor *const ints = th_test_ramp(THDtype_Int, 2, size), *const part = THTensor_newNarrow(a, 1, 0, 2);
    THTensor *const shifted = THTensor_newNarrow(a, 1, 1, 2), *const halves = THTensor_new();
    CHECK_OK(THTensor_cumsum(r, empty, 1));
    CHECK(r->ndim == 2 && r->numel == 0);
    CHECK_OK(THTensor_cumsum(s, scalar, 0));
    CHECK(s->ndim == 0 && th_test_at(s, 0) == 2.5);
    CHECK_FAILS(THTensor_cumsum(r, a, 2), TH_ERR_INDEX, "[cumsum]");
    CHECK_FAILS(THTensor_cumsum(a, ints, 0), TH_ERR_DTYPE, "[cumsum]");
    CHECK_FAILS(THTensor_cumsum(halves, half, 4), TH_ERR_INDEX, "[cumsum] ");
    CHECK_FAILS(THTensor_cumsum(r, half, 1), TH_ERR_DTYPE, "[cumsum] the output is Float, expected Half");
    CHECK_OK(THTensor_cumsum(halves, half, 1));
    CHECK(halves->dtype == THDtype_Half && th_test_at(halves, 2) == 3);
    CHECK_FAILS(THTensor_cumsum(part, shifted, 0), TH_ERR_VALUE, "[cumsum] output shares memory");
    CHECK_FAILS(THTensor_recurrence(s, a, part, 0), TH_ERR_SHAPE, "[recurrence] x of size (2, 2)");
    CHECK_FAILS(THTensor_recurrence(a, a, a, 0), TH_ERR_VALUE, "[recurrence] output shares memory");
    CHECK_FAILS(THTensor_recurrence(s, ints, ints, 0), TH_ERR_UNSUPPORTED, "[recurrence]");
    THTensor *const all[] = {empty, r, scalar, s, a, half, ints, part, shifted, halves};
    for (int i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

int main(void)
{
    const THDtype all[] = {THDtype_Byte, THDtype_Char, THDtype_Short, THDtype_Int, THDtype_Long, THDtype_Float, THDtype_Double};
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        for (int k = 0; k < COUNT(all); k++) {
            test_layouts(all[k]);
            test_long(all[k]);
        }
        test_recurrence(THDtype_Float);
        test_recurrence(THDtype_Double);
    }
    test_edges();
    return th_test_end("scan");
}
