/* What is refused leaves every output as it was, and what succeeds leaves no failure behind: found by fuzz_ops. */
#include "TH/THBlas.h"
#include "TH/THTensorBlas.h"
#include "TH/THTensorConv.h"
#include "TH/THTensorIndex.h"
#include "TH/THTyped.h"
#include "THTest.h"

static const int64_t two_by_two[] = {2, 2}, five[] = {5}, three_by_two[] = {3, 2};

/* A tensor that an op may be given to write into: 0, 1, 2, 3, 4. */
static THTensor *target(THDtype dtype)
{
    return th_test_ramp(dtype, 1, five);
}

static void check_untouched(const THTensor *t, THDtype dtype)
{
    CHECK(t->dtype == dtype && t->ndim == 1 && t->numel == 5);
    for (int i = 0; i < 5 && t->numel == 5; i++) CHECK(th_test_at(t, i) == i);
}

static void test_two_outputs(void)
{
    THTensor *const a = th_test_ramp(THDtype_Float, 2, two_by_two), *const values = target(THDtype_Float);
    THTensor *const wrong = target(THDtype_Float), *const fresh = THTensor_new();
    CHECK_FAILS(THTensor_max(values, wrong, a, 0, 0), TH_ERR_DTYPE, "must have dtype Long");
    CHECK_FAILS(THTensor_min(values, wrong, a, 0, 0), TH_ERR_DTYPE, "must have dtype Long");
    CHECK_FAILS(THTensor_unique(values, wrong, a), TH_ERR_DTYPE, "expected Long");
    const int64_t two[] = {2};
    THTensor *const one = th_test_ramp(THDtype_Long, 0, NULL), *const expanded = THTensor_newExpand(one, 1, two);
    CHECK_FAILS(THTensor_max(values, expanded, a, 0, 0), TH_ERR_SHAPE, "cannot be written");
    CHECK_FAILS(THTensor_kthvalue(values, expanded, a, 1, 0, 0), TH_ERR_SHAPE, "cannot be written");
    check_untouched(values, THDtype_Float);
    CHECK_FAILS(THTensor_unique(fresh, fresh, a), TH_ERR_VALUE, "[unique] two outputs share memory");
    CHECK_FAILS(THTensor_max(fresh, fresh, a, 0, 0), TH_ERR_VALUE, "[max] values and indices are one tensor");
    CHECK(fresh->dtype == THDtype_None);
    THTensor *const all[] = {a, values, wrong, fresh, one, expanded};
    for (int i = 0; i < 6; i++) THTensor_free(all[i]);
}

static void test_decompositions(void)
{
    const int64_t two[] = {2};
    THTensor *const a = th_test_ramp(THDtype_Float, 2, two_by_two), *const u = target(THDtype_Float);
    THTensor *const one = th_test_ramp(THDtype_Float, 0, NULL), *const s = THTensor_newExpand(one, 1, two);
    THTensor *const v = THTensor_new();
    CHECK_FAILS(THTensor_gesvd(u, s, v, a, 0, 1), TH_ERR_SHAPE, "cannot be written");
    CHECK_FAILS(THTensor_gesvd(u, u, v, a, 0, 1), TH_ERR_VALUE, "two outputs share memory");
    CHECK_FAILS(THTensor_qr(v, v, a), TH_ERR_VALUE, "[qr] two outputs share memory");
    check_untouched(u, THDtype_Float);
    CHECK(v->dtype == THDtype_None);
    THTensor *const all[] = {a, u, one, s, v};
    for (int i = 0; i < 5; i++) THTensor_free(all[i]);
}

static void test_products(void)
{
    const THScalar one = THScalar_fromLong(1);
    const int64_t size[] = {2, 2, 2};
    THTensor *const a = th_test_ramp(THDtype_Float, 2, two_by_two), *const m = th_test_ramp(THDtype_Float, 2, three_by_two);
    THTensor *const r = target(THDtype_Float), *const row = THTensor_newSelect(a, 0, 0);
    THTensor *const batch = th_test_ramp(THDtype_Float, 3, size);
    CHECK_FAILS(THTensor_addmm(r, one, m, one, a, a), TH_ERR_SHAPE, "[addmm] the added tensor, of size (3, 2)");
    CHECK_FAILS(THTensor_addr(r, one, m, one, row, row), TH_ERR_SHAPE, "the added tensor, of size (3, 2)");
    CHECK_FAILS(THTensor_addmv(r, one, m, one, a, row), TH_ERR_SHAPE, "[addmv] the added tensor, of size (3, 2)");
    CHECK_FAILS(THTensor_addbmm(r, one, m, one, batch, batch), TH_ERR_SHAPE, "the added tensor, of size (3, 2)");
    CHECK_FAILS(THTensor_baddbmm(r, one, m, one, batch, batch), TH_ERR_SHAPE, "[baddbmm] the added tensor, of size (3, 2)");
    check_untouched(r, THDtype_Float);
    THTensor *const all[] = {a, m, r, row, batch};
    for (int i = 0; i < 5; i++) THTensor_free(all[i]);
}

static void test_random(void)
{
    THTensor *const r = target(THDtype_Float), *const doubles = th_test_ramp(THDtype_Double, 2, two_by_two);
    THTensor *const floats = th_test_ramp(THDtype_Float, 2, two_by_two), *const more =
                                                                             th_test_ramp(THDtype_Float, 2, three_by_two);
    CHECK_FAILS(THFloatTensor_normal_means(r, NULL, doubles, 1), TH_ERR_DTYPE, "[normal] mean is Double");
    CHECK_FAILS(THFloatTensor_normal_stddevs(r, NULL, 0, doubles), TH_ERR_DTYPE, "[normal] stddev is Double");
    CHECK_FAILS(THFloatTensor_normal_means_stddevs(r, NULL, floats, more), TH_ERR_SHAPE, "");
    check_untouched(r, THDtype_Float);
    CHECK_OK(THFloatTensor_normal_means(r, NULL, floats, 0));
    for (int i = 0; i < 4; i++) CHECK(r->numel == 4 && th_test_at(r, i) == i);
    /* What is no number, or beyond int64, on the way. */
    CHECK_OK(THTensor_logNormal(r, NULL, NAN, 1));
    CHECK(isnan(th_test_at(r, 0)));
    CHECK_OK(THTensor_logNormal(doubles, NULL, NAN, 1));
    CHECK(isnan(th_test_at(doubles, 0)));
    CHECK_OK(THTensor_geometric(doubles, NULL, 1e-300));
    for (int i = 0; i < 4; i++) CHECK(th_test_at(doubles, i) == 0x1p53);
    THTensor *const all[] = {r, doubles, floats, more};
    for (int i = 0; i < 4; i++) THTensor_free(all[i]);
}

static void test_sizes(void)
{
    THStorage *const size = THLongStorage_newWithSize(2), *const stride = THLongStorage_newWithSize(2);
    THStorage *const bytes = THByteStorage_newWithSize(2), *const longer = THLongStorage_newWithSize(3);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(THLongStorage_set(size, i, INT64_MAX / 3));
        CHECK_OK(THLongStorage_set(stride, i, INT32_MAX));
    }
    CHECK_OK(THByteStorage_fill(bytes, 1));
    CHECK_OK(THLongStorage_fill(longer, 1));
    THTensor *const t = target(THDtype_Float);
    CHECK_NULL(THFloatTensor_newWithSize(size, stride), TH_ERR_SHAPE, "more elements than can be counted");
    CHECK_NULL(THFloatTensor_newWithSize(size, longer), TH_ERR_SHAPE, "stride has 3 elements, expected 2");
    CHECK_NULL(THFloatTensor_newWithSize(bytes, NULL), TH_ERR_DTYPE, "[newWithSize] size is a storage of Byte, expected Long");
    CHECK_NULL(THFloatTensor_newWithSize(size, bytes), TH_ERR_DTYPE, "stride is a storage of Byte");
    CHECK_NULL(THFloatTensor_newWithStorage(t->storage, 0, bytes, NULL), TH_ERR_DTYPE, "[newWithStorage] size is a storage");
    CHECK_NULL(THFloatTensor_newView(t, bytes), TH_ERR_DTYPE, "[newView] size is a storage of Byte");
    CHECK_NULL(THFloatTensor_newExpand(t, NULL), TH_ERR_VALUE, "[newExpand] size, NULL");
    CHECK_FAILS(THFloatTensor_resize(t, bytes, NULL), TH_ERR_DTYPE, "[resize] size is a storage of Byte");
    CHECK(!THFloatTensor_isSize(t, bytes));
    THTensor_free(t);
    THStorage *const all[] = {size, stride, bytes, longer};
    for (int i = 0; i < 4; i++) THStorage_free(all[i]);
}

static void test_convolution_reach(void)
{
    const int64_t planes[] = {2, 3, 4, 4};
    THTensor *const r = target(THDtype_Int), *const t = th_test_ramp(THDtype_Int, 4, planes);
    const THScalar zero = THScalar_fromLong(0), one = THScalar_fromLong(1);
    const THConv far = {THConvForm_GER, THConvMode_REVERSED, 0, 3, {INT64_MAX, 1, 1}};
    const THConv full = {THConvForm_GER, THConvMode_FULL, 0, 3, {1, INT64_MAX, 1}};
    CHECK_FAILS(THTensor_conv(r, zero, one, t, t, far), TH_ERR_SHAPE, "reaches farther than can be counted");
    CHECK_FAILS(THTensor_conv(r, zero, one, t, t, full), TH_ERR_SHAPE, "reaches farther than can be counted");
    check_untouched(r, THDtype_Int);
    THTensor_free(r);
    THTensor_free(t);
}

/* Under the address sanitizer the test fails if what the op held is not given back. */
static void test_nothing_is_held(void)
{
    const int64_t none[] = {0};
    THTensor *const a = th_test_ramp(THDtype_Float, 0, NULL), *const index = th_test_ramp(THDtype_Long, 1, none);
    THTensor *const r = THTensor_new();
    CHECK_FAILS(THTensor_indexSelect(r, a, 0, index), TH_ERR_SHAPE, "[indexSelect] 0 indices into a scalar, expected 1");
    CHECK(index->refcount == 1);
    THTensor *const all[] = {a, index, r};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
}

static void count_failures(THStatus code, const char *message, void *context)
{
    (void)code;
    (void)message;
    ++*(int *)context;
}

static void test_success_leaves_no_failure(void)
{
    const int64_t six[] = {6};
    int told = 0;
    THTensor *const a = th_test_ramp(THDtype_Float, 2, three_by_two), *const turned = THTensor_newTranspose(a, 0, 1);
    THStatus_clear();
    THStatus_setHandler(count_failures, &told);
    THTensor *const flat = THTensor_newReshape(turned, 1, six); /* of a copy */
    THStatus_setHandler(NULL, NULL);
    CHECK(flat != NULL && told == 0 && THStatus_last() == TH_OK);
    CHECK(flat != NULL && th_test_at(flat, 1) == 2);
    const int64_t none[] = {0}, huge[] = {INT64_MAX / 2, INT32_MAX, 0};
    THTensor *const empty = th_test_ramp(THDtype_Float, 1, none);
    CHECK_NULL(THTensor_newView(empty, 3, huge), TH_ERR_SHAPE, "[view] ");
    THTensor *const values = THTensor_new(), *const places = THTensor_new();
    CHECK_FAILS(THTensor_kthvalue(values, places, a, INT64_MIN, 0, 0), TH_ERR_INDEX, "[kthvalue] k,");
    THTensor *const all[] = {a, turned, flat, values, places, empty};
    for (int i = 0; i < 6; i++) THTensor_free(all[i]);
}

int main(void)
{
    test_two_outputs();
    if (strcmp(THBlas_name(), "reference") != 0) test_decompositions();
    test_products();
    test_random();
    test_sizes();
    test_convolution_reach();
    test_nothing_is_held();
    test_success_leaves_no_failure();
    return th_test_end("test_refused");
}
