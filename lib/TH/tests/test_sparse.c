/* Sums of what lies at one place, and products with dense matrices, against plain loops. */
#include "THTest.h"

#define ELEMENTS 200
#define COLUMNS 3

static THTensor *made(THDtype dtype, int ndim, const int64_t *size, int factor, int range)
{
    THTensor *const t = THTensor_newWithSize(dtype, ndim, size);
    const int64_t itemsize = (int64_t)THDtype_size(dtype);
    for (int64_t i = 0; i < t->numel; i++)
        THScalar_store(THScalar_fromLong(i * factor % range), dtype, THTensor_dataBytes(t) + i * itemsize);
    return t;
}

static void release(THTensor *const *all, int count)
{
    for (int i = 0; i < count; i++) THTensor_free(all[i]);
}

/* Small whole numbers: exact in every dtype, int8 included. */
static void test_coalesce(THDtype dtype)
{
    const int64_t limit = 97, n[1] = {ELEMENTS}, of_values[2] = {ELEMENTS, COLUMNS};
    THTensor *const places = made(THDtype_Long, 1, n, 31, 97), *const values = made(dtype, 2, of_values, 7, 13);
    THTensor *const different = THTensor_new(), *const sums = THTensor_new(), *const inverse = THTensor_new();
    CHECK_OK(THTensor_coalesce(different, sums, inverse, places, values, limit));
    CHECK(sums->ndim == 2 && sums->size[0] == different->numel && sums->size[1] == COLUMNS && sums->dtype == dtype);
    CHECK(different->numel == limit && inverse->numel == ELEMENTS);
    double want[97][COLUMNS] = {{0}};
    int wrong = 0;
    for (int64_t i = 0; i < ELEMENTS; i++) {
        const int64_t place = (int64_t)th_test_at(places, i);
        wrong += th_test_at(different, (int64_t)th_test_at(inverse, i)) != (double)place;
        for (int64_t c = 0; c < COLUMNS; c++) want[place][c] += th_test_at(values, i * COLUMNS + c);
    }
    for (int64_t k = 0; k < sums->numel; k++)
        wrong += th_test_at(sums, k) != want[(int64_t)th_test_at(different, k / COLUMNS)][k % COLUMNS];
    CHECK(wrong == 0);
    THTensor *const all[] = {places, values, different, sums, inverse};
    release(all, 5);
}

static void test_product(THDtype dtype)
{
    const int64_t of_index[2] = {ELEMENTS, 2}, n[1] = {ELEMENTS}, of_dense[2] = {5, COLUMNS}, rows = 70;
    THTensor *const pairs = made(THDtype_Long, 2, of_index, 3, 5), *const values = made(dtype, 1, n, 5, 3);
    THTensor *const index = THTensor_newTranspose(pairs, 0, 1), *const dense = made(dtype, 2, of_dense, 7, 4);
    THTensor *const r = THTensor_new();
    CHECK_OK(THTensor_spmm(r, index, values, dense, rows));
    CHECK(r->ndim == 2 && r->size[0] == rows && r->size[1] == COLUMNS && r->dtype == dtype);
    double want[70][COLUMNS] = {{0}};
    for (int64_t k = 0; k < ELEMENTS; k++)
        for (int64_t c = 0; c < COLUMNS; c++)
            want[(int64_t)th_test_at(pairs, 2 * k)][c] +=
                th_test_at(values, k) * th_test_at(dense, (int64_t)th_test_at(pairs, 2 * k + 1) * COLUMNS + c);
    int wrong = 0;
    for (int64_t i = 0; i < r->numel; i++) {
        const double full = want[i / COLUMNS][i % COLUMNS];
        wrong += th_test_at(r, i) != (dtype == THDtype_Byte   ? (double)(uint8_t)(int64_t)full
                                      : dtype == THDtype_Char ? (double)(int8_t)(int64_t)full
                                                              : full);
    }
    CHECK(wrong == 0);
    THTensor *const all[] = {pairs, values, index, dense, r};
    release(all, 5);
}

static void test_nothing(void)
{
    const int64_t none[1] = {0}, no_index[2] = {2, 0}, of_dense[2] = {0, 2}, no_rows[3] = {0, 2, 3};
    THTensor *const places = THTensor_newWithSize(THDtype_Long, 1, none), *const values =
                                                                              THTensor_newWithSize(THDtype_Float, 3, no_rows);
    THTensor *const index = THTensor_newWithSize(THDtype_Long, 2, no_index), *const numbers =
                                                                                 THTensor_newWithSize(THDtype_Float, 1, none);
    THTensor *const dense = THTensor_newWithSize(THDtype_Float, 2, of_dense), *const r = THTensor_new();
    THTensor *const different = THTensor_new(), *const sums = THTensor_new(), *const inverse = THTensor_new();
    CHECK_OK(THTensor_coalesce(different, sums, inverse, places, values, 0));
    CHECK(different->numel == 0 && inverse->numel == 0 && sums->ndim == 3 && sums->size[0] == 0 && sums->size[2] == 3);
    CHECK_OK(THTensor_spmm(r, index, numbers, dense, 4));
    CHECK(r->size[0] == 4 && r->size[1] == 2 && th_test_at(r, 7) == 0);
    CHECK_OK(THTensor_spmm(r, index, numbers, dense, 0));
    CHECK(r->numel == 0 && r->size[1] == 2);
    THTensor *const all[] = {places, values, index, numbers, dense, r, different, sums, inverse};
    release(all, 9);
}

static void test_refused(void)
{
    const int64_t two[1] = {2}, three[1] = {3}, matrix[2] = {2, 2};
    THTensor *const places = made(THDtype_Long, 1, two, 1, 9), *const values = made(THDtype_Float, 1, two, 1, 9);
    THTensor *const index = made(THDtype_Long, 2, matrix, 1, 2), *const dense = made(THDtype_Float, 2, matrix, 1, 9);
    THTensor *const more = made(THDtype_Float, 1, three, 1, 9), *const a = THTensor_new(), *const b = THTensor_new(),
                    *const c = THTensor_new();
    CHECK_FAILS(THTensor_coalesce(a, b, c, places, more, 9), TH_ERR_SHAPE, "[coalesce] values of size (3,), expected 2 rows");
    CHECK_FAILS(THTensor_coalesce(a, b, c, index, dense, 9), TH_ERR_SHAPE, "[coalesce] places has 2 dimensions");
    CHECK_FAILS(THTensor_coalesce(a, b, c, values, values, 9), TH_ERR_DTYPE, "[coalesce] index is Float, expected Long");
    CHECK_FAILS(THTensor_coalesce(a, b, c, places, values, 1), TH_ERR_INDEX, "[coalesce] index 1 at place 1 is out of range");
    CHECK_FAILS(THTensor_coalesce(a, b, b, places, values, 9), TH_ERR_VALUE, "[coalesce] two outputs");
    CHECK_FAILS(THTensor_coalesce(a, values, b, places, values, 9), TH_ERR_VALUE, "[coalesce] output shares memory");
    CHECK_FAILS(THTensor_spmm(a, index, values, dense, 0), TH_ERR_INDEX, "[spmm] index 0 at place 0 is out of range");
    CHECK_FAILS(THTensor_spmm(a, index, values, dense, -1), TH_ERR_VALUE, "[spmm] rows is -1");
    CHECK_FAILS(THTensor_spmm(a, index, more, dense, 2), TH_ERR_SHAPE, "[spmm] values has 1 dimensions and 3 elements");
    CHECK_FAILS(THTensor_spmm(a, places, values, dense, 2), TH_ERR_SHAPE, "[spmm] index has 1 dimensions");
    CHECK_FAILS(THTensor_spmm(a, index, values, values, 2), TH_ERR_SHAPE, "[spmm] dense has 1 dimensions");
    CHECK_FAILS(THTensor_spmm(a, index, values, index, 2), TH_ERR_DTYPE, "[spmm]");
    CHECK_FAILS(THTensor_spmm(dense, index, values, dense, 2), TH_ERR_VALUE, "[spmm] output shares memory");
    THTensor *const all[] = {places, values, index, dense, more, a, b, c};
    release(all, 8);
}

int main(void)
{
    for (int dtype = 0; dtype < THDtype_Count; dtype++) {
        test_coalesce((THDtype)dtype);
        test_product((THDtype)dtype);
    }
    test_nothing();
    test_refused();
    return th_test_end("test_sparse");
}
