/* The classic typed names on a device: signatures, values, dtypes, and what happens on failure. */
#include "THCTest.h"

#include "THC/THCTyped.h"

/* A user's own macros of these names survive the headers. */
#define real "mine"
#define Real "mine"
#include "THC/THCTyped.h"

/* The same program for each computing dtype, as a user of Torch7 would have written it. Cuda: THCuda..., Host: TH... */
#define TEST_DTYPE(Cuda, Host, ctype, acctype)                                                                                 \
    static void test_##Cuda(void)                                                                                              \
    {                                                                                                                          \
        TH##Cuda##Tensor *const t = TH##Cuda##Tensor_newWithSize2d(3, 4), *const r = TH##Cuda##Tensor_new();                   \
        THCudaByteTensor *const mask = THCudaByteTensor_new();                                                                 \
        THCudaLongTensor *const places = THCudaLongTensor_new();                                                               \
        CHECK(TH##Cuda##Tensor_nDimension(t) == 2 && TH##Cuda##Tensor_size(t, 1) == 4 && TH##Cuda##Tensor_getDevice(t) == 0);  \
        CHECK(TH##Cuda##Tensor_stride(t, 0) == 4 && TH##Cuda##Tensor_nElement(t) == 12 && TH##Cuda##Tensor_data(t) != NULL);   \
        CHECK(TH##Cuda##Tensor_nElement(r) == 0 && TH##Cuda##Tensor_getDevice(r) == 0);                                        \
        CHECK_OK(TH##Cuda##Tensor_fill(t, 2));                                                                                 \
        CHECK_OK(TH##Cuda##Tensor_set2d(t, 1, 2, 5));                                                                          \
        CHECK(TH##Cuda##Tensor_get2d(t, 1, 2) == 5 && TH##Cuda##Tensor_get2d(t, 0, 0) == 2);                                   \
        CHECK_OK(TH##Cuda##Tensor_add(r, t, 1));                                                                               \
        CHECK(TH##Cuda##Tensor_get2d(r, 0, 0) == 3 && TH##Cuda##Tensor_isSameSizeAs(r, t));                                    \
        CHECK_OK(TH##Cuda##Tensor_cadd(r, r, 2, t));                                                                           \
        CHECK(TH##Cuda##Tensor_get2d(r, 0, 0) == 7 && TH##Cuda##Tensor_get2d(r, 1, 2) == 16);                                  \
        CHECK_OK(TH##Cuda##Tensor_tpow(r, 2, t));                                                                              \
        CHECK(TH##Cuda##Tensor_get2d(r, 1, 2) == 32);                                                                          \
        const acctype sum = TH##Cuda##Tensor_sumall(t), most = TH##Cuda##Tensor_maxall(t);                                     \
        CHECK(sum == 27 && most == 5 && TH##Cuda##Tensor_minall(t) == 2 && TH##Cuda##Tensor_medianall(t) == 2);                \
        CHECK_OK(TH##Cuda##Tensor_sum(r, t, 1, 0));                                                                            \
        CHECK(TH##Cuda##Tensor_nDimension(r) == 1 && TH##Cuda##Tensor_get1d(r, 1) == 11);                                      \
        CHECK_OK(TH##Cuda##Tensor_cumsum(r, t, 1));                                                                            \
        CHECK(TH##Cuda##Tensor_get2d(r, 1, 3) == 11);                                                                          \
        CHECK_OK(TH##Cuda##Tensor_gtValue(mask, t, 3));                                                                        \
        CHECK(THCudaByteTensor_sumall(mask) == 1 && THCudaByteTensor_get2d(mask, 1, 2) == 1);                                  \
        CHECK_FAILS(TH##Cuda##Tensor_gtValue(places, t, 3), TH_ERR_DTYPE, "expected Byte");                                    \
        CHECK_OK(TH##Cuda##Tensor_max(r, places, t, 1, 0));                                                                    \
        CHECK(TH##Cuda##Tensor_get1d(r, 1) == 5 && THCudaLongTensor_get1d(places, 1) == 2);                                    \
        CHECK_OK(TH##Cuda##Tensor_indexSelect(r, t, 1, places));                                                               \
        CHECK(TH##Cuda##Tensor_get2d(r, 1, 1) == 5);                                                                           \
        TH##Host##Tensor *const here = TH##Host##Tensor_newWithSize1d(12);                                                     \
        CHECK_OK(TH##Host##Tensor_fill(here, 7));                                                                              \
        CHECK_OK(TH##Cuda##Tensor_copy##Host(t, here)); /* another shape, from the host */                                     \
        CHECK(TH##Cuda##Tensor_sumall(t) == 84);                                                                               \
        CHECK_FAILS(TH##Cuda##Tensor_add(r, here, 1), TH_ERR_STATE, "lies on the host");                                       \
        CHECK_OK(TH##Cuda##Tensor_resizeNd(r, 1, (int64_t[]){5}, NULL));                                                       \
        CHECK_OK(TH##Cuda##Tensor_zero(r));                                                                                    \
        CHECK(TH##Cuda##Tensor_nElement(r) == 5 && TH##Cuda##Tensor_getDevice(r) == 0 && TH##Cuda##Tensor_sumall(r) == 0);     \
        CHECK_OK(TH##Cuda##Tensor_resize2d(r, 2, 3));                                                                          \
        CHECK_OK(TH##Cuda##Tensor_fill(r, 1));                                                                                 \
        CHECK_OK(TH##Cuda##Tensor_set2d(r, 0, 2, 4));                                                                          \
        CHECK_OK(TH##Cuda##Tensor_transpose(t, r, 0, 1));                                                                      \
        CHECK(TH##Cuda##Tensor_size(t, 0) == 3 && TH##Cuda##Tensor_get2d(t, 2, 0) == 4);                                       \
        CHECK_OK(TH##Cuda##Tensor_narrow(t, NULL, 0, 2, 1));                                                                   \
        CHECK_OK(TH##Cuda##Tensor_squeeze(t, NULL));                                                                           \
        CHECK(TH##Cuda##Tensor_nDimension(t) == 1 && TH##Cuda##Tensor_get1d(t, 0) == 4 && !TH##Cuda##Tensor_isSetTo(t, r));    \
        TH##Cuda##Storage *const s = TH##Cuda##Storage_newWithSize(4);                                                         \
        CHECK(TH##Cuda##Storage_size(s) == 4 && TH##Cuda##Storage_getDevice(s) == 0);                                          \
        CHECK_OK(TH##Cuda##Storage_fill(s, 3));                                                                                \
        CHECK_OK(TH##Cuda##Storage_set(s, 2, 9));                                                                              \
        CHECK(TH##Cuda##Storage_get(s, 2) == 9 && TH##Cuda##Storage_get(s, 3) == 3);                                           \
        CHECK_OK(TH##Cuda##Storage_resize(s, 6));                                                                              \
        CHECK(TH##Cuda##Storage_size(s) == 6 && TH##Cuda##Storage_get(s, 2) == 9);                                             \
        TH##Cuda##Storage_free(s);                                                                                             \
        THTensor *const all[] = {t, r, mask, places, here};                                                                    \
        for (int i = 0; i < 5; i++) THTensor_free(all[i]);                                                                     \
    }

TEST_DTYPE(CudaByte, Byte, uint8_t, int64_t)
TEST_DTYPE(CudaChar, Char, int8_t, int64_t)
TEST_DTYPE(CudaShort, Short, int16_t, int64_t)
TEST_DTYPE(CudaInt, Int, int32_t, int64_t)
TEST_DTYPE(CudaLong, Long, int64_t, int64_t)
TEST_DTYPE(Cuda, Float, float, double)
TEST_DTYPE(CudaDouble, Double, double, double)

static void test_floating(void)
{
    THCudaTensor *const t = THCudaTensor_newWithSize2d(2, 2), *const r = THCudaTensor_new(), *const q = THCudaTensor_new();
    CHECK_OK(THCudaTensor_zero(t));
    CHECK_OK(THCudaTensor_set2d(t, 0, 0, 4));
    CHECK_OK(THCudaTensor_set2d(t, 1, 1, 2));
    CHECK_OK(THCudaTensor_getri(r, t));
    CHECK(THCudaTensor_get2d(r, 0, 0) == 0.25f && THCudaTensor_get2d(r, 1, 1) == 0.5f);
    CHECK_OK(THCudaTensor_addmm(q, 0, q, 1, t, r));
    CHECK(THCudaTensor_trace(q) == 2 && THCudaTensor_meanall(q) == 0.5);
    CHECK_OK(THCudaTensor_sqrt(r, t));
    CHECK(THCudaTensor_get2d(r, 0, 0) == 2);
    CHECK_OK(THCudaTensor_uniform(t, NULL, 1, 2));
    CHECK(THCudaTensor_minall(t) >= 1 && THCudaTensor_maxall(t) < 2);
    CHECK(isnan(THCudaTensor_get1d(t, 0))); /* two dimensions: a failure */
    CHECK(THStatus_last() == TH_ERR_SHAPE);
    CHECK_FAILS(THCudaDoubleTensor_sqrt(r, t), TH_ERR_DTYPE, "expected Double");
    CHECK_NULL(THCudaDoubleTensor_newClone(t), TH_ERR_DTYPE, "expected Double");
    THTensor *const all[] = {t, r, q};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
}

static void test_half(void)
{
    THCudaHalfTensor *const h = THCudaHalfTensor_newWithSize1d(3);
    THCudaTensor *const f = THCudaTensor_newWithSize1d(3);
    CHECK_OK(THCudaTensor_fill(f, 1.5f));
    CHECK_OK(THCudaHalfTensor_copyFloat(h, f));
    CHECK(THCudaHalfTensor_get1d(h, 2) == 0x3e00);  /* the 16 bits of 1.5 */
    CHECK_OK(THCudaHalfTensor_set1d(h, 1, 0x4000)); /* of 2 */
    CHECK_OK(THCudaTensor_copyHalf(f, h));
    CHECK(THCudaTensor_get1d(f, 1) == 2 && THCudaTensor_get1d(f, 0) == 1.5f);
    THTensor_free(h);
    THTensor_free(f);
}

static void test_without_device(void)
{
    CHECK_NULL(THCudaTensor_new(), TH_ERR_UNSUPPORTED, "[cuda]");
    CHECK_NULL(THCudaHalfTensor_newWithSize1d(3), TH_ERR_UNSUPPORTED, "[cuda]");
    CHECK_NULL(THCudaLongStorage_newWithSize(3), TH_ERR_UNSUPPORTED, "[cuda]");
}

/* Tensors of the host are refused. */
static void test_host(void)
{
    THFloatTensor *const here = THFloatTensor_newWithSize1d(3);
    CHECK_FAILS(THCudaTensor_fill(here, 1), TH_ERR_STATE, "lies on the host");
    CHECK_FAILS(THCudaDoubleTensor_fill(here, 1), TH_ERR_DTYPE, "expected Double");
    CHECK(isnan(THCudaTensor_sumall(here)) && THStatus_last() == TH_ERR_STATE);
    CHECK_NULL(THCudaTensor_newWithSize(NULL, NULL), TH_ERR_VALUE, "[newWithSize] size, NULL");
    THFloatTensor_free(here);
}

int main(void)
{
    test_host();
    if (!thc_test_hasDevice()) {
        test_without_device();
        return th_test_end("test_typed, without a device");
    }
    test_CudaByte();
    test_CudaChar();
    test_CudaShort();
    test_CudaInt();
    test_CudaLong();
    test_Cuda();
    test_CudaDouble();
    test_floating();
    test_half();
    return th_test_end("test_typed");
}
