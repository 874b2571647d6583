/* Devices, memory, streams, events, generators: what each call says without a device, and what it does with one. */
#include "THC/THCIpc.h"
#include "THC/THCRows.h"
#include "THCTest.h"

#define NO_DEVICE "[cuda]"

static void test_without_device(void)
{
    int number = 7;
    bool answer = true;
    const int64_t size = 3;
    THCDeviceProperties properties;
    THCMemoryUse use;
    CHECK_FAILS(THC_initialize(), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_initialize(), TH_ERR_UNSUPPORTED, NO_DEVICE); /* the same again */
    CHECK_FAILS(THC_getDeviceCount(&number), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK(number == 0);
    CHECK_FAILS(THC_getDevice(&number), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_setDevice(0), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_getDeviceProperties(0, &properties), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_canAccessPeer(0, 0, &answer), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_synchronize(0), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_NULL(THC_generator(0), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_seedAll(1), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_getMemoryUse(0, &use), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_resetPeakMemory(0), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_emptyCache(), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_NULL(THC_newPinned(16), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_isPinned(&size, &answer), TH_ERR_UNSUPPORTED, NO_DEVICE);
    const THCIpcHandle handle = {{0}, {0}, 0, 16};
    unsigned char bytes[THC_IPC_EVENT_BYTES] = {0};
    CHECK_NULL(THC_ipcImport(&handle, THDtype_Float, 4, NULL, NULL), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_NULL(THCEvent_newShared(0, false), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_NULL(THCEvent_newFromIpc(0, bytes), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_NULL(THCStream_new(0, 0), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THC_setStream(0, NULL), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THCStream_synchronize(NULL, 0), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_FAILS(THCStream_query(NULL, 0, &answer), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_NULL(THCEvent_new(0, true, false), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK_NULL(THCTensor_newWithSize(0, THDtype_Float, 1, &size), TH_ERR_UNSUPPORTED, NO_DEVICE);
    CHECK(THC_getStream(0) == NULL && THCStream_handle(NULL) == NULL);
    THCStream_free(NULL);
    THCEvent_free(NULL);
}

static void test_devices(void)
{
    int count = 0, device = -1, runtime = 0, driver = 0;
    bool possible = false;
    THCDeviceProperties properties;
    CHECK_OK(THC_getDeviceCount(&count));
    CHECK(count > 0);
    CHECK_OK(THC_setDevice(0));
    CHECK_OK(THC_getDevice(&device));
    CHECK(device == 0);
    CHECK_FAILS(THC_setDevice(count), TH_ERR_INDEX, "this machine has");
    CHECK_FAILS(THC_setDevice(-1), TH_ERR_INDEX, "this machine has");
    CHECK_OK(THC_getDeviceProperties(0, &properties));
    CHECK(properties.name[0] != '\0' && properties.major >= 5 && properties.multiprocessors > 0);
    CHECK(properties.total_memory > 0);
    CHECK_OK(THC_canAccessPeer(0, 0, &possible));
    CHECK(possible);
    CHECK_OK(THC_getVersions(&runtime, &driver));
    CHECK(runtime >= 12000 && driver > 0);
    CHECK_OK(THC_synchronize(0));
}

static void test_memory(void)
{
    const int64_t size[] = {1 << 20}, huge[] = {INT64_C(1) << 45};
    THCMemoryUse before, during, after;
    CHECK_OK(THC_getMemoryUse(0, &before));
    THTensor *const t = THCTensor_newWithSize(0, THDtype_Float, 1, size);
    CHECK(t != NULL);
    char *const place = THTensor_dataBytes(t);
    CHECK_OK(THC_getMemoryUse(0, &during));
    CHECK(during.allocated - before.allocated == 4 << 20 && during.cached >= during.allocated);
    CHECK(during.max_allocated >= during.allocated && during.allocations == before.allocations + 1);
    THTensor_free(t);
    CHECK_OK(THC_getMemoryUse(0, &after));
    CHECK(after.allocated == before.allocated && after.cached == during.cached);
    THTensor *const again = THCTensor_newWithSize(0, THDtype_Float, 1, size);
    CHECK(THTensor_dataBytes(again) == place); /* the block serves again */
    THTensor_free(again);
    CHECK_NULL(THCTensor_newWithSize(0, THDtype_Double, 1, huge), TH_ERR_MEMORY, "out of memory");
    CHECK_OK(THC_emptyCache());
    CHECK_OK(THC_getMemoryUse(0, &after));
    CHECK(after.cached == after.allocated || after.cached < during.cached);
    CHECK_OK(THC_resetPeakMemory(0));
    CHECK_OK(THC_getMemoryUse(0, &after));
    CHECK(after.max_allocated == after.allocated);
}

static void test_pinned(void)
{
    bool pinned = false;
    int local = 0;
    void *const data = THC_newPinned(1000);
    CHECK(data != NULL);
    CHECK_OK(THC_isPinned(data, &pinned));
    CHECK(pinned);
    CHECK_OK(THC_isPinned(&local, &pinned));
    CHECK(!pinned);
    THC_freePinned(data);
    CHECK(THC_newPinned(1000) == data); /* the block serves again */
    THC_freePinned(data);
    CHECK_OK(THC_emptyCache());
}

static void test_sharing(void)
{
    const int64_t size[] = {100}, none[] = {0};
    THCIpcHandle first, second;
    THTensor *const a = THCTensor_newWithSize(0, THDtype_Float, 1, size),
                    *const b = THCTensor_newWithSize(0, THDtype_Long, 1, size),
                    *const empty = THCTensor_newWithSize(0, THDtype_Long, 1, none),
                    *const host = THTensor_newWithSize(THDtype_Long, 1, size);
    CHECK_OK(THC_ipcExport(a->storage, &first));
    CHECK_OK(THC_ipcExport(b->storage, &second));
    CHECK(first.nbytes == 400 && second.nbytes == 800 && first.offset >= 0);
    CHECK(memcmp(first.device, second.device, sizeof first.device) == 0);
    CHECK(memcmp(first.memory, second.memory, sizeof first.memory) != 0 || first.offset != second.offset);
    CHECK_FAILS(THC_ipcExport(empty->storage, &first), TH_ERR_SHAPE, "no bytes");
    CHECK_FAILS(THC_ipcExport(host->storage, &first), TH_ERR_STATE, "memory of the host");
    CHECK_NULL(THC_ipcImport(&second, THDtype_Long, 100, NULL, NULL), TH_ERR_STATE, "other processes"); /* this one's own */
    CHECK_NULL(THC_ipcImport(&second, THDtype_Long, 101, NULL, NULL), TH_ERR_SHAPE, "101");
    second.device[3] ^= 1;
    CHECK_NULL(THC_ipcImport(&second, THDtype_Long, 100, NULL, NULL), TH_ERR_INDEX, "does not have");
    unsigned char bytes[THC_IPC_EVENT_BYTES];
    THCEvent *const shared = THCEvent_newShared(0, true), *const own = THCEvent_new(0, false, false);
    CHECK(shared != NULL && own != NULL);
    CHECK_OK(THCEvent_ipcHandle(shared, bytes));
    CHECK_FAILS(THCEvent_ipcHandle(own, bytes), TH_ERR_STATE, "[event.ipc_handle]");
    THCEvent_free(shared);
    THCEvent_free(own);
    THTensor_free(a);
    THTensor_free(b);
    THTensor_free(empty);
    THTensor_free(host);
}

static void test_rows(void)
{
    const int64_t size[] = {4, 3}, two[] = {2};
    THTensor *const host = THTensor_newWithSize(THDtype_Float, 2, size), *const index =
                                                                             THTensor_newWithSize(THDtype_Long, 1, two);
    int64_t *const at = (int64_t *)THTensor_dataBytes(index);
    THTensor *const r = THTensor_new(), *const wanted = THTensor_new();
    CHECK_OK(THTensor_uniform(host, NULL, 0, 1));
    THTensor *const table = thc_test_there(host);
    at[0] = 3, at[1] = 0;
    THTensor *places = thc_test_there(index);
    CHECK_OK(THCTensor_rows(r, table, places, "here"));
    CHECK_OK(THTensor_indexSelect(wanted, host, 0, index));
    thc_test_same("rows", r, wanted, 0);
    THTensor_free(places);
    at[1] = -1;
    places = thc_test_there(index);
    CHECK_FAILS(THCTensor_rows(r, table, places, "here"), TH_ERR_INDEX, "[here] index -1 at place 1");
    THTensor_free(places);
    THTensor_free(table);
    THTensor_free(r);
    THTensor_free(wanted);
    THTensor_free(host);
    THTensor_free(index);
}

static void test_streams(void)
{
    bool done = false;
    float milliseconds = -1;
    const int64_t size[] = {1000};
    THCStream *const stream = THCStream_new(0, 0);
    THCEvent *const start = THCEvent_new(0, true, false), *const end = THCEvent_new(0, true, false);
    CHECK(stream != NULL && start != NULL && end != NULL && THCStream_device(stream) == 0 && THCStream_handle(stream) != NULL);
    CHECK(THC_getStream(0) == NULL);
    CHECK_OK(THC_setStream(0, stream));
    CHECK(THC_getStream(0) == stream);
    CHECK_OK(THCEvent_query(end, &done));
    CHECK(done); /* nothing is before it yet */
    CHECK_OK(THCEvent_synchronize(end));
    CHECK_OK(THCStream_wait(stream, 0, end));
    CHECK_OK(THCEvent_record(start, stream));
    CHECK_FAILS(THCEvent_elapsed(start, end, &milliseconds), TH_ERR_STATE, "have to be recorded first");
    THTensor *const t = THCTensor_newWithSize(0, THDtype_Double, 1, size);
    CHECK_OK(THCTensor_fill(t, THScalar_fromDouble(2)));
    CHECK_OK(THCTensor_mul(t, t, THScalar_fromDouble(4)));
    CHECK_OK(THCEvent_record(end, stream));
    CHECK_OK(THCStream_wait(NULL, 0, end)); /* the default stream goes on behind it */
    CHECK_OK(THCEvent_synchronize(end));
    CHECK_OK(THCEvent_query(end, &done));
    CHECK(done);
    CHECK_OK(THCEvent_elapsed(start, end, &milliseconds));
    CHECK(milliseconds >= 0);
    CHECK_OK(THCStream_synchronize(stream, 0));
    CHECK_OK(THCStream_query(stream, 0, &done));
    CHECK(done);
    CHECK_OK(THC_setStream(0, NULL));
    THScalar sum;
    THTensor *const r = THTensor_new();
    CHECK_OK(THCTensor_sumall(r, t));
    CHECK_OK(THCTensor_item(r, &sum));
    CHECK(THScalar_toDouble(sum) == 8000);
    THTensor_free(r);
    THTensor_free(t);
    THCEvent_free(end);
    THCEvent *const again = THCEvent_new(0, true, false); /* CUDA's event may be the same */
    CHECK_FAILS(THCEvent_elapsed(start, again, &milliseconds), TH_ERR_STATE, "have to be recorded first");
    THCEvent_free(again);
    THCEvent_free(start);
    THCStream_free(stream);
    CHECK_FAILS(THC_setStream(99, NULL), TH_ERR_INDEX, "this machine has");
}

static void test_generators(void)
{
    const int64_t size[] = {257};
    THGenerator *const own = THC_generator(0);
    CHECK(own != NULL && own == THC_generator(0));
    CHECK_OK(THC_seedAll(42));
    CHECK(THGenerator_initialSeed(own) == 42);
    THGenerator *const host = THGenerator_new();
    THGenerator_manualSeed(host, 42);
    THTensor *const there = THCTensor_newWithSize(0, THDtype_Float, 1, size), *const here =
                                                                                  THTensor_newWithSize(THDtype_Float, 1, size);
    CHECK_OK(THCTensor_normal(there, NULL, 1, 2));
    CHECK_OK(THTensor_normal(here, host, 1, 2));
    thc_test_same("normal numbers of one seed", there, here, 0);
    THTensor_free(there);
    THTensor_free(here);
    THGenerator_free(host);
}

int main(void)
{
    if (!thc_test_hasDevice()) {
        test_without_device();
        return th_test_end("test_device, without a device");
    }
    test_devices();
    test_memory();
    test_pinned();
    test_sharing();
    test_rows();
    test_streams();
    test_generators();
    return th_test_end("test_device");
}
