/* The classic typed names: signatures, values, dtypes, and what happens on failure. */
#include "THTest.h"

#include "TH/THTyped.h"

/* A user's own macros of these names survive the headers. */
#define real "mine"
#define Real "mine"
#include "TH/THTyped.h"

static int handled;
static THStatus handled_code;

static void count_failures(THStatus code, const char *message, void *context)
{
    handled++;
    handled_code = code;
    *(int *)context += message[0] == '[';
}

/* The same program for each computing dtype, as a user of Torch7 would have written it. */
#define TEST_DTYPE(Name, ctype, acctype, is_float)                                                                             \
    static void test_##Name(void)                                                                                              \
    {                                                                                                                          \
        TH##Name##Tensor *const t = TH##Name##Tensor_newWithSize2d(3, 4), *const r = TH##Name##Tensor_new();                   \
        CHECK(TH##Name##Tensor_nDimension(t) == 2 && TH##Name##Tensor_size(t, 1) == 4);                                        \
        CHECK(TH##Name##Tensor_stride(t, 0) == 4 && TH##Name##Tensor_nElement(t) == 12);                                       \
        CHECK(TH##Name##Tensor_nElement(r) == 0);                                                                              \
        CHECK_OK(TH##Name##Tensor_fill(t, 2));                                                                                 \
        CHECK_OK(TH##Name##Tensor_set2d(t, 1, 2, 5));                                                                          \
        CHECK(TH##Name##Tensor_get2d(t, 1, 2) == 5 && TH##Name##Tensor_data(t)[6] == 5);                                       \
        CHECK_OK(TH##Name##Tensor_add(r, t, 1));                                                                               \
        CHECK(TH##Name##Tensor_get2d(r, 0, 0) == 3 && TH##Name##Tensor_isSameSizeAs(r, t));                                    \
        CHECK_OK(TH##Name##Tensor_cadd(r, r, 2, t));                                                                           \
        CHECK(TH##Name##Tensor_get2d(r, 0, 0) == 7 && TH##Name##Tensor_get2d(r, 1, 2) == 16);                                  \
        CHECK_OK(TH##Name##Tensor_tpow(r, 2, t));                                                                              \
        CHECK(TH##Name##Tensor_get2d(r, 1, 2) == 32);                                                                          \
        CHECK_OK(TH##Name##Tensor_cmaxValue(r, t, 3));                                                                         \
        CHECK(TH##Name##Tensor_minall(r) == 3 && TH##Name##Tensor_maxall(r) == 5);                                             \
        const acctype sum = TH##Name##Tensor_sumall(t), prod = TH##Name##Tensor_prodall(t);                                    \
        CHECK(sum == 27 && prod == 5 * 2048);                                                                                  \
        TH##Name##Tensor *const s = TH##Name##Tensor_new();                                                                    \
        CHECK_OK(TH##Name##Tensor_mul(r, t, 50));                                                                              \
        CHECK_OK(TH##Name##Tensor_sum(s, r, 1, 1));                                                                            \
        CHECK(TH##Name##Tensor_size(s, 1) == 1);                                                                               \
        CHECK(TH##Name##Tensor_get2d(s, 0, 0) == (ctype)((ctype)100 + (ctype)100 + (ctype)100 + (ctype)100));                  \
        THByteTensor *const mask = THByteTensor_new();                                                                         \
        CHECK_OK(TH##Name##Tensor_gtValue(mask, t, 2));                                                                        \
        CHECK(THByteTensor_sumall(mask) == 1 && THByteTensor_get2d(mask, 1, 2) == 1);                                          \
        CHECK_OK(TH##Name##Tensor_gtValueT(r, t, 2));                                                                          \
        CHECK(TH##Name##Tensor_sumall(r) == 1);                                                                                \
        CHECK_FAILS(TH##Name##Tensor_eqTensor(NULL_IF_BYTE_##Name, t, t), TH_ERR_DTYPE, "[eqTensor] result is");               \
        CHECK_OK(TH##Name##Tensor_maskedSelect(r, t, mask));                                                                   \
        CHECK(TH##Name##Tensor_nElement(r) == 1 && TH##Name##Tensor_get1d(r, 0) == 5);                                         \
        THLongTensor *const places = THLongTensor_new();                                                                       \
        CHECK_OK(TH##Name##Tensor_max(r, places, t, 1, 0));                                                                    \
        CHECK(THLongTensor_get1d(places, 1) == 2 && TH##Name##Tensor_get1d(r, 1) == 5);                                        \
        TH##Name##Tensor *const row = TH##Name##Tensor_newSelect(t, 0, 1);                                                     \
        CHECK(TH##Name##Tensor_dot(row, row) == (acctype)37);                                                                  \
        TH##Name##Tensor *const turned = TH##Name##Tensor_newTranspose(t, 0, 1);                                               \
        CHECK(!TH##Name##Tensor_isContiguous(turned) && TH##Name##Tensor_get2d(turned, 2, 1) == 5);                            \
        TH##Name##Tensor *const m = TH##Name##Tensor_newWithSize2d(3, 3);                                                      \
        CHECK_OK(TH##Name##Tensor_fill(m, 1));                                                                                 \
        CHECK_OK(TH##Name##Tensor_addmm(m, 1, m, 2, t, turned));                                                               \
        CHECK(TH##Name##Tensor_get2d(m, 0, 0) == 33 && TH##Name##Tensor_get2d(m, 1, 1) == 75);                                 \
        CHECK_OK(TH##Name##Tensor_cat(r, t, t, 0));                                                                            \
        CHECK(TH##Name##Tensor_size(r, 0) == 6 && TH##Name##Tensor_equal(r, r) == 1);                                          \
        CHECK_OK(TH##Name##Tensor_arange(r, 0, 5, 1));                                                                         \
        CHECK(TH##Name##Tensor_nElement(r) == 5 && TH##Name##Tensor_get1d(r, 4) == 4);                                         \
        CHECK_OK(TH##Name##Tensor_random(t, NULL));                                                                            \
        CHECK(TH##Name##Tensor_minall(t) >= 0);                                                                                \
        test_failures_##Name(t);                                                                                               \
        THTensor *const all[] = {t, r, s, mask, places, row, turned, m};                                                       \
        for (int k = 0; k < 8; k++) THTensor_free(all[k]);                                                                     \
    }

#define TEST_FAILURES(Name, is_float)                                                                                          \
    static void test_failures_##Name(TH##Name##Tensor *t)                                                                      \
    {                                                                                                                          \
        THHalfTensor *const half = THHalfTensor_newWithSize1d(2);                                                              \
        int well_formed = 0;                                                                                                   \
        handled = 0;                                                                                                           \
        THStatus_setHandler(count_failures, &well_formed);                                                                     \
        THStatus_clear();                                                                                                      \
        const double value = (double)TH##Name##Tensor_get2d(t, 3, 0), total = (double)TH##Name##Tensor_sumall(half);           \
        THStatus_setHandler(NULL, NULL);                                                                                       \
        CHECK(is_float ? isnan(value) && isnan(total) : value == 0 && total == 0);                                             \
        CHECK(handled == 2 && well_formed == 2 && handled_code == TH_ERR_DTYPE && THStatus_last() == TH_ERR_DTYPE);            \
        THStatus_clear();                                                                                                      \
        CHECK(TH##Name##Tensor_nDimension(t) == 2 && THStatus_last() == TH_OK && handled == 2);                                \
        CHECK(TH##Name##Tensor_data(half) == NULL && TH##Name##Tensor_newClone(half) == NULL);                                 \
        CHECK_FAILS(TH##Name##Tensor_neg(t, half), TH_ERR_DTYPE, "[neg] tensor is Half, expected " #Name);                     \
        CHECK_FAILS(TH##Name##Tensor_set2d(t, 0, 4, 1), TH_ERR_INDEX, "[set] index 4 is out of range");                        \
        CHECK(TH##Name##Tensor_size(t, 2) == 0 && THStatus_last() == TH_ERR_INDEX);                                            \
        THHalfTensor_free(half);                                                                                               \
    }

TEST_FAILURES(Byte, 0)
TEST_FAILURES(Char, 0)
TEST_FAILURES(Short, 0)
TEST_FAILURES(Int, 0)
TEST_FAILURES(Long, 0)
TEST_FAILURES(Float, 1)
TEST_FAILURES(Double, 1)

/* A Byte result is refused nowhere but in Byte's own comparison: there it is handed a Long one. */
static THTensor *wrong_result;
#define NULL_IF_BYTE_Byte wrong_result
#define NULL_IF_BYTE_Char t
#define NULL_IF_BYTE_Short t
#define NULL_IF_BYTE_Int t
#define NULL_IF_BYTE_Long t
#define NULL_IF_BYTE_Float t
#define NULL_IF_BYTE_Double t

TEST_DTYPE(Byte, uint8_t, int64_t, 0)
TEST_DTYPE(Short, int16_t, int64_t, 0)
TEST_DTYPE(Int, int32_t, int64_t, 0)
TEST_DTYPE(Long, int64_t, int64_t, 0)
TEST_DTYPE(Float, float, double, 1)
TEST_DTYPE(Double, double, double, 1)

static void test_char(void)
{
    THCharTensor *const t = THCharTensor_newWithSize1d(3), *const r = THCharTensor_new();
    CHECK_OK(THCharTensor_fill(t, 100));
    CHECK_OK(THCharTensor_add(r, t, 100));
    CHECK(THCharTensor_get1d(r, 0) == -56 && THCharTensor_sumall(t) == 300);
    CHECK_OK(THCharTensor_sum(r, t, 0, 1));
    CHECK(THCharTensor_get1d(r, 0) == 44);
    CHECK_OK(THCharTensor_resize2d(t, 3, 4));
    test_failures_Char(t);
    THCharTensor_free(t);
    THCharTensor_free(r);
}

static void test_floating(void)
{
    THFloatTensor *const t = THFloatTensor_newWithSize1d(4), *const r = THFloatTensor_new();
    CHECK_OK(THFloatTensor_arange(t, 1, 5, 1));
    CHECK(THFloatTensor_meanall(t) == 2.5 && THFloatTensor_normall(t, 1) == 10);
    CHECK_NEAR(THFloatTensor_varall(t, 0), 5.0 / 3, 1e-6);
    CHECK_NEAR(THFloatTensor_stdall(t, 1), sqrt(1.25), 1e-6);
    CHECK_OK(THFloatTensor_exp(r, t));
    CHECK_NEAR(THFloatTensor_get1d(r, 1), exp(2), 1e-5);
    CHECK_OK(THFloatTensor_std(r, t, 0, 1, 0));
    CHECK(THFloatTensor_nDimension(r) == 0);
    CHECK_NEAR(th_test_at(r, 0), sqrt(1.25), 1e-6);
    CHECK_OK(THFloatTensor_uniform(t, NULL, 2, 3));
    CHECK(THFloatTensor_minall(t) >= 2 && THFloatTensor_maxall(t) < 3);
    CHECK_OK(THFloatTensor_linspace(r, 0, 1, 3));
    CHECK(THFloatTensor_get1d(r, 1) == 0.5f);
    THFloatTensor_free(t);
    THFloatTensor_free(r);
}

static void test_geometry(void)
{
    THLongStorage *const size = THLongStorage_newWithSize(2), *const stride = THLongStorage_newWithSize(2);
    CHECK_OK(THLongStorage_set(size, 0, 2));
    CHECK_OK(THLongStorage_set(size, 1, 3));
    CHECK_OK(THLongStorage_set(stride, 0, 1));
    CHECK_OK(THLongStorage_set(stride, 1, 2));
    CHECK(THLongStorage_get(size, 1) == 3 && THLongStorage_size(size) == 2 && THLongStorage_elementSize() == 8);
    CHECK(THLongStorage_get(size, 2) == 0 && THStatus_last() == TH_ERR_INDEX);
    THDoubleTensor *const t = THDoubleTensor_newWithSize(size, stride), *const v = THDoubleTensor_new();
    CHECK(THDoubleTensor_isSize(t, size) && THDoubleTensor_stride(t, 1) == 2 && !THDoubleTensor_isContiguous(t));
    CHECK_OK(THDoubleTensor_fill(t, 4));
    CHECK_OK(THDoubleTensor_transpose(v, t, 0, 1));
    CHECK(THDoubleTensor_size(v, 0) == 3 && THDoubleTensor_storage(v) == THDoubleTensor_storage(t));
    CHECK_OK(THDoubleTensor_narrow(v, NULL, 0, 1, 2));
    CHECK(THDoubleTensor_storageOffset(v) == 2 && THDoubleTensor_nElement(v) == 4);
    CHECK_OK(THDoubleTensor_set(v, t));
    CHECK(THDoubleTensor_isSetTo(v, t));
    CHECK_FAILS(THDoubleTensor_setStorageNd(v, THDoubleTensor_storage(t), INT64_MAX, 0, NULL, NULL), TH_ERR_SHAPE,
                "[setStorage] offset, size, stride: one is negative, or there are more elements than can be counted");
    CHECK(THDoubleTensor_isSetTo(v, t));
    THFloatTensor *const f = THFloatTensor_newWithSize1d(6);
    CHECK_OK(THFloatTensor_copyDouble(f, t)); /* another shape of as many elements */
    CHECK(THFloatTensor_get1d(f, 5) == 4);
    CHECK_FAILS(THFloatTensor_copyLong(f, t), TH_ERR_DTYPE, "[copyLong] source is Double, expected Long");
    THHalfTensor *const h = THHalfTensor_newWithSize1d(6);
    CHECK_OK(THHalfTensor_copyFloat(h, f));
    CHECK(THHalfTensor_get1d(h, 0) == 0x4400); /* the bits of 4 */
    CHECK_OK(THFloatTensor_copyHalf(f, h));
    CHECK(THFloatTensor_get1d(f, 0) == 4);
    float *const data = malloc(4 * sizeof(*data));
    THFloatStorage *const owned = THFloatStorage_newWithData(data, 4);
    CHECK_OK(THFloatStorage_fill(owned, 1.5f));
    CHECK(data[3] == 1.5f && THFloatStorage_get(owned, 3) == 1.5f);
    THFloatStorage_free(owned);
    THTensor *const all[] = {t, v, f, h};
    for (int k = 0; k < 4; k++) THTensor_free(all[k]);
    THLongStorage_free(size);
    THLongStorage_free(stride);
}

/* The last output cannot be written: the others stay as they are. */
static void test_outputs_of_gesvd2(void)
{
    THDoubleTensor *const a = THDoubleTensor_newWithSize2d(2, 2), *const u = THDoubleTensor_newWithSize2d(2, 2);
    THDoubleTensor *const s = THDoubleTensor_newWithSize1d(2), *const v = THDoubleTensor_newWithSize2d(2, 2);
    THDoubleStorage *const row = THDoubleStorage_newWithSize(2);
    THDoubleTensor *const rows = THDoubleTensor_newWithStorage2d(row, 0, 2, 0, 2, 1);
    THDoubleTensor *const all[] = {a, u, s, v, rows};
    CHECK_OK(THDoubleTensor_eye(a, 2, 2));
    for (int k = 1; k < 4; k++) CHECK_OK(THDoubleTensor_fill(all[k], 7));
    CHECK_FAILS(THDoubleTensor_gesvd2(u, s, v, rows, a, "S"), TH_ERR_SHAPE, "its elements share memory");
    CHECK(THDoubleTensor_minall(u) == 7 && THDoubleTensor_minall(s) == 7 && THDoubleTensor_minall(v) == 7);
    for (int k = 0; k < 5; k++) THTensor_free(all[k]);
    THDoubleStorage_free(row);
}

static void test_blas(void)
{
    const double a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
    double c[] = {1, 1, 1, 1};
    CHECK(THDoubleBlas_dot(4, a, 1, b, 1) == 70);
    CHECK_OK(THDoubleBlas_gemm('n', 'n', 2, 2, 2, 1, a, 2, b, 2, 1, c, 2));
    CHECK(c[0] == 1 + 5 + 18 && c[3] == 1 + 14 + 32);
}

int main(void)
{
    const int64_t one = 1;
    wrong_result = THTensor_newWithSize(THDtype_Long, 1, &one);
    test_Byte();
    test_char();
    test_Short();
    test_Int();
    test_Long();
    test_Float();
    test_Double();
    test_floating();
    test_geometry();
    test_outputs_of_gesvd2();
    test_blas();
    CHECK(strcmp(real, "mine") == 0 && strcmp(Real, "mine") == 0);
    THTensor_free(wrong_result);
    return th_test_end("typed");
}
