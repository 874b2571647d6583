/* ClassNLLCriterion, MSECriterion. */
#include "THNNTest.h"

#define IGNORED (-100)

typedef struct Case {
    THTensor *input;
    THTensor *target;
    THTensor *weights;
    THNNReduction reduction;
} Case;

static THStatus nll(void *context, THTensor *output)
{
    const Case *c = context;
    THTensor *total = THTensor_new();
    const THStatus status =
        THNN_ClassNLLCriterion_updateOutput(c->input, c->target, output, c->reduction, c->weights, total, IGNORED);
    THTensor_free(total);
    return status;
}

static THStatus mse(void *context, THTensor *output)
{
    const Case *c = context;
    return THNN_MSECriterion_updateOutput(c->input, c->target, output, c->reduction);
}

static THTensor *targets(int64_t n, const int64_t *values)
{
    THTensor *t = THTensor_newWithSize(THDtype_Long, 1, &n);
    if (n > 0) memcpy(THTensor_dataBytes(t), values, (size_t)n * sizeof(*values));
    return t;
}

static void testNllForward(THDtype dtype)
{
    const int64_t size[2] = {4, 3};
    const int64_t classes[4] = {2, IGNORED, 0, 1};
    const int64_t three[1] = {3};
    THTensor *x = thnn_test_random(dtype, 2, size, 1);
    THTensor *w = thnn_test_random(dtype, 1, three, 2);
    THTensor *strided = thnn_test_strided(x);
    THTensor *t = targets(4, classes);
    THTensor *y = THTensor_new();
    THTensor *total = THTensor_new();
    CHECK_OK(THNN_ClassNLLCriterion_updateOutput(strided, t, y, THNNReduction_NONE, w, total, IGNORED));
    CHECK(y->ndim == 1 && y->size[0] == 4);
    double sum = 0;
    double weight = 0;
    for (int64_t i = 0; i < 4; i++) {
        const bool counts = classes[i] != IGNORED;
        const double wi = counts ? th_test_at(w, classes[i]) : 0;
        const double loss = counts ? -wi * th_test_at(x, i * 3 + classes[i]) : 0;
        CHECK_NEAR(th_test_at(y, i), loss, 1e-7);
        sum += loss;
        weight += wi;
    }
    THTensor *scalar = THTensor_new();
    CHECK_OK(THNN_ClassNLLCriterion_updateOutput(x, t, scalar, THNNReduction_SUM, w, total, IGNORED));
    CHECK(scalar->ndim == 0);
    CHECK_NEAR(th_test_at(scalar, 0), sum, 1e-6);
    CHECK_OK(THNN_ClassNLLCriterion_updateOutput(x, t, scalar, THNNReduction_MEAN, w, total, IGNORED));
    CHECK_NEAR(th_test_at(scalar, 0), sum / weight, 1e-5);
    CHECK_NEAR(th_test_at(total, 0), weight, 1e-6);
    THTensor_free(x);
    THTensor_free(w);
    THTensor_free(strided);
    THTensor_free(t);
    THTensor_free(y);
    THTensor_free(total);
    THTensor_free(scalar);
}

static void testNllGradient(THNNReduction reduction)
{
    const int64_t size[2] = {4, 3};
    const int64_t classes[4] = {2, IGNORED, 0, 1};
    const int64_t three[1] = {3};
    Case c = {.input = thnn_test_random(THDtype_Double, 2, size, 3),
              .target = targets(4, classes),
              .weights = thnn_test_random(THDtype_Double, 1, three, 4),
              .reduction = reduction};
    THTensor *y = THTensor_new();
    THTensor *total = THTensor_new();
    THTensor *gx = THTensor_new();
    CHECK_OK(THNN_ClassNLLCriterion_updateOutput(c.input, c.target, y, reduction, c.weights, total, IGNORED));
    THTensor *gy = thnn_test_random(THDtype_Double, y->ndim, y->size, 5);
    CHECK_OK(THNN_ClassNLLCriterion_updateGradInput(c.input, c.target, gy, gx, reduction, c.weights, total, IGNORED));
    thnn_test_gradient(nll, &c, c.input, gy, gx);
    THTensor_free(c.input);
    THTensor_free(c.target);
    THTensor_free(c.weights);
    THTensor_free(y);
    THTensor_free(total);
    THTensor_free(gy);
    THTensor_free(gx);
}

static void testNllErrors(void)
{
    const int64_t size[2] = {2, 10};
    const int64_t bad[2] = {3, 12};
    const int64_t good[3] = {3, 2, 1};
    THTensor *x = thnn_test_random(THDtype_Float, 2, size, 6);
    THTensor *t = targets(2, bad);
    THTensor *longer = targets(3, good);
    THTensor *y = THTensor_newWithScalar(THDtype_Float, THScalar_fromDouble(7));
    THTensor *total = THTensor_newWithScalar(THDtype_Float, THScalar_fromDouble(8));
    CHECK_FAILS(THNN_ClassNLLCriterion_updateOutput(x, t, y, THNNReduction_SUM, NULL, total, IGNORED), TH_ERR_INDEX,
                "target 12 is out of bounds");
    CHECK(th_test_at(y, 0) == 7 && th_test_at(total, 0) == 8); /* nothing was written */
    CHECK_FAILS(THNN_ClassNLLCriterion_updateGradInput(x, t, y, x, THNNReduction_SUM, NULL, total, IGNORED), TH_ERR_INDEX,
                "target 12 is out of bounds");
    CHECK_FAILS(THNN_ClassNLLCriterion_updateOutput(x, longer, y, THNNReduction_SUM, NULL, total, IGNORED), TH_ERR_SHAPE,
                "[ClassNLLCriterion] target has shape (3,), expected (2,)");
    CHECK_FAILS(THNN_ClassNLLCriterion_updateOutput(x, x, y, THNNReduction_SUM, NULL, total, IGNORED), TH_ERR_DTYPE,
                "expected Long");
    THTensor_free(x);
    THTensor_free(t);
    THTensor_free(longer);
    THTensor_free(y);
    THTensor_free(total);
}

/* One sample as a vector; all targets ignored; no samples at all. */
static void testNllEdges(void)
{
    const int64_t three[1] = {3};
    const int64_t one_class[1] = {1};
    const int64_t ignored[1] = {IGNORED};
    THTensor *x = thnn_test_random(THDtype_Double, 1, three, 7);
    THTensor *t = targets(1, one_class);
    THTensor *y = THTensor_new();
    THTensor *total = THTensor_new();
    CHECK_OK(THNN_ClassNLLCriterion_updateOutput(x, t, y, THNNReduction_MEAN, NULL, total, IGNORED));
    CHECK(y->ndim == 0 && th_test_at(y, 0) == -th_test_at(x, 1));
    THTensor_free(t);
    t = targets(1, ignored);
    CHECK_OK(THNN_ClassNLLCriterion_updateOutput(x, t, y, THNNReduction_MEAN, NULL, total, IGNORED));
    CHECK(th_test_at(y, 0) == 0 && th_test_at(total, 0) == 0);
    THTensor *gx = THTensor_new();
    CHECK_OK(THNN_ClassNLLCriterion_updateGradInput(x, t, y, gx, THNNReduction_MEAN, NULL, total, IGNORED));
    for (int64_t i = 0; i < 3; i++) CHECK(th_test_at(gx, i) == 0);
    const int64_t none[2] = {0, 3};
    THTensor *empty = THTensor_newWithSize(THDtype_Double, 2, none);
    THTensor *no_targets = targets(0, ignored);
    CHECK_OK(THNN_ClassNLLCriterion_updateOutput(empty, no_targets, y, THNNReduction_SUM, NULL, total, IGNORED));
    CHECK(th_test_at(y, 0) == 0);
    THTensor_free(empty);
    THTensor_free(no_targets);
    THTensor_free(gx);
    THTensor_free(x);
    THTensor_free(t);
    THTensor_free(y);
    THTensor_free(total);
}

static void testMse(THDtype dtype, THNNReduction reduction)
{
    const int64_t size[2] = {65, 211}; /* several blocks and a rest */
    THTensor *x = thnn_test_random(dtype, 2, size, 8);
    THTensor *t = thnn_test_random(dtype, 2, size, 9);
    THTensor *strided = thnn_test_strided(t);
    THTensor *y = THTensor_new();
    CHECK_OK(THNN_MSECriterion_updateOutput(x, strided, y, reduction));
    double sum = 0;
    for (int64_t i = 0; i < x->numel; i++) {
        const double d = th_test_at(x, i) - th_test_at(t, i);
        sum += d * d;
        if (reduction == THNNReduction_NONE) CHECK_NEAR(th_test_at(y, i), d * d, 1e-6);
    }
    if (reduction == THNNReduction_MEAN) sum /= (double)x->numel;
    if (reduction != THNNReduction_NONE) {
        CHECK(y->ndim == 0);
        CHECK_NEAR(th_test_at(y, 0), sum, (dtype == THDtype_Float ? 1e-5 : 1e-12) * sum);
    }
    THTensor_free(x);
    THTensor_free(t);
    THTensor_free(strided);
    THTensor_free(y);
}

static void testMseGradient(THNNReduction reduction)
{
    const int64_t size[2] = {3, 4};
    Case c = {.input = thnn_test_random(THDtype_Double, 2, size, 10),
              .target = thnn_test_random(THDtype_Double, 2, size, 11),
              .reduction = reduction};
    THTensor *y = THTensor_new();
    THTensor *gx = THTensor_new();
    CHECK_OK(mse(&c, y));
    THTensor *gy = thnn_test_random(THDtype_Double, y->ndim, y->size, 12);
    CHECK_OK(THNN_MSECriterion_updateGradInput(c.input, c.target, gy, gx, reduction));
    thnn_test_gradient(mse, &c, c.input, gy, gx);
    const int64_t other[1] = {12};
    THTensor *wrong = thnn_test_random(THDtype_Double, 1, other, 12);
    CHECK_FAILS(THNN_MSECriterion_updateOutput(c.input, wrong, y, reduction), TH_ERR_SHAPE,
                "[MSECriterion] target has shape (12,), expected (3, 4)");
    THTensor_free(wrong);
    THTensor_free(c.input);
    THTensor_free(c.target);
    THTensor_free(y);
    THTensor_free(gy);
    THTensor_free(gx);
}

/* The sum is the same bit for bit, whatever the threads. */
static void testMseThreads(void)
{
    const int64_t size[1] = {200001};
    THTensor *x = thnn_test_random(THDtype_Float, 1, size, 13);
    THTensor *t = thnn_test_random(THDtype_Float, 1, size, 14);
    THTensor *one = THTensor_new();
    THTensor *three = THTensor_new();
    const int before = THThreads_get();
    CHECK_OK(THThreads_set(1));
    CHECK_OK(THNN_MSECriterion_updateOutput(x, t, one, THNNReduction_SUM));
    CHECK_OK(THThreads_set(3));
    CHECK_OK(THNN_MSECriterion_updateOutput(x, t, three, THNNReduction_SUM));
    CHECK_OK(THThreads_set(before));
    CHECK(thnn_test_distance(one, three) == 0);
    THTensor_free(x);
    THTensor_free(t);
    THTensor_free(one);
    THTensor_free(three);
}

int main(void)
{
    testNllForward(THDtype_Float);
    testNllForward(THDtype_Double);
    for (int reduction = THNNReduction_NONE; reduction <= THNNReduction_SUM; reduction++) {
        testNllGradient((THNNReduction)reduction);
        testMse(THDtype_Float, (THNNReduction)reduction);
        testMse(THDtype_Double, (THNNReduction)reduction);
        testMseGradient((THNNReduction)reduction);
    }
    testNllErrors();
    testNllEdges();
    testMseThreads();
    return th_test_end("criterion");
}
