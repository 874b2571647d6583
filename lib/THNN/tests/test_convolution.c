/* SpatialConvolutionMM against loops that follow the definition, and against differences. */
#include "THNNTest.h"

typedef struct Case {
    int64_t n, c, h, w, o, kh, kw, dh, dw, ph, pw, eh, ew, groups;
} Case;

typedef struct Tensors {
    const Case *c;
    THTensor *x;
    THTensor *weight;
    THTensor *bias;
} Tensors;

static const Case CASES[] = {
    /* n  c   h   w   o  kh kw dh dw ph pw eh ew groups */
    {3, 2, 7, 6, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1},
    {1, 3, 9, 8, 2, 3, 2, 2, 1, 0, 1, 1, 1, 1},
    {2, 4, 8, 9, 6, 3, 3, 2, 2, 1, 1, 1, 1, 2},
    {2, 3, 11, 10, 2, 3, 3, 1, 2, 2, 3, 2, 3, 1},
    {3, 4, 5, 5, 4, 1, 1, 1, 1, 0, 0, 1, 1, 1},   /* pointwise */
    {1, 4, 40, 40, 6, 1, 1, 1, 1, 0, 0, 1, 1, 2}, /* pointwise, large, in groups */
    {2, 4, 6, 6, 4, 1, 1, 2, 2, 1, 1, 1, 1, 1},
    {3, 4, 9, 7, 4, 3, 3, 1, 1, 1, 1, 1, 1, 4},  /* depth-wise */
    {2, 3, 9, 20, 6, 3, 5, 2, 3, 2, 1, 2, 1, 3}, /* depth-wise with a multiplier, strides, dilation */
    {2, 2, 6, 37, 2, 3, 3, 1, 2, 1, 1, 1, 1, 2},
    {2, 2, 6, 6, 10, 3, 3, 1, 1, 1, 1, 1, 1, 2},  /* one channel in each group, by matrices */
    {0, 2, 5, 5, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1},   /* no images */
    {2, 1, 2, 2, 1, 3, 3, 1, 1, 4, 4, 1, 1, 1},   /* taps that see padding alone */
    {7, 3, 60, 70, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1}, /* images of several tiles, more of them than partial sums */
    {70, 1, 8, 8, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1},  /* several tiles of several images */
};
#define CASE_COUNT ((int)(sizeof(CASES) / sizeof(CASES[0])))

/* Enough positions and output channels for the direct way, at every CPU level; rows that end in tiles of each size. */
static const Case DIRECT[] = {
    {2, 5, 17, 29, 30, 3, 3, 1, 1, 1, 1, 1, 1, 1},  /* two channels less than a block */
    {3, 3, 15, 15, 50, 3, 3, 1, 1, 0, 0, 1, 1, 1},  /* a block, and one that is not full */
    {2, 6, 20, 27, 64, 3, 5, 1, 1, 2, 3, 1, 1, 2},  /* groups; more padding than half of the window */
    {2, 4, 41, 47, 32, 3, 3, 2, 2, 1, 1, 1, 1, 1},  /* strides */
    {2, 2, 35, 70, 32, 5, 2, 3, 2, 2, 1, 2, 3, 1},  /* unlike strides and dilations */
    {3, 4, 16, 13, 32, 3, 3, 1, 1, 4, 4, 2, 2, 1},  /* dilation */
    {260, 3, 4, 1, 32, 3, 1, 1, 1, 1, 0, 1, 1, 1},  /* one column */
    {4, 2, 3, 2, 32, 3, 3, 1, 1, 9, 9, 1, 1, 1},    /* lines that see padding alone */
    {5, 12, 24, 33, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1}, /* several jobs for each image; half a block */
};
#define DIRECT_COUNT ((int)(sizeof(DIRECT) / sizeof(DIRECT[0])))

static int64_t outSize(int64_t size, int64_t k, int64_t d, int64_t p, int64_t e)
{
    return (size + 2 * p - e * (k - 1) - 1) / d + 1;
}

static THStatus forward(void *context, THTensor *output)
{
    const Tensors *t = context;
    const Case *c = t->c;
    return THNN_SpatialConvolutionMM_updateOutput(t->x, output, t->weight, t->bias, c->dh, c->dw, c->ph, c->pw, c->eh, c->ew,
                                                  c->groups);
}

static THStatus gradInput(const Tensors *t, const THTensor *gy, THTensor *gx)
{
    const Case *c = t->c;
    return THNN_SpatialConvolutionMM_updateGradInput(t->x, gy, gx, t->weight, c->dh, c->dw, c->ph, c->pw, c->eh, c->ew,
                                                     c->groups);
}

static THStatus accParameters(const Tensors *t, const THTensor *gy, THTensor *gw, THTensor *gb, double scale)
{
    const Case *c = t->c;
    return THNN_SpatialConvolutionMM_accGradParameters(t->x, gy, gw, gb, c->dh, c->dw, c->ph, c->pw, c->eh, c->ew, c->groups,
                                                       scale);
}

static Tensors makeTensors(const Case *c, THDtype dtype)
{
    const int64_t x_size[4] = {c->n, c->c, c->h, c->w};
    const int64_t w_size[4] = {c->o, c->c / c->groups, c->kh, c->kw};
    return (Tensors){.c = c,
                     .x = thnn_test_random(dtype, 4, x_size, 1),
                     .weight = thnn_test_random(dtype, 4, w_size, 2),
                     .bias = thnn_test_random(dtype, 1, &c->o, 3)};
}

static void freeTensors(Tensors *t)
{
    THTensor_free(t->x);
    THTensor_free(t->weight);
    THTensor_free(t->bias);
}

/* One contribution: output element, the input and weight elements it multiplies; in row-major numbers. */
typedef void (*Visit)(int64_t y, int64_t x, int64_t weight, void *context);

/* Every product that the definition of the convolution names. */
static void visitProducts(const Case *c, Visit visit, void *context)
{
    const int64_t oh = outSize(c->h, c->kh, c->dh, c->ph, c->eh);
    const int64_t ow = outSize(c->w, c->kw, c->dw, c->pw, c->ew);
    const int64_t in = c->c / c->groups;
    const int64_t out = c->o / c->groups;
    for (int64_t y = 0; y < c->n * c->o * oh * ow; y++) {
        const int64_t j = y % ow, i = y / ow % oh, o = y / ow / oh % c->o, n = y / ow / oh / c->o;
        for (int64_t k = 0; k < in * c->kh * c->kw; k++) {
            const int64_t b = k % c->kw, a = k / c->kw % c->kh, channel = o / out * in + k / c->kw / c->kh;
            const int64_t row = i * c->dh - c->ph + a * c->eh;
            const int64_t column = j * c->dw - c->pw + b * c->ew;
            if (row < 0 || row >= c->h || column < 0 || column >= c->w) continue;
            visit(y, ((n * c->c + channel) * c->h + row) * c->w + column, o * in * c->kh * c->kw + k, context);
        }
    }
}

typedef struct Oracle {
    const double *x, *weight, *gy;
    double *y, *gx, *gw;
} Oracle;

static void addProduct(int64_t y, int64_t x, int64_t weight, void *context)
{
    Oracle *o = context;
    o->y[y] += o->x[x] * o->weight[weight];
    o->gx[x] += o->gy[y] * o->weight[weight];
    o->gw[weight] += o->gy[y] * o->x[x];
}

static void checkAgainst(const THTensor *t, const THTensor *expected, double tolerance)
{
    CHECK(thnn_test_distance(t, expected) <= tolerance);
}

static THTensor *zeros(const THTensor *like)
{
    THTensor *t = THTensor_newWithSize((THDtype)like->dtype, like->ndim, like->size);
    if (t->numel > 0) memset(THTensor_dataBytes(t), 0, (size_t)t->numel * THDtype_size((THDtype)t->dtype));
    return t;
}

/* All three passes of a case in `dtype`, on row-major or other strides, against the definition in doubles. */
static void testCase(const Case *c, THDtype dtype, bool strided)
{
    Tensors exact = makeTensors(c, THDtype_Double);
    const int64_t y_size[4] = {c->n, c->o, outSize(c->h, c->kh, c->dh, c->ph, c->eh),
                               outSize(c->w, c->kw, c->dw, c->pw, c->ew)};
    THTensor *gy = thnn_test_random(THDtype_Double, 4, y_size, 4);
    THTensor *y = zeros(gy);
    THTensor *gx = zeros(exact.x);
    THTensor *gw = zeros(exact.weight);
    THTensor *gb = zeros(exact.bias);
    Oracle oracle = {thnn_test_doubles(exact.x), thnn_test_doubles(exact.weight), thnn_test_doubles(gy),
                     thnn_test_doubles(y),       thnn_test_doubles(gx),           thnn_test_doubles(gw)};
    visitProducts(c, addProduct, &oracle);
    const int64_t plane = y_size[2] * y_size[3];
    for (int64_t i = 0; i < y->numel; i++) {
        thnn_test_doubles(y)[i] += th_test_at(exact.bias, i / plane % c->o);
        thnn_test_doubles(gb)[i / plane % c->o] += th_test_at(gy, i);
    }

    Tensors t = makeTensors(c, dtype);
    THTensor *gy_t = thnn_test_random(dtype, 4, y_size, 4);
    if (strided) {
        THTensor *old[3] = {t.x, t.weight, gy_t};
        t.x = thnn_test_strided(old[0]);
        t.weight = thnn_test_strided(old[1]);
        gy_t = thnn_test_strided(old[2]);
        for (int i = 0; i < 3; i++) THTensor_free(old[i]);
    }
    const double tolerance = dtype == THDtype_Float ? 2e-3 : 1e-10;
    THTensor *y_t = THTensor_new();
    THTensor *gx_t = THTensor_new();
    THTensor *gw_t = zeros(exact.weight);
    THTensor *gb_t = zeros(exact.bias);
    if (dtype != THDtype_Double) {
        THTensor *old[2] = {gw_t, gb_t};
        gw_t = THTensor_newConvert(old[0], dtype);
        gb_t = THTensor_newConvert(old[1], dtype);
        THTensor_free(old[0]);
        THTensor_free(old[1]);
    }
    CHECK_OK(forward(&t, y_t));
    CHECK_OK(gradInput(&t, gy_t, gx_t));
    /* In two parts, scaled by 1.5 and -0.5: the sum is the gradient. */
    CHECK_OK(accParameters(&t, gy_t, gw_t, gb_t, 1.5));
    CHECK_OK(accParameters(&t, gy_t, gw_t, gb_t, -0.5));
    checkAgainst(y_t, y, tolerance);
    checkAgainst(gx_t, gx, tolerance);
    checkAgainst(gw_t, gw, tolerance);
    checkAgainst(gb_t, gb, tolerance);
    THTensor *all[] = {gy, y, gx, gw, gb, gy_t, y_t, gx_t, gw_t, gb_t};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) THTensor_free(all[i]);
    freeTensors(&exact);
    freeTensors(&t);
}

/* Each gradient against differences of the forward pass. */
static void testGradient(const Case *c)
{
    Tensors t = makeTensors(c, THDtype_Double);
    THTensor *y = THTensor_new();
    CHECK_OK(forward(&t, y));
    THTensor *gy = thnn_test_random(THDtype_Double, 4, y->size, 5);
    THTensor *gx = THTensor_new();
    THTensor *gw = zeros(t.weight);
    THTensor *gb = zeros(t.bias);
    CHECK_OK(gradInput(&t, gy, gx));
    CHECK_OK(accParameters(&t, gy, gw, gb, 1));
    thnn_test_gradient(forward, &t, t.x, gy, gx);
    thnn_test_gradient(forward, &t, t.weight, gy, gw);
    thnn_test_gradient(forward, &t, t.bias, gy, gb);
    THTensor *all[] = {y, gy, gx, gw, gb};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) THTensor_free(all[i]);
    freeTensors(&t);
}

/* Gradients of parameters: the same bits for every number of threads. */
static void testThreads(const Case *c)
{
    Tensors t = makeTensors(c, THDtype_Float);
    THTensor *y = THTensor_new();
    THTensor *first_w = NULL;
    THTensor *first_b = NULL;
    const int before = THThreads_get();
    CHECK_OK(forward(&t, y));
    THTensor *gy = thnn_test_random(THDtype_Float, 4, y->size, 6);
    for (int threads = 1; threads <= 4; threads++) {
        CHECK_OK(THThreads_set(threads));
        THTensor *again = THTensor_new();
        THTensor *gx = THTensor_new();
        THTensor *gw = zeros(t.weight);
        THTensor *gb = zeros(t.bias);
        CHECK_OK(forward(&t, again));
        checkAgainst(again, y, 1e-4);
        CHECK_OK(gradInput(&t, gy, gx));
        CHECK_OK(accParameters(&t, gy, gw, gb, 1));
        if (first_w == NULL) {
            first_w = gw;
            first_b = gb;
            THTensor_retain(gw);
            THTensor_retain(gb);
        }
        CHECK(thnn_test_distance(gw, first_w) == 0);
        CHECK(thnn_test_distance(gb, first_b) == 0);
        THTensor *all[] = {again, gx, gw, gb};
        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) THTensor_free(all[i]);
    }
    CHECK_OK(THThreads_set(before));
    THTensor_free(first_w);
    THTensor_free(first_b);
    THTensor_free(gy);
    THTensor_free(y);
    freeTensors(&t);
}

/* Without a bias, into an output with strides of its own, and into one of the inputs' memory. */
static void testOutputs(void)
{
    const Case *c = &CASES[0];
    Tensors t = makeTensors(c, THDtype_Double);
    THTensor *with = THTensor_new();
    THTensor *without = THTensor_new();
    CHECK_OK(forward(&t, with));
    THTensor *bias = t.bias;
    t.bias = NULL;
    CHECK_OK(forward(&t, without));
    CHECK_NEAR(th_test_at(with, 0) - th_test_at(without, 0), th_test_at(bias, 0), 1e-12);
    THTensor *strided = thnn_test_strided(with);
    CHECK_OK(forward(&t, strided));
    CHECK(!THTensor_isContiguous(strided));
    CHECK(thnn_test_distance(strided, without) == 0);
    const Case same = {2, 3, 5, 5, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1};
    Tensors u = makeTensors(&same, THDtype_Double);
    THTensor *expected = THTensor_new();
    CHECK_OK(forward(&u, expected));
    CHECK_OK(forward(&u, u.x));
    CHECK(thnn_test_distance(u.x, expected) == 0);
    t.bias = bias;
    CHECK_FAILS(forward(&t, t.x), TH_ERR_SHAPE, "output is an input");
    freeTensors(&t);
    freeTensors(&u);
    THTensor_free(with);
    THTensor_free(without);
    THTensor_free(strided);
    THTensor_free(expected);
}

static void testErrors(void)
{
    Case c = CASES[0];
    Tensors t = makeTensors(&c, THDtype_Float);
    THTensor *y = THTensor_new();
    const int64_t four[4] = {3, 4, 7, 6};
    THTensor *x4 = thnn_test_random(THDtype_Float, 4, four, 7);
    THTensor *x = t.x;
    t.x = x4;
    CHECK_FAILS(forward(&t, y), TH_ERR_SHAPE, "[Convolution] input has 4 channels, weight expects 2");
    t.x = x;
    c.dh = 0;
    CHECK_FAILS(forward(&t, y), TH_ERR_VALUE, "[Convolution] dH is 0");
    c.dh = 1;
    c.groups = 3;
    CHECK_FAILS(forward(&t, y), TH_ERR_VALUE, "groups is 3");
    c.groups = 1;
    c.eh = 9;
    CHECK_FAILS(forward(&t, y), TH_ERR_SHAPE, "output would be too small");
    c.eh = 1;
    THTensor *whole = THTensor_newConvert(t.weight, THDtype_Double);
    THTensor *weight = t.weight;
    t.weight = whole;
    CHECK_FAILS(forward(&t, y), TH_ERR_DTYPE, "weight is a Double tensor, expected Float");
    t.weight = weight;
    CHECK_OK(forward(&t, y));
    CHECK_FAILS(gradInput(&t, t.x, y), TH_ERR_SHAPE, "gradOutput has shape");
    THTensor_free(whole);
    THTensor_free(x4);
    THTensor_free(y);
    freeTensors(&t);
}

int main(void)
{
    for (int i = 0; i < CASE_COUNT; i++) {
        testCase(&CASES[i], THDtype_Double, false);
        testCase(&CASES[i], THDtype_Double, true);
        testCase(&CASES[i], THDtype_Float, i % 2 == 0);
        testThreads(&CASES[i]);
        if (i < 13) testGradient(&CASES[i]);
    }
    const Case large = {5, 16, 30, 30, 24, 3, 3, 1, 1, 1, 1, 1, 1, 1};
    testThreads(&large);
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        for (int i = 0; i < DIRECT_COUNT; i++) {
            testCase(&DIRECT[i], THDtype_Double, i % 2 == 0);
            testCase(&DIRECT[i], THDtype_Float, i % 2 == 1);
            testThreads(&DIRECT[i]);
        }
    }
    testOutputs();
    testErrors();
    return th_test_end("convolution");
}
