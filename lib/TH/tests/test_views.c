/* Every view against index arithmetic. */
#include "THTest.h"

static THTensor *cube; /* 2 x 3 x 4, the values 0 .. 23 */

static bool hasSize(const THTensor *t, int ndim, const int64_t *size)
{
    return t != NULL && t->ndim == ndim && memcmp(t->size, size, (size_t)ndim * sizeof *size) == 0;
}
#define SIZE(...)                                                                                                              \
    (const int64_t[])                                                                                                          \
    {                                                                                                                          \
        __VA_ARGS__                                                                                                            \
    }

static void testSelectNarrowSlice(void)
{
    THTensor *t = THTensor_newSelect(cube, 1, -1);
    CHECK(hasSize(t, 2, SIZE(2, 4)) && th_test_at(t, 0) == 8 && th_test_at(t, 7) == 23 && !THTensor_isContiguous(t));
    THTensor_free(t);
    t = THTensor_newSelect(cube, 0, 1);
    CHECK(THTensor_isContiguous(t) && t->storage == cube->storage && th_test_at(t, 0) == 12);
    THTensor_free(t);
    t = THTensor_newNarrow(cube, -1, 1, 2);
    CHECK(hasSize(t, 3, SIZE(2, 3, 2)) && th_test_at(t, 2) == 5);
    THTensor_free(t);
    t = THTensor_newNarrow(cube, 0, 2, 0);
    CHECK(hasSize(t, 3, SIZE(0, 3, 4)) && t->numel == 0 && THTensor_isContiguous(t));
    THTensor_free(t);
    t = THTensor_newSlice(cube, 2, -3, 100, 2);
    CHECK(hasSize(t, 3, SIZE(2, 3, 2)) && th_test_at(t, 0) == 1 && th_test_at(t, 1) == 3 && th_test_at(t, 2) == 5);
    THTensor_free(t);
    t = THTensor_newSlice(cube, 2, 3, 1, INT64_MAX);
    CHECK(hasSize(t, 3, SIZE(2, 3, 0)));
    THTensor_free(t);
    t = THTensor_newSlice(cube, 2, 0, 4, INT64_MAX);
    CHECK(hasSize(t, 3, SIZE(2, 3, 1)) && th_test_at(t, 1) == 4);
    THTensor_free(t);
    CHECK_NULL(THTensor_newSelect(cube, 1, 3), TH_ERR_INDEX, "index 3 is out of bounds for dimension 1 with size 3");
    CHECK_NULL(THTensor_newSelect(cube, 3, 0), TH_ERR_INDEX,
               "dimension out of range (expected to be in range of [-3, 2], but got 3)");
    CHECK_NULL(THTensor_newNarrow(cube, 0, 1, 2), TH_ERR_INDEX, "start (1) + length (2) exceeds dimension size (2).");
    CHECK_NULL(THTensor_newNarrow(cube, 0, 1, INT64_MAX), TH_ERR_INDEX, "exceeds dimension size");
    CHECK_NULL(THTensor_newSlice(cube, 0, 0, 1, 0), TH_ERR_VALUE, "step");
}

static void testTransposePermute(void)
{
    THTensor *t = THTensor_newTranspose(cube, 0, -1);
    CHECK(hasSize(t, 3, SIZE(4, 3, 2)) && th_test_at(t, 1) == 12 && th_test_at(t, 2) == 4);
    THTensor *back = THTensor_newTranspose(t, 2, 0);
    CHECK(THTensor_isContiguous(back) && th_test_at(back, 7) == 7);
    THTensor_free(back);
    THTensor *dense = THTensor_newContiguous(t);
    CHECK(dense != t && THTensor_isContiguous(dense) && dense->storage != t->storage && th_test_at(dense, 1) == 12);
    THTensor *same = THTensor_newContiguous(dense);
    CHECK(same == dense && dense->refcount == 2);
    THTensor_free(same);
    THTensor_free(dense);
    THTensor_free(t);
    const int dims[] = {1, -1, 0}, twice[] = {0, 1, 1};
    t = THTensor_newPermute(cube, 3, dims);
    CHECK(hasSize(t, 3, SIZE(3, 4, 2)) && th_test_at(t, 1) == 12 && th_test_at(t, 2) == 1 && th_test_at(t, 8) == 4);
    THTensor_free(t);
    CHECK_NULL(THTensor_newPermute(cube, 3, twice), TH_ERR_VALUE, "repeated dim");
    CHECK_NULL(THTensor_newPermute(cube, 2, dims), TH_ERR_SHAPE, "number of dims don't match");
}

static void testView(void)
{
    THTensor *t = THTensor_newView(cube, 2, SIZE(-1, 8));
    CHECK(hasSize(t, 2, SIZE(3, 8)) && th_test_at(t, 9) == 9);
    THTensor_free(t);
    CHECK_NULL(THTensor_newView(cube, 2, SIZE(5, -1)), TH_ERR_SHAPE, "shape '[5, -1]' is invalid for input of size 24");
    CHECK_NULL(THTensor_newView(cube, 2, SIZE(-1, -1)), TH_ERR_SHAPE, "only one dimension can be inferred");
    CHECK_NULL(THTensor_newView(cube, 1, SIZE(-2)), TH_ERR_SHAPE, "invalid shape dimension -2");
    CHECK_NULL(THTensor_newView(cube, 2, SIZE(INT64_MAX, 4)), TH_ERR_SHAPE, "more than an int64");
    /* Not contiguous, but the last two dimensions are a run. */
    THTensor *half = THTensor_newNarrow(cube, 1, 0, 2);
    t = THTensor_newView(half, 3, SIZE(2, 4, 2));
    CHECK(t != NULL && th_test_at(t, 7) == 7 && th_test_at(t, 8) == 12 && th_test_at(t, 15) == 19);
    THTensor_free(t);
    t = THTensor_newView(half, 5, SIZE(1, 2, 1, 8, 1));
    CHECK(t != NULL && th_test_at(t, 8) == 12);
    THTensor_free(t);
    CHECK_NULL(THTensor_newView(half, 1, SIZE(16)), TH_ERR_SHAPE, "Call .contiguous() before .view()");
    t = THTensor_newReshape(half, 1, SIZE(16));
    CHECK(hasSize(t, 1, SIZE(16)) && t->storage != cube->storage && th_test_at(t, 8) == 12);
    THTensor_free(t);
    THTensor_free(half);
    THTensor *one = THTensor_newWithScalar(THDtype_Float, THScalar_fromLong(3));
    t = THTensor_newView(one, 2, SIZE(1, 1));
    CHECK(hasSize(t, 2, SIZE(1, 1)) && th_test_at(t, 0) == 3);
    THTensor *flat = THTensor_newView(t, 0, NULL);
    CHECK(flat != NULL && flat->ndim == 0 && flat->numel == 1);
    THTensor_free(flat);
    THTensor_free(t);
    THTensor_free(one);
    THTensor *empty = THTensor_newWithSize(THDtype_Float, 2, SIZE(0, 3));
    t = THTensor_newView(empty, 2, SIZE(3, 0));
    CHECK(hasSize(t, 2, SIZE(3, 0)));
    THTensor_free(t);
    CHECK_NULL(THTensor_newView(empty, 2, SIZE(0, -1)), TH_ERR_SHAPE, "cannot infer -1");
    THTensor_free(empty);
}

static void testExpandSqueeze(void)
{
    THTensor *column = THTensor_newNarrow(cube, 2, 1, 1); /* 2 x 3 x 1 */
    THTensor *t = THTensor_newExpand(column, 4, SIZE(5, 2, -1, 4));
    CHECK(hasSize(t, 4, SIZE(5, 2, 3, 4)) && t->stride[0] == 0 && t->stride[3] == 0 && th_test_at(t, 4) == 5);
    CHECK_FAILS(THTensor_fill(t, THScalar_fromLong(1)), TH_ERR_SHAPE, "[fill] self, expanded along dimension 0");
    THTensor_free(t);
    CHECK_NULL(THTensor_newExpand(column, 3, SIZE(2, 4, 4)), TH_ERR_SHAPE,
               "The expanded size of the tensor (4) must match the existing size (3) at non-singleton dimension 1");
    CHECK_NULL(THTensor_newExpand(column, 2, SIZE(2, 3)), TH_ERR_SHAPE, "the number of sizes provided (2)");
    CHECK_NULL(THTensor_newExpand(column, 4, SIZE(-1, 2, 3, 1)), TH_ERR_SHAPE, "[expand]");
    t = THTensor_newSqueeze(column, -1);
    CHECK(hasSize(t, 2, SIZE(2, 3)) && th_test_at(t, 1) == 5);
    THTensor_free(t);
    t = THTensor_newSqueeze(column, 0);
    CHECK(hasSize(t, 3, SIZE(2, 3, 1)));
    THTensor_free(t);
    t = THTensor_newSqueezeAll(column);
    CHECK(hasSize(t, 2, SIZE(2, 3)));
    THTensor *more = THTensor_newUnsqueeze(t, -1);
    CHECK(hasSize(more, 3, SIZE(2, 3, 1)) && th_test_at(more, 1) == 5);
    THTensor_free(more);
    more = THTensor_newUnsqueeze(t, 0);
    CHECK(hasSize(more, 3, SIZE(1, 2, 3)));
    THTensor_free(more);
    CHECK_NULL(THTensor_newUnsqueeze(t, 3), TH_ERR_INDEX, "expected to be in range of [-3, 2], but got 3");
    THTensor_free(t);
    THTensor_free(column);
}

static void testUnfoldStrided(void)
{
    THTensor *t = THTensor_newUnfold(cube, 2, 2, 1);
    CHECK(hasSize(t, 4, SIZE(2, 3, 3, 2)) && th_test_at(t, 0) == 0 && th_test_at(t, 1) == 1 && th_test_at(t, 2) == 1);
    THTensor_free(t);
    CHECK_NULL(THTensor_newUnfold(cube, 2, 5, 1), TH_ERR_VALUE, "maximum size for tensor at dimension 2 is 4");
    CHECK_NULL(THTensor_newUnfold(cube, 2, 2, 0), TH_ERR_VALUE, "step");
    t = THTensor_newAsStrided(cube, 2, SIZE(2, 2), SIZE(1, 5), 3);
    CHECK(th_test_at(t, 0) == 3 && th_test_at(t, 1) == 8 && th_test_at(t, 2) == 4 && th_test_at(t, 3) == 9);
    THTensor_free(t);
    CHECK_NULL(THTensor_newAsStrided(cube, 1, SIZE(4), SIZE(8), 0), TH_ERR_SHAPE, "beyond the storage");
}

static void testQuestions(void)
{
    char text[64], tiny[8];
    CHECK(strcmp(THTensor_describeSize(2, SIZE(2, 3), text, sizeof text), "(2, 3)") == 0);
    CHECK(strcmp(THTensor_describeSize(1, SIZE(2), text, sizeof text), "(2,)") == 0);
    CHECK(strcmp(THTensor_describeSize(0, NULL, text, sizeof text), "()") == 0);
    THTensor_describeSize(3, SIZE(1000, 2000, 3000), tiny, sizeof tiny);
    CHECK(strlen(tiny) == 7 && strstr(tiny, "...)") != NULL);
    THTensor *row = THTensor_newSelect(cube, 0, 0), *other = THTensor_newSelect(cube, 0, 1);
    CHECK(!THTensor_mayOverlap(row, other) && THTensor_mayOverlap(cube, other));
    THTensor *wide = THTensor_newWithSize(THDtype_Float, 2, SIZE(5, 1));
    int64_t size[TH_MAX_DIMS];
    int ndim;
    THTensor *line = THTensor_newWithSize(THDtype_Float, 1, SIZE(4));
    CHECK_OK(THTensor_broadcast(wide, line, "add", &ndim, size));
    CHECK(ndim == 2 && size[0] == 5 && size[1] == 4);
    CHECK_FAILS(THTensor_broadcast(cube, wide, "add", &ndim, size), TH_ERR_SHAPE,
                "The size of tensor a (3) must match the size of tensor b (5) at non-singleton dimension 1");
    THScalar value;
    CHECK_FAILS(THTensor_item(cube, &value), TH_ERR_VALUE, "only one element tensors can be converted to Python scalars");
    THTensor *set = THTensor_new();
    CHECK_OK(THTensor_set(set, other));
    CHECK(set->storage == cube->storage && th_test_at(set, 0) == 12);
    THTensor_free(set);
    THTensor_free(line);
    THTensor_free(wide);
    THTensor_free(row);
    THTensor_free(other);
}

int main(void)
{
    cube = th_test_ramp(THDtype_Float, 3, SIZE(2, 3, 4));
    testSelectNarrowSlice();
    testTransposePermute();
    testView();
    testExpandSqueeze();
    testUnfoldStrided();
    testQuestions();
    CHECK(cube->refcount == 1 && cube->storage->refcount == 1);
    THTensor_free(cube);
    return th_test_end("views");
}
