/* The classic typed names beyond those of test_typed.c, beside the host's: storages, views of them, elements, copies between
 * places, Half, indices of the host, equations, convolutions. */
#define _POSIX_C_SOURCE 200809L /* mkstemp */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "THCTest.h"

#include "THC/THCTyped.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void free_all(THTensor *const *all, size_t count)
{
    for (size_t i = 0; i < count; i++) THTensor_free(all[i]);
}

/* Small whole numbers, so that all dtypes have them. */
static THTensor *numbers(THDtype dtype, int ndim, const int64_t *size, int seed)
{
    THTensor *const wide = THTensor_newWithSize(THDtype_Long, ndim, size);
    for (int64_t i = 0; i < wide->numel; i++) ((int64_t *)(void *)THTensor_dataBytes(wide))[i] = (i * 7 + seed * 3) % 11 + 1;
    THTensor *const t = THTensor_newConvert(wide, dtype);
    THTensor_free(wide);
    return t;
}

#define TEST_STORAGES(Cuda, Host, ctype)                                                                                       \
    static void test_storages_##Cuda(void)                                                                                     \
    {                                                                                                                          \
        TH##Cuda##Storage *const s = TH##Cuda##Storage_newWithSize3(1, 2, 3), *const other = TH##Cuda##Storage_new();          \
        CHECK(TH##Cuda##Storage_get(s, 0) == 1 && TH##Cuda##Storage_get(s, 2) == 3 && TH##Cuda##Storage_getDevice(s) == 0);    \
        CHECK(TH##Cuda##Storage_elementSize() == sizeof(ctype) && TH##Cuda##Storage_size(other) == 0);                         \
        CHECK_FAILS(TH##Cuda##Storage_set(s, 3, 1), TH_ERR_INDEX, "out of range");                                             \
        CHECK_OK(TH##Cuda##Storage_swap(s, other));                                                                            \
        CHECK(TH##Cuda##Storage_size(s) == 0 && TH##Cuda##Storage_get(other, 1) == 2);                                         \
        CHECK_OK(TH##Cuda##Storage_resize(s, 3));                                                                              \
        CHECK_OK(TH##Cuda##Storage_rawCopy(s, TH##Cuda##Storage_data(other)));                                                 \
        CHECK(TH##Cuda##Storage_get(s, 0) == 1 && TH##Cuda##Storage_get(s, 2) == 3);                                           \
        CHECK_OK(TH##Cuda##Storage_fill(s, 9));                                                                                \
        CHECK(TH##Cuda##Storage_get(s, 0) == 9 && TH##Cuda##Storage_get(s, 2) == 9);                                           \
        CHECK_OK(TH##Cuda##Storage_setFlag(s, THStorage_FIXED));                                                               \
        CHECK_FAILS(TH##Cuda##Storage_resize(s, 4), TH_ERR_STATE, "cannot be resized");                                        \
        CHECK_OK(TH##Cuda##Storage_clearFlag(s, THStorage_FIXED));                                                             \
        CHECK_OK(TH##Cuda##Storage_resize(s, 4));                                                                              \
        TH##Host##Storage *const here = TH##Host##Storage_newWithSize4(4, 5, 6, 7);                                            \
        CHECK_OK(TH##Cuda##Storage_copyCPU(s, here));                                                                          \
        CHECK(TH##Cuda##Storage_get(s, 3) == 7);                                                                               \
        CHECK_OK(TH##Cuda##Storage_set(s, 1, 2));                                                                              \
        CHECK_OK(TH##Host##Storage_copyCuda(here, s));                                                                         \
        CHECK(TH##Host##Storage_get(here, 0) == 4 && TH##Host##Storage_get(here, 1) == 2);                                     \
        CHECK_FAILS(TH##Cuda##Storage_copyCuda(s, here), TH_ERR_STATE, "source lies on the host");                             \
        CHECK_FAILS(TH##Cuda##Storage_copyCPU(here, here), TH_ERR_STATE, "lies on the host");                                  \
        CHECK_FAILS(TH##Host##Storage_copyCuda(s, s), TH_ERR_STATE, "self lies on a device");                                  \
        CHECK_FAILS(TH##Cuda##Storage_copyCPU(other, here), TH_ERR_SHAPE, "source has 4 elements, expected 3");                \
        void *data = NULL;                                                                                                     \
        CHECK_OK(THCudaMalloc(&data, 2 * sizeof(ctype)));                                                                      \
        TH##Cuda##Storage *const owning = TH##Cuda##Storage_newWithData(data, 2);                                              \
        CHECK_OK(TH##Cuda##Storage_fill(owning, 3));                                                                           \
        CHECK(TH##Cuda##Storage_get(owning, 1) == 3);                                                                          \
        TH##Cuda##Storage_free(owning);                                                                                        \
        CHECK_FAILS(THCudaFree(data), TH_ERR_VALUE, "no block of THCudaMalloc"); /* given back with the storage */             \
        TH##Cuda##Storage *const given = TH##Cuda##Storage_newWithAllocator(5, THCCachingAllocator_get(), NULL);               \
        CHECK_OK(TH##Cuda##Storage_fill(given, 6));                                                                            \
        CHECK(TH##Cuda##Storage_get(given, 4) == 6);                                                                           \
        CHECK_FAILS(TH##Cuda##Storage_resize(given, 6), TH_ERR_STATE, "borrowed");                                             \
        TH##Cuda##Storage_free(given);                                                                                         \
        TH##Cuda##Tensor *const t = TH##Cuda##Tensor_newWithStorage2d(s, 1, 2, 1, 1, 1), *const u = TH##Cuda##Tensor_new();    \
        CHECK(TH##Cuda##Tensor_get2d(t, 0, 0) == 2 && TH##Cuda##Tensor_get2d(t, 1, 0) == 6);                                   \
        CHECK_OK(TH##Cuda##Tensor_setStorage1d(u, s, 3, 3, -1));                                                               \
        CHECK(TH##Cuda##Storage_size(s) == 6 && TH##Cuda##Tensor_get1d(u, 0) == 7); /* it grew */                              \
        CHECK_OK(TH##Cuda##Tensor_setStorage3d(u, NULL, 0, 2, -1, 1, -1, 2, -1));                                              \
        CHECK(TH##Cuda##Tensor_getDevice(u) == 0 && TH##Cuda##Tensor_nElement(u) == 4);                                        \
        CHECK_OK(TH##Cuda##Tensor_set3d(u, 1, 0, 1, 5));                                                                       \
        CHECK(TH##Cuda##Tensor_get3d(u, 1, 0, 1) == 5);                                                                        \
        CHECK_OK(TH##Cuda##Tensor_resize4d(u, 1, 2, 1, 2));                                                                    \
        CHECK_OK(TH##Cuda##Tensor_set4d(u, 0, 1, 0, 0, 8));                                                                    \
        CHECK(TH##Cuda##Tensor_get4d(u, 0, 1, 0, 0) == 8 && TH##Cuda##Tensor_get4d(u, 0, 1, 0, 1) == 5);                       \
        CHECK_FAILS(TH##Cuda##Tensor_set4d(u, 0, 2, 0, 0, 8), TH_ERR_INDEX, "out of range");                                   \
        CHECK(strcmp(TH##Cuda##Tensor_sizeDesc(u).str, "[1 x 2 x 1 x 2]") == 0);                                               \
        CHECK(strcmp(TH##Cuda##Tensor_desc(u).str, "torch.cuda." #Host "Tensor of size 1x2x1x2") == 0);                        \
        TH##Cuda##Tensor *const folded = TH##Cuda##Tensor_newFoldBatchDim(u);                                                  \
        CHECK(TH##Cuda##Tensor_nDimension(folded) == 3 && TH##Cuda##Tensor_size(folded, 0) == 2);                              \
        THStorage *const storages[] = {s, other, here};                                                                        \
        for (int i = 0; i < 3; i++) THStorage_free(storages[i]);                                                               \
        THTensor *const all[] = {t, u, folded};                                                                                \
        free_all(all, 3);                                                                                                      \
    }

TEST_STORAGES(CudaByte, Byte, uint8_t)
TEST_STORAGES(CudaLong, Long, int64_t)
TEST_STORAGES(CudaHalf, Half, uint16_t)
TEST_STORAGES(Cuda, Float, float)
TEST_STORAGES(CudaDouble, Double, double)

/* Does the same with tensors of the host and of the device, and compares. h, d: 3 x 4; r, s: results. */
#define BOTH(Cuda, Host, name, ...)                                                                                            \
    do {                                                                                                                       \
        CHECK_OK(TH##Host##Tensor_##name(r, h, __VA_ARGS__));                                                                  \
        CHECK_OK(TH##Cuda##Tensor_##name(s, d, __VA_ARGS__));                                                                  \
        thc_test_same(#Cuda " " #name, s, r, 1e-6);                                                                            \
    } while (0)

#define TEST_COMPUTING(Cuda, Host, ctype)                                                                                      \
    static void test_computing_##Cuda(void)                                                                                    \
    {                                                                                                                          \
        const int64_t size[] = {3, 4}, of_index[] = {1, 4};                                                                    \
        THTensor *const h = numbers(THDtype_##Host, 2, size, 1), *const h2 = numbers(THDtype_##Host, 2, size, 5);              \
        THTensor *const d = thc_test_there(h), *const d2 = thc_test_there(h2);                                                 \
        THTensor *const r = TH##Host##Tensor_new(), *const s = TH##Cuda##Tensor_new();                                         \
        THLongTensor *const i = THTensor_newWithSize(THDtype_Long, 2, of_index);                                               \
        for (int k = 0; k < 4; k++) CHECK_OK(THLongTensor_set2d(i, 0, k, (k * 2) % 3));                                        \
        THTensor *const j = thc_test_there(i);                                                                                 \
        BOTH(Cuda, Host, cmaxValue, 5);                                                                                        \
        BOTH(Cuda, Host, cminValue, 5);                                                                                        \
        BOTH(Cuda, Host, ltValueT, 5);                                                                                         \
        CHECK_OK(TH##Host##Tensor_cinv(r, h));                                                                                 \
        CHECK_OK(TH##Cuda##Tensor_cinv(s, d));                                                                                 \
        thc_test_same(#Cuda " cinv", s, r, 1e-6);                                                                              \
        BOTH(Cuda, Host, cumprod, 1);                                                                                          \
        BOTH(Cuda, Host, sum, -1, 1);                                                                                          \
        BOTH(Cuda, Host, remainder, 3);                                                                                        \
        CHECK_OK(TH##Host##Tensor_geTensorT(r, h, h2));                                                                        \
        CHECK_OK(TH##Cuda##Tensor_geTensorT(s, d, d2));                                                                        \
        thc_test_same(#Cuda " geTensorT", s, r, 0);                                                                            \
        CHECK_OK(TH##Host##Tensor_cat(r, h, h2, 1));                                                                           \
        CHECK_OK(TH##Cuda##Tensor_cat(s, d, d2, 1));                                                                           \
        thc_test_same(#Cuda " cat", s, r, 0);                                                                                  \
        CHECK_OK(TH##Host##Tensor_match(r, h, h2, 2));                                                                         \
        CHECK_OK(TH##Cuda##Tensor_match(s, d, d2, 2));                                                                         \
        thc_test_same(#Cuda " match", s, r, 1e-6);                                                                             \
        CHECK_OK(TH##Host##Tensor_scatterFill(h2, 0, i, 9));                                                                   \
        CHECK_OK(TH##Cuda##Tensor_scatterFill(d2, 0, j, 9));                                                                   \
        thc_test_same(#Cuda " scatterFill", d2, h2, 0);                                                                        \
        CHECK_OK(TH##Host##Tensor_range(r, 2, 11, 3));                                                                         \
        CHECK_OK(TH##Cuda##Tensor_range(s, 2, 11, 3));                                                                         \
        thc_test_same(#Cuda " range", s, r, 0);                                                                                \
        THLongStorage *const of_zeros = THLongStorage_newWithSize2(2, 2);                                                      \
        CHECK_OK(TH##Cuda##Tensor_ones(s, of_zeros));                                                                          \
        CHECK(TH##Cuda##Tensor_sumall(s) == 4 && TH##Cuda##Tensor_numel(s) == 4);                                              \
        CHECK_OK(TH##Cuda##Tensor_zerosLike(s, d));                                                                            \
        CHECK(TH##Cuda##Tensor_sumall(s) == 0 && TH##Cuda##Tensor_isSameSizeAs(s, d));                                         \
        CHECK_OK(TH##Cuda##Tensor_copyCuda(s, d));                                                                             \
        CHECK_OK(TH##Cuda##Tensor_eye(s, 2, 2));                                                                               \
        CHECK(TH##Cuda##Tensor_trace(s) == 2);                                                                                 \
        CHECK_OK(TH##Cuda##Tensor_cappedRandom(d2, NULL, 5));                                                                  \
        CHECK(TH##Cuda##Tensor_maxall(d2) < 5);                                                                                \
        CHECK_OK(TH##Cuda##Tensor_random(d2, NULL));                                                                           \
        const int64_t n[] = {3};                                                                                               \
        THLongTensor *const rows = THTensor_newWithSize(THDtype_Long, 1, n);                                                   \
        for (int k = 0; k < 3; k++) CHECK_OK(THLongTensor_set1d(rows, k, 2 - k));                                              \
        CHECK_OK(TH##Host##Tensor_indexSelect(r, h, 0, rows));                                                                 \
        CHECK_OK(TH##Cuda##Tensor_indexSelect_long(s, d, 0, rows));                                                            \
        thc_test_same(#Cuda " indexSelect_long", s, r, 0);                                                                     \
        CHECK_FAILS(TH##Cuda##Tensor_indexSelect_long(s, d, 0, j), TH_ERR_STATE, "expected Long of the host");                 \
        CHECK_OK(TH##Host##Tensor_indexAdd(h, 0, rows, r));                                                                    \
        CHECK_OK(TH##Cuda##Tensor_indexAdd_long(d, 0, rows, s));                                                               \
        thc_test_same(#Cuda " indexAdd_long", d, h, 0);                                                                        \
        THByteTensor *const mask = THByteTensor_new();                                                                         \
        CHECK_OK(TH##Host##Tensor_gtValue(mask, h, 6));                                                                        \
        CHECK_OK(TH##Host##Tensor_maskedFill(h, mask, 2));                                                                     \
        CHECK_OK(TH##Cuda##Tensor_maskedFillByte(d, mask, 2));                                                                 \
        thc_test_same(#Cuda " maskedFillByte", d, h, 0);                                                                       \
        CHECK_OK(TH##Host##Tensor_copyCuda(r, d));                                                                             \
        CHECK(TH##Host##Tensor_equal(r, h));                                                                                   \
        CHECK_OK(TH##Cuda##Tensor_copyAsyncCPU(d, h));                                                                         \
        CHECK_OK(TH##Host##Tensor_copyAsyncCuda(r, d));                                                                        \
        CHECK_OK(THC_synchronize(0));                                                                                          \
        CHECK(TH##Host##Tensor_equal(r, h));                                                                                   \
        THFloatTensor *const floats = THFloatTensor_newWithSize2d(3, 4);                                                       \
        CHECK_OK(THFloatTensor_copyCuda##Host(floats, d));                                                                     \
        CHECK(THFloatTensor_get2d(floats, 1, 1) == (float)TH##Host##Tensor_get2d(h, 1, 1));                                    \
        THStorage_free(of_zeros);                                                                                              \
        THTensor *const all[] = {h, h2, d, d2, r, s, i, j, rows, mask, floats};                                                \
        free_all(all, COUNT(all));                                                                                             \
    }

TEST_COMPUTING(CudaByte, Byte, uint8_t)
TEST_COMPUTING(CudaShort, Short, int16_t)
TEST_COMPUTING(CudaInt, Int, int32_t)
TEST_COMPUTING(CudaLong, Long, int64_t)
TEST_COMPUTING(Cuda, Float, float)
TEST_COMPUTING(CudaDouble, Double, double)

static void test_integers(void)
{
    THCudaIntTensor *const t = THCudaIntTensor_newWithSize2d(2, 3), *const u = THCudaIntTensor_new(),
                           *const r = THCudaIntTensor_new();
    for (int i = 0; i < 6; i++) CHECK_OK(THCudaIntTensor_set2d(t, i / 3, i % 3, i - 5)); /* -5 -4 -3, -2 -1 0 */
    CHECK_OK(THCudaIntTensor_mean(r, t, 0, 0));
    CHECK(THCudaIntTensor_get1d(r, 0) == -3 && THCudaIntTensor_get1d(r, 1) == -2 && THCudaIntTensor_get1d(r, 2) == -1);
    CHECK(THCudaIntTensor_meanall(t) == -2);
    CHECK_OK(THCudaIntTensor_zerosLike(u, t));
    CHECK(THCudaIntTensor_dist(t, u, 1) == 15 && THCudaIntTensor_dist(t, u, 2) == 7); /* the root of 55 */
    CHECK_FAILS(THCudaIntTensor_mean(r, t, 2, 0), TH_ERR_INDEX, "dimension out of range");
    CHECK_OK(THCudaIntTensor_resize2d(u, 0, 3));
    CHECK_FAILS(THCudaIntTensor_mean(r, u, 0, 0), TH_ERR_VALUE, "of no elements");
    THStatus_clear();
    CHECK(THCudaIntTensor_meanall(u) == 0 && THStatus_last() == TH_ERR_VALUE);
    THCudaByteTensor *const bytes = THCudaByteTensor_newWithSize1d(3);
    CHECK_OK(THCudaByteTensor_fill(bytes, 1));
    CHECK(THCudaByteTensor_logicalall(bytes) == 1 && THCudaByteTensor_logicalany(bytes) == 1);
    CHECK_OK(THCudaByteTensor_set1d(bytes, 1, 0));
    CHECK(THCudaByteTensor_logicalall(bytes) == 0 && THCudaByteTensor_logicalany(bytes) == 1);
    THCudaLongTensor *const keys = THCudaLongTensor_newWithSize1d(3), *const values = THCudaLongTensor_newWithSize1d(3);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(THCudaLongTensor_set1d(keys, i, (i + 1) % 3)); /* 1 2 0 */
        CHECK_OK(THCudaLongTensor_set1d(values, i, 10 * i));
    }
    CHECK_OK(THCudaLongTensor_sortKeyValueInplace(keys, values, 0, 1));
    CHECK(THCudaLongTensor_get1d(keys, 0) == 2 && THCudaLongTensor_get1d(values, 0) == 10 &&
          THCudaLongTensor_get1d(values, 2) == 20);
    THTensor *const all[] = {t, u, r, bytes, keys, values};
    free_all(all, COUNT(all));
}

/* 1, 1.5 and 2 as float16. */
enum { ONE = 0x3c00, ONE_AND_A_HALF = 0x3e00, TWO = 0x4000 };

static void test_half(void)
{
    THCudaHalfTensor *const t = THCudaHalfTensor_newWithSize1d(4), *const r = THCudaHalfTensor_new();
    CHECK_OK(THCudaHalfTensor_fill(t, ONE_AND_A_HALF));
    CHECK_OK(THCudaHalfTensor_add(r, t, ONE));
    CHECK(THC_half2float(THCudaHalfTensor_get1d(r, 3)) == 2.5f && THCudaHalfTensor_sumall(r) == 10);
    CHECK_OK(THCudaHalfTensor_mul(r, t, TWO));
    CHECK(THC_half2float(THCudaHalfTensor_maxall(r)) == 3);
    CHECK_OK(THCudaHalfTensor_cmul(r, t, t));
    CHECK(THC_half2float(THCudaHalfTensor_get1d(r, 0)) == 2.25f);
    CHECK_OK(THCudaHalfTensor_linspace(r, ONE, TWO, 3));
    CHECK(THCudaHalfTensor_get1d(r, 1) == ONE_AND_A_HALF && THCudaHalfTensor_meanall(r) == 1.5);
    CHECK_OK(THCudaHalfTensor_arange(r, 0, 3, 1));
    CHECK(THCudaHalfTensor_sumall(r) == 3);
    CHECK_OK(THCudaHalfTensor_uniform(t, NULL, 1, 2));
    CHECK(THC_half2float(THCudaHalfTensor_minall(t)) >= 1);
    CHECK_OK(THCudaHalfTensor_norm(r, t, TWO, 0, 0));
    CHECK_OK(THCudaHalfTensor_sqrt(r, t));
    THStatus_clear();
    CHECK(isnan(THC_half2float(THCudaHalfTensor_get2d(t, 0, 0))) && THStatus_last() == TH_ERR_SHAPE);
    THTensor_free(t);
    THTensor_free(r);
}

static void test_floating(void)
{
    const int64_t size[] = {3, 4};
    THTensor *const h = numbers(THDtype_Float, 2, size, 1), *const h2 = numbers(THDtype_Float, 2, size, 4);
    THTensor *const d = thc_test_there(h), *const d2 = thc_test_there(h2), *const r = THFloatTensor_new(),
                    *const s = THCudaTensor_new();
    BOTH(Cuda, Float, renorm, 2, 0, 5);
    BOTH(Cuda, Float, histc, 4, 0, 12);
    BOTH(Cuda, Float, norm, 2, 1, 0);
    CHECK(fabs(THCudaTensor_dist(d, d2, 2) - THFloatTensor_dist(h, h2, 2)) < 1e-4);
    CHECK_OK(THFloatTensor_linspace(r, -1, 2, 7));
    CHECK_OK(THCudaTensor_linspace(s, -1, 2, 7));
    thc_test_same("linspace", s, r, 0);
    CHECK_OK(THFloatTensor_logspace(r, -1, 2, 7));
    CHECK_OK(THCudaTensor_logspace(s, -1, 2, 7));
    thc_test_same("logspace", s, r, 1e-6);
    THLongStorage *const shape = THLongStorage_newWithSize2(50, 40);
    THGenerator *const one = THGenerator_new(), *const same = THGenerator_new();
    THRandom_manualSeed(one, 5);
    THRandom_manualSeed(same, 5);
    CHECK_OK(THFloatTensor_randn(r, one, shape));
    CHECK_OK(THCudaTensor_randn(s, same, shape));
    thc_test_same("randn", s, r, 1e-5);
    CHECK_OK(THFloatTensor_normal_means(r, one, h, 2));
    CHECK_OK(THCudaTensor_normal_means(s, same, d, 2));
    thc_test_same("normal_means", s, r, 1e-5);
    THTensor *const p = THFloatTensor_newWithSize1d(4), *const q = THFloatTensor_new(), *const q_there = THCudaTensor_new();
    THTensor *const places = THLongTensor_new(), *const places_there = THCudaLongTensor_new();
    for (int i = 0; i < 4; i++) CHECK_OK(THFloatTensor_set1d(p, i, (float)(i * i)));
    THTensor *const p_there = thc_test_there(p);
    CHECK_OK(THFloatTensor_multinomialAliasSetup(p, places, q));
    CHECK_OK(THCudaTensor_multinomialAliasSetup(p_there, places_there, q_there));
    thc_test_same("aliasSetup, q", q_there, q, 0);
    thc_test_same("aliasSetup, places", places_there, places, 0);
    THTensor *const drawn = THLongTensor_newWithSize2d(20, 30), *const drawn_there = THCudaLongTensor_newWithSize2d(20, 30);
    CHECK_OK(THFloatTensor_multinomialAliasDraw(drawn, one, places, q));
    CHECK_OK(THCudaTensor_multinomialAliasDraw(drawn_there, same, places_there, q_there));
    thc_test_same("aliasDraw", drawn_there, drawn, 0);
    THGenerator_free(one);
    THGenerator_free(same);
    THStorage_free(shape);
    THTensor *const all[] = {h, h2, d, d2, r, s, p, p_there, q, q_there, places, places_there, drawn, drawn_there};
    free_all(all, COUNT(all));
}

/* Of a symmetric matrix whose eigenvalues are 1, 3 and 5. */
static void test_equations(void)
{
    const float rows[3][3] = {{2, 1, 0}, {1, 2, 0}, {0, 0, 5}};
    THCudaTensor *const a = THCudaTensor_newWithSize2d(3, 3), *const b = THCudaTensor_newWithSize2d(3, 1);
    THCudaTensor *const r = THCudaTensor_new(), *const s = THCudaTensor_new(), *const t = THCudaTensor_new(),
                        *const u = THCudaTensor_new();
    for (int i = 0; i < 9; i++) CHECK_OK(THCudaTensor_set2d(a, i / 3, i % 3, rows[i / 3][i % 3]));
    CHECK_OK(THCudaTensor_fill(b, 3));
    CHECK_OK(THCudaTensor_gesv(r, s, b, a));
    CHECK(fabsf(THCudaTensor_get2d(r, 0, 0) - 1) < 1e-5f && fabsf(THCudaTensor_get2d(r, 2, 0) - 0.6f) < 1e-5f);
    CHECK_OK(THCudaTensor_gels(r, s, b, a));
    CHECK(fabsf(THCudaTensor_get2d(r, 1, 0) - 1) < 1e-5f);
    CHECK_OK(THCudaTensor_syev(r, s, a, "V", "U"));
    CHECK(fabsf(THCudaTensor_get1d(r, 0) - 1) < 1e-5f && fabsf(THCudaTensor_get1d(r, 2) - 5) < 1e-5f);
    CHECK_FAILS(THCudaTensor_syev(r, s, a, "X", "U"), TH_ERR_VALUE, "must be one of the letters NV");
    CHECK_OK(THCudaTensor_gesvd(r, s, t, a, "S"));
    CHECK(fabsf(THCudaTensor_get1d(s, 0) - 5) < 1e-5f);
    CHECK_OK(THCudaTensor_gesvd2(r, s, t, u, a, "A"));
    CHECK(fabsf(THCudaTensor_get1d(s, 2) - 1) < 1e-5f && THCudaTensor_equal(u, a));
    CHECK_OK(THCudaTensor_getri(r, a));
    CHECK(fabsf(THCudaTensor_get2d(r, 2, 2) - 0.2f) < 1e-6f);
    CHECK_OK(THCudaTensor_potrf(r, a, "L"));
    CHECK(fabsf(THCudaTensor_get2d(r, 2, 2) - sqrtf(5)) < 1e-5f && THCudaTensor_get2d(r, 0, 1) == 0);
    CHECK_OK(THCudaTensor_potrs(s, b, r, "L"));
    CHECK(fabsf(THCudaTensor_get2d(s, 2, 0) - 0.6f) < 1e-5f);
    CHECK_OK(THCudaTensor_potri(s, r, "L"));
    CHECK(fabsf(THCudaTensor_get2d(s, 2, 2) - 0.2f) < 1e-5f);
    CHECK_OK(THCudaTensor_qr(r, s, a));
    CHECK_OK(THCudaTensor_addmm(t, 0, t, 1, r, s));
    CHECK(fabs(THCudaTensor_dist(t, a, 2)) < 1e-5);
    CHECK_FAILS(THCudaTensor_btrifact(r, s, NULL, 0, a), TH_ERR_UNSUPPORTED, "row exchanges");
    THTensor *const all[] = {a, b, r, s, t, u};
    free_all(all, COUNT(all));
}

static void test_convolutions(void)
{
    const int64_t of_image[] = {2, 3, 7, 6}, of_kernel[] = {4, 3, 3, 2}, of_batch[] = {2, 4, 3, 2};
    THTensor *const t = numbers(THDtype_Float, 4, of_image, 1), *const k = numbers(THDtype_Float, 4, of_kernel, 2);
    THTensor *const g = numbers(THDtype_Float, 4, of_batch, 3), *const r = THFloatTensor_new(), *const s = THCudaTensor_new();
    THTensor *const t_there = thc_test_there(t), *const k_there = thc_test_there(k), *const g_there = thc_test_there(g);
    THTensor *const one = THTensor_newSelect(t, 0, 1), *const one_there = THTensor_newSelect(t_there, 0, 1);
    THTensor *const first = THTensor_newSelect(g, 0, 0), *const first_there = THTensor_newSelect(g_there, 0, 0);
    const char *const types[] = {"vx", "vc", "fx", "fc"};
    for (int i = 0; i < 8; i++) {
        const char *const type = types[i / 2], vf[] = {(char)(type[0] - 32), 0}, xc[] = {(char)(type[1] - 32), 0};
        const int64_t srow = 1 + i % 2;
        CHECK_OK(THFloatTensor_conv2Dmv(r, 0, 1, one, k, srow, 1, vf, xc));
        CHECK_OK(THCudaTensor_conv2Dmv(s, 0, one_there, k_there, srow, 1, type));
        thc_test_same(type, s, r, 1e-5);
        CHECK_OK(THFloatTensor_conv2Dmm(r, 0, 1, t, k, srow, 2, vf, xc));
        CHECK_OK(THCudaTensor_conv2Dmm(s, 0, t_there, k_there, srow, 2, type));
        CHECK_OK(THFloatTensor_conv2Dmm(r, 0.5f, 1, t, k, srow, 2, vf, xc));
        CHECK_OK(THCudaTensor_conv2Dmm(s, 0.5f, t_there, k_there, srow, 2, type));
        thc_test_same(type, s, r, 1e-5);
    }
    for (int step = 1; step < 3; step++) {
        CHECK_OK(THFloatTensor_conv2DRevger(r, 0, 2, one, first, step, 1));
        CHECK_OK(THCudaTensor_conv2DRevger(s, 0, 2, one_there, first_there, step, 1));
        thc_test_same("conv2DRevger", s, r, 1e-5);
        CHECK_OK(THFloatTensor_conv2DRevgerm(r, 1, 0.5f, t, g, step, 1));
        CHECK_OK(THCudaTensor_conv2DRevgerm(s, 1, 0.5f, t_there, g_there, step, 1));
        thc_test_same("conv2DRevgerm", s, r, 1e-5);
    }
    CHECK_FAILS(THCudaTensor_conv2Dmv(s, 0, one_there, k_there, 0, 1, "vx"), TH_ERR_VALUE, "at least 1");
    CHECK_FAILS(THCudaTensor_conv2Dmv(s, 0, one_there, k_there, 1, 1, "ax"), TH_ERR_VALUE, "expected 'v' or 'f'");
    CHECK_FAILS(THCudaTensor_conv2Dmv(s, 0, one_there, g_there, 1, 1, "vx"), TH_ERR_SHAPE, "kernel is for 4 planes");
    CHECK_FAILS(THCudaTensor_conv2Dmm(s, 0, t_there, k, 1, 1, "vx"), TH_ERR_STATE, "kernel lies on the host");
    THTensor *const all[] = {t, k, g, r, s, t_there, k_there, g_there, one, one_there, first, first_there};
    free_all(all, COUNT(all));
}

static void test_copies(void)
{
    THCudaTensor *const row = THCudaTensor_newWithSize2d(3, 1), *const t = THCudaTensor_newWithSize2d(3, 4);
    for (int i = 0; i < 12; i++) CHECK_OK(THCudaTensor_set2d(t, i / 4, i % 4, (float)i));
    THLongStorage *const size = THLongStorage_newWithSize2(3, 4);
    THCudaTensor *const wide = THCudaTensor_newExpand(row, size);
    CHECK_OK(THCudaTensor_copyIgnoringOverlaps(wide, t));
    CHECK(THCudaTensor_get2d(row, 0, 0) == 3 && THCudaTensor_get2d(row, 2, 0) == 11);
    THCudaLongTensor *const longs = THCudaLongTensor_newWithSize1d(12);
    CHECK_OK(THCudaLongTensor_copyCudaFloat(longs, t)); /* another shape */
    CHECK(THCudaLongTensor_get1d(longs, 7) == 7);
    CHECK_FAILS(THCudaLongTensor_copyCudaDouble(longs, t), TH_ERR_DTYPE, "source is Float, expected Double");
    THDoubleTensor *const doubles = THDoubleTensor_newWithSize2d(4, 3);
    CHECK_OK(THDoubleTensor_copyCudaFloat(doubles, t));
    CHECK(THDoubleTensor_get2d(doubles, 1, 0) == 3);
    CHECK_FAILS(THDoubleTensor_copyCudaFloat(doubles, row), TH_ERR_SHAPE, "source has 3 elements, expected 12");
    char name[] = "/tmp/thc-mapping-XXXXXX";
    const int file = mkstemp(name);
    const float in_file[] = {1, 2, 4};
    CHECK(file >= 0 && write(file, in_file, sizeof in_file) == sizeof in_file);
    THCudaStorage *const mapped = THCudaStorage_newWithMapping(name, 0, 0);
    CHECK(THCudaStorage_size(mapped) == 3 && THCudaStorage_get(mapped, 2) == 4 && THCudaStorage_getDevice(mapped) == 0);
    CHECK_NULL(THCudaStorage_newWithMapping(name, 3, TH_ALLOCATOR_MAPPED_SHARED), TH_ERR_UNSUPPORTED, "not shared");
    close(file);
    unlink(name);
    THStorage_free(mapped);
    THStorage_free(size);
    THTensor *const all[] = {row, t, wide, longs, doubles};
    free_all(all, COUNT(all));
}

int main(void)
{
    if (!thc_test_hasDevice()) {
        CHECK_NULL(THCudaStorage_newWithSize1(1), TH_ERR_UNSUPPORTED, "[cuda]");
        CHECK_NULL(THCudaTensor_newWithStorage1d(NULL, 0, 2, 1), TH_ERR_UNSUPPORTED, "[cuda]");
        CHECK_NULL(THCudaHalfStorage_newWithAllocator(2, THCCachingAllocator_get(), NULL), TH_ERR_UNSUPPORTED, "[cuda]");
        return th_test_end("test_typed_names, without a device");
    }
    test_storages_CudaByte();
    test_storages_CudaLong();
    test_storages_CudaHalf();
    test_storages_Cuda();
    test_storages_CudaDouble();
    test_computing_CudaByte();
    test_computing_CudaShort();
    test_computing_CudaInt();
    test_computing_CudaLong();
    test_computing_Cuda();
    test_computing_CudaDouble();
    test_integers();
    test_half();
    test_floating();
    test_equations();
    test_convolutions();
    test_copies();
    return th_test_end("test_typed_names");
}
