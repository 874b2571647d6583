/* Turning around, and parts of matrices, against plain loops over coordinates. */
#include "THTest.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* Contiguous, transposed, every second column, expanded: 4 x 6. */
static int matrices(THDtype dtype, THTensor *views[4])
{
    const int64_t size[] = {4, 6}, turned[] = {6, 4}, wide[] = {4, 12}, thin[] = {4, 1};
    THTensor *const b = th_test_ramp(dtype, 2, turned), *const c = th_test_ramp(dtype, 2, wide);
    THTensor *const d = th_test_ramp(dtype, 2, thin);
    views[0] = th_test_ramp(dtype, 2, size);
    views[1] = THTensor_newTranspose(b, 0, 1);
    views[2] = THTensor_newSlice(c, 1, 0, 12, 2);
    views[3] = THTensor_newExpand(d, 2, size);
    THTensor_free(b);
    THTensor_free(c);
    THTensor_free(d);
    return 4;
}

static void test_flip(const THTensor *a)
{
    for (int which = 0; which < 4; which++) {
        int64_t dims[2];
        int count = 0, wrong = 0;
        for (int d = 0; d < 2; d++)
            if (which >> d & 1) dims[count++] = d == 0 ? -2 : 1;
        THTensor *const r = THTensor_new();
        CHECK_OK(THTensor_flip(r, a, count, dims));
        for (int64_t i = 0; i < a->size[0]; i++) {
            for (int64_t j = 0; j < a->size[1]; j++) {
                const int64_t from = which & 1 ? a->size[0] - 1 - i : i, at = which & 2 ? a->size[1] - 1 - j : j;
                wrong += th_test_at(r, i * a->size[1] + j) != th_test_at(a, from * a->size[1] + at);
            }
        }
        CHECK(wrong == 0 && r->dtype == a->dtype);
        THTensor_free(r);
    }
}

static void test_triangles(const THTensor *a, bool in_place)
{
    const int64_t diagonals[] = {0, 1, -1, 3, -3, 9, -9, INT64_MAX, INT64_MIN};
    for (int k = 0; k < COUNT(diagonals); k++) {
        const double diagonal = (double)diagonals[k];
        THTensor *const lower = in_place ? THTensor_newClone(a) : THTensor_new(), *const upper = THTensor_new();
        int wrong = 0;
        CHECK_OK(THTensor_tril(lower, in_place ? lower : a, diagonals[k]));
        CHECK_OK(THTensor_triu(upper, a, diagonals[k]));
        for (int64_t i = 0; i < a->size[0]; i++) {
            for (int64_t j = 0; j < a->size[1]; j++) {
                const int64_t at = i * a->size[1] + j;
                wrong += th_test_at(lower, at) != ((double)(j - i) <= diagonal ? th_test_at(a, at) : 0);
                wrong += th_test_at(upper, at) != ((double)(j - i) >= diagonal ? th_test_at(a, at) : 0);
            }
        }
        CHECK(wrong == 0);
        THTensor_free(lower);
        THTensor_free(upper);
    }
}

static void test_diagonals(const THTensor *a)
{
    for (int64_t k = -6; k <= 7; k++) {
        THTensor *const view = THTensor_newDiagonal(a, k, 0, -1), *const r = THTensor_new(), *const back = THTensor_new();
        int wrong = 0;
        int64_t n = 0;
        CHECK(view != NULL && view->storage == a->storage);
        CHECK_OK(THTensor_diag(r, a, k));
        for (int64_t i = 0; i < a->size[0]; i++) {
            for (int64_t j = 0; j < a->size[1]; j++) {
                if (j - i != k) continue;
                wrong += th_test_at(view, n) != th_test_at(a, i * a->size[1] + j);
                wrong += th_test_at(r, n++) != th_test_at(a, i * a->size[1] + j);
            }
        }
        CHECK(wrong == 0 && view->numel == n && r->numel == n);
        CHECK_OK(THTensor_diag(back, r, k));
        const int64_t size = n + (k < 0 ? -k : k);
        CHECK(back->ndim == 2 && back->size[0] == size && back->size[1] == size);
        for (int64_t i = 0; i < size * size; i++) {
            const int64_t row = i / size, column = i % size, first = k < 0 ? -k : 0;
            const double want = column - row == k ? th_test_at(r, row - first) : 0;
            wrong += th_test_at(back, i) != want;
        }
        CHECK(wrong == 0);
        THTensor_free(view);
        THTensor_free(r);
        THTensor_free(back);
    }
}

static void test_trace_and_cross(THDtype dtype, const THTensor *a)
{
    const int64_t size[] = {2, 3, 4};
    THTensor *const r = THTensor_new(), *const x = th_test_ramp(dtype, 3, size), *const y = THTensor_new();
    double sum = 0;
    int wrong = 0;
    CHECK_OK(THTensor_trace(r, a));
    for (int64_t i = 0; i < 4; i++) sum += th_test_at(a, i * 7);
    CHECK(r->ndim == 0 && th_test_at(r, 0) == sum);
    CHECK_OK(THTensor_flip(y, x, 1, (const int64_t[]){1}));
    THTensor *const c = THTensor_new();
    CHECK_OK(THTensor_cross(c, x, y, -2));
    for (int64_t i = 0; i < 2; i++) {
        for (int64_t j = 0; j < 4; j++) {
            double p[3], q[3];
            for (int k = 0; k < 3; k++) p[k] = th_test_at(x, (i * 3 + k) * 4 + j), q[k] = th_test_at(y, (i * 3 + k) * 4 + j);
            for (int k = 0; k < 3; k++) {
                const double want = p[(k + 1) % 3] * q[(k + 2) % 3] - p[(k + 2) % 3] * q[(k + 1) % 3];
                const int64_t whole = (int64_t)want;
                const double fits = dtype == THDtype_Byte   ? (uint8_t)whole
                                    : dtype == THDtype_Char ? (int8_t)(uint8_t)whole
                                                            : want;
                wrong += th_test_at(c, (i * 3 + k) * 4 + j) != fits;
            }
        }
    }
    CHECK(wrong == 0);
    THTensor *const all[] = {r, x, y, c};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

static void test_refusals(void)
{
    const int64_t size[] = {3, 4}, none[] = {0, 3}, cube[] = {2, 3, 4}, twice[] = {0, -2}, far[] = {INT64_MAX};
    THTensor *const a = th_test_ramp(THDtype_Float, 2, size), *const r = THTensor_new(),
                    *const t = THTensor_newTranspose(a, 0, 1);
    THTensor *const empty = THTensor_newWithSize(THDtype_Float, 2, none), *const c = th_test_ramp(THDtype_Float, 3, cube);
    THTensor *const d = th_test_ramp(THDtype_Double, 3, cube), *const before = THTensor_newClone(a);
    THTensor *const scalar = THTensor_newWithScalar(THDtype_Float, THScalar_fromLong(1));
    int same = 0;
    CHECK_FAILS(THTensor_flip(r, a, 2, twice), TH_ERR_VALUE, "[flip] dims, dimension 0 appears twice");
    CHECK_FAILS(THTensor_flip(r, a, 1, far), TH_ERR_INDEX, "[flip]");
    CHECK_FAILS(THTensor_flip(a, a, 1, twice), TH_ERR_VALUE, "[flip] output shares memory");
    CHECK_FAILS(THTensor_tril(r, c, 0), TH_ERR_SHAPE, "[tril] a tensor of 3 dimensions");
    CHECK_FAILS(THTensor_triu(t, a, 0), TH_ERR_VALUE, "[triu] output shares memory");
    CHECK_FAILS(THTensor_diag(r, scalar, 0), TH_ERR_SHAPE, "[diag] a tensor of 0 dimensions");
    CHECK_FAILS(THTensor_diag(r, a, INT64_MIN), TH_ERR_VALUE, "[diag] diagonal");
    CHECK_FAILS(THTensor_trace(r, c), TH_ERR_SHAPE, "[trace]");
    CHECK_FAILS(THTensor_cross(r, a, t, 0), TH_ERR_SHAPE, "[cross] inconsistent tensors");
    CHECK_FAILS(THTensor_cross(r, c, c, 0), TH_ERR_SHAPE, "[cross] dimension 0 of size 2, expected 3");
    CHECK_FAILS(THTensor_cross(r, c, d, 1), TH_ERR_DTYPE, "[cross] expected tensors of one dtype");
    CHECK_NULL(THTensor_newDiagonal(scalar, 0, 0, 1), TH_ERR_SHAPE, "[diagonal]");
    CHECK_NULL(THTensor_newDiagonal(a, 0, 1, -1), TH_ERR_VALUE, "[diagonal] diagonal dimensions cannot be identical");
    CHECK(r->dtype == THDtype_None);
    CHECK_OK(THTensor_equal(&same, a, before));
    CHECK(same == 1);
    CHECK_OK(THTensor_tril(r, empty, 0));
    CHECK(r->numel == 0);
    CHECK_OK(THTensor_flip(r, empty, 1, twice));
    CHECK_OK(THTensor_flip(r, scalar, 0, NULL));
    CHECK(r->ndim == 0);
    THTensor *const all[] = {a, r, t, empty, c, d, before, scalar};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

int main(void)
{
    const THDtype all[] = {THDtype_Byte, THDtype_Char, THDtype_Short, THDtype_Int,
                           THDtype_Long, THDtype_Half, THDtype_Float, THDtype_Double};
    for (int k = 0; k < COUNT(all); k++) {
        THTensor *views[4];
        const int count = matrices(all[k], views);
        for (int v = 0; v < count; v++) {
            test_flip(views[v]);
            test_triangles(views[v], v == 0);
            test_diagonals(views[v]);
            if (all[k] != THDtype_Half) test_trace_and_cross(all[k], views[v]);
        }
        for (int v = 0; v < count; v++) THTensor_free(views[v]);
    }
    test_refusals();
    return th_test_end("arrange");
}
