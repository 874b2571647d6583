/* The classic typed names of sorting, selecting, running results, indexing and parts of matrices. */
#include "THTest.h"

#include "TH/THTyped.h"

/* The same program for each computing dtype; t is 0, 7, 3, 10, 6, 2, 9, 5, 1 in three rows. */
#define TEST_ORDER(Name, ctype, acctype)                                                                                       \
    static TH##Name##Tensor *sample_##Name(void)                                                                               \
    {                                                                                                                          \
        TH##Name##Tensor *const t = TH##Name##Tensor_newWithSize2d(3, 3);                                                      \
        for (int64_t i = 0; i < 9; i++) TH##Name##Tensor_data(t)[i] = (ctype)(i * 7 % 11);                                     \
        return t;                                                                                                              \
    }                                                                                                                          \
    static void test_order_##Name(void)                                                                                        \
    {                                                                                                                          \
        TH##Name##Tensor *const t = sample_##Name(), *const r = TH##Name##Tensor_new();                                        \
        THLongTensor *const places = THLongTensor_new();                                                                       \
        CHECK_OK(TH##Name##Tensor_sort(r, places, t, 1, 1));                                                                   \
        CHECK(TH##Name##Tensor_get2d(r, 1, 0) == 10 && THLongTensor_get2d(places, 0, 0) == 1);                                 \
        CHECK_OK(TH##Name##Tensor_topk(r, places, t, 2, 0, 0, 1));                                                             \
        CHECK(TH##Name##Tensor_get2d(r, 0, 1) == 5 && THLongTensor_get2d(places, 1, 1) == 1);                                  \
        CHECK_OK(TH##Name##Tensor_kthvalue(r, places, t, 2, 1, 1));                                                            \
        CHECK(TH##Name##Tensor_get2d(r, 2, 0) == 5 && THLongTensor_get2d(places, 2, 0) == 1);                                  \
        CHECK_OK(TH##Name##Tensor_median(r, places, t, 0, 0));                                                                 \
        CHECK(TH##Name##Tensor_get1d(r, 0) == 9 && THLongTensor_get1d(places, 2) == 1);                                        \
        CHECK(TH##Name##Tensor_medianall(t) == 5);                                                                             \
        CHECK_OK(TH##Name##Tensor_fill(r, 4));                                                                                 \
        CHECK_OK(TH##Name##Tensor_mode(t, places, r, 0, 1));                                                                   \
        CHECK(TH##Name##Tensor_get1d(t, 0) == 4 && THLongTensor_get1d(places, 0) == 0);                                        \
        CHECK_FAILS(TH##Name##Tensor_sort(r, r, t, 0, 0), TH_ERR_VALUE, "[sort] values and indices share memory");             \
        THTensor *const all[] = {t, r, places};                                                                                \
        for (int k = 0; k < 3; k++) THTensor_free(all[k]);                                                                     \
    }                                                                                                                          \
    static void test_matrix_##Name(void)                                                                                       \
    {                                                                                                                          \
        TH##Name##Tensor *const t = sample_##Name(), *const r = TH##Name##Tensor_new();                                        \
        CHECK_OK(TH##Name##Tensor_cumsum(r, t, 1));                                                                            \
        CHECK(TH##Name##Tensor_get2d(r, 1, 2) == 18);                                                                          \
        CHECK_OK(TH##Name##Tensor_mul(t, t, 10));                                                                              \
        CHECK_OK(TH##Name##Tensor_cumprod(r, t, 0)); /* wraps in the tensor's own dtype */                                     \
        CHECK(TH##Name##Tensor_get2d(r, 2, 1) == (ctype)(acctype)(70 * 60 * 50));                                              \
        CHECK_OK(TH##Name##Tensor_div(t, t, 10));                                                                              \
        CHECK(TH##Name##Tensor_trace(t) ==                                                                                     \
              (TH##Name##Tensor_get2d(t, 0, 0) + TH##Name##Tensor_get2d(t, 1, 1) + TH##Name##Tensor_get2d(t, 2, 2)));          \
        CHECK_OK(TH##Name##Tensor_tril(r, t, -1));                                                                             \
        CHECK(TH##Name##Tensor_get2d(r, 0, 1) == 0 && TH##Name##Tensor_get2d(r, 2, 1) == TH##Name##Tensor_get2d(t, 2, 1));     \
        CHECK_OK(TH##Name##Tensor_triu(r, t, 1));                                                                              \
        CHECK(TH##Name##Tensor_get2d(r, 1, 1) == 0 && TH##Name##Tensor_get2d(r, 0, 2) == TH##Name##Tensor_get2d(t, 0, 2));     \
        CHECK_OK(TH##Name##Tensor_cross(r, t, t, -1));                                                                         \
        CHECK(TH##Name##Tensor_get2d(r, 1, 1) == 0);                                                                           \
        CHECK_OK(TH##Name##Tensor_diag(r, t, 1));                                                                              \
        CHECK(TH##Name##Tensor_nElement(r) == 2 && TH##Name##Tensor_get1d(r, 1) == TH##Name##Tensor_get2d(t, 1, 2));           \
        CHECK(TH##Name##Tensor_logicalany(t) == 1 && TH##Name##Tensor_logicalall(t) == 0);                                     \
        TH##Name##Tensor_free(t);                                                                                              \
        TH##Name##Tensor_free(r);                                                                                              \
    }                                                                                                                          \
    static void test_places_##Name(void)                                                                                       \
    {                                                                                                                          \
        TH##Name##Tensor *const t = sample_##Name(), *const r = TH##Name##Tensor_new();                                        \
        THLongTensor *const places = THLongTensor_newWithSize1d(2);                                                            \
        CHECK_OK(THLongTensor_set1d(places, 0, 8));                                                                            \
        CHECK_OK(THLongTensor_set1d(places, 1, -6));                                                                           \
        CHECK_OK(TH##Name##Tensor_take(r, t, places));                                                                         \
        CHECK(TH##Name##Tensor_get1d(r, 0) == 1 && TH##Name##Tensor_get1d(r, 1) == 10);                                        \
        CHECK_OK(TH##Name##Tensor_put(t, places, r, 1));                                                                       \
        CHECK(TH##Name##Tensor_get2d(t, 1, 0) == 20 && TH##Name##Tensor_get2d(t, 2, 2) == 2);                                  \
        THLongTensor *const rows = THLongTensor_newWithSize2d(1, 2);                                                           \
        CHECK_OK(THLongTensor_fill(rows, 2));                                                                                  \
        TH##Name##Tensor *const pair = TH##Name##Tensor_newWithSize2d(1, 2);                                                   \
        CHECK_OK(TH##Name##Tensor_fill(pair, 77));                                                                             \
        CHECK_OK(TH##Name##Tensor_scatter(t, 0, rows, pair));                                                                  \
        CHECK(TH##Name##Tensor_get2d(t, 2, 1) == 77 && TH##Name##Tensor_get2d(t, 2, 2) == 2);                                  \
        CHECK_OK(TH##Name##Tensor_scatterFill(t, 0, rows, 3));                                                                 \
        CHECK(TH##Name##Tensor_get2d(t, 2, 0) == 3);                                                                           \
        CHECK_OK(THLongTensor_fill(places, 1));                                                                                \
        CHECK_OK(TH##Name##Tensor_indexFill(t, 1, places, 9));                                                                 \
        CHECK(TH##Name##Tensor_get2d(t, 0, 1) == 9 && TH##Name##Tensor_get2d(t, 0, 2) == 3);                                   \
        CHECK_FAILS(TH##Name##Tensor_indexFill(places, 1, places, 9),                                                          \
                    THLongTensor_nDimension(places) && #Name[0] == 'L' ? TH_ERR_INDEX : TH_ERR_DTYPE, "[indexFill]");          \
        THTensor *const all[] = {t, r, places, rows, pair};                                                                    \
        for (int k = 0; k < 5; k++) THTensor_free(all[k]);                                                                     \
    }

TEST_ORDER(Byte, uint8_t, int64_t)
TEST_ORDER(Char, int8_t, int64_t)
TEST_ORDER(Short, int16_t, int64_t)
TEST_ORDER(Int, int32_t, int64_t)
TEST_ORDER(Long, int64_t, int64_t)
TEST_ORDER(Float, float, double)
TEST_ORDER(Double, double, double)

#define TEST_STATISTICS(Name)                                                                                                  \
    static void test_statistics_##Name(void)                                                                                   \
    {                                                                                                                          \
        TH##Name##Tensor *const t = sample_##Name(), *const r = TH##Name##Tensor_new();                                        \
        CHECK(TH##Name##Tensor_dist(t, t, 2) == 0);                                                                            \
        CHECK_OK(TH##Name##Tensor_std(r, t, 0, 0, 1));                                                                         \
        CHECK_NEAR(TH##Name##Tensor_get2d(r, 0, 1), 1.0, 1e-6);                                                                \
        CHECK_NEAR(TH##Name##Tensor_stdall(t, 1) * TH##Name##Tensor_stdall(t, 1), TH##Name##Tensor_varall(t, 1), 1e-5);        \
        CHECK_OK(TH##Name##Tensor_renorm(r, t, 1, 0, 12));                                                                     \
        CHECK_NEAR(TH##Name##Tensor_get2d(r, 1, 0), 10.0 * 12 / 18, 1e-6);                                                     \
        CHECK_OK(TH##Name##Tensor_histc(r, t, 2, 0, 10));                                                                      \
        CHECK(TH##Name##Tensor_get1d(r, 0) == 4 && TH##Name##Tensor_get1d(r, 1) == 5);                                         \
        CHECK_OK(TH##Name##Tensor_bhistc(r, t, 2, 0, 10));                                                                     \
        CHECK(TH##Name##Tensor_get2d(r, 0, 0) == 2 && TH##Name##Tensor_get2d(r, 1, 1) == 2);                                   \
        TH##Name##Tensor_free(t);                                                                                              \
        TH##Name##Tensor_free(r);                                                                                              \
    }

TEST_STATISTICS(Float)
TEST_STATISTICS(Double)

#define RUN(Name)                                                                                                              \
    test_order_##Name();                                                                                                       \
    test_matrix_##Name();                                                                                                      \
    test_places_##Name();

int main(void)
{
    RUN(Byte)
    RUN(Char)
    RUN(Short)
    RUN(Int)
    RUN(Long)
    RUN(Float)
    RUN(Double)
    test_statistics_Float();
    test_statistics_Double();
    return th_test_end("typed order");
}
