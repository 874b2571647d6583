#define _GNU_SOURCE
/* Typed names that have no tagged twin: storages of files and allocators, geometry on storages, generator states. */
#include <fcntl.h>
#include <unistd.h>

#include "TH/THTyped.h"
#include "THTest.h"

static int live; /* blocks that the test's allocator has given and not got back */

static void *count_malloc(void *context, int64_t size)
{
    if (size > *(int64_t *)context) return NULL;
    live++;
    return malloc((size_t)size);
}

static void count_free(void *context, void *block)
{
    (void)context;
    if (block != NULL) live--;
    free(block);
}

static void test_allocators(void)
{
    int64_t most = 1000;
    THAllocator counting = {count_malloc, NULL, count_free};
    THStorage *s = THFloatStorage_newWithAllocator(10, &counting, &most);
    CHECK(s != NULL && live == 1 && THFloatStorage_size(s) == 10);
    CHECK_OK(THFloatStorage_fill(s, 2));
    CHECK_FAILS(THFloatStorage_resize(s, 20), TH_ERR_STATE, "");
    THFloatStorage_free(s);
    CHECK(live == 0);
    CHECK_NULL(THFloatStorage_newWithAllocator(1000, &counting, &most), TH_ERR_MEMORY, "the allocator gave none");
    CHECK_NULL(THFloatStorage_newWithAllocator(-1, &counting, &most), TH_ERR_SHAPE, "[newWithAllocator] size, -1");
    CHECK_NULL(THFloatStorage_newWithAllocator(INT64_MAX, &counting, &most), TH_ERR_SHAPE, "more than can be counted");
    float *const data = THDefaultAllocator.malloc(NULL, 2 * sizeof *data);
    data[0] = data[1] = 7;
    s = THFloatStorage_newWithDataAndAllocator(data, 2, &THDefaultAllocator, NULL);
    CHECK(THFloatStorage_get(s, 1) == 7);
    THFloatStorage_free(s);
}

static void test_files(void)
{
    char name[] = "/tmp/th_test_classicXXXXXX";
    const int file = mkstemp(name);
    CHECK(file >= 0);
    const int32_t written[] = {1, 2, 3};
    CHECK(write(file, written, sizeof written) == (ssize_t)sizeof written);
    close(file);
    THStorage *const whole = THIntStorage_newWithMapping(name, 0, 0);
    CHECK(whole != NULL && THIntStorage_size(whole) == 3 && THIntStorage_get(whole, 2) == 3);
    CHECK_OK(THIntStorage_set(whole, 0, 9)); /* a private copy: the file keeps its 1 */
    THStorage *const shared = THIntStorage_newWithMapping(name, 5, TH_ALLOCATOR_MAPPED_SHARED);
    CHECK(shared != NULL && THIntStorage_size(shared) == 5 && THIntStorage_get(shared, 0) == 1);
    CHECK(shared != NULL && THIntStorage_get(shared, 4) == 0);
    CHECK_OK(THIntStorage_set(shared, 4, 50));
    THStorage *const again = THIntStorage_newWithMapping(name, 0, 0);
    CHECK(again != NULL && THIntStorage_size(again) == 5 && THIntStorage_get(again, 4) == 50);
    CHECK_NULL(THIntStorage_newWithMapping(name, 100, 0), TH_ERR_VALUE, "has 20 bytes, expected 400");
    CHECK_NULL(THIntStorage_newWithMapping("/no/such/file", 1, 0), TH_ERR_STATE, "cannot be opened");
    CHECK_NULL(THIntStorage_newWithMapping(name, 1, TH_ALLOCATOR_MAPPED_UNLINK), TH_ERR_VALUE, "ask for SHARED");
    CHECK_NULL(THIntStorage_newWithMapping(NULL, 1, 0), TH_ERR_VALUE, "filename, NULL");
    THMapAllocatorContext *const context =
        THMapAllocatorContext_newWithFd(name, open(name, O_RDWR), TH_ALLOCATOR_MAPPED_SHARED | TH_ALLOCATOR_MAPPED_KEEPFD);
    THStorage *const mapped = THIntStorage_newWithAllocator(5, &THMapAllocator, context);
    CHECK(mapped != NULL && THIntStorage_get(mapped, 4) == 50);
    CHECK(THMapAllocatorContext_size(context) == 20 && THMapAllocatorContext_fd(context) >= 0);
    CHECK(strcmp(THMapAllocatorContext_filename(context), name) == 0);
    THStorage *const all[] = {whole, shared, again, mapped};
    for (int i = 0; i < 4; i++) THIntStorage_free(all[i]);
    CHECK(unlink(name) == 0);
}

static void test_storages(void)
{
    THStorage *const a = THFloatStorage_newWithSize3(1, 2, 3), *const b = THFloatStorage_newWithSize(40);
    THStorage *const longs = THLongStorage_newWithSize3(-1, 5, 300), *const bytes = THByteStorage_newWithSize1(8);
    CHECK_OK(THFloatStorage_fill(b, 4));
    CHECK_OK(THFloatStorage_swap(a, b));
    CHECK(THFloatStorage_size(a) == 40 && THFloatStorage_get(a, 39) == 4);
    CHECK(THFloatStorage_size(b) == 3 && THFloatStorage_get(b, 1) == 2 && b->data == b->inline_bytes);
    CHECK_OK(THFloatStorage_copyLong(b, longs));
    CHECK(THFloatStorage_get(b, 0) == -1 && THFloatStorage_get(b, 2) == 300);
    CHECK_FAILS(THFloatStorage_copy(a, b), TH_ERR_SHAPE, "[copy] source has 3 elements, expected 40");
    CHECK_FAILS(THFloatStorage_copyByte(b, longs), TH_ERR_DTYPE, "[copyByte] storage is of Long, expected Byte");
    const float raw[] = {7, 8, 9};
    CHECK_OK(THFloatStorage_rawCopy(b, raw));
    CHECK(THFloatStorage_get(b, 2) == 9);
    CHECK_FAILS(THFloatStorage_swap(a, bytes), TH_ERR_DTYPE, "[swap] storage is of Byte");
    CHECK_OK(THFloatStorage_setFlag(a, THStorage_FIXED));
    CHECK_FAILS(THFloatStorage_swap(a, b), TH_ERR_STATE, "may not move");
    CHECK_OK(THFloatStorage_clearFlag(a, THStorage_FIXED));
    CHECK_FAILS(THFloatStorage_setFlag(a, THStorage_RESIZABLE), TH_ERR_VALUE, "[setFlag] flag, 1");
    THStorage *const all[] = {a, b, longs, bytes};
    for (int i = 0; i < 4; i++) THStorage_free(all[i]);
}

static void test_geometry(void)
{
    THStorage *const s = THDoubleStorage_newWithSize4(0, 1, 2, 3), *const sizes = THLongStorage_newWithSize2(2, 3);
    THTensor *const t = THDoubleTensor_newWithStorage2d(s, 1, 2, -1, 2, -1); /* grows: one element more */
    CHECK(t != NULL && t->stride[0] == 2 && t->stride[1] == 1 && THDoubleStorage_size(s) == 5);
    CHECK(THDoubleTensor_get2d(t, 0, 1) == 2);
    CHECK_OK(THDoubleTensor_setStorage2d(t, s, 0, 2, 1, 2, 2)); /* turned */
    CHECK(THDoubleTensor_get2d(t, 1, 0) == 1 && THDoubleTensor_get2d(t, 0, 1) == 2);
    CHECK_FAILS(THDoubleTensor_setStorage1d(t, s, -1, 2, 1), TH_ERR_SHAPE, "[setStorage] offset, size, stride");
    CHECK_FAILS(THDoubleTensor_setStorage1d(t, s, 0, INT64_MAX, 2), TH_ERR_SHAPE, "more elements than can be counted");
    CHECK_FAILS(THDoubleTensor_setStorage1d(t, sizes, 0, 2, 1), TH_ERR_DTYPE, "[setStorage] storage is of Long");
    const int64_t two[] = {2};
    CHECK_FAILS(THDoubleTensor_setStorageNd(t, s, 0, INT32_MIN, two, NULL), TH_ERR_SHAPE, "[setStorage] offset, size, stride");
    CHECK_FAILS(THDoubleTensor_resizeNd(t, INT32_MIN, two, two), TH_ERR_SHAPE, "[resizeNd] offset, size, stride");
    CHECK_FAILS(THDoubleTensor_resizeNd(t, INT32_MIN, two, NULL), TH_ERR_SHAPE, "[resize]");
    CHECK(t->ndim == 2 && t->stride[1] == 2);
    CHECK_OK(THDoubleTensor_resize5d(t, 1, 2, 1, 2, 1));
    CHECK(t->ndim == 5 && t->numel == 4);
    CHECK_OK(THDoubleTensor_setStorage(t, NULL, 0, sizes, NULL));
    CHECK(t->numel == 6 && strcmp(THDoubleTensor_desc(t).str, "torch.DoubleTensor of size 2x3") == 0);
    CHECK(strcmp(THDoubleTensor_sizeDesc(t).str, "[2 x 3]") == 0);
    THTensor *const row = THDoubleTensor_newWithSize2d(1, 3), *const column = THDoubleTensor_newWithSize2d(2, 1);
    THTensor *const r = THDoubleTensor_new(), *const other = THDoubleTensor_new();
    CHECK_OK(THDoubleTensor_expand(r, row, sizes));
    CHECK(r->size[0] == 2 && r->stride[0] == 0 && r->storage == row->storage);
    THTensor *rets[] = {r, other}, *ops[] = {row, column};
    CHECK_OK(THDoubleTensor_expandNd(rets, ops, 2));
    CHECK(r->size[0] == 2 && other->size[1] == 3 && other->stride[1] == 0);
    CHECK_FAILS(THDoubleTensor_expandNd(rets, ops, 0), TH_ERR_VALUE, "[expandNd] count, 0");
    CHECK_OK(THDoubleTensor_setFlag(t, THTensor_QUIET));
    const uint32_t version = THTensor_version(t);
    CHECK_OK(THDoubleTensor_fill(t, 1));
    CHECK(THTensor_version(t) == version);
    CHECK_OK(THDoubleTensor_clearFlag(t, THTensor_QUIET));
    CHECK_FAILS(THDoubleTensor_setFlag(t, 1), TH_ERR_VALUE, "[setFlag] flag, 1");
    THTensor *const all[] = {t, row, column, r, other};
    for (int i = 0; i < 5; i++) THTensor_free(all[i]);
    THStorage_free(s);
    THStorage_free(sizes);
}

static void test_generator_state(void)
{
    THGenerator *const generator = THGenerator_new();
    THTensor *const state = THByteTensor_new(), *const x = THFloatTensor_newWithSize1d(100),
                    *const y = THFloatTensor_newClone(x);
    THGenerator_manualSeed(generator, 5);
    CHECK_OK(THFloatTensor_uniform(x, generator, 0, 1));
    CHECK_OK(THByteTensor_getRNGState(generator, state));
    CHECK_OK(THFloatTensor_uniform(x, generator, 0, 1));
    CHECK_OK(THFloatTensor_uniform(y, generator, 0, 1));
    CHECK(!THFloatTensor_equal(x, y));
    CHECK_OK(THByteTensor_setRNGState(generator, state));
    CHECK_OK(THFloatTensor_uniform(y, generator, 0, 1));
    CHECK(THFloatTensor_equal(x, y));
    CHECK_FAILS(THByteTensor_setRNGState(generator, x), TH_ERR_DTYPE, "[setRNGState] tensor is Float");
    CHECK_OK(THByteTensor_resize1d(state, 3));
    CHECK_FAILS(THByteTensor_setRNGState(generator, state), TH_ERR_SHAPE, "3 elements, expected 16 bytes");
    THTensor *const all[] = {state, x, y};
    for (int i = 0; i < 3; i++) THTensor_free(all[i]);
    THGenerator_free(generator);
}

int main(void)
{
    test_allocators();
    test_files();
    test_storages();
    test_geometry();
    test_generator_state();
    return th_test_end("classic");
}
