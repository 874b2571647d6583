/* Status, dtypes, scalars, storages, ownership, versions. */
#include <pthread.h>
#include <stdint.h>

#include "THTest.h"

static void testStatus(void)
{
    CHECK(THStatus_last() == TH_OK);
    CHECK(strcmp(THStatus_message(), "") == 0);
    CHECK_FAILS(THStatus_fail(TH_ERR_VALUE, "[op] n, %d: must be positive", -3), TH_ERR_VALUE, "[op] n, -3: must be positive");
    CHECK(THStatus_last() == TH_ERR_VALUE);
    char longer[3000];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    THStatus_fail(TH_ERR_STATE, "%s", longer);
    CHECK(strlen(THStatus_message()) == 1023);
}

static void testDtypes(void)
{
    CHECK(THDtype_size(THDtype_Byte) == 1 && THDtype_size(THDtype_Half) == 2 && THDtype_size(THDtype_Double) == 8);
    CHECK(THDtype_size(THDtype_None) == 0 && THDtype_size((THDtype)-1) == 0);
    for (int d = 0; d <= THDtype_None; d++) CHECK(THDtype_itemsize((THDtype)d) == (int64_t)THDtype_size((THDtype)d));
    CHECK(strcmp(THDtype_name(THDtype_Float), "Float") == 0 && strcmp(THDtype_name(THDtype_None), "None") == 0);
    CHECK(strcmp(THDtype_pythonName(THDtype_Long), "int64") == 0);
    CHECK(THDtype_isFloating(THDtype_Half) && !THDtype_isFloating(THDtype_Byte) && !THDtype_isFloating(THDtype_None));
    CHECK(TH_abi() == TH_ABI && strcmp(TH_version(), TH_VERSION) == 0);
    CHECK(strstr(TH_path(), "libTH.so") != NULL);
}

static void testScalars(void)
{
    int64_t big = INT64_C(9007199254740993), element = 0;
    THScalar_store(THScalar_fromLong(big), THDtype_Long, &element);
    CHECK(element == big);
    CHECK(THScalar_load(THDtype_Long, &element).value.i == big);
    CHECK_OK(THScalar_check(THScalar_fromLong(255), THDtype_Byte, "fill", "value"));
    CHECK_FAILS(THScalar_check(THScalar_fromLong(256), THDtype_Byte, "fill", "value"), TH_ERR_VALUE, "[fill] value, 256");
    CHECK_FAILS(THScalar_check(THScalar_fromDouble(1.5), THDtype_Int, "add", "other"), TH_ERR_DTYPE, "[add] other, 1.5");
    CHECK_OK(THScalar_check(THScalar_fromLong(7), THDtype_Half, "add", "other"));
    CHECK(THScalar_toLong(THScalar_fromDouble(NAN)) == 0 && THScalar_toLong(THScalar_fromDouble(1e300)) == 0);
    CHECK(THScalar_toLong(THScalar_fromDouble(-2.9)) == -2);
    int8_t small;
    THScalar_store(THScalar_fromDouble(300.7), THDtype_Char, &small);
    CHECK(small == 44); /* the low bits of 300 */
}

/* Every half to double and back; ties and their neighbours from double, where rounding twice would go wrong. */
static void testHalf(void)
{
    int wrong = 0;
    for (unsigned bits = 0; bits < 0x10000; bits++) {
        uint16_t half = (uint16_t)bits, back;
        const THScalar value = THScalar_load(THDtype_Half, &half);
        if (isnan(value.value.d)) continue;
        THScalar_store(value, THDtype_Half, &back);
        wrong += back != half;
        uint16_t next = (uint16_t)(bits + 1);
        const double above = THScalar_load(THDtype_Half, &next).value.d;
        if ((bits & 0x7fff) >= 0x7bff) continue;
        const double tie = (value.value.d + above) / 2;
        const uint16_t even = bits & 1 ? next : half;
        THScalar_store(THScalar_fromDouble(tie), THDtype_Half, &back);
        wrong += back != even;
        THScalar_store(THScalar_fromDouble(nextafter(tie, above)), THDtype_Half, &back);
        wrong += back != next;
        THScalar_store(THScalar_fromDouble(nextafter(tie, value.value.d)), THDtype_Half, &back);
        wrong += back != half;
    }
    CHECK(wrong == 0);
    uint16_t half = 0;
    THScalar_store(THScalar_fromDouble(65519.99), THDtype_Half, &half);
    CHECK(half == 0x7bff);
    THScalar_store(THScalar_fromDouble(65520), THDtype_Half, &half);
    CHECK(half == 0x7c00);
    THScalar_store(THScalar_fromDouble(-1e300), THDtype_Half, &half);
    CHECK(half == 0xfc00);
}

static int dropped;

static void drop(void *owner, void *data)
{
    CHECK(owner == &dropped && data != NULL);
    dropped++;
}

static void testStorage(void)
{
    THStorage *s = THStorage_newWithSize(THDtype_Float, 16);
    CHECK((s->flags & THStorage_INLINE) && s->data == s->inline_bytes && s->nbytes == 64);
    CHECK((uintptr_t)s->data % TH_STORAGE_ALIGNMENT == 0);
    for (int i = 0; i < 16; i++) ((float *)s->data)[i] = (float)i;
    CHECK_OK(THStorage_resize(s, 1000));
    CHECK(!(s->flags & THStorage_INLINE) && THStorage_size(s) == 1000 && ((float *)s->data)[15] == 15);
    CHECK_OK(THStorage_resize(s, 3));
    CHECK((s->flags & THStorage_INLINE) && ((float *)s->data)[2] == 2);
    CHECK_OK(THStorage_resize(s, 0));
    CHECK(s->data == NULL);
    THStorage_free(s);

    float memory[100];
    s = THStorage_newWithData(THDtype_Float, 100, memory, drop, &dropped);
    CHECK_FAILS(THStorage_resize(s, 200), TH_ERR_STATE, "borrowed");
    THStorage_retain(s);
    THStorage_free(s);
    CHECK(dropped == 0);
    THStorage_free(s);
    CHECK(dropped == 1);

    CHECK_NULL(THStorage_newWithSize(THDtype_Float, -1), TH_ERR_SHAPE, "must not be negative");
    CHECK_NULL(THStorage_newWithSize(THDtype_Double, INT64_MAX / 4), TH_ERR_SHAPE, "more bytes");
    CHECK_NULL(THStorage_newWithSize(THDtype_Byte, INT64_MAX), TH_ERR_MEMORY, "not enough memory");
    for (int64_t numel = 10; numel <= 1000; numel += 990) {
        s = THStorage_newWithSize(THDtype_Float, numel);
        for (int64_t i = 0; i < numel; i++) ((float *)s->data)[i] = (float)i;
        s->flags |= THStorage_FIXED;
        CHECK_FAILS(THStorage_resize(s, 2000), TH_ERR_STATE, "looks at its memory");
        CHECK_FAILS(THStorage_share(s), TH_ERR_STATE, "looks at its memory");
        s->flags &= (uint8_t)~THStorage_FIXED;
        CHECK_OK(THStorage_share(s));
        CHECK((s->flags & THStorage_SHARED) && ((float *)s->data)[9] == 9);
        CHECK_OK(THStorage_share(s));
        CHECK_FAILS(THStorage_resize(s, 2000), TH_ERR_STATE, "borrowed");
        THStorage_free(s);
    }
    s = THStorage_newWithSize(THDtype_Byte, INT64_C(5) << 20);
    CHECK((uintptr_t)s->data % (2u << 20) == 0);
    s->data[(5 << 20) - 1] = 1;
    THStorage_free(s);
    THStorage_free(NULL);
}

static int meta_drops;

static void dropMeta(void *meta)
{
    meta_drops += meta == &meta_drops;
}

static void testTensors(void)
{
    THTensor *t = THTensor_new();
    CHECK(t->dtype == THDtype_None && t->storage == NULL && t->numel == 0 && t->refcount == 1);
    const int64_t size[] = {2, 3};
    CHECK_OK(THTensor_output(t, "op", THDtype_Float, 2, size));
    CHECK(t->dtype == THDtype_Float && t->numel == 6 && t->stride[0] == 3 && THTensor_isContiguous(t));
    CHECK(THTensor_version(t) == 0);
    CHECK_OK(THTensor_output(t, "op", THDtype_Float, 2, size));
    CHECK(THTensor_version(t) == 1);
    CHECK_FAILS(THTensor_output(t, "op", THDtype_Double, 2, size), TH_ERR_DTYPE, "[op] output, a tensor of dtype Float");

    THTensor *quiet = THTensor_newWithTensor(t);
    quiet->flags |= THTensor_QUIET;
    THTensor *row = THTensor_newSelect(quiet, 0, 1);
    CHECK(row->flags & THTensor_QUIET);
    CHECK_OK(THTensor_fill(row, THScalar_fromLong(5)));
    CHECK(THTensor_version(t) == 1 && th_test_at(t, 3) == 5);
    CHECK_OK(THTensor_fill(t, THScalar_fromLong(6)));
    CHECK(THTensor_version(t) == 2 && THTensor_version(row) == 2);
    THTensor_free(row);
    THTensor_free(quiet);

    t->meta = &meta_drops;
    t->meta_drop = dropMeta;
    THTensor_retain(t);
    THTensor_free(t);
    CHECK(meta_drops == 0);
    THTensor_free(t);
    CHECK(meta_drops == 1);
    THTensor_free(NULL);

    const int64_t seven[] = {1, 2, 1, 3, 1, 2, 1};
    t = th_test_ramp(THDtype_Int, 7, seven);
    CHECK(t->size != t->inline_dims && t->numel == 12 && th_test_at(t, 11) == 11);
    CHECK_OK(THTensor_resize(t, 2, size));
    CHECK(t->size == t->inline_dims && th_test_at(t, 5) == 5);
    CHECK_OK(THTensor_resize(t, 7, seven));
    CHECK_OK(THTensor_resize(t, 7, t->size));
    CHECK(t->size[3] == 3);
    THTensor_free(t);
}

static void testRefusals(void)
{
    const int64_t huge[] = {INT64_C(1) << 40, INT64_C(1) << 40}, negative[] = {2, -1};
    const int64_t huge_empty[] = {INT64_C(1) << 40, INT64_C(1) << 40, 0}, large[] = {INT64_C(1) << 62};
    CHECK_NULL(THTensor_newWithSize(THDtype_Float, 2, huge), TH_ERR_SHAPE, "product");
    CHECK_NULL(THTensor_newWithSize(THDtype_Float, 3, huge_empty), TH_ERR_SHAPE, "product");
    CHECK_NULL(THTensor_newWithSize(THDtype_Float, 1, large), TH_ERR_SHAPE, "more bytes");
    CHECK_NULL(THTensor_newWithSize(THDtype_Byte, 1, large), TH_ERR_MEMORY, "not enough memory");
    CHECK_NULL(THTensor_newWithSize(THDtype_Float, 2, negative), TH_ERR_SHAPE, "must not be negative");
    CHECK_NULL(THTensor_newWithSize(THDtype_None, 1, huge), TH_ERR_DTYPE, "dtype");
    CHECK_NULL(THTensor_newWithSize(THDtype_Float, 65, huge), TH_ERR_SHAPE, "number of dimensions, 65");
    THTensor *none = THTensor_new();
    CHECK_NULL(THTensor_newSelect(none, 0, 0), TH_ERR_INDEX, "out of bounds");
    CHECK_NULL(THTensor_newTranspose(none, 0, 0), TH_ERR_STATE, "no dtype");
    CHECK_FAILS(THTensor_resize(none, 1, large), TH_ERR_STATE, "no dtype");
    CHECK_FAILS(THTensor_fill(none, THScalar_fromLong(1)), TH_ERR_STATE, "[fill]");
    THTensor_free(none);

    float memory[6] = {0};
    THStorage *s = THStorage_newWithData(THDtype_Float, 6, memory, NULL, NULL);
    const int64_t six[] = {6}, seven[] = {7};
    THTensor *t = THTensor_newWithStorage(s, THDtype_Float, 0, 1, six, NULL);
    CHECK_FAILS(THTensor_resize(t, 1, seven), TH_ERR_STATE, "borrowed");
    CHECK(t->size[0] == 6);
    CHECK_NULL(THTensor_newWithStorage(s, THDtype_Float, 1, 1, six, NULL), TH_ERR_SHAPE, "beyond the storage");
    CHECK_NULL(THTensor_newWithStorage(s, THDtype_Double, 0, 1, six, NULL), TH_ERR_SHAPE, "beyond the storage");
    CHECK_NULL(THTensor_newWithStorage(s, THDtype_Float, -1, 1, six, NULL), TH_ERR_SHAPE, "offset");
    const int64_t minus[] = {-1}, far[] = {INT64_MAX / 2};
    CHECK_NULL(THTensor_newWithStorage(s, THDtype_Float, 0, 1, six, minus), TH_ERR_SHAPE, "stride");
    CHECK_NULL(THTensor_newWithStorage(s, THDtype_Float, 0, 1, six, far), TH_ERR_SHAPE, "beyond the storage");
    THTensor_free(t);
    THStorage_free(s);
}

static void *makeAndFree(void *shared)
{
    THTensor **slots = shared;
    for (int round = 0; round < 2000; round++) {
        /* Blocks that one thread made are freed by another. */
        const int64_t n = round % 40;
        THTensor *fresh = THTensor_newWithSize(THDtype_Float, 1, &n);
        THTensor *old = __atomic_exchange_n(&slots[round % 16], fresh, __ATOMIC_ACQ_REL);
        THTensor_free(old);
    }
    THStatus_fail(TH_ERR_VALUE, "a message of a thread that ends");
    return NULL;
}

static void testThreadsShareBlocks(void)
{
    THTensor *slots[16] = {NULL};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, makeAndFree, slots);
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 16; i++) {
        CHECK(slots[i] != NULL && slots[i]->refcount == 1);
        THTensor_free(slots[i]);
    }
}

static void *retainAndRelease(void *context)
{
    THTensor *tensor = context;
    for (int i = 0; i < 200000; i++) {
        THTensor_retain(tensor);
        THTensor_free(tensor);
    }
    return *THRefcount_oneThread ? context : NULL; /* NULL: counted with locked instructions */
}

static void testReferences(void)
{
    THTensor *tensor = THTensor_new();
    retainAndRelease(tensor);
    CHECK(tensor->refcount == 1);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, retainAndRelease, tensor) == 0);
    for (int i = 0; i < 4; i++) {
        void *unlocked = tensor;
        CHECK(pthread_join(threads[i], &unlocked) == 0 && unlocked == NULL);
    }
    CHECK(tensor->refcount == 1);
    int32_t count = 1;
    THRefcount_retain(&count);
    CHECK(count == 2 && !THRefcount_release(&count) && count == 1 && THRefcount_release(&count) && count == 1);
    THTensor_free(tensor);
}

int main(void)
{
    testReferences(); /* first: while there is one thread */
    testStatus();
    testDtypes();
    testScalars();
    testHalf();
    testStorage();
    testTensors();
    testRefusals();
    testThreadsShareBlocks();
    CHECK(THCpu_level() <= THCpu_best());
    CHECK_OK(THCpu_force(THCpu_BASE));
    CHECK(THCpu_level() == THCpu_BASE && strcmp(THCpu_name(THCpu_BASE), "base") == 0);
    CHECK_FAILS(THCpu_force(THCpu_Count), TH_ERR_VALUE, "[cpu] level");
    return th_test_end("core");
}
