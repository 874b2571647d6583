/* Sorting, selecting and counting, against plain comparisons of elements in which nan is the greatest. */
#include "THTest.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static bool is_less(double a, double b)
{
    return isnan(b) ? !isnan(a) : a < b;
}

static bool is_equal(double a, double b)
{
    return !is_less(a, b) && !is_less(b, a);
}

/* n pseudo-random elements with many repetitions, or few; floating ones have nans, infinities and both zeros among them. */
static THTensor *sample(THDtype dtype, int ndim, const int64_t *size, int64_t range, uint64_t seed)
{
    THTensor *const t = THTensor_newWithSize(dtype, ndim, size);
    const int64_t itemsize = (int64_t)THDtype_size(dtype);
    for (int64_t i = 0; i < t->numel; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        const int64_t pick = (int64_t)(seed >> 33);
        THScalar value = THScalar_fromLong(pick % range - (dtype == THDtype_Byte ? 0 : range / 2));
        if (THDtype_isFloating(dtype)) {
            const double special[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0};
            value = THScalar_fromDouble(pick % 37 < 5 ? special[pick % 37] : (double)value.value.i / 8);
        }
        THScalar_store(value, dtype, THTensor_dataBytes(t) + i * itemsize);
    }
    return t;
}

/* The element number `number` of the line of `t` along dim that begins at the row-major number of its other coordinates. */
static double in_line(const THTensor *t, int dim, int64_t line, int64_t number)
{
    int64_t place = t->offset;
    for (int d = t->ndim - 1; d >= 0; d--) {
        if (d == dim) {
            place += number * t->stride[d];
        } else {
            place += line % t->size[d] * t->stride[d];
            line /= t->size[d];
        }
    }
    return THScalar_toDouble(THScalar_load((THDtype)t->dtype, t->storage->data + place * (int64_t)THDtype_size(t->dtype)));
}

/* `values` and `indices` are the first `count` of a stable sort of the line. */
static int wrong_order(const THTensor *a, const THTensor *values, const THTensor *indices, int dim, int64_t line, int64_t count,
                       bool descending)
{
    const int64_t n = a->ndim == 0 ? 1 : a->size[dim];
    int wrong = 0;
    bool *const seen = calloc((size_t)n, sizeof(*seen));
    for (int64_t i = 0; i < count; i++) {
        const double x = in_line(values, dim, line, i);
        const int64_t place = (int64_t)in_line(indices, dim, line, i);
        if (place < 0 || place >= n || seen[place]) {
            wrong++;
            continue;
        }
        seen[place] = true;
        const double element = in_line(a, dim, line, place);
        wrong += !is_equal(x, element) || signbit(x) != signbit(element);
        if (i == 0) continue;
        const double before = in_line(values, dim, line, i - 1);
        wrong += descending ? is_less(before, x) : is_less(x, before);
        wrong += is_equal(before, x) && in_line(indices, dim, line, i - 1) > (double)place;
    }
    if (count > 0) { /* what was left out is not better than the last one, nor as good and earlier */
        const double last = in_line(values, dim, line, count - 1);
        const int64_t last_place = (int64_t)in_line(indices, dim, line, count - 1);
        for (int64_t i = 0; i < n; i++) {
            const double x = in_line(a, dim, line, i);
            if (seen[i]) continue;
            wrong += descending ? is_less(last, x) : is_less(x, last);
            wrong += is_equal(x, last) && i < last_place;
        }
    }
    free(seen);
    return wrong;
}

static int64_t lines_of(const THTensor *a, int dim)
{
    return a->ndim == 0 ? 1 : a->numel / a->size[dim];
}

static void test_sort(const THTensor *a, int dim)
{
    for (int descending = 0; descending < 2; descending++) {
        THTensor *const values = THTensor_new(), *const indices = THTensor_new();
        int wrong = 0;
        CHECK_OK(THTensor_sort(values, indices, a, dim, descending));
        CHECK(THTensor_isSameSizeAs(values, a) && THTensor_isSameSizeAs(indices, a));
        CHECK(values->dtype == a->dtype && indices->dtype == THDtype_Long);
        for (int64_t line = 0; line < lines_of(a, dim); line++)
            wrong += wrong_order(a, values, indices, dim, line, a->ndim == 0 ? 1 : a->size[dim], descending);
        CHECK(wrong == 0);
        THTensor_free(values);
        THTensor_free(indices);
    }
}

/* The places, ascending. */
static THTensor *sorted_places(const THTensor *indices, int dim)
{
    THTensor *const sorted = THTensor_new(), *const where = THTensor_new();
    CHECK_OK(THTensor_sort(sorted, where, indices, dim, 0));
    THTensor_free(where);
    return sorted;
}

static void test_topk(const THTensor *a, int dim, int64_t k)
{
    for (int largest = 0; largest < 2; largest++) {
        THTensor *const values = THTensor_new(), *const indices = THTensor_new();
        THTensor *const loose = THTensor_new(), *const loose_indices = THTensor_new();
        int wrong = 0, same = 0;
        CHECK_OK(THTensor_topk(values, indices, a, k, dim, largest, 1));
        for (int64_t line = 0; line < lines_of(a, dim); line++) wrong += wrong_order(a, values, indices, dim, line, k, largest);
        CHECK(wrong == 0);
        CHECK_OK(THTensor_topk(loose, loose_indices, a, k, dim, largest, 0)); /* in any order: the same places */
        THTensor *const places = sorted_places(indices, dim), *const loose_places = sorted_places(loose_indices, dim);
        CHECK_OK(THTensor_equal(&same, places, loose_places));
        CHECK(same == 1);
        THTensor *const all[] = {values, indices, loose, loose_indices, places, loose_places};
        for (int i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
    }
}

/* kthvalue, median and mode of the line are what the sorted line says. */
static int wrong_picks(const THTensor *a, int dim, int64_t line, int64_t k, THTensor *const results[6])
{
    const int64_t n = a->ndim == 0 ? 1 : a->size[dim];
    int wrong = 0;
    bool nan = false;
    double *const sorted = malloc((size_t)n * sizeof(*sorted));
    double mode = 0;
    int64_t longest = 0;
    for (int64_t i = 0; i < n; i++) { /* insertion */
        const double x = in_line(a, dim, line, i);
        int64_t at = i;
        nan = nan || isnan(x);
        for (; at > 0 && is_less(x, sorted[at - 1]); at--) sorted[at] = sorted[at - 1];
        sorted[at] = x;
    }
    for (int64_t i = 0, begin = 0; i < n; i++) {
        if (!is_equal(sorted[i], sorted[begin])) begin = i;
        if (i - begin + 1 > longest) longest = i - begin + 1, mode = sorted[i];
    }
    const double want[] = {sorted[k - 1], nan ? NAN : sorted[(n - 1) / 2], mode};
    for (int r = 0; r < 3; r++) {
        const int64_t place = (int64_t)in_line(results[2 * r + 1], dim, line, 0);
        wrong += !is_equal(in_line(results[2 * r], dim, line, 0), want[r]);
        wrong += place < 0 || place >= n || !is_equal(in_line(a, dim, line, place), want[r]);
        for (int64_t i = 0; i < place && i < n; i++) wrong += is_equal(in_line(a, dim, line, i), want[r]);
    }
    free(sorted);
    return wrong;
}

static void test_picks(const THTensor *a, int dim, int64_t k)
{
    THTensor *results[6];
    int wrong = 0;
    for (int i = 0; i < 6; i++) results[i] = THTensor_new();
    CHECK_OK(THTensor_kthvalue(results[0], results[1], a, k, dim, 1));
    CHECK_OK(THTensor_median(results[2], results[3], a, dim, 1));
    CHECK_OK(THTensor_mode(results[4], results[5], a, dim, 1));
    for (int64_t line = 0; line < lines_of(a, dim); line++) wrong += wrong_picks(a, dim, line, k, results);
    CHECK(wrong == 0);
    THTensor *const values = THTensor_new(), *const indices = THTensor_new();
    CHECK_OK(THTensor_kthvalue(values, indices, a, k, dim, 0));
    CHECK(a->ndim == 0 || values->ndim == a->ndim - 1);
    for (int64_t i = 0; i < values->numel; i++)
        wrong +=
            !is_equal(th_test_at(values, i), th_test_at(results[0], i)) + (th_test_at(indices, i) != th_test_at(results[1], i));
    CHECK(wrong == 0);
    THTensor_free(values);
    THTensor_free(indices);
    for (int i = 0; i < 6; i++) THTensor_free(results[i]);
}

static void test_unique(const THTensor *a)
{
    THTensor *const r = THTensor_new(), *const again = THTensor_new(), *const inverse = THTensor_new();
    int wrong = 0;
    CHECK_OK(THTensor_unique(r, NULL, a));
    CHECK_OK(THTensor_unique(again, inverse, a));
    CHECK(r->ndim == 1 && again->numel == r->numel && THTensor_isSameSizeAs(inverse, a));
    for (int64_t i = 0; i < r->numel; i++) {
        wrong += !is_equal(th_test_at(r, i), th_test_at(again, i));
        wrong += i > 0 && !is_less(th_test_at(r, i - 1), th_test_at(r, i));
    }
    for (int64_t i = 0; i < a->numel; i++) {
        const int64_t place = (int64_t)th_test_at(inverse, i);
        wrong += place < 0 || place >= r->numel || !is_equal(th_test_at(r, place), th_test_at(a, i));
    }
    CHECK(wrong == 0);
    THTensor_free(r);
    THTensor_free(again);
    THTensor_free(inverse);
}

/* Lengths on both sides of where the algorithms change. */
static void test_lengths(THDtype dtype)
{
    const int64_t lengths[] = {1, 2, 47, 48, 49, 200, 513, 1500, 4200};
    for (int i = 0; i < COUNT(lengths); i++) {
        const int64_t n = lengths[i];
        for (int many = 0; many < 2; many++) {
            const int64_t range = dtype == THDtype_Byte || dtype == THDtype_Char ? (many ? 100 : 7) : (many ? 30000 : 7);
            THTensor *const a = sample(dtype, 1, &n, range, (uint64_t)n);
            test_sort(a, 0);
            test_topk(a, 0, (n + 2) / 3);
            if (n > 200) test_topk(a, 0, 5);
            if (n < 4000) test_picks(a, 0, (n + 3) / 4); /* its oracle is an insertion sort */
            test_unique(a);
            THTensor_free(a);
        }
    }
}

static void test_layouts(THDtype dtype)
{
    const int64_t size[] = {5, 6, 7}, wide[] = {5, 6, 14}, thin[] = {5, 1, 7};
    THTensor *const a = sample(dtype, 3, size, 20, 1), *const b = sample(dtype, 3, wide, 20, 2);
    THTensor *const c = sample(dtype, 3, thin, 20, 3), *const scalar = THTensor_newWithScalar(dtype, THScalar_fromLong(3));
    THTensor *const views[] = {a, THTensor_newTranspose(a, 0, 2), THTensor_newSlice(b, 2, 0, 14, 2),
                               THTensor_newExpand(c, 3, size)};
    for (int v = 0; v < COUNT(views); v++) {
        for (int dim = 0; dim < 3; dim++) {
            test_sort(views[v], dim);
            test_topk(views[v], dim, 3);
            test_picks(views[v], dim, 2);
        }
        test_unique(views[v]);
    }
    test_sort(scalar, 0);
    test_topk(scalar, 0, 1);
    test_picks(scalar, 0, 1);
    test_unique(scalar);
    THTensor *const all[] = {views[1], views[2], views[3], a, b, c, scalar};
    for (int i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

/* Long lines, which several threads share; equal for every number of them. */
static void test_threads(THDtype dtype)
{
    const int64_t n = 200001;
    const int before = THThreads_get();
    THTensor *const a = sample(dtype, 1, &n, 30000, 7);
    THTensor *first = NULL;
    for (int threads = 1; threads <= 3; threads++) {
        THTensor *const values = THTensor_new(), *const indices = THTensor_new();
        int same = 0;
        CHECK_OK(THThreads_set(threads));
        CHECK_OK(THTensor_sort(values, indices, a, 0, 0));
        if (first == NULL) {
            CHECK(wrong_order(a, values, indices, 0, 0, n, false) == 0);
            first = indices;
        } else {
            CHECK_OK(THTensor_equal(&same, first, indices));
            CHECK(same == 1);
            THTensor_free(indices);
        }
        THTensor_free(values);
    }
    CHECK_OK(THThreads_set(before));
    THTensor_free(first);
    THTensor_free(a);
}

static void test_refusals(void)
{
    const int64_t size[] = {3, 4}, none[] = {3, 0};
    THTensor *const a = th_test_ramp(THDtype_Float, 2, size), *const v = THTensor_new(), *const i = THTensor_new();
    THTensor *const floats = th_test_ramp(THDtype_Float, 2, size), *const empty = THTensor_newWithSize(THDtype_Int, 2, none);
    THTensor *const kept = THTensor_newClone(floats);
    int same = 0;
    CHECK_FAILS(THTensor_sort(v, i, a, 2, 0), TH_ERR_INDEX, "[sort]");
    CHECK_FAILS(THTensor_sort(a, i, a, 1, 0), TH_ERR_VALUE, "[sort] output shares memory");
    CHECK_FAILS(THTensor_sort(v, v, a, 1, 0), TH_ERR_VALUE, "[sort] values and indices share memory");
    CHECK_FAILS(THTensor_sort(floats, kept, a, 1, 0), TH_ERR_DTYPE, "[sort] indices are Float, expected Long");
    CHECK_FAILS(THTensor_topk(v, i, a, 5, 1, 1, 1), TH_ERR_INDEX, "[topk] k, 5: selected index k out of range");
    CHECK_FAILS(THTensor_topk(v, i, a, -1, 1, 1, 1), TH_ERR_INDEX, "[topk] k, -1");
    CHECK_FAILS(THTensor_kthvalue(v, i, a, 0, 1, 0), TH_ERR_INDEX, "[kthvalue] k, 0: selected index k out of range");
    CHECK_FAILS(THTensor_kthvalue(v, i, a, 4, 0, 0), TH_ERR_INDEX, "[kthvalue] k, 4");
    CHECK_FAILS(THTensor_median(v, i, empty, 1, 0), TH_ERR_SHAPE, "[median] dimension 1 of size 0");
    CHECK_FAILS(THTensor_medianall(v, empty), TH_ERR_SHAPE, "[median] a tensor without elements");
    CHECK_FAILS(THTensor_mode(v, i, empty, 1, 0), TH_ERR_SHAPE, "[mode] dimension 1 of size 0");
    CHECK_FAILS(THTensor_unique(kept, NULL, empty), TH_ERR_DTYPE, "[unique] output is Float, expected Int");
    CHECK(v->dtype == THDtype_None && i->dtype == THDtype_None);
    CHECK_OK(THTensor_equal(&same, floats, kept));
    CHECK(same == 1);
    CHECK_OK(THTensor_median(v, i, empty, 0, 0));
    CHECK(v->numel == 0 && i->numel == 0);
    THTensor *const all[] = {a, v, i, floats, empty, kept};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

int main(void)
{
    const THDtype all[] = {THDtype_Byte, THDtype_Char, THDtype_Short, THDtype_Int,
                           THDtype_Long, THDtype_Half, THDtype_Float, THDtype_Double};
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        for (int k = 0; k < COUNT(all); k++) {
            test_lengths(all[k]);
            test_layouts(all[k]);
        }
    }
    test_threads(THDtype_Short);
    test_threads(THDtype_Double);
    test_refusals();
    return th_test_end("order");
}
