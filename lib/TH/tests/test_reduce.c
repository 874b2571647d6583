/* Reductions against a plain loop in double or int64, for each dtype, CPU level, layout and dimension. */
#include "THTest.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const THDtype arithmetic[] = {THDtype_Byte, THDtype_Char,  THDtype_Short, THDtype_Int,
                                     THDtype_Long, THDtype_Float, THDtype_Double};

/* Whole numbers from -9 to 9 (0 to 18 for Byte) with many ties: sums of them are exact in every dtype. */
static THTensor *numbers(THDtype dtype, int ndim, const int64_t *size, unsigned seed)
{
    THTensor *const t = THTensor_newWithSize(dtype, ndim, size);
    for (int64_t i = 0; t != NULL && i < t->numel; i++) {
        seed = seed * 1664525u + 1013904223u;
        const int64_t v = (int64_t)(seed >> 16) % 19 - (dtype == THDtype_Byte ? 0 : 9);
        THScalar_store(THScalar_fromLong(v), dtype, THTensor_dataBytes(t) + i * (int64_t)THDtype_size(dtype));
    }
    return t;
}

/* What one output has to be, from its elements x[0 .. n-1]. */
typedef struct Expected {
    double sum, max, min, mean, variance, norm1, norm2, norm3, nonzero, largest;
    uint64_t prod; /* of integers, wrapped */
    double float_prod;
    int64_t argmax, argmin, count;
} Expected;

static Expected expect(const double *x, int64_t n)
{
    Expected e = {.max = x[0], .min = x[0], .prod = 1, .float_prod = 1, .count = n};
    for (int64_t i = 0; i < n; i++) {
        e.sum += x[i];
        e.prod *= (uint64_t)(int64_t)x[i];
        e.float_prod *= x[i];
        e.norm1 += fabs(x[i]);
        e.norm2 += x[i] * x[i];
        e.norm3 += pow(fabs(x[i]), 3);
        e.nonzero += x[i] != 0;
        e.largest = fabs(x[i]) > e.largest ? fabs(x[i]) : e.largest;
        if (x[i] > e.max) e.max = x[i], e.argmax = i;
        if (x[i] < e.min) e.min = x[i], e.argmin = i;
    }
    e.mean = e.sum / (double)n;
    for (int64_t i = 0; i < n; i++) e.variance += (x[i] - e.mean) * (x[i] - e.mean);
    e.variance /= (double)(n - 1);
    e.norm2 = sqrt(e.norm2);
    e.norm3 = cbrt(e.norm3);
    return e;
}

/* All results over one dimension, or (dim < 0) over all. */
typedef struct Results {
    THTensor *sum, *prod, *max, *max_at, *min, *min_at, *argmax, *argmin;
    THTensor *mean, *var, *norm[5]; /* floating dtypes */
} Results;

static const double powers[] = {0, 1, 2, 3, INFINITY};

static void compute(Results *r, const THTensor *a, int dim, int keepdim)
{
    THTensor **const all = (THTensor **)r;
    for (size_t k = 0; k < sizeof(*r) / sizeof(THTensor *); k++) all[k] = THTensor_new();
    const bool whole = dim < 0, floating = THDtype_isFloating((THDtype)a->dtype);
    CHECK_OK(whole ? THTensor_sumall(r->sum, a) : THTensor_sum(r->sum, a, dim, keepdim));
    CHECK_OK(whole ? THTensor_prodall(r->prod, a) : THTensor_prod(r->prod, a, dim, keepdim));
    CHECK_OK(whole ? THTensor_argmaxall(r->argmax, a) : THTensor_argmax(r->argmax, a, dim, keepdim));
    CHECK_OK(whole ? THTensor_argminall(r->argmin, a) : THTensor_argmin(r->argmin, a, dim, keepdim));
    CHECK_OK(whole ? THTensor_maxall(r->max, a) : THTensor_max(r->max, r->max_at, a, dim, keepdim));
    CHECK_OK(whole ? THTensor_minall(r->min, a) : THTensor_min(r->min, r->min_at, a, dim, keepdim));
    if (!floating) return;
    CHECK_OK(whole ? THTensor_meanall(r->mean, a) : THTensor_mean(r->mean, a, dim, keepdim));
    CHECK_OK(whole ? THTensor_varall(r->var, a, 0) : THTensor_var(r->var, a, dim, 0, keepdim));
    for (int p = 0; p < COUNT(powers); p++)
        CHECK_OK(whole ? THTensor_normall(r->norm[p], a, powers[p]) : THTensor_norm(r->norm[p], a, powers[p], dim, keepdim));
}

static void release(Results *r)
{
    THTensor **const all = (THTensor **)r;
    for (size_t k = 0; k < sizeof(*r) / sizeof(THTensor *); k++) THTensor_free(all[k]);
}

static bool near(double got, double want, double relative)
{
    return fabs(got - want) <= relative * fabs(want) || (isnan(got) && isnan(want)) || got == want;
}

static int wrong_at(const Results *r, int64_t i, const Expected *e, THDtype dtype, bool has_places)
{
    const double eps = dtype == THDtype_Float ? 1e-5 : 1e-12;
    int wrong = th_test_at(r->sum, i) != e->sum;
    wrong += th_test_at(r->max, i) != e->max || th_test_at(r->min, i) != e->min;
    wrong += (int64_t)th_test_at(r->argmax, i) != e->argmax || (int64_t)th_test_at(r->argmin, i) != e->argmin;
    if (has_places) wrong += (int64_t)th_test_at(r->max_at, i) != e->argmax || (int64_t)th_test_at(r->min_at, i) != e->argmin;
    if (!THDtype_isFloating(dtype)) {
        const THScalar prod = THScalar_load(THDtype_Long, THTensor_dataBytes(r->prod) + i * 8);
        return wrong + ((uint64_t)prod.value.i != e->prod);
    }
    const double want[] = {e->nonzero, e->norm1, e->norm2, e->norm3, e->largest};
    for (int p = 0; p < COUNT(powers); p++) wrong += !near(th_test_at(r->norm[p], i), want[p], eps);
    const double prod = dtype == THDtype_Float ? (double)(float)e->float_prod : e->float_prod;
    /* More factors than 30 overflow, and then it matters where the zeros stand. */
    wrong += e->count <= 30 && !near(th_test_at(r->prod, i), prod, eps * 10);
    wrong += !near(th_test_at(r->mean, i), e->mean, eps) && fabs(e->mean) > 1e-6;
    return wrong + !near(th_test_at(r->var, i), e->variance, eps);
}

static void check_dim(const THTensor *a, int dim, int keepdim)
{
    const THDtype dtype = (THDtype)a->dtype;
    THTensor *const last = THTensor_newTranspose(a, dim, a->ndim - 1); /* the reduced dimension innermost */
    double *const x = malloc((size_t)a->size[dim] * sizeof(*x));
    Results r;
    int wrong = 0;
    compute(&r, a, dim, keepdim);
    CHECK(r.sum->ndim == a->ndim - !keepdim && r.sum->dtype == (THDtype_isFloating(dtype) ? dtype : THDtype_Long));
    CHECK(r.max->dtype == dtype && r.max_at->dtype == THDtype_Long);
    /* The outputs in the transposed order. */
    Results turned = r;
    THTensor **const all = (THTensor **)&turned;
    for (size_t k = 0; k < sizeof(r) / sizeof(THTensor *); k++) {
        if (all[k]->dtype == THDtype_None) continue;
        THTensor *const kept = keepdim ? THTensor_newWithTensor(all[k]) : THTensor_newUnsqueeze(all[k], dim);
        THTensor *const view = THTensor_newTranspose(kept, dim, a->ndim - 1);
        all[k] = THTensor_newClone(view);
        THTensor_free(kept);
        THTensor_free(view);
    }
    for (int64_t i = 0; i < turned.sum->numel; i++) {
        for (int64_t k = 0; k < a->size[dim]; k++) x[k] = th_test_at(last, i * a->size[dim] + k);
        const Expected e = expect(x, a->size[dim]);
        wrong += wrong_at(&turned, i, &e, dtype, true);
    }
    if (!CHECK(wrong == 0))
        fprintf(stderr, "    %s, dimension %d of %d, size %lld: %d wrong at %s\n", THDtype_name(dtype), dim, a->ndim,
                (long long)a->size[dim], wrong, THCpu_name(THCpu_level()));
    for (size_t k = 0; k < sizeof(r) / sizeof(THTensor *); k++)
        if (all[k]->dtype != THDtype_None) THTensor_free(all[k]);
    release(&r);
    THTensor_free(last);
    free(x);
}

static void check_all(const THTensor *a)
{
    double *const x = malloc((size_t)a->numel * sizeof(*x));
    Results r;
    for (int64_t i = 0; i < a->numel; i++) x[i] = th_test_at(a, i);
    const Expected e = expect(x, a->numel);
    compute(&r, a, -1, 0);
    CHECK(r.sum->ndim == 0 && r.argmax->dtype == THDtype_Long);
    if (!CHECK(wrong_at(&r, 0, &e, (THDtype)a->dtype, false) == 0))
        fprintf(stderr, "    %s, all %lld\n", THDtype_name((THDtype)a->dtype), (long long)a->numel);
    release(&r);
    free(x);
}

static void test_layouts(THDtype dtype)
{
    const int64_t sizes[][3] = {{3, 70, 5}, {1, 300, 2}, {130, 2, 67}, {2, 3, 300}, {1, 1, 1}, {5, 1, 40}};
    for (int k = 0; k < COUNT(sizes); k++) {
        THTensor *const a = numbers(dtype, 3, sizes[k], (unsigned)k);
        THTensor *const turned = THTensor_newTranspose(a, 0, 2);
        THTensor *const part = THTensor_newSlice(a, 2, 0, sizes[k][2], 2);
        THTensor *const views[] = {a, turned, part};
        for (int v = 0; v < 3; v++) {
            if (views[v]->numel > 1) check_all(views[v]);
            for (int d = 0; d < 3; d++)
                if (views[v]->size[d] > 1) check_dim(views[v], d, (k + d + v) % 2);
        }
        for (int v = 0; v < 3; v++) THTensor_free(views[v]);
    }
    const int64_t one[] = {1, 9}, wide[] = {6, 9};
    THTensor *const row = numbers(dtype, 2, one, 77), *const expanded = THTensor_newExpand(row, 2, wide);
    check_all(expanded);
    check_dim(expanded, 0, 0);
    check_dim(expanded, 1, 0);
    THTensor_free(row);
    THTensor_free(expanded);
}

static void test_large(THDtype dtype)
{
    const int64_t size[] = {300007};
    THTensor *const a = numbers(dtype, 1, size, 5);
    check_all(a);
    check_dim(a, 0, 0);
    THTensor_free(a);
}

static void test_nan(void)
{
    const int64_t size[] = {40, 3};
    for (int64_t place = 0; place < 120; place += 7) {
        THTensor *const a = numbers(THDtype_Float, 2, size, 8), *const v = THTensor_new(), *const i = THTensor_new();
        float *const x = (float *)THTensor_dataBytes(a);
        x[place] = NAN;
        if (place + 50 < 120) x[place + 50] = NAN; /* the first one is named */
        CHECK_OK(THTensor_maxall(v, a));
        CHECK(isnan(th_test_at(v, 0)));
        CHECK_OK(THTensor_argminall(i, a));
        CHECK((int64_t)th_test_at(i, 0) == place);
        CHECK_OK(THTensor_argmaxall(i, a));
        CHECK((int64_t)th_test_at(i, 0) == place);
        THTensor *const values = THTensor_new(), *const places = THTensor_new();
        CHECK_OK(THTensor_max(values, places, a, 0, 0));
        CHECK(isnan(th_test_at(values, place % 3)) && (int64_t)th_test_at(places, place % 3) == place / 3);
        CHECK_OK(THTensor_min(values, places, a, 0, 0));
        CHECK(isnan(th_test_at(values, place % 3)) && (int64_t)th_test_at(places, place % 3) == place / 3);
        THTensor *const all[] = {a, v, i, values, places};
        for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
    }
}

/* The first nan, or else the first of the winners, among n elements. */
static int64_t winner(const THTensor *a, int64_t begin, int64_t n, bool most)
{
    int64_t place = 0;
    double best = th_test_at(a, begin);
    for (int64_t k = 1; k < n && !isnan(best); k++) {
        const double x = th_test_at(a, begin + k);
        if (isnan(x) || (most ? x > best : x < best)) best = x, place = k;
    }
    return place;
}

static void check_row_places(const THTensor *rows, int64_t n)
{
    THTensor *const values = THTensor_new(), *const places = THTensor_new();
    int wrong = 0;
    for (int most = 0; most < 2; most++) {
        CHECK_OK(most ? THTensor_max(values, places, rows, 1, 0) : THTensor_min(values, places, rows, 1, 0));
        for (int64_t i = 0; i < rows->size[0]; i++) {
            const int64_t place = winner(rows, i * n, n, most);
            const double want = th_test_at(rows, i * n + place), got = th_test_at(values, i);
            wrong += (int64_t)th_test_at(places, i) != place || (want != got && !(isnan(want) && isnan(got)));
        }
    }
    if (!CHECK(wrong == 0))
        fprintf(stderr, "    %s, rows of %lld: %d wrong at %s\n", THDtype_name((THDtype)rows->dtype), (long long)n, wrong,
                THCpu_name(THCpu_level()));
    THTensor_free(values);
    THTensor_free(places);
}

/* Rows of every short length, and about those at which the search changes: dense ones, ones with gaps between, ones of
 * extremes, and with nan here and there. */
static void test_rows(THDtype dtype)
{
    static const int64_t longer[] = {127, 128, 129, 255, 256, 257, 300, 4096, 4097};
    for (int64_t n = 1; n <= 70 + COUNT(longer); n++) {
        const int64_t size[] = {n > 70 ? 9 : 90, n > 70 ? longer[n - 71] : n};
        THTensor *const a = numbers(dtype, 2, size, (unsigned)n), *const gaps = THTensor_newNarrow(a, 1, 0, (size[1] + 1) / 2);
        char *const data = THTensor_dataBytes(a);
        const int64_t item = (int64_t)THDtype_size(dtype);
        check_row_places(a, size[1]);
        check_row_places(gaps, gaps->size[1]);
        const bool floating = THDtype_isFloating(dtype);
        const THScalar ends[] = {floating ? THScalar_fromDouble(-INFINITY) : THScalar_fromLong(INT64_MIN),
                                 floating ? THScalar_fromDouble(INFINITY) : THScalar_fromLong(INT64_MAX)};
        for (int64_t k = 0; k < size[1]; k++) /* the first row of the least value there is, the second of the greatest */
            for (int end = 0; end < 2; end++) THScalar_store(ends[end], dtype, data + (end * size[1] + k) * item);
        for (int64_t k = 0; floating && k < a->numel; k += 3 * size[1] / 2 + 1)
            THScalar_store(THScalar_fromDouble(NAN), dtype, data + k * item);
        check_row_places(a, size[1]);
        THTensor_free(gaps);
        THTensor_free(a);
    }
}

static void test_accuracy(void)
{
    const int64_t n = 3000001, two[] = {3000000, 2};
    THTensor *const a = THTensor_newWithSize(THDtype_Float, 1, &n), *const r = THTensor_new();
    THTensor *const pair = THTensor_newWithSize(THDtype_Float, 2, two), *const rows = THTensor_new();
    CHECK_OK(THTensor_fill(a, THScalar_fromDouble(0.1)));
    CHECK_OK(THTensor_sumall(r, a));
    CHECK_NEAR(th_test_at(r, 0), (double)n * (double)0.1f, 0.5); /* one by one, the error is about 10,000 */
    CHECK_OK(THTensor_fill(pair, THScalar_fromDouble(0.1)));
    CHECK_OK(THTensor_sum(rows, pair, 0, 0));
    CHECK_NEAR(th_test_at(rows, 1), 3000000 * (double)0.1f, 0.5);
    float *const x = (float *)THTensor_dataBytes(a);
    for (int64_t i = 0; i < n; i++) x[i] = i % 3 == 0 ? -1.0f : 1.0f;
    x[5] = 3.0f;
    CHECK_OK(THTensor_prodall(r, a));
    CHECK(th_test_at(r, 0) == ((n + 2) / 3 % 2 == 0 ? 3 : -3));
    for (int64_t i = 0; i < n; i++) x[i] = 10000.0f + (float)(i % 2);
    CHECK_OK(THTensor_varall(r, a, 1));
    CHECK_NEAR(th_test_at(r, 0), 0.25, 1e-3); /* by the difference of squares nothing would be left */
    THTensor_free(a);
    THTensor_free(r);
    THTensor_free(pair);
    THTensor_free(rows);
}

static void test_threads(void)
{
    const int64_t size[] = {1237, 811};
    const int before = THThreads_get();
    THTensor *const a = THTensor_newWithSize(THDtype_Float, 2, size);
    THTensor *results[2][6];
    CHECK_OK(THTensor_uniform(a, NULL, -1, 1));
    for (int t = 0; t < 2; t++) {
        for (int k = 0; k < 6; k++) results[t][k] = THTensor_new();
        CHECK_OK(THThreads_set(t == 0 ? 1 : 3));
        CHECK_OK(THTensor_sumall(results[t][0], a));
        CHECK_OK(THTensor_sum(results[t][1], a, 0, 0));
        CHECK_OK(THTensor_sum(results[t][2], a, 1, 0));
        CHECK_OK(THTensor_varall(results[t][3], a, 0));
        CHECK_OK(THTensor_argmaxall(results[t][4], a));
        CHECK_OK(THTensor_normall(results[t][5], a, 2));
    }
    for (int k = 0; k < 6; k++) {
        int same = 0;
        CHECK_OK(THTensor_equal(&same, results[0][k], results[1][k]));
        CHECK(same == 1);
        THTensor_free(results[0][k]);
        THTensor_free(results[1][k]);
    }
    CHECK_OK(THThreads_set(before));
    THTensor_free(a);
}

static void test_nothing(void)
{
    const int64_t none[] = {0}, rows[] = {0, 3};
    THTensor *const a = THTensor_newWithSize(THDtype_Float, 1, none), *const b = THTensor_newWithSize(THDtype_Float, 2, rows);
    THTensor *const r = THTensor_new(), *const i = THTensor_new(), *const s = THTensor_new();
    CHECK_OK(THTensor_sumall(r, a));
    CHECK(th_test_at(r, 0) == 0);
    CHECK_OK(THTensor_prodall(r, a));
    CHECK(th_test_at(r, 0) == 1);
    CHECK_OK(THTensor_meanall(r, a));
    CHECK(isnan(th_test_at(r, 0)));
    CHECK_OK(THTensor_varall(r, a, 0));
    CHECK(isnan(th_test_at(r, 0)));
    CHECK_FAILS(THTensor_maxall(r, a), TH_ERR_SHAPE, "[max] a tensor without elements");
    CHECK_FAILS(THTensor_argminall(i, a), TH_ERR_SHAPE, "[argmin]");
    CHECK_OK(THTensor_sum(s, b, 0, 0));
    CHECK(s->numel == 3 && th_test_at(s, 2) == 0);
    CHECK_OK(THTensor_sum(s, b, 1, 1));
    CHECK(s->ndim == 2 && s->numel == 0);
    CHECK_FAILS(THTensor_max(s, i, b, 0, 0), TH_ERR_SHAPE, "[max] dimension 0 of size 0");
    CHECK_OK(THTensor_argmax(i, b, 1, 0));
    CHECK(i->numel == 0);
    THTensor *const all[] = {a, b, r, i, s};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

static void test_scalar_and_refusals(void)
{
    THTensor *const x = THTensor_newWithScalar(THDtype_Double, THScalar_fromDouble(-2.5)), *const r = THTensor_new();
    THTensor *const l = THTensor_newWithScalar(THDtype_Long, THScalar_fromLong(3)), *const i = THTensor_new();
    CHECK_OK(THTensor_sum(r, x, 0, 0));
    CHECK(r->ndim == 0 && th_test_at(r, 0) == -2.5);
    CHECK_OK(THTensor_max(r, i, x, -1, 1));
    CHECK(r->ndim == 0 && th_test_at(r, 0) == -2.5 && th_test_at(i, 0) == 0);
    CHECK_OK(THTensor_varall(r, x, 0));
    CHECK(isnan(th_test_at(r, 0)));
    CHECK_OK(THTensor_varall(r, x, 1));
    CHECK(th_test_at(r, 0) == 0);
    CHECK_FAILS(THTensor_sum(r, x, 1, 0), TH_ERR_INDEX, "[sum]");
    CHECK_FAILS(THTensor_sum(r, x, -65, 0), TH_ERR_INDEX, "[sum]");
    CHECK_FAILS(THTensor_meanall(r, l), TH_ERR_DTYPE, "[mean] can only calculate the mean of floating types, got Long");
    CHECK_FAILS(THTensor_normall(r, x, NAN), TH_ERR_VALUE, "[norm] p");
    CHECK_FAILS(THTensor_sumall(x, x), TH_ERR_VALUE, "[sum] output shares memory");
    CHECK_FAILS(THTensor_sumall(r, l), TH_ERR_DTYPE, "sum");
    THTensor *const all[] = {x, r, l, i};
    for (int k = 0; k < COUNT(all); k++) THTensor_free(all[k]);
}

/* Halves are added up in float: their sums would stop at 2048. */
static void test_half(void)
{
    const int64_t size[] = {3, 5000};
    THTensor *const h = THTensor_newWithSize(THDtype_Half, 2, size), *const r = THTensor_new(), *const i = THTensor_new();
    CHECK_OK(THTensor_fill(h, THScalar_fromLong(1)));
    ((uint16_t *)(void *)THTensor_dataBytes(h))[5000 + 17] = 0x4000; /* 2 */
    CHECK_OK(THTensor_sum(r, h, 1, 0));
    CHECK(r->dtype == THDtype_Half && r->size[0] == 3 && th_test_at(r, 0) == 5000);
    CHECK_OK(THTensor_sumall(r, h));
    CHECK(r->ndim == 0 && th_test_at(r, 0) == 15000); /* 15001, rounded */
    CHECK_OK(THTensor_meanall(r, h));
    CHECK(th_test_at(r, 0) == 1);
    CHECK_OK(THTensor_normall(r, h, 1));
    CHECK(th_test_at(r, 0) == 15000);
    CHECK_OK(THTensor_varall(r, h, 1));
    CHECK_NEAR(th_test_at(r, 0), 1.0 / 15000, 1e-6);
    CHECK_OK(THTensor_maxall(r, h));
    CHECK(r->dtype == THDtype_Half && th_test_at(r, 0) == 2);
    CHECK_OK(THTensor_max(r, i, h, 1, 1));
    CHECK(r->size[1] == 1 && th_test_at(r, 1) == 2 && th_test_at(i, 1) == 17 && i->dtype == THDtype_Long);
    CHECK_OK(THTensor_argmaxall(i, h));
    CHECK(i->ndim == 0 && th_test_at(i, 0) == 5017);
    CHECK_OK(THTensor_argmax(i, h, 1, 0));
    CHECK(i->size[0] == 3 && th_test_at(i, 1) == 17 && th_test_at(i, 0) == 0);
    CHECK_FAILS(THTensor_sumall(i, h), TH_ERR_DTYPE, "[sum] the output is Long, expected Half");
    CHECK_FAILS(THTensor_max(i, r, h, 1, 0), TH_ERR_DTYPE, "[max] values are Long, expected Half");
    THTensor_free(h);
    THTensor_free(r);
    THTensor_free(i);
}

int main(void)
{
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        for (int k = 0; k < COUNT(arithmetic); k++) {
            test_layouts(arithmetic[k]);
            test_large(arithmetic[k]);
            test_rows(arithmetic[k]);
        }
        test_nan();
    }
    test_accuracy();
    test_threads();
    test_nothing();
    test_half();
    test_scalar_and_refusals();
    return th_test_end("reduce");
}
