/* Moving elements by index and mask, against plain loops over coordinates. */
#include "THTest.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static THTensor *longs(int ndim, const int64_t *size, const int64_t *values)
{
    THTensor *const t = THTensor_newWithSize(THDtype_Long, ndim, size);
    memcpy(THTensor_dataBytes(t), values, (size_t)t->numel * sizeof(*values));
    return t;
}

/* Row-major number of the element at the given coordinates. */
static int64_t number_of(const THTensor *t, const int64_t *at)
{
    int64_t number = 0;
    for (int d = 0; d < t->ndim; d++) number = number * t->size[d] + at[d];
    return number;
}

static void coordinates(const THTensor *t, int64_t number, int64_t *at)
{
    for (int d = t->ndim - 1; d >= 0; d--) {
        at[d] = number % t->size[d];
        number /= t->size[d];
    }
}

/* Four layouts of one ramp: contiguous, transposed, every second column, expanded. */
static int layouts(THDtype dtype, THTensor *views[4])
{
    const int64_t size[] = {4, 5, 6}, thin[] = {4, 1, 6}, longer[] = {4, 5, 12};
    THTensor *const a = th_test_ramp(dtype, 3, size), *const b = th_test_ramp(dtype, 3, size);
    THTensor *const c = th_test_ramp(dtype, 3, longer), *const d = th_test_ramp(dtype, 3, thin);
    views[0] = a;
    views[1] = THTensor_newTranspose(b, 0, 2);
    views[2] = THTensor_newSlice(c, 2, 0, 12, 2);
    views[3] = THTensor_newExpand(d, 3, size);
    THTensor_free(b);
    THTensor_free(c);
    THTensor_free(d);
    return 4;
}

static void test_select(THDtype dtype)
{
    THTensor *views[4];
    const int count = layouts(dtype, views);
    const int64_t values[] = {2, -1, 0, 2, 1, -3, 3}, n = COUNT(values);
    THTensor *const index = longs(1, &n, values);
    for (int v = 0; v < count; v++) {
        for (int dim = 0; dim < 3; dim++) {
            THTensor *const r = THTensor_new();
            int64_t at[3];
            int wrong = 0;
            CHECK_OK(THTensor_indexSelect(r, views[v], dim - 3, index));
            CHECK(r->size[dim] == n && r->dtype == dtype);
            for (int64_t i = 0; i < r->numel; i++) {
                coordinates(r, i, at);
                at[dim] = values[at[dim]] < 0 ? values[at[dim]] + views[v]->size[dim] : values[at[dim]];
                wrong += th_test_at(r, i) != th_test_at(views[v], number_of(views[v], at));
            }
            CHECK(wrong == 0);
            THTensor_free(r);
        }
        THTensor_free(views[v]);
    }
    THTensor_free(index);
}

/* indexAdd and indexCopy, into each layout but the expanded one. */
static void test_place(THDtype dtype, bool add)
{
    THTensor *views[4];
    const int count = layouts(dtype, views);
    const int64_t values[] = {2, 0, -2, 1}, n = COUNT(values), repeated[] = {1, 1, 3, 1};
    for (int v = 0; v < count - 1; v++) {
        for (int dim = 0; dim < 3; dim++) {
            const int64_t *const places = add ? repeated : values;
            THTensor *const self = views[v], *const before = THTensor_newClone(self), *const index = longs(1, &n, places);
            int64_t size[3], at[3];
            memcpy(size, self->size, sizeof(size));
            size[dim] = n;
            THTensor *const source = th_test_ramp(dtype, 3, size);
            double want[512];
            for (int64_t i = 0; i < before->numel; i++) want[i] = th_test_at(before, i);
            for (int64_t k = 0; k < n; k++) { /* in order: the last copy stays */
                for (int64_t i = 0; i < source->numel; i++) {
                    coordinates(source, i, at);
                    if (at[dim] != k) continue;
                    at[dim] = places[k] < 0 ? places[k] + self->size[dim] : places[k];
                    double *const w = &want[number_of(before, at)];
                    *w = add ? *w + th_test_at(source, i) : th_test_at(source, i);
                }
            }
            CHECK_OK((add ? THTensor_indexAdd : THTensor_indexCopy)(self, dim, index, source));
            int wrong = 0;
            for (int64_t i = 0; i < self->numel; i++) {
                const int64_t w = (int64_t)want[i];
                const double element =
                    dtype == THDtype_Byte ? (uint8_t)w : (dtype == THDtype_Char ? (int8_t)(uint8_t)w : want[i]);
                wrong += th_test_at(self, i) != element;
            }
            CHECK(wrong == 0);
            THTensor_free(before);
            THTensor_free(index);
            THTensor_free(source);
        }
    }
    const int64_t two[] = {0, 1}, pair = 2, size[] = {2, 5, 6};
    THTensor *const index = longs(1, &pair, two), *const source = th_test_ramp(dtype, 3, size);
    THTensor *const expanded = THTensor_newNarrow(views[3], 0, 0, 4);
    CHECK_FAILS((add ? THTensor_indexAdd : THTensor_indexCopy)(expanded, 0, index, source), TH_ERR_SHAPE, "expanded");
    THTensor *const all[] = {index, source, expanded, views[0], views[1], views[2], views[3]};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

static void test_gather(THDtype dtype)
{
    THTensor *views[4];
    const int count = layouts(dtype, views);
    for (int v = 0; v < count; v++) {
        for (int dim = 0; dim < 3; dim++) {
            int64_t size[3], at[3];
            for (int d = 0; d < 3; d++) size[d] = d == dim ? 7 : views[v]->size[d] - 1;
            THTensor *const index = THTensor_newWithSize(THDtype_Long, 3, size), *const r = THTensor_new();
            int64_t *const values = (int64_t *)THTensor_dataBytes(index);
            for (int64_t i = 0; i < index->numel; i++) values[i] = (i * 7 + 3) % views[v]->size[dim];
            CHECK_OK(THTensor_gather(r, views[v], dim, index));
            int wrong = 0;
            for (int64_t i = 0; i < r->numel; i++) {
                coordinates(r, i, at);
                at[dim] = values[i];
                wrong += th_test_at(r, i) != th_test_at(views[v], number_of(views[v], at));
            }
            CHECK(wrong == 0 && THTensor_isSameSizeAs(r, index));
            THTensor_free(index);
            THTensor_free(r);
        }
        THTensor_free(views[v]);
    }
}

static void test_scatter(THDtype dtype)
{
    THTensor *views[4];
    const int count = layouts(dtype, views);
    for (int v = 0; v < count; v++) {
        for (int dim = 0; v < 3 && dim < 3; dim++) {
            THTensor *const self = views[v];
            int64_t size[3], at[3];
            double want[512];
            for (int d = 0; d < 3; d++) size[d] = d == dim ? 7 : self->size[d] - 1;
            THTensor *const index = THTensor_newWithSize(THDtype_Long, 3, size), *const source = th_test_ramp(dtype, 3, size);
            int64_t *const values = (int64_t *)THTensor_dataBytes(index);
            CHECK_OK(THTensor_zero(self));
            memset(want, 0, sizeof(want));
            for (int64_t i = 0; i < index->numel; i++) {
                values[i] = (i * 5 + 2) % self->size[dim];
                coordinates(index, i, at);
                at[dim] = values[i];
                want[number_of(self, at)] += th_test_at(source, i);
            }
            CHECK_OK(THTensor_scatterAdd(self, dim, index, source));
            int wrong = 0;
            for (int64_t i = 0; i < self->numel; i++) {
                const int64_t w = (int64_t)want[i];
                const double element =
                    dtype == THDtype_Byte ? (uint8_t)w : (dtype == THDtype_Char ? (int8_t)(uint8_t)w : want[i]);
                wrong += th_test_at(self, i) != element;
            }
            CHECK(wrong == 0);
            THTensor_free(index);
            THTensor_free(source);
        }
        THTensor_free(views[v]);
    }
}

static void test_masks(THDtype dtype)
{
    THTensor *views[4];
    const int count = layouts(dtype, views);
    for (int v = 0; v < count; v++) {
        THTensor *const a = views[v], *const mask = THTensor_newWithSize(THDtype_Byte, 1, &a->size[2]);
        THTensor *const r = THTensor_new(), *const wide = THTensor_newExpand(mask, 3, a->size);
        for (int64_t k = 0; k < mask->numel; k++) ((uint8_t *)THTensor_dataBytes(mask))[k] = k % 3 == 1 ? 200 : 0;
        CHECK_OK(THTensor_maskedSelect(r, a, mask));
        int64_t next = 0;
        int wrong = 0;
        for (int64_t i = 0; i < a->numel; i++)
            if (th_test_at(wide, i) != 0) wrong += th_test_at(r, next++) != th_test_at(a, i);
        CHECK(wrong == 0 && r->ndim == 1 && r->numel == next);
        if (v < 3) {
            THTensor *const before = THTensor_newClone(a), *const source = th_test_ramp(dtype, 1, &next);
            CHECK_OK(THTensor_maskedFill(a, mask, THScalar_fromLong(7)));
            for (int64_t i = 0; i < a->numel; i++)
                wrong += th_test_at(a, i) != (th_test_at(wide, i) != 0 ? 7 : th_test_at(before, i));
            CHECK_OK(THTensor_maskedCopy(a, mask, source));
            next = 0;
            for (int64_t i = 0; i < a->numel; i++)
                wrong += th_test_at(a, i) != (th_test_at(wide, i) != 0 ? th_test_at(source, next++) : th_test_at(before, i));
            CHECK(wrong == 0);
            THTensor *const less = THTensor_newNarrow(source, 0, 0, next - 1);
            CHECK_FAILS(THTensor_maskedCopy(a, mask, less), TH_ERR_SHAPE, "[maskedCopy] source has");
            THTensor_free(before);
            THTensor_free(source);
            THTensor_free(less);
        } else {
            CHECK_FAILS(THTensor_maskedFill(a, mask, THScalar_fromLong(7)), TH_ERR_SHAPE, "expanded");
        }
        THTensor *const all[] = {a, mask, r, wide};
        for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
    }
}

static void test_nonzero(THDtype dtype)
{
    const int64_t size[] = {3, 4, 5}, none[] = {0};
    THTensor *const a = th_test_ramp(dtype, 3, size), *const t = THTensor_newTranspose(a, 0, 2), *const r = THTensor_new();
    THTensor *const empty = THTensor_newWithSize(dtype, 1, none);
    CHECK_OK(THTensor_fmod(a, a, THScalar_fromLong(3)));
    CHECK_OK(THTensor_nonzero(r, t));
    int64_t next = 0, at[3];
    int wrong = 0;
    for (int64_t i = 0; i < t->numel; i++) {
        if (th_test_at(t, i) == 0) continue;
        coordinates(t, i, at);
        for (int d = 0; d < 3; d++) wrong += th_test_at(r, next * 3 + d) != (double)at[d];
        next++;
    }
    CHECK(wrong == 0 && r->size[0] == next && r->size[1] == 3);
    CHECK_OK(THTensor_nonzero(r, empty));
    CHECK(r->size[0] == 0 && r->size[1] == 1);
    THTensor_free(a);
    THTensor_free(t);
    THTensor_free(r);
    THTensor_free(empty);
}

static void test_cat(THDtype dtype)
{
    const int64_t first[] = {2, 3, 4}, turned_size[] = {5, 3, 2}, none[] = {0}, wrong_size[] = {2, 4, 4};
    THTensor *const a = th_test_ramp(dtype, 3, first), *const turned = th_test_ramp(dtype, 3, turned_size);
    THTensor *const b = THTensor_newTranspose(turned, 0, 2), *const empty = THTensor_newWithSize(dtype, 1, none);
    THTensor *const c = th_test_ramp(dtype, 3, wrong_size), *const other = th_test_ramp(THDtype_Half, 3, first);
    THTensor *const list[] = {empty, a, b, a}, *const bad[] = {a, c}, *const mixed[] = {a, other}, *const r = THTensor_new();
    int64_t at[3];
    int wrong = 0;
    CHECK_OK(THTensor_cat(r, list, 4, -1));
    CHECK(r->size[2] == 13 && r->dtype == dtype);
    for (int64_t i = 0; i < r->numel; i++) {
        coordinates(r, i, at);
        const THTensor *const from = at[2] < 4 ? a : (at[2] < 9 ? b : a);
        at[2] -= at[2] < 4 ? 0 : (at[2] < 9 ? 4 : 9);
        wrong += th_test_at(r, i) != th_test_at(from, number_of(from, at));
    }
    CHECK(wrong == 0);
    CHECK_FAILS(THTensor_cat(r, bad, 2, 0), TH_ERR_SHAPE, "[cat] tensor 1 of size (2, 4, 4)");
    if (dtype != THDtype_Half) CHECK_FAILS(THTensor_cat(r, mixed, 2, 0), TH_ERR_DTYPE, "Half");
    CHECK_FAILS(THTensor_cat(r, list, 0, 0), TH_ERR_VALUE, "[cat] 0 tensors");
    CHECK_FAILS(THTensor_cat(a, list, 4, 2), TH_ERR_VALUE, "[cat] output shares memory");
    THTensor *const all[] = {a, turned, b, empty, c, other, r};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

/* Nothing may be written when one index of many is wrong. */
static void test_refusals(void)
{
    const int64_t size[] = {3, 4}, n = 3, good[] = {0, 1, 2}, bad[] = {0, 1, 3}, low[] = {0, -4, 1}, line[] = {3, 1};
    THTensor *const a = th_test_ramp(THDtype_Float, 2, size), *const before = THTensor_newClone(a), *const r = THTensor_new();
    THTensor *const index = longs(1, &n, bad), *const under = longs(1, &n, low), *const fine = longs(1, &n, good);
    THTensor *const source = th_test_ramp(THDtype_Float, 2, size), *const floats = th_test_ramp(THDtype_Float, 1, &n);
    THTensor *const column = longs(2, line, bad), *const negative = longs(2, line, low);
    THTensor *const column_source = THTensor_newNarrow(source, 1, 0, 1), *const a_index = THTensor_newConvert(a, THDtype_Long);
    int same = 0;
    CHECK_FAILS(THTensor_indexSelect(r, a, 0, index), TH_ERR_INDEX, "[indexSelect] index 3 at place 2 is out of range");
    CHECK_FAILS(THTensor_indexSelect(r, a, 0, under), TH_ERR_INDEX, "index -4");
    CHECK_FAILS(THTensor_indexSelect(r, a, 0, floats), TH_ERR_DTYPE, "[indexSelect] index is Float, expected Long");
    CHECK_FAILS(THTensor_indexSelect(r, a, 2, fine), TH_ERR_INDEX, "[indexSelect]");
    CHECK_FAILS(THTensor_indexSelect(r, a, 0, a), TH_ERR_SHAPE, "index has 2 dimensions");
    CHECK(r->dtype == THDtype_None);
    CHECK_FAILS(THTensor_indexAdd(a, 0, index, source), TH_ERR_INDEX, "[indexAdd] index 3");
    CHECK_FAILS(THTensor_indexCopy(a, 0, index, source), TH_ERR_INDEX, "[indexCopy] index 3");
    CHECK_FAILS(THTensor_indexAdd(a, 1, fine, source), TH_ERR_SHAPE, "[indexAdd] source of size (3, 4), expected (3, 3)");
    CHECK_FAILS(THTensor_scatterAdd(a, 0, column, column_source), TH_ERR_INDEX, "[scatterAdd] index 3");
    CHECK_FAILS(THTensor_scatterAdd(a, 0, a_index, column_source), TH_ERR_SHAPE,
                "[scatterAdd] source of size (3, 1), expected at");
    CHECK_FAILS(THTensor_gather(r, a, 0, column), TH_ERR_INDEX, "[gather] index 3");
    CHECK_FAILS(THTensor_gather(r, a, 0, negative), TH_ERR_INDEX, "[gather] index -4");
    CHECK_FAILS(THTensor_gather(r, a, 0, fine), TH_ERR_SHAPE, "[gather] index of size (3,)");
    CHECK_FAILS(THTensor_maskedSelect(r, a, a), TH_ERR_DTYPE, "mask is Float, expected Byte");
    CHECK_OK(THTensor_equal(&same, a, before));
    CHECK(same == 1);
    THTensor *const all[] = {a, before, r, index, under, fine, source, floats, column, negative, column_source, a_index};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

/* One bad index among many good ones, wherever it stands, however far out. */
static void test_ranges(void)
{
    enum { COUNTED = 37 };
    const int64_t n = COUNTED, size = 5, bad[] = {5, -6, INT64_MAX, INT64_MIN, INT64_MIN + 4, INT64_MAX - 5, -1};
    THTensor *const a = th_test_ramp(THDtype_Float, 1, &size), *const index = THTensor_newWithSize(THDtype_Long, 1, &n);
    int64_t *const place = (int64_t *)(void *)THTensor_dataBytes(index);
    for (int64_t at = 0; at < n; at++) {
        for (int k = 0; k < COUNT(bad); k++) {
            THTensor *const r = THTensor_new(), *const s = THTensor_new();
            for (int64_t i = 0; i < n; i++) place[i] = i % size;
            place[at] = bad[k];
            CHECK_FAILS(THTensor_gather(r, a, 0, index), TH_ERR_INDEX, "is out of range for a dimension of size 5");
            CHECK(r->storage == NULL);
            if (bad[k] == -1) { /* take counts from the end */
                CHECK_OK(THTensor_take(s, a, index));
                int wrong = 0;
                for (int64_t i = 0; i < n; i++) wrong += th_test_at(s, i) != th_test_at(a, i == at ? size - 1 : i % size);
                CHECK(wrong == 0);
            } else {
                CHECK_FAILS(THTensor_take(s, a, index), TH_ERR_INDEX, "is out of range for a dimension of size 5");
            }
            THTensor_free(r);
            THTensor_free(s);
        }
    }
    THTensor_free(a);
    THTensor_free(index);
}

int main(void)
{
    const THDtype all[] = {THDtype_Byte, THDtype_Char, THDtype_Short, THDtype_Int, THDtype_Long, THDtype_Float, THDtype_Double};
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        for (int k = 0; k < COUNT(all); k++) {
            test_select(all[k]);
            test_place(all[k], true);
            test_place(all[k], false);
            test_gather(all[k]);
            test_scatter(all[k]);
            test_masks(all[k]);
            test_nonzero(all[k]);
            test_cat(all[k]);
        }
        test_select(THDtype_Half);
        test_gather(THDtype_Half);
        test_masks(THDtype_Half);
        test_cat(THDtype_Half);
        test_ranges();
    }
    test_refusals();
    return th_test_end("index");
}
