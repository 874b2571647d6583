/* Threshold, SoftMax, LogSoftMax. */
#include "THNNTest.h"

typedef struct Case {
    THTensor *input;
    int dim;
    int log;
} Case;

static THStatus threshold(void *context, THTensor *output)
{
    return THNN_Threshold_updateOutput(((Case *)context)->input, output, 0.1, -2.0);
}

static THStatus softMax(void *context, THTensor *output)
{
    const Case *c = context;
    return c->log ? THNN_LogSoftMax_updateOutput(c->input, output, c->dim)
                  : THNN_SoftMax_updateOutput(c->input, output, c->dim);
}

static void testThreshold(THDtype dtype)
{
    const int64_t size[2] = {7, 23};
    THTensor *x = thnn_test_random(dtype, 2, size, 1);
    THTensor *strided = thnn_test_strided(x);
    THTensor *y = THTensor_new();
    CHECK_OK(THNN_Threshold_updateOutput(strided, y, 0.25, -3.0));
    CHECK(y->dtype == dtype);
    for (int64_t i = 0; i < x->numel; i++) {
        const double value = th_test_at(x, i);
        CHECK(th_test_at(y, i) == (value > 0.25 ? value : -3.0));
    }
    CHECK_OK(THNN_Threshold_updateOutput(x, x, 0.25, -3.0)); /* in place */
    CHECK(thnn_test_distance(x, y) == 0);
    THTensor_free(x);
    THTensor_free(strided);
    THTensor_free(y);
}

static void testThresholdGradient(void)
{
    const int64_t size[2] = {3, 5};
    Case c = {.input = thnn_test_random(THDtype_Double, 2, size, 2)};
    THTensor *gy = thnn_test_random(THDtype_Double, 2, size, 3);
    THTensor *gx = THTensor_new();
    CHECK_OK(THNN_Threshold_updateGradInput(c.input, gy, gx, 0.1));
    thnn_test_gradient(threshold, &c, c.input, gy, gx);
    const int64_t other[2] = {5, 3};
    THTensor *wrong = thnn_test_random(THDtype_Double, 2, other, 3);
    CHECK_FAILS(THNN_Threshold_updateGradInput(c.input, wrong, gx, 0.1), TH_ERR_SHAPE, "[Threshold] gradOutput has shape");
    THTensor_free(wrong);
    THTensor_free(c.input);
    THTensor_free(gy);
    THTensor_free(gx);
}

/* Softmax of the positions that differ from `index` only along dim, straight from the definition. */
static double expected(const THTensor *x, int dim, int64_t index, int log_)
{
    int64_t inner = 1;
    for (int d = dim + 1; d < x->ndim; d++) inner *= x->size[d];
    const int64_t n = x->size[dim];
    const int64_t base = index / (inner * n) * (inner * n) + index % inner;
    double maximum = -INFINITY;
    double sum = 0;
    for (int64_t k = 0; k < n; k++) maximum = fmax(maximum, th_test_at(x, base + k * inner));
    for (int64_t k = 0; k < n; k++) sum += exp(th_test_at(x, base + k * inner) - maximum);
    const double shifted = th_test_at(x, index) - maximum;
    return log_ ? shifted - log(sum) : exp(shifted) / sum;
}

static void testSoftMaxForward(THDtype dtype, int ndim, const int64_t *size, int dim, int log_)
{
    THTensor *x = thnn_test_random(dtype, ndim, size, 4);
    THTensor *strided = thnn_test_strided(x);
    THTensor *y = THTensor_new();
    Case c = {.input = strided, .dim = dim, .log = log_};
    CHECK_OK(softMax(&c, y));
    CHECK(THTensor_isSameSizeAs(x, y));
    const double tolerance = dtype == THDtype_Float ? 4e-6 : 1e-14;
    for (int64_t i = 0; i < x->numel; i++) CHECK_NEAR(th_test_at(y, i), expected(x, (dim + ndim) % ndim, i, log_), tolerance);
    c.input = x;
    CHECK_OK(softMax(&c, x)); /* in place */
    CHECK(thnn_test_distance(x, y) == 0);
    THTensor_free(x);
    THTensor_free(strided);
    THTensor_free(y);
}

static void testSoftMaxGradient(int ndim, const int64_t *size, int dim, int log_)
{
    Case c = {.input = thnn_test_random(THDtype_Double, ndim, size, 5), .dim = dim, .log = log_};
    THTensor *y = THTensor_new();
    THTensor *gx = THTensor_new();
    THTensor *gy = thnn_test_random(THDtype_Double, ndim, size, 6);
    CHECK_OK(softMax(&c, y));
    CHECK_OK(log_ ? THNN_LogSoftMax_updateGradInput(gy, gx, y, dim) : THNN_SoftMax_updateGradInput(gy, gx, y, dim));
    thnn_test_gradient(softMax, &c, c.input, gy, gx);
    THTensor *strided = thnn_test_strided(gy);
    THTensor *again = THTensor_new();
    CHECK_OK(log_ ? THNN_LogSoftMax_updateGradInput(strided, again, y, dim)
                  : THNN_SoftMax_updateGradInput(strided, again, y, dim));
    CHECK(thnn_test_distance(gx, again) == 0);
    THTensor_free(strided);
    THTensor_free(again);
    THTensor_free(c.input);
    THTensor_free(y);
    THTensor_free(gy);
    THTensor_free(gx);
}

static void testSoftMaxShapes(int log_)
{
    const int64_t matrix[2] = {5, 77};
    const int64_t cube[3] = {3, 4, 150};
    const int64_t single[2] = {4, 1};
    const int64_t row[1] = {1300};
    for (THDtype dtype = THDtype_Float; dtype <= THDtype_Double; dtype++) {
        testSoftMaxForward(dtype, 2, matrix, 1, log_);
        testSoftMaxForward(dtype, 2, matrix, 0, log_);
        testSoftMaxForward(dtype, 3, cube, -2, log_);
        testSoftMaxForward(dtype, 2, single, 1, log_);
        testSoftMaxForward(dtype, 1, row, 0, log_);
    }
    const int64_t small[3] = {2, 3, 4};
    for (int dim = 0; dim < 3; dim++) testSoftMaxGradient(3, small, dim, log_);
}

static void testSoftMaxEnds(void)
{
    const int64_t size[1] = {4};
    THTensor *x = THTensor_newWithSize(THDtype_Double, 1, size);
    THTensor *y = THTensor_new();
    const double far[4] = {1000, 999, -1000, -INFINITY};
    memcpy(thnn_test_doubles(x), far, sizeof(far));
    CHECK_OK(THNN_SoftMax_updateOutput(x, y, 0));
    CHECK_NEAR(th_test_at(y, 0), 1 / (1 + exp(-1)), 1e-15);
    CHECK(th_test_at(y, 2) == 0 && th_test_at(y, 3) == 0);
    CHECK_OK(THNN_LogSoftMax_updateOutput(x, y, 0));
    CHECK_NEAR(th_test_at(y, 2), -2000 - log(1 + exp(-1)), 1e-12);
    thnn_test_doubles(x)[1] = NAN;
    CHECK_OK(THNN_SoftMax_updateOutput(x, y, 0));
    for (int64_t i = 0; i < 4; i++) CHECK(isnan(th_test_at(y, i)));
    CHECK_FAILS(THNN_SoftMax_updateOutput(x, y, 1), TH_ERR_INDEX, "SoftMax");
    THTensor *whole = THTensor_newConvert(x, THDtype_Long);
    CHECK_FAILS(THNN_SoftMax_updateOutput(whole, y, 0), TH_ERR_UNSUPPORTED, "[SoftMax] input is a Long tensor");
    THTensor_free(whole);
    const int64_t none[2] = {0, 5};
    THTensor *empty = THTensor_newWithSize(THDtype_Float, 2, none);
    THTensor *result = THTensor_new();
    CHECK_OK(THNN_LogSoftMax_updateOutput(empty, result, 1));
    CHECK(result->ndim == 2 && result->size[0] == 0 && result->size[1] == 5);
    THTensor_free(empty);
    THTensor_free(result);
    THTensor_free(x);
    THTensor_free(y);
}

/* In float, for each CPU level: what is far below the maximum, down to where it vanishes; infinity and nan. */
static void testSoftMaxFloatEnds(void)
{
    const int64_t size[1] = {40};
    THTensor *x = THTensor_newWithSize(THDtype_Float, 1, size);
    THTensor *y = THTensor_new();
    float *const values = (float *)THTensor_dataBytes(x);
    for (int i = 0; i < 40; i++) values[i] = (float)(-5 * i);
    values[39] = -INFINITY;
    double sum = 0;
    for (int i = 0; i < 40; i++) sum += exp((double)values[i]);
    for (int level = 0; level <= (int)THCpu_best(); level++) {
        CHECK_OK(THCpu_force((THCpu)level));
        values[7] = -35;
        CHECK_OK(THNN_SoftMax_updateOutput(x, y, 0));
        for (int i = 0; i < 40; i++) {
            const double want = exp((double)values[i]) / sum;
            CHECK_NEAR(th_test_at(y, i), want, want < 1.2e-38 ? 1.2e-38 : 1e-6 * want);
        }
        CHECK(th_test_at(y, 38) == 0 && th_test_at(y, 39) == 0);
        values[7] = NAN;
        CHECK_OK(THNN_SoftMax_updateOutput(x, y, 0));
        for (int i = 0; i < 40; i++) CHECK(isnan(th_test_at(y, i)));
        values[7] = INFINITY;
        CHECK_OK(THNN_SoftMax_updateOutput(x, y, 0));
        CHECK(isnan(th_test_at(y, 7)));
    }
    THTensor_free(x);
    THTensor_free(y);
}

/* Results do not depend on the number of threads, and hardly on the CPU level. */
static void testThreadsAndLevels(void)
{
    const int64_t size[2] = {300, 500};
    THTensor *x = thnn_test_random(THDtype_Float, 2, size, 7);
    const int before = THThreads_get();
    for (int dim = 0; dim < 2; dim++) {
        THTensor *one = THTensor_new();
        THTensor *three = THTensor_new();
        THTensor *base = THTensor_new();
        CHECK_OK(THThreads_set(1));
        CHECK_OK(THNN_LogSoftMax_updateOutput(x, one, dim));
        CHECK_OK(THThreads_set(3));
        CHECK_OK(THNN_LogSoftMax_updateOutput(x, three, dim));
        CHECK(thnn_test_distance(one, three) == 0);
        CHECK_OK(THCpu_force(THCpu_BASE));
        CHECK_OK(THNN_LogSoftMax_updateOutput(x, base, dim));
        CHECK_OK(THCpu_force(THCpu_best()));
        CHECK(thnn_test_distance(one, base) < 4e-6);
        THTensor_free(one);
        THTensor_free(three);
        THTensor_free(base);
    }
    CHECK_OK(THThreads_set(before));
    THTensor_free(x);
}

int main(void)
{
    testThreshold(THDtype_Float);
    testThreshold(THDtype_Double);
    testThresholdGradient();
    testSoftMaxShapes(0);
    testSoftMaxShapes(1);
    testSoftMaxEnds();
    testSoftMaxFloatEnds();
    testThreadsAndLevels();
    return th_test_end("activation");
}
