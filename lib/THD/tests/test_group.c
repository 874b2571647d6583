/* Collective calls: every kind, dtype, size of group and size of tensor, against the definition. */
#include "THDTest.h"

static const int64_t COUNTS[] = {0, 1, 3, 1000, 40001, 700001};

/* rank r holds r + 1 + (i % 5), so sums, products, extremes are known. Values stay exact in every dtype. */
static double expected(THDReduce reduce, int size, int64_t i)
{
    double result = 1 + (double)(i % 5);
    for (int rank = 1; rank < size; rank++) {
        const double next = rank + 1 + (double)(i % 5);
        switch (reduce) {
        case THDReduce_SUM:
            result += next;
            break;
        case THDReduce_PRODUCT:
            result *= next;
            break;
        case THDReduce_MIN:
            result = fmin(result, next);
            break;
        default:
            result = fmax(result, next);
            break;
        }
    }
    return result;
}

/* Integers wrap: through the same store as the tensor's. */
static double stored(THDtype dtype, double value)
{
    char bytes[8];
    THScalar_store(THScalar_fromDouble(value), THDtype_Long, bytes);
    int64_t whole;
    memcpy(&whole, bytes, sizeof whole);
    switch (dtype) {
    case THDtype_Byte:
        return (double)(uint8_t)whole;
    case THDtype_Char:
        return (double)(int8_t)whole;
    default:
        return value;
    }
}

static void check_reduced(const THTensor *t, THDReduce reduce, int size)
{
    bool right = true;
    for (int64_t i = 0; i < t->numel; i++)
        right = right && th_test_at(t, i) == stored((THDtype)t->dtype, expected(reduce, size, i));
    CHECK(right);
}

static void reduce_one(THDTest *test, THDtype dtype, int64_t count, THDReduce reduce)
{
    THTensor *const t = thd_test_filled(dtype, count, test->rank + 1, 1);
    CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = t, .reduce = reduce}));
    check_reduced(t, reduce, test->size);
    THTensor_free(t);
    for (int root = 0; root < test->size; root += 2) {
        THTensor *const u = thd_test_filled(dtype, count, test->rank + 1, 1);
        CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_REDUCE, .tensor = u, .reduce = reduce, .root = root}));
        if (test->rank == root)
            check_reduced(u, reduce, test->size);
        else
            CHECK(count == 0 || th_test_at(u, 0) == test->rank + 1);
        THTensor_free(u);
    }
}

static void test_reductions(THDTest *test)
{
    for (size_t c = 0; c < sizeof COUNTS / sizeof *COUNTS; c++) {
        reduce_one(test, THDtype_Float, COUNTS[c], THDReduce_SUM);
        reduce_one(test, THDtype_Double, COUNTS[c], THDReduce_MAX);
    }
    for (int dtype = 0; dtype < THDtype_Count; dtype++)
        for (int reduce = 0; reduce < THDReduce_Count; reduce++) reduce_one(test, (THDtype)dtype, 7, (THDReduce)reduce);
    reduce_one(test, THDtype_Half, 200003, THDReduce_SUM);
    reduce_one(test, THDtype_Byte, 1000003, THDReduce_MIN);
}

static void test_broadcast(THDTest *test)
{
    for (size_t c = 0; c < sizeof COUNTS / sizeof *COUNTS; c++) {
        for (int root = 0; root < test->size; root++) {
            THTensor *const t = thd_test_filled(THDtype_Int, COUNTS[c], test->rank == root ? 70 + root : -1, 1);
            CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BROADCAST, .tensor = t, .root = root}));
            bool right = true;
            for (int64_t i = 0; i < t->numel; i++) right = right && th_test_at(t, i) == 70 + root + (double)(i % 5);
            CHECK(right);
            THTensor_free(t);
        }
    }
}

static void check_block(const THTensor *t, double first)
{
    bool right = true;
    for (int64_t i = 0; i < t->numel; i++) right = right && th_test_at(t, i) == first + (double)(i % 5);
    CHECK(right);
}

static void gather_one(THDTest *test, int64_t count, int root)
{
    THTensor *list[THD_TEST_RANKS];
    THTensor *const own = thd_test_filled(THDtype_Long, count, 10 * test->rank, 1);
    for (int i = 0; i < test->size; i++) list[i] = thd_test_filled(THDtype_Long, count, -1, 0);
    THDCall call = {.kind = THDCall_ALL_GATHER, .tensor = own, .list = list, .list_length = test->size, .root = root};
    CHECK_OK(THDGroup_run(test->all, &call));
    for (int i = 0; i < test->size; i++) check_block(list[i], 10 * i);
    for (int i = 0; i < test->size; i++) CHECK_OK(THTensor_copy(list[i], list[0]));
    call.kind = THDCall_GATHER;
    CHECK_OK(THDGroup_run(test->all, &call));
    for (int i = 0; i < test->size && test->rank == root; i++) check_block(list[i], 10 * i);
    for (int i = 0; i < test->size; i++) {
        THTensor_free(list[i]);
        list[i] = thd_test_filled(THDtype_Long, count, 10 * i + root, 1);
    }
    call.kind = THDCall_SCATTER;
    CHECK_OK(THDGroup_run(test->all, &call));
    check_block(own, 10 * test->rank + root);
    for (int i = 0; i < test->size; i++) THTensor_free(list[i]);
    THTensor_free(own);
}

static void test_lists(THDTest *test)
{
    for (size_t c = 0; c < sizeof COUNTS / sizeof *COUNTS; c++) gather_one(test, COUNTS[c], (int)c % test->size);
}

static void test_strides(THDTest *test)
{
    const int64_t size[2] = {300, 500};
    THTensor *const t = THTensor_newWithSize(THDtype_Float, 2, size);
    float *const data = (float *)(void *)THTensor_dataBytes(t);
    for (int64_t i = 0; i < t->numel; i++) data[i] = (float)(i + test->rank);
    THTensor *const turned = THTensor_newTranspose(t, 0, 1);
    THTensor *const part = THTensor_newNarrow(turned, 0, 100, 200);
    CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = part}));
    bool right = true;
    for (int64_t i = 0; i < t->numel; i++) {
        const bool inside = i % 500 >= 100 && i % 500 < 300;
        const float sum = (float)(test->size * i + test->size * (test->size - 1) / 2);
        right = right && data[i] == (inside ? sum : (float)(i + test->rank));
    }
    CHECK(right);
    THTensor_free(t);
    THTensor_free(turned);
    THTensor_free(part);
}

/* Two groups of half the ranks and one of all at once; calls of a group that one is not in. */
static void test_groups(THDTest *test)
{
    int halves[2][THD_TEST_RANKS];
    int count[2] = {0, 0};
    for (int rank = test->size - 1; rank >= 0; rank--) halves[rank % 2][count[rank % 2]++] = rank;
    THDGroup *const even = THDWorld_addGroup(test->world, count[0], halves[0]);
    THDGroup *const odd = THDWorld_addGroup(test->world, count[1], halves[1]);
    CHECK(even != NULL && odd != NULL);
    THDGroup *const own = test->rank % 2 == 0 ? even : odd;
    THDGroup *const other = test->rank % 2 == 0 ? odd : even;
    CHECK(THDGroup_rankAt(own, 0) == halves[test->rank % 2][0] && THDGroup_indexOf(other, test->rank) == -1);
    THTensor *const a = thd_test_filled(THDtype_Double, 100000, test->rank, 0);
    THTensor *const b = thd_test_filled(THDtype_Double, 100000, 1, 0);
    THDRequest *const first = THDGroup_newStart(own, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = a});
    THDRequest *const second = THDGroup_newStart(test->all, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = b});
    CHECK_OK(THDRequest_wait(second));
    CHECK_OK(THDRequest_wait(first));
    double sum = 0;
    for (int i = 0; i < THDGroup_size(own); i++) sum += THDGroup_rankAt(own, i);
    CHECK(th_test_at(a, 99999) == sum && th_test_at(b, 99999) == test->size);
    CHECK_FAILS(THDGroup_run(other, &(THDCall){.kind = THDCall_BARRIER}), TH_ERR_VALUE, "none of the");
    THDRequest_free(first);
    THDRequest_free(second);
    THTensor_free(a);
    THTensor_free(b);
}

/* Started calls go on in order; run() comes after them. */
static void test_started(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Long, 20000, 1, 0);
    THDRequest *requests[6];
    for (int i = 0; i < 6; i++) requests[i] = THDGroup_newStart(test->all, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = t});
    CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER}));
    for (int i = 0; i < 6; i++) {
        CHECK(THDRequest_isDone(requests[i]));
        CHECK_OK(THDRequest_wait(requests[i]));
        THDRequest_free(requests[i]);
    }
    CHECK(th_test_at(t, 19999) == pow(test->size, 6));
    THTensor_free(t);
}

static void test_refusals(THDTest *test)
{
    THTensor *const t = thd_test_filled(THDtype_Float, 3, 0, 1);
    THTensor *const other = thd_test_filled(THDtype_Int, 3, 0, 1);
    THTensor *list[THD_TEST_RANKS];
    for (int i = 0; i < test->size; i++) list[i] = i == 1 ? other : t;
    CHECK_FAILS(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BROADCAST, .tensor = t, .root = test->size}), TH_ERR_VALUE,
                "[broadcast] root is rank");
    CHECK_FAILS(THDGroup_run(test->all, &(THDCall){.kind = THDCall_ALL_GATHER, .tensor = t, .list = list, .list_length = 1}),
                TH_ERR_VALUE, "[all_gather] list has 1 tensors, needs one for each");
    CHECK_FAILS(
        THDGroup_run(test->all, &(THDCall){.kind = THDCall_ALL_GATHER, .tensor = t, .list = list, .list_length = test->size}),
        TH_ERR_DTYPE, "[all_gather] tensor 1 of the list is of int32, but the tensor of float32");
    const int twice[2] = {1, 1};
    CHECK_NULL(THDWorld_addGroup(test->world, 2, twice), TH_ERR_VALUE, "[new_group] rank 1 stands there twice");
    CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_BARRIER}));
    THTensor_free(t);
    THTensor_free(other);
}

/* nan of either sign on both sides: the same bits everywhere. */
static void test_same_bits(THDTest *test)
{
    const int64_t count = 4;
    THTensor *const t = THTensor_newWithSize(THDtype_Float, 1, &count);
    const uint32_t bits[2][4] = {{0x7fc00001, 0x80000000, 0x7f800000, 0x3f800000},
                                 {0xffc00002, 0x00000000, 0xff800000, 0x3f8ccccd}};
    memcpy(THTensor_dataBytes(t), bits[test->rank % 2], sizeof bits[0]);
    for (int reduce = 0; reduce < THDReduce_Count; reduce++) {
        THTensor *list[THD_TEST_RANKS];
        THTensor *const x = THTensor_newClone(t);
        CHECK_OK(THDGroup_run(test->all, &(THDCall){.kind = THDCall_ALL_REDUCE, .tensor = x, .reduce = (THDReduce)reduce}));
        for (int i = 0; i < test->size; i++) list[i] = THTensor_newClone(t);
        CHECK_OK(THDGroup_run(test->all,
                              &(THDCall){.kind = THDCall_ALL_GATHER, .tensor = x, .list = list, .list_length = test->size}));
        for (int i = 0; i < test->size; i++) {
            CHECK(memcmp(THTensor_dataBytes(list[i]), THTensor_dataBytes(x), sizeof bits[0]) == 0);
            THTensor_free(list[i]);
        }
        THTensor_free(x);
    }
    THTensor_free(t);
}

int main(void)
{
    for (int size = 1; size <= 5; size += size < 3 ? 1 : 2) {
        thd_test_run(size, 60, test_reductions);
        thd_test_run(size, 60, test_broadcast);
        thd_test_run(size, 60, test_lists);
        thd_test_run(size, 60, test_strides);
        thd_test_run(size, 60, test_started);
    }
    thd_test_run(4, 60, test_groups);
    thd_test_run(5, 60, test_groups);
    thd_test_run(2, 60, test_refusals);
    thd_test_run(2, 60, test_same_bits);
    thd_test_run(4, 60, test_same_bits);
    return th_test_end("test_group");
}
