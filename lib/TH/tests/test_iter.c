/* The strided walk against a walk by index, over random shapes, strides and overlaps. */
#include "TH/THIter.h"
#include "THTest.h"

#define SIZE(...)                                                                                                              \
    (const int64_t[])                                                                                                          \
    {                                                                                                                          \
        __VA_ARGS__                                                                                                            \
    }

static uint64_t state = 88172645463325252u;

static int64_t draw(int64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int64_t)(state % (uint64_t)below);
}

/* out = 3 * a + b */
static void combine(char *const data[], const int64_t stride[], int64_t n, const void *args)
{
    (void)args;
    for (int64_t i = 0; i < n; i++) {
        const float a = *(const float *)(data[1] + i * stride[1]), b = *(const float *)(data[2] + i * stride[2]);
        *(float *)(data[0] + i * stride[0]) = 3 * a + b;
    }
}

/* A view into `pool` with a random shape of that size: permuted, narrowed, or with steps. */
static THTensor *randomView(int ndim, const int64_t *size)
{
    int64_t padded[TH_MAX_DIMS] = {0};
    int dims[TH_MAX_DIMS], place[TH_MAX_DIMS];
    for (int d = 0; d < ndim; d++) dims[d] = d;
    for (int d = ndim - 1; d > 0; d--) {
        const int other = (int)draw(d + 1), kept = dims[d];
        dims[d] = dims[other];
        dims[other] = kept;
    }
    const int64_t step = 1 + draw(2);
    for (int d = 0; d < ndim; d++) {
        padded[d] = size[dims[d]] + (draw(2) ? draw(3) : 0);
        place[dims[d]] = d;
    }
    if (ndim > 0) padded[ndim - 1] *= step;
    THTensor *base = th_test_ramp(THDtype_Float, ndim, padded);
    THTensor *view = THTensor_newPermute(base, ndim, place);
    THTensor_free(base);
    for (int d = 0; d < ndim; d++) {
        const bool stepped = place[d] == ndim - 1;
        const int64_t room = view->size[d] / (stepped ? step : 1) - size[d];
        const int64_t start = room > 0 ? draw(room + 1) : 0;
        THTensor *next = THTensor_newSlice(view, d, start * (stepped ? step : 1), (start + size[d]) * (stepped ? step : 1),
                                           stepped ? step : 1);
        THTensor_free(view);
        view = next;
    }
    return view;
}

/* A view that broadcasts to `size`: some dimensions shrunk to 1, some leading ones missing. */
static THTensor *randomInput(int ndim, const int64_t *size)
{
    int64_t own[TH_MAX_DIMS];
    const int missing = draw(3) == 0 ? (int)draw(ndim + 1) : 0;
    for (int d = missing; d < ndim; d++) own[d - missing] = draw(4) == 0 ? 1 : size[d];
    return randomView(ndim - missing, own);
}

static double atBroadcast(const THTensor *t, int ndim, const int64_t *size, int64_t index)
{
    int64_t place = 0, step = 1;
    for (int d = ndim - 1; d >= 0; d--) {
        const int own = d - (ndim - t->ndim);
        if (own >= 0) {
            place += (t->size[own] == 1 ? 0 : index % size[d]) * step;
            step *= t->size[own];
        }
        index /= size[d];
    }
    return th_test_at(t, place);
}

static bool mapsRight(THTensor *out, THTensor *a, THTensor *b)
{
    double *expected = malloc((size_t)(out->numel + 1) * sizeof *expected);
    for (int64_t i = 0; i < out->numel; i++)
        expected[i] = 3 * atBroadcast(a, out->ndim, out->size, i) + atBroadcast(b, out->ndim, out->size, i);
    THTensor *const operands[] = {out, a, b};
    bool right = THIter_map("combine", combine, NULL, 64, 3, operands) == TH_OK;
    for (int64_t i = 0; right && i < out->numel; i++) right = th_test_at(out, i) == (float)expected[i];
    free(expected);
    return right;
}

static void testRandomShapes(void)
{
    int wrong = 0;
    for (int round = 0; round < 1500; round++) {
        const int ndim = (int)draw(6);
        int64_t size[TH_MAX_DIMS];
        for (int d = 0; d < ndim; d++) size[d] = draw(12) == 0 ? 0 : draw(3) == 0 ? 1 : 1 + draw(7);
        THTensor *out = randomView(ndim, size), *a = randomInput(ndim, size), *b = randomInput(ndim, size);
        wrong += !mapsRight(out, a, b);
        wrong += out->ndim == a->ndim && THTensor_isSameSizeAs(out, a) && !mapsRight(out, out, b);
        THTensor_free(out);
        THTensor_free(a);
        THTensor_free(b);
    }
    CHECK(wrong == 0);
}

static void testOverlap(void)
{
    THTensor *line = th_test_ramp(THDtype_Float, 1, SIZE(1000));
    THTensor *left = THTensor_newNarrow(line, 0, 0, 999), *right = THTensor_newNarrow(line, 0, 1, 999);
    CHECK(mapsRight(right, left, left));
    CHECK(mapsRight(left, right, left));
    THTensor *first = THTensor_newNarrow(line, 0, 5, 1);
    CHECK(mapsRight(line, line, first)); /* a broadcast input inside the output */
    THTensor *even = THTensor_newSlice(line, 0, 0, 1000, 2), *odd = THTensor_newSlice(line, 0, 1, 1000, 2);
    CHECK(mapsRight(even, odd, even));
    THTensor *square = THTensor_newView(line, 2, SIZE(10, 100)), *part = THTensor_newNarrow(square, 1, 0, 10);
    THTensor *turned = THTensor_newTranspose(part, 0, 1);
    CHECK(mapsRight(part, turned, part));
    THTensor *all[] = {line, left, right, first, even, odd, square, part, turned};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) THTensor_free(all[i]);
}

static void testRefusals(void)
{
    THTensor *a = th_test_ramp(THDtype_Float, 2, SIZE(3, 1)), *b = th_test_ramp(THDtype_Float, 2, SIZE(3, 2));
    THTensor *wide = THTensor_newExpand(a, 2, SIZE(3, 2)), *none = THTensor_new();
    THTensor *const expanded[] = {wide, b, b}, *const narrow[] = {a, b, b}, *const missing[] = {b, none, b};
    THTensor *const more[] = {none, b, b};
    CHECK_FAILS(THIter_map("op", combine, NULL, 64, 3, expanded), TH_ERR_SHAPE, "[op] self, expanded along dimension 1");
    CHECK_FAILS(THIter_map("op", combine, NULL, 64, 3, narrow), TH_ERR_SHAPE,
                "[op] shape (3, 2): cannot be broadcast to the output's shape (3, 1)");
    CHECK_FAILS(THIter_map("op", combine, NULL, 64, 3, missing), TH_ERR_STATE, "no dtype");
    CHECK_FAILS(THIter_map("op", combine, NULL, 64, 3, more), TH_ERR_STATE, "no dtype");
    THTensor_free(wide);
    THTensor_free(none);
    THTensor_free(a);
    THTensor_free(b);
}

int main(void)
{
    for (int threads = 1; threads <= 4; threads += 3) {
        CHECK_OK(THThreads_set(threads));
        testRandomShapes();
        testOverlap();
    }
    THTensor *out = th_test_ramp(THDtype_Float, 2, SIZE(700, 300)), *a = th_test_ramp(THDtype_Float, 2, SIZE(300, 700));
    THTensor *turned = THTensor_newTranspose(a, 0, 1);
    CHECK(mapsRight(out, turned, out));
    THTensor_free(turned);
    THTensor_free(a);
    THTensor_free(out);
    testRefusals();
    return th_test_end("iter");
}
