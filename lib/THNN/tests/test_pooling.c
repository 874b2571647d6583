/* Poolings against loops that follow the definition, and against differences. */
#include "THNNTest.h"

typedef struct Case {
    int64_t n, c, h, w, kh, kw, dh, dw, ph, pw, eh, ew;
    int ceil_mode;
} Case;

typedef struct Tensors {
    const Case *c;
    THTensor *x;
    int count_include_pad;
} Tensors;

static const Case CASES[] = {
    /* n c  h   w  kh kw dh dw ph pw eh ew ceil */
    {2, 3, 8, 10, 2, 2, 2, 2, 0, 0, 1, 1, 0},
    {2, 3, 7, 9, 2, 2, 2, 2, 0, 0, 1, 1, 0}, /* odd sizes: the last row and column are left out */
    {2, 3, 7, 9, 2, 2, 2, 2, 0, 0, 1, 1, 1}, /* or in windows that hang over */
    {1, 2, 9, 8, 3, 3, 2, 2, 1, 1, 1, 1, 0},
    {3, 1, 9, 11, 3, 2, 1, 3, 1, 1, 1, 1, 1},
    {1, 1, 3, 300, 2, 2, 2, 2, 0, 0, 1, 1, 0}, /* rows of several blocks */
    {1, 1, 3, 300, 3, 3, 1, 1, 1, 1, 1, 1, 0},
    {2, 2, 12, 13, 3, 2, 1, 2, 1, 0, 2, 3, 0}, /* dilation: maxima alone */
    {0, 2, 6, 6, 2, 2, 2, 2, 0, 0, 1, 1, 0},
};
#define CASE_COUNT ((int)(sizeof(CASES) / sizeof(CASES[0])))

static THStatus maximum(void *context, THTensor *output)
{
    const Tensors *t = context;
    const Case *c = t->c;
    THTensor *indices = THTensor_new();
    const THStatus status = THNN_SpatialMaxPooling_updateOutput(t->x, output, indices, c->kh, c->kw, c->dh, c->dw, c->ph, c->pw,
                                                                c->eh, c->ew, c->ceil_mode);
    THTensor_free(indices);
    return status;
}

static THStatus average(void *context, THTensor *output)
{
    const Tensors *t = context;
    const Case *c = t->c;
    return THNN_SpatialAveragePooling_updateOutput(t->x, output, c->kh, c->kw, c->dh, c->dw, c->ph, c->pw, c->ceil_mode,
                                                   t->count_include_pad);
}

static THStatus averageBackward(const Tensors *t, const THTensor *gy, THTensor *gx)
{
    const Case *c = t->c;
    return THNN_SpatialAveragePooling_updateGradInput(t->x, gy, gx, c->kh, c->kw, c->dh, c->dw, c->ph, c->pw, c->ceil_mode,
                                                      t->count_include_pad);
}

static int64_t outSize(int64_t size, int64_t k, int64_t d, int64_t p, int64_t e, int ceil_mode)
{
    const int64_t room = size + 2 * p - e * (k - 1) - 1;
    int64_t out = (ceil_mode ? room + d - 1 : room) / d + 1;
    if (ceil_mode && (out - 1) * d >= size + p) out--;
    return out;
}

/* What one window holds. */
typedef struct Window {
    double maximum;
    int64_t index;
    double sum;
    int64_t inside;  /* elements of the input */
    int64_t covered; /* elements of input and padding */
} Window;

static Window look(const Case *c, const THTensor *x, int64_t plane, int64_t i, int64_t j)
{
    Window v = {.index = -1};
    for (int64_t a = 0; a < c->kh; a++) {
        for (int64_t b = 0; b < c->kw; b++) {
            const int64_t row = i * c->dh - c->ph + a * c->eh;
            const int64_t column = j * c->dw - c->pw + b * c->ew;
            if (row < c->h + c->ph && column < c->w + c->pw) v.covered++;
            if (row < 0 || row >= c->h || column < 0 || column >= c->w) continue;
            const double value = th_test_at(x, (plane * c->h + row) * c->w + column);
            v.inside++;
            v.sum += value;
            if (v.index < 0 || value > v.maximum || (isnan(value) && !isnan(v.maximum))) {
                v.maximum = value;
                v.index = row * c->w + column;
            }
        }
    }
    return v;
}

/* Values that are all different, or few ones, so that maxima have equals. */
static void testForward(const Case *c, THDtype dtype, bool equals)
{
    const int64_t size[4] = {c->n, c->c, c->h, c->w};
    THTensor *x = thnn_test_random(dtype, 4, size, 1);
    for (int64_t i = 0; equals && i < x->numel; i++)
        THScalar_store(THScalar_fromDouble(floor(2 * th_test_at(x, i))), dtype,
                       THTensor_dataBytes(x) + i * (int64_t)THDtype_size(dtype));
    Tensors t = {.c = c, .x = thnn_test_strided(x)};
    THTensor *y = THTensor_new();
    THTensor *indices = THTensor_new();
    THTensor *mean = THTensor_new();
    THTensor *mean_inside = THTensor_new();
    CHECK_OK(THNN_SpatialMaxPooling_updateOutput(t.x, y, indices, c->kh, c->kw, c->dh, c->dw, c->ph, c->pw, c->eh, c->ew,
                                                 c->ceil_mode));
    const int64_t oh = outSize(c->h, c->kh, c->dh, c->ph, c->eh, c->ceil_mode);
    const int64_t ow = outSize(c->w, c->kw, c->dw, c->pw, c->ew, c->ceil_mode);
    CHECK(y->size[2] == oh && y->size[3] == ow);
    const bool averages = c->eh == 1 && c->ew == 1;
    if (averages) {
        CHECK_OK(average(&t, mean_inside));
        t.count_include_pad = 1;
        CHECK_OK(average(&t, mean));
    }
    for (int64_t k = 0; k < y->numel; k++) {
        const Window v = look(c, x, k / ow / oh, k / ow % oh, k % ow);
        CHECK(th_test_at(y, k) == v.maximum);
        CHECK(thnn_test_longs(indices)[k] == v.index);
        if (!averages) continue;
        CHECK_NEAR(th_test_at(mean, k), v.sum / (double)v.covered, 1e-6);
        CHECK_NEAR(th_test_at(mean_inside, k), v.sum / (double)v.inside, 1e-6);
    }
    THTensor *all[] = {x, t.x, y, indices, mean, mean_inside};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) THTensor_free(all[i]);
}

static void testMaximumGradient(const Case *c)
{
    const int64_t size[4] = {c->n, c->c, c->h, c->w};
    Tensors t = {.c = c, .x = thnn_test_random(THDtype_Double, 4, size, 2)};
    THTensor *y = THTensor_new();
    THTensor *indices = THTensor_new();
    THTensor *gx = THTensor_new();
    CHECK_OK(THNN_SpatialMaxPooling_updateOutput(t.x, y, indices, c->kh, c->kw, c->dh, c->dw, c->ph, c->pw, c->eh, c->ew,
                                                 c->ceil_mode));
    THTensor *gy = thnn_test_random(THDtype_Double, 4, y->size, 3);
    CHECK_OK(THNN_SpatialMaxPooling_updateGradInput(t.x, gy, gx, indices));
    thnn_test_gradient(maximum, &t, t.x, gy, gx);
    THTensor *all[] = {t.x, y, indices, gx, gy};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) THTensor_free(all[i]);
}

static void testAverageGradient(const Case *c, int count_include_pad)
{
    const int64_t size[4] = {c->n, c->c, c->h, c->w};
    Tensors t = {.c = c, .x = thnn_test_random(THDtype_Double, 4, size, 4), .count_include_pad = count_include_pad};
    THTensor *y = THTensor_new();
    THTensor *gx = THTensor_new();
    CHECK_OK(average(&t, y));
    THTensor *gy = thnn_test_random(THDtype_Double, 4, y->size, 5);
    CHECK_OK(averageBackward(&t, gy, gx));
    thnn_test_gradient(average, &t, t.x, gy, gx);
    THTensor *all[] = {t.x, y, gx, gy};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) THTensor_free(all[i]);
}

/* Equal values: the first; nan: the first of those; -inf alone: the first position inside. */
static void testTies(THDtype dtype)
{
    const int64_t size[3] = {1, 4, 8};
    const double rows[4][8] = {{1, 1, 2, 3, -INFINITY, -INFINITY, NAN, 1},
                               {1, 1, 3, 3, -INFINITY, -INFINITY, NAN, 9},
                               {0, 5, 5, 0, 7, NAN, 1, 1},
                               {5, 5, 0, 0, 8, 9, 1, 1}};
    THTensor *x = THTensor_newWithSize(dtype, 3, size);
    for (int64_t i = 0; i < 32; i++)
        THScalar_store(THScalar_fromDouble(rows[i / 8][i % 8]), dtype,
                       THTensor_dataBytes(x) + i * (int64_t)THDtype_size(dtype));
    THTensor *y = THTensor_new();
    THTensor *indices = THTensor_new();
    const int64_t expected[8] = {0, 3, 4, 6, 17, 18, 21, 22};
    CHECK_OK(THNN_SpatialMaxPooling_updateOutput(x, y, indices, 2, 2, 2, 2, 0, 0, 1, 1, 0));
    CHECK(y->ndim == 3 && y->size[0] == 1 && y->size[1] == 2 && y->size[2] == 4);
    for (int64_t i = 0; i < 8; i++) CHECK(thnn_test_longs(indices)[i] == expected[i]);
    CHECK(isnan(th_test_at(y, 3)) && isnan(th_test_at(y, 6)) && th_test_at(y, 2) == -INFINITY);
    const Case c = {1, 1, 4, 8, 3, 3, 1, 1, 1, 1, 1, 1, 0};
    CHECK_OK(THNN_SpatialMaxPooling_updateOutput(x, y, indices, 3, 3, 1, 1, 1, 1, 1, 1, 0));
    for (int64_t i = 0; i < 32; i++) CHECK(thnn_test_longs(indices)[i] == look(&c, x, 0, i / 8, i % 8).index);
    THTensor_free(x);
    THTensor_free(y);
    THTensor_free(indices);
}

static void testErrors(void)
{
    const int64_t size[4] = {1, 1, 4, 4};
    const int64_t small[4] = {1, 1, 2, 2};
    THTensor *x = thnn_test_random(THDtype_Float, 4, size, 6);
    THTensor *y = THTensor_new();
    THTensor *indices = THTensor_new();
    CHECK_FAILS(THNN_SpatialMaxPooling_updateOutput(x, y, indices, 2, 2, 2, 2, 2, 0, 1, 1, 0), TH_ERR_VALUE,
                "[MaxPooling] padH is 2, expected at most half of kH, which is 2");
    CHECK_FAILS(THNN_SpatialMaxPooling_updateOutput(x, y, indices, 5, 2, 2, 2, 0, 0, 1, 1, 0), TH_ERR_SHAPE,
                "output would be too small");
    CHECK_FAILS(THNN_SpatialMaxPooling_updateOutput(x, y, indices, 2, 2, 1, 1, 1, 0, 5, 1, 0), TH_ERR_SHAPE,
                "sees padding alone");
    CHECK_FAILS(THNN_SpatialAveragePooling_updateOutput(x, y, 2, 2, 0, 2, 0, 0, 0, 0), TH_ERR_VALUE,
                "[AveragePooling] dH is 0");
    const int64_t vector[1] = {4};
    THTensor *flat = thnn_test_random(THDtype_Float, 1, vector, 6);
    CHECK_FAILS(THNN_SpatialAveragePooling_updateOutput(flat, y, 2, 2, 2, 2, 0, 0, 0, 0), TH_ERR_SHAPE,
                "input has 1 dimensions");
    THTensor *gy = thnn_test_random(THDtype_Float, 4, small, 7);
    THTensor *places = th_test_ramp(THDtype_Long, 4, small);
    THTensor *gx = THTensor_newClone(x);
    ((int64_t *)(void *)THTensor_dataBytes(places))[3] = 16;
    CHECK_FAILS(THNN_SpatialMaxPooling_updateGradInput(x, gy, gx, places), TH_ERR_INDEX, "indices hold 16");
    CHECK(thnn_test_distance(gx, x) == 0); /* nothing was written */
    CHECK_FAILS(THNN_SpatialMaxPooling_updateGradInput(x, gy, gx, gy), TH_ERR_DTYPE, "expected Long");
    THTensor *all[] = {x, y, indices, flat, gy, places, gx};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) THTensor_free(all[i]);
}

static void testThreads(void)
{
    const int64_t size[4] = {4, 16, 40, 40};
    THTensor *x = thnn_test_random(THDtype_Float, 4, size, 8);
    const int before = THThreads_get();
    THTensor *y[2];
    THTensor *indices[2];
    for (int i = 0; i < 2; i++) {
        y[i] = THTensor_new();
        indices[i] = THTensor_new();
        CHECK_OK(THThreads_set(i == 0 ? 1 : 3));
        CHECK_OK(THNN_SpatialMaxPooling_updateOutput(x, y[i], indices[i], 3, 3, 2, 2, 1, 1, 1, 1, 0));
    }
    CHECK_OK(THThreads_set(before));
    CHECK(thnn_test_distance(y[0], y[1]) == 0);
    CHECK(thnn_test_distance(indices[0], indices[1]) == 0);
    for (int i = 0; i < 2; i++) {
        THTensor_free(y[i]);
        THTensor_free(indices[i]);
    }
    THTensor_free(x);
}

int main(void)
{
    for (int i = 0; i < CASE_COUNT; i++) {
        testForward(&CASES[i], THDtype_Float, false);
        testForward(&CASES[i], THDtype_Float, true);
        testForward(&CASES[i], THDtype_Double, false);
        testForward(&CASES[i], THDtype_Double, true);
        testMaximumGradient(&CASES[i]);
        if (CASES[i].eh != 1 || CASES[i].ew != 1) continue;
        testAverageGradient(&CASES[i], 0);
        testAverageGradient(&CASES[i], 1);
    }
    testTies(THDtype_Float);
    testTies(THDtype_Double);
    testErrors();
    testThreads();
    return th_test_end("pooling");
}
