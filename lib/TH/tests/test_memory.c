#define _GNU_SOURCE
/* Every allocation of an operation refused in turn: the operation fails with TH_ERR_MEMORY, or did without it; nothing crashes.
 * The test's allocation functions stand before those of the C library, except under sanitizers, which have their own: there the
 * operations only have to succeed. */
#include <errno.h>

#include "TH/THFile.h"
#include "TH/THTensorConv.h"
#include "TH/THTensorIndex.h"
#include "TH/THTensorOrder.h"
#include "TH/THTensorRandom.h"
#include "TH/THTyped.h"
#include "THTest.h"

static int armed = -1; /* allocations until the one that is refused; -1: none is */
static bool refused;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#ifndef SANITIZED
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

/* By the libraries, whatever the visibility that the build gives. */
#define SEEN __attribute__((visibility("default")))

static bool refuse(void)
{
    if (armed < 0 || armed-- > 0) return false;
    refused = true;
    errno = ENOMEM;
    return true;
}

SEEN void *malloc(size_t size)
{
    return refuse() ? NULL : __libc_malloc(size);
}

SEEN void *calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __libc_calloc(count, size);
}

SEEN void *realloc(void *block, size_t size)
{
    return refuse() ? NULL : __libc_realloc(block, size);
}

SEEN void *aligned_alloc(size_t alignment, size_t size)
{
    return refuse() ? NULL : __libc_memalign(alignment, size);
}
#endif

static THTensor *matrix, *vector, *places, *negative, *plane, *q, *columns, *drawn;
static THStorage *sizes, *strides;

/* What a call gave, freed: the status of a call that makes something. */
static THStatus made(THTensor *t)
{
    THTensor_free(t);
    return t == NULL ? THStatus_last() : TH_OK;
}

static THStatus made_storage(THStorage *s)
{
    THStorage_free(s);
    return s == NULL ? THStatus_last() : TH_OK;
}

static THStatus made_file(THFile *f)
{
    THFile_free(f);
    return f == NULL ? THStatus_last() : TH_OK;
}

/* Defines an operation into fresh outputs r and s. */
#define OPERATION(name, call)                                                                                                  \
    static THStatus name(void)                                                                                                 \
    {                                                                                                                          \
        THTensor *const r = THTensor_new(), *const s = r == NULL ? NULL : THTensor_new();                                      \
        const THStatus status = s == NULL ? THStatus_last() : call;                                                            \
        THTensor_free(r);                                                                                                      \
        THTensor_free(s);                                                                                                      \
        return status;                                                                                                         \
    }

OPERATION(match, THFloatTensor_match(r, matrix, matrix, 1))
OPERATION(reshape, THFloatTensor_reshape(r, matrix, sizes))
OPERATION(logspace, THFloatTensor_logspace(r, 0, 1, 100))
OPERATION(alias_setup, THTensor_aliasSetup(r, s, vector))
OPERATION(alias_draw, THTensor_aliasDraw(drawn, NULL, q, columns))
OPERATION(expand, THFloatTensor_expandNd((THTensor *[]){r, s}, (THTensor *[]){matrix, matrix}, 2))
OPERATION(state, THByteTensor_getRNGState(NULL, r))
OPERATION(index_select, THTensor_indexSelect(r, matrix, 0, negative))
OPERATION(sort, THTensor_sort(r, s, matrix, 0, 0))
OPERATION(unique, THTensor_unique(r, s, matrix))
OPERATION(maximum, THTensor_max(r, s, matrix, 0, 0))
OPERATION(normals, THFloatTensor_normal_means(plane, NULL, matrix, 1))
OPERATION(multinomial, THTensor_multinomial(r, NULL, vector, 5, 1))
OPERATION(convolution, THTensor_conv(r, THScalar_fromLong(0), THScalar_fromLong(1), plane, plane,
                                     (THConv){THConvForm_MUL, THConvMode_FULL, 0, 2, {1, 1, 1}}))

static THStatus vectors(void)
{
    float data[100] = {1};
    return THFloatVector_cadd(data, data, data, 2, 100);
}

static THStatus with_strides(void)
{
    return made(THFloatTensor_newWithSize(sizes, strides));
}

static THStatus on_storage(void)
{
    return made(THFloatTensor_newWithStorage2d(NULL, 0, 30, -1, 10, -1));
}

static THStatus storage(void)
{
    return made_storage(THFloatStorage_newWithSize4(1, 2, 3, 4));
}

static THStatus allocator(void)
{
    return made_storage(THFloatStorage_newWithAllocator(100, &THDefaultAllocator, NULL));
}

static THStatus mapping(void)
{
    return made_storage(THByteStorage_newWithMapping("/proc/self/exe", 0, 0));
}

static THStatus file(void)
{
    return made_file(THMemoryFile_new("rw"));
}

static const struct {
    const char *name;
    THStatus (*run)(void);
    bool any; /* the C library does not say that memory is what was short */
} operations[] = {
    {"match", match, false},
    {"reshape", reshape, false},
    {"logspace", logspace, false},
    {"aliasSetup", alias_setup, false},
    {"aliasDraw", alias_draw, false},
    {"expandNd", expand, false},
    {"getRNGState", state, false},
    {"indexSelect", index_select, false},
    {"sort", sort, false},
    {"unique", unique, false},
    {"max", maximum, false},
    {"normal_means", normals, false},
    {"multinomial", multinomial, false},
    {"conv", convolution, false},
    {"vector cadd", vectors, false},
    {"newWithSize", with_strides, false},
    {"newWithStorage2d", on_storage, false},
    {"newWithSize4", storage, false},
    {"newWithAllocator", allocator, false},
    {"newWithMapping", mapping, false},
    {"THMemoryFile_new", file, true},
};

/* The thread's caches hold nothing that would spare an allocation: they are filled with blocks that stay in use. */
static void use_up_caches(THTensor **held, int count)
{
    for (int i = 0; i < count; i++) held[i] = THTensor_newWithScalar(THDtype_Float, THScalar_fromLong(i));
}

static void test_operation(const char *name, THStatus (*run)(void), bool any)
{
    int n = 0;
    for (refused = true; refused && n < 1000; n++) {
        THTensor *held[64];
        use_up_caches(held, 64);
        refused = false;
        armed = n;
        const THStatus status = run();
        armed = -1;
        for (int i = 0; i < 64; i++) THTensor_free(held[i]);
        if (status == TH_OK) continue;
        CHECK(refused && (any || status == TH_ERR_MEMORY) && THStatus_message()[0] == '[');
        if (!refused || !(any || status == TH_ERR_MEMORY))
            fprintf(stderr, "    %s, allocation %d: status %d, %s\n", name, n, (int)status, THStatus_message());
    }
    CHECK(n < 1000);
#ifndef SANITIZED
    CHECK(n > 1); /* at least one was refused */
#endif
}

int main(void)
{
    const int64_t size[] = {20, 30}, thirty[] = {30}, three[] = {3};
    THTensor *const ramp = th_test_ramp(THDtype_Float, 2, size);
    matrix = THTensor_newTranspose(ramp, 0, 1);
    vector = th_test_ramp(THDtype_Float, 1, thirty);
    places = th_test_ramp(THDtype_Long, 1, three);
    negative = THTensor_newClone(places);
    CHECK_OK(THLongTensor_set1d(negative, 1, -1));
    plane = th_test_ramp(THDtype_Float, 2, size);
    q = THTensor_new();
    columns = THTensor_new();
    drawn = th_test_ramp(THDtype_Long, 1, thirty);
    sizes = THLongStorage_newWithSize2(20, 30);
    strides = THLongStorage_newWithSize2(1, 40);
    CHECK_OK(THTensor_aliasSetup(q, columns, vector));
    (void)THStatus_fail(TH_ERR_VALUE, "[test] the buffer for messages is there"); /* once for each thread */
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        CHECK_OK(operations[i].run());
        test_operation(operations[i].name, operations[i].run, operations[i].any);
    }
    THTensor *const all[] = {ramp, matrix, vector, places, negative, plane, q, columns, drawn};
    for (int i = 0; i < 9; i++) THTensor_free(all[i]);
    THStorage_free(sizes);
    THStorage_free(strides);
    return th_test_end("memory");
}
