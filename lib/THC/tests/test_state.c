/* Torch's functions of a process: devices, streams, memory, generators, float16, cuBLAS on plain memory. */
#include "THCTest.h"

#include "THC/THCTyped.h"

static void test_devices(void)
{
    CHECK_OK(THCudaInit());
    CHECK(THCState_getNumDevices() >= 1 && THCState_getCurrentDeviceProperties() != NULL);
    CHECK(THCState_getCurrentDeviceProperties() == THCState_getDeviceProperties(0));
    CHECK_NULL(THCState_getDeviceProperties(THC_MAX_DEVICES), TH_ERR_INDEX, "this machine has");
    CHECK(THCState_getPeerToPeerAccess(0, 0) == 1 && THC_nativeHalfInstructions() == 1);
    CHECK(THC_fastHalfInstructions() == 1 || THC_fastHalfInstructions() == 0);
    THCEvent *const begin = THCEvent_new(0, true, false), *const end = THCEvent_new(0, true, false);
    float milliseconds = 0;
    CHECK_OK(THCEvent_record(begin, NULL));
    CHECK_OK(THC_sleep(50000000));
    CHECK_OK(THCEvent_record(end, NULL));
    CHECK_OK(THCEvent_synchronize(end));
    CHECK_OK(THCEvent_elapsed(begin, end, &milliseconds));
    CHECK(milliseconds > 1); /* 50 million cycles: no clock is above 10 GHz */
    THCEvent_free(begin);
    THCEvent_free(end);
}

static void test_streams(void)
{
    CHECK(THCState_getCurrentStream() == NULL && THCState_getStream() == NULL && THCState_getCurrentStreamIndex() == 0);
    CHECK_OK(THCState_reserveStreams(2, 1));
    CHECK_OK(THCState_reserveStreams(1, 1)); /* there are more already */
    CHECK(THCState_getNumStreams() == 2 && THCState_getDeviceStream(0, 0) == NULL && THCState_getDeviceStream(0, 2) != NULL);
    CHECK_NULL(THCState_getDeviceStream(0, 3), TH_ERR_INDEX, "expected one of 0 to 2");
    CHECK_OK(THCState_setCurrentStreamIndex(2));
    CHECK(THCState_getCurrentStreamIndex() == 2 && THCState_getCurrentStream() == THCState_getDeviceStream(0, 2));
    CHECK_FAILS(THCState_setCurrentStreamIndex(-1), TH_ERR_INDEX, "expected one of 0 to 2");
    CHECK_FAILS(THCState_reserveStreams(-1, 1), TH_ERR_VALUE, "numStreams, -1");
    THCStream *const own = THCStream_newWithPriority(1, 0);
    CHECK(own != NULL && THCStream_device(own) == 0);
    THCStream_retain(own);
    THCStream_free(own); /* one reference is left */
    CHECK_OK(THCState_setStream(own));
    CHECK(THCState_getStream() == own && THCState_getCurrentStreamOnDevice(0) == THCStream_handle(own));
    CHECK(THCState_getCurrentStreamIndex() == 0 && THCState_getStreamOnDevice(0) == own);
    THCudaTensor *const t = THCudaTensor_newWithSize1d(1000);
    CHECK_OK(THCudaTensor_fill(t, 2)); /* on that stream */
    CHECK(THCudaTensor_sumall(t) == 2000);
    THTensor_free(t);
    CHECK_OK(THCState_setStreamOnDevice(0, NULL));
    CHECK(THCState_getStream() == NULL && THCState_getCurrentStream() == NULL);
    CHECK(THCState_getCurrentBlasHandle() != NULL);
    THCStream_free(own);
}

static void test_memory(void)
{
    size_t before = 0, total = 0, largest = 0, bytes = 0;
    void *data = &before, *other = NULL;
    CHECK_OK(THCudaMalloc(&data, 0));
    CHECK(data == NULL);
    CHECK_OK(THCudaFree(NULL));
    CHECK_OK(THCudaMalloc(&data, 1000));
    CHECK_OK(THCudaMalloc(&other, 3 << 20));
    CHECK_OK(THCudaMemGetInfo(&before, &total));
    CHECK(before > 0 && before <= total);
    char *const base = THCCachingAllocator_getBaseAllocation(data, &bytes);
    CHECK(base != NULL && base <= (char *)data && (char *)data + 1000 <= base + bytes && bytes >= (2 << 20));
    CHECK_NULL(THCCachingAllocator_getBaseAllocation(&bytes, NULL), TH_ERR_VALUE, "no block of THCudaMalloc");
    CHECK_OK(THCCachingAllocator_recordStream(data, NULL));
    CHECK_OK(THCudaFree(other));
    CHECK_OK(THCudaMemGetInfoCached(&before, &total, &largest));
    CHECK(before <= total && largest >= (3 << 20));
    CHECK_OK(THCudaFree(data));
    CHECK_FAILS(THCudaFree(data), TH_ERR_VALUE, "no block of THCudaMalloc");
    CHECK(THCState_getDeviceAllocator() == THCCachingAllocator_get() && THCState_isCachingAllocatorEnabled() == 1);
    /* Storages of the host on page-locked memory, and on what devices reach as well. */
    THAllocator *const both[] = {THCState_getCudaHostAllocator(), THCState_getCudaUVAAllocator()};
    for (int i = 0; i < 2; i++) {
        THFloatStorage *const s = THFloatStorage_newWithAllocator(4, both[i], NULL);
        bool pinned = false;
        CHECK_OK(THFloatStorage_fill(s, 2.5f));
        CHECK_OK(THC_isPinned(THFloatStorage_data(s), &pinned));
        CHECK(pinned == (i == 0));
        THCudaStorage *const there = THCudaStorage_newWithSize(4);
        CHECK_OK(THCudaStorage_copyCPU(there, s));
        CHECK(THCudaStorage_get(there, 3) == 2.5f);
        THStorage_free(s);
        THStorage_free(there);
    }
    void *const locked = THCudaHostAlloc(100);
    CHECK(locked != NULL);
    CHECK_OK(THCudaHostRecord(locked));
    CHECK_OK(THCCachingHostAllocator_recordEvent(locked, NULL));
    THCudaHostFree(locked);
    THCCachingHostAllocator_emptyCache();
}

static void test_generators(void)
{
    THByteTensor *const state = THByteTensor_new();
    THCudaTensor *const a = THCudaTensor_newWithSize1d(50), *const b = THCudaTensor_newWithSize1d(50);
    CHECK_OK(THCRandom_manualSeed(77));
    CHECK(THCRandom_initialSeed() == 77);
    CHECK_OK(THCRandom_getRNGState(state));
    CHECK_OK(THCudaTensor_uniform(a, NULL, 0, 1));
    CHECK_OK(THCRandom_setRNGState(state));
    CHECK_OK(THCudaTensor_uniform(b, NULL, 0, 1));
    CHECK(THCudaTensor_equal(a, b) == 1);
    const uint64_t seed = THCRandom_seed();
    CHECK(THCRandom_initialSeed() == seed && seed != 77);
    const uint64_t of_all = THCRandom_seedAll();
    CHECK(THCRandom_initialSeed() == of_all);
    CHECK_OK(THCRandom_manualSeedAll(5));
    CHECK(THCRandom_initialSeed() == 5);
    THTensor *const all[] = {state, a, b};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
}

static void test_half(void)
{
    CHECK(THC_float2half(1.5f) == 0x3e00 && THC_half2float(0x3e00) == 1.5f);
    THCudaTensor *const f = THCudaTensor_newWithSize1d(5);
    THCudaHalfTensor *const h = THCudaHalfTensor_newWithSize1d(5);
    CHECK_OK(THCudaTensor_fill(f, 1.5f));
    CHECK_OK(THCFloat2Half(THCudaHalfTensor_data(h), THCudaTensor_data(f), 5));
    CHECK(THCudaHalfTensor_get1d(h, 4) == 0x3e00);
    CHECK_OK(THCudaTensor_zero(f));
    CHECK_OK(THCHalf2Float(THCudaTensor_data(f), THCudaHalfTensor_data(h), 4));
    CHECK(THCudaTensor_get1d(f, 3) == 1.5f && THCudaTensor_get1d(f, 4) == 0);
    CHECK_FAILS(THCHalf2Float(THCudaTensor_data(f), THCudaHalfTensor_data(h), -1), TH_ERR_VALUE, "len, -1");
    THTensor_free(f);
    THTensor_free(h);
}

/* n numbers in memory of the device: 1, 2, ... */
static THCudaTensor *counted(int n)
{
    THCudaTensor *const t = THCudaTensor_new();
    CHECK_OK(THCudaTensor_arange(t, 1, n + 1, 1));
    return t;
}

/* Column-major 2 x 2: a = [1 3; 2 4], b = [1 3; 2 4]. */
static void test_products(void)
{
    THCudaTensor *const a = counted(4), *const b = counted(4), *const c = counted(4);
    float *const pa = THCudaTensor_data(a), *const pb = THCudaTensor_data(b), *const pc = THCudaTensor_data(c);
    CHECK(THCudaBlas_Sdot(4, pa, 1, pb, 1) == 30 && THCudaBlas_Sdot(2, pa, 2, pb, 2) == 10 &&
          THCudaBlas_Sdot(0, NULL, 1, NULL, 1) == 0);
    CHECK(isnan(THCudaBlas_Sdot(-1, pa, 1, pb, 1)) && THStatus_last() == TH_ERR_VALUE);
    CHECK_OK(THCudaBlas_Sgemm('n', 't', 2, 2, 2, 1, pa, 2, pb, 2, 0, pc, 2)); /* a a' = [10 14; 14 20] */
    CHECK(THCudaTensor_get1d(c, 0) == 10 && THCudaTensor_get1d(c, 1) == 14 && THCudaTensor_get1d(c, 3) == 20);
    CHECK_OK(THCudaBlas_Sgemm('N', 'N', 2, 2, 0, 1, pa, 2, pb, 2, 0.5f, pc, 2));
    CHECK(THCudaTensor_get1d(c, 3) == 10);
    CHECK_FAILS(THCudaBlas_Sgemm('x', 'n', 2, 2, 2, 1, pa, 2, pb, 2, 0, pc, 2), TH_ERR_VALUE, "transa, 'x'");
    CHECK_OK(THCudaBlas_Sgemv('t', 2, 2, 1, pa, 2, pb, 1, 0, pc, 1)); /* a' (1, 2) = (5, 11) */
    CHECK(THCudaTensor_get1d(c, 0) == 5 && THCudaTensor_get1d(c, 1) == 11);
    CHECK_OK(THCudaTensor_zero(c));
    CHECK_OK(THCudaBlas_Sger(2, 2, 2, pa, 1, pb, 1, pc, 2)); /* 2 (1, 2) (1, 2)' */
    CHECK(THCudaTensor_get1d(c, 0) == 2 && THCudaTensor_get1d(c, 3) == 8);
    CHECK_OK(THCudaBlas_SgemmStridedBatched('n', 'n', 1, 1, 1, 1, pa, 1, 1, pb, 1, 1, 0, pc, 1, 1, 4)); /* squares */
    CHECK(THCudaTensor_get1d(c, 2) == 9 && THCudaTensor_get1d(c, 3) == 16);
    CHECK_OK(THCudaBlas_SgemmStridedBatched('n', 'n', 1, 1, 1, 1, NULL, 1, 1, NULL, 1, 1, 0, NULL, 1, 1, 0));
    THCudaHalfTensor *const h = THCudaHalfTensor_newWithSize1d(4);
    CHECK_OK(THCudaHalfTensor_copyCudaFloat(h, a));
    uint16_t *const ph = THCudaHalfTensor_data(h);
    CHECK(THC_half2float(THCudaBlas_Hdot(4, ph, 1, ph, 1)) == 30);
    CHECK_OK(THCudaBlas_Hgemm('n', 'n', 1, 1, 4, 0x3c00, ph, 1, ph, 4, 0, ph, 1));
    CHECK(THC_half2float(THCudaHalfTensor_get1d(h, 0)) == 30);
    THTensor *const all[] = {a, b, c, h};
    for (int i = 0; i < 4; i++) THTensor_free(all[i]);
}

/* Addresses in memory of the device, as a LongTensor there. */
static THCudaLongTensor *addresses(const void *one, const void *two)
{
    THCudaLongTensor *const t = THCudaLongTensor_newWithSize1d(2);
    CHECK_OK(THCudaLongTensor_set1d(t, 0, (int64_t)(uintptr_t)one));
    CHECK_OK(THCudaLongTensor_set1d(t, 1, (int64_t)(uintptr_t)two));
    return t;
}

/* Two matrices: [4 1; 2 3] and [2 0; 0 4], column-major. */
static void test_factors(void)
{
    const double elements[] = {4, 2, 1, 3, 2, 0, 0, 4};
    THCudaDoubleTensor *const a = THCudaDoubleTensor_newWithSize1d(8), *const b = THCudaDoubleTensor_newWithSize1d(4);
    THCudaDoubleTensor *const c = THCudaDoubleTensor_newWithSize1d(8);
    THCudaIntTensor *const pivots = THCudaIntTensor_newWithSize1d(4), *const info = THCudaIntTensor_newWithSize1d(2);
    for (int i = 0; i < 8; i++) CHECK_OK(THCudaDoubleTensor_set1d(a, i, elements[i]));
    CHECK_OK(THCudaDoubleTensor_fill(b, 4));
    double *const pa = THCudaDoubleTensor_data(a), *const pb = THCudaDoubleTensor_data(b),
                  *const pc = THCudaDoubleTensor_data(c);
    THCudaLongTensor *const of_a = addresses(pa, pa + 4), *const of_b = addresses(pb, pb + 2),
                            *const of_c = addresses(pc, pc + 4);
    double *const *const as = (double *const *)(void *)THCudaLongTensor_data(of_a);
    double *const *const bs = (double *const *)(void *)THCudaLongTensor_data(of_b);
    double *const *const cs = (double *const *)(void *)THCudaLongTensor_data(of_c);
    int *const p = THCudaIntTensor_data(pivots), *const q = THCudaIntTensor_data(info);
    int refused = -1;
    CHECK_OK(
        THCudaBlas_DgemmBatched('n', 'n', 2, 2, 2, 1, (const double *const *)as, 2, (const double *const *)as, 2, 0, cs, 2, 2));
    CHECK(THCudaDoubleTensor_get1d(c, 0) == 18 && THCudaDoubleTensor_get1d(c, 7) == 16);
    CHECK_OK(THCudaBlas_Dgetrf(2, as, 2, p, q, 2));
    CHECK(THCudaIntTensor_maxall(info) == 0 && THCudaIntTensor_get1d(pivots, 0) == 1);
    CHECK_OK(THCudaBlas_Dgetrs('n', 2, 1, (const double *const *)as, 2, p, bs, 2, &refused, 2));
    CHECK(refused == 0 && fabs(THCudaDoubleTensor_get1d(b, 0) - 0.8) < 1e-12 &&
          fabs(THCudaDoubleTensor_get1d(b, 3) - 1) < 1e-12);
    CHECK_OK(THCudaBlas_Dgetri(2, (const double *const *)as, 2, p, cs, 2, q, 2));
    CHECK(fabs(THCudaDoubleTensor_get1d(c, 0) - 0.3) < 1e-12 && fabs(THCudaDoubleTensor_get1d(c, 7) - 0.25) < 1e-12);
    CHECK_FAILS(THCudaBlas_Dgetrf(-1, as, 2, p, q, 2), TH_ERR_VALUE, "n, -1");
    THTensor *const all[] = {a, b, c, pivots, info, of_a, of_b, of_c};
    for (int i = 0; i < 8; i++) THTensor_free(all[i]);
}

static void test_null(void)
{
    size_t bytes = 0;
    CHECK_FAILS(THCudaMalloc(NULL, 5), TH_ERR_VALUE, "[malloc] ptr, NULL");
    CHECK_FAILS(THCudaMemGetInfo(NULL, &bytes), TH_ERR_VALUE, "[memory] freeBytes, NULL");
    CHECK_FAILS(THCudaMemGetInfoCached(&bytes, &bytes, NULL), TH_ERR_VALUE, "[memory] largestBlock, NULL");
    CHECK_FAILS(THCFloat2Half(NULL, NULL, 3), TH_ERR_VALUE, "[half] out, NULL");
    CHECK_FAILS(THCHalf2Float(NULL, NULL, 3), TH_ERR_VALUE, "[float] out, NULL");
}

static void test_without_device(void)
{
    void *data = NULL;
    CHECK_FAILS(THCudaInit(), TH_ERR_UNSUPPORTED, "[cuda]");
    CHECK(THCState_getNumDevices() == 0);
    CHECK_FAILS(THCudaMalloc(&data, 5), TH_ERR_UNSUPPORTED, "[cuda]");
    CHECK_FAILS(THCState_reserveStreams(1, 1), TH_ERR_UNSUPPORTED, "[cuda]");
    CHECK_FAILS(THC_sleep(1), TH_ERR_UNSUPPORTED, "[cuda]");
    CHECK_FAILS(THCRandom_manualSeed(1), TH_ERR_UNSUPPORTED, "[cuda]");
    CHECK(THC_float2half(1.5f) == 0x3e00);
}

int main(void)
{
    test_null();
    if (!thc_test_hasDevice()) {
        test_without_device();
        return th_test_end("test_state, without a device");
    }
    test_devices();
    test_streams();
    test_memory();
    test_generators();
    test_half();
    test_products();
    test_factors();
    return th_test_end("test_state");
}
