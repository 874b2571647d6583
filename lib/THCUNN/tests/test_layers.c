/* Layers on a device beside the same on the host, those that no module of torch.nn calls above all; without a device, what each
 * says of its arguments, and that nothing runs. */
#include "../../THC/tests/THCTest.h"
#include "../../THNN/tests/THNNTest.h"
#include "THCUNN/THCUNN.h"

static const THDtype DTYPES[] = {THDtype_Float, THDtype_Double};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static double toleranceOf(THDtype dtype)
{
    return dtype == THDtype_Float ? 1e-5 : 1e-12;
}

/* --- activations --------------------------------------------------------------------------------------------------- */

typedef THStatus Forward(const THTensor *input, THTensor *output);
typedef THStatus Backward(const THTensor *a, const THTensor *b, THTensor *r);
typedef THStatus OutputBackward(const THTensor *gradOutput, THTensor *gradInput, const THTensor *output);

typedef struct Activation {
    const char *name;
    Forward *host, *device;
    Backward *host_back, *device_back;             /* of the input, or NULL */
    OutputBackward *host_back_of, *device_back_of; /* of the output, or NULL */
} Activation;

#define OF_INPUT(name)                                                                                                         \
    {#name,                                                                                                                    \
     THNN_##name##_updateOutput,                                                                                               \
     THCUNN_##name##_updateOutput,                                                                                             \
     THNN_##name##_updateGradInput,                                                                                            \
     THCUNN_##name##_updateGradInput,                                                                                          \
     NULL,                                                                                                                     \
     NULL}
#define OF_OUTPUT(name)                                                                                                        \
    {#name, THNN_##name##_updateOutput,    THCUNN_##name##_updateOutput,   NULL,                                               \
     NULL,  THNN_##name##_updateGradInput, THCUNN_##name##_updateGradInput}

static const Activation ACTIVATIONS[] = {OF_INPUT(Abs),      OF_INPUT(Square), OF_INPUT(LogSigmoid),
                                         OF_OUTPUT(Sigmoid), OF_OUTPUT(Sqrt),  OF_OUTPUT(Tanh)};

static THStatus backOf(const Activation *a, bool device, const THTensor *x, const THTensor *y, const THTensor *gy, THTensor *gx)
{
    if (a->host_back != NULL) return (device ? a->device_back : a->host_back)(x, gy, gx);
    return (device ? a->device_back_of : a->host_back_of)(gy, gx, y);
}

static void checkActivation(const Activation *a, const THTensor *x, const THTensor *gy)
{
    const double tolerance = toleranceOf((THDtype)x->dtype);
    THTensor *const y = THTensor_new(), *const gx = THTensor_new(), *const y_there = THTensor_new(),
                    *const gx_there = THTensor_new();
    THTensor *const x_there = thc_test_there(x), *const gy_there = thc_test_there(gy);
    CHECK_OK(a->host(x, y));
    CHECK_OK(backOf(a, false, x, y, gy, gx));
    if (CHECK_OK(a->device(x_there, y_there)) && CHECK_OK(backOf(a, true, x_there, y_there, gy_there, gx_there))) {
        thc_test_same(a->name, y_there, y, tolerance);
        thc_test_same(a->name, gx_there, gx, tolerance);
    }
    THTensor *const all[] = {y, gx, y_there, gx_there, x_there, gy_there};
    for (size_t i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

static void test_activations(void)
{
    const int64_t sizes[][2] = {{37, 53}, {1, 1}, {0, 4}};
    for (size_t k = 0; k < COUNT(ACTIVATIONS) * COUNT(DTYPES) * COUNT(sizes); k++) {
        const Activation *const a = &ACTIVATIONS[k % COUNT(ACTIVATIONS)];
        const THDtype dtype = DTYPES[k / COUNT(ACTIVATIONS) % COUNT(DTYPES)];
        const int64_t *const size = sizes[k / COUNT(ACTIVATIONS) / COUNT(DTYPES)];
        THTensor *const x = thnn_test_random(dtype, 2, size, 1), *const gy = thnn_test_random(dtype, 2, size, 2);
        if (strcmp(a->name, "Sqrt") == 0) CHECK_OK(THTensor_abs(x, x));
        THTensor *const strided = thnn_test_strided(x);
        checkActivation(a, x, gy);
        checkActivation(a, strided, gy);
        THTensor_free(x);
        THTensor_free(gy);
        THTensor_free(strided);
    }
}

/* --- losses -------------------------------------------------------------------------------------------------------- */

static void checkMargin(const THTensor *x, const THTensor *t, THNNReduction reduction)
{
    const double tolerance = toleranceOf((THDtype)x->dtype);
    THTensor *const y = THTensor_new(), *const gx = THTensor_new(), *const y_there = THTensor_new(),
                    *const gx_there = THTensor_new();
    THTensor *const x_there = thc_test_there(x), *const t_there = thc_test_there(t);
    CHECK_OK(THNN_MarginCriterion_updateOutput(x, t, y, reduction, 0.3));
    CHECK_OK(THNN_MarginCriterion_updateGradInput(x, t, y, gx, reduction, 0.3)); /* any gradient will do: the loss */
    CHECK_OK(THCUNN_MarginCriterion_updateOutput(x_there, t_there, y_there, reduction, 0.3));
    CHECK_OK(THCUNN_MarginCriterion_updateGradInput(x_there, t_there, y_there, gx_there, reduction, 0.3));
    thc_test_same("MarginCriterion", y_there, y, tolerance);
    thc_test_same("MarginCriterion, gradient", gx_there, gx, tolerance);
    THTensor *const all[] = {y, gx, y_there, gx_there, x_there, t_there};
    for (size_t i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

static void checkCost(const THTensor *x)
{
    const double tolerance = toleranceOf((THDtype)x->dtype);
    THTensor *const y = THTensor_new(), *const gx = THTensor_new(), *const y_there = THTensor_new(),
                    *const gx_there = THTensor_new();
    THTensor *const x_there = thc_test_there(x);
    CHECK_OK(THNN_L1Cost_updateOutput(x, y));
    CHECK_OK(THNN_L1Cost_updateGradInput(x, y, gx));
    CHECK_OK(THCUNN_L1Cost_updateOutput(x_there, y_there));
    CHECK_OK(THCUNN_L1Cost_updateGradInput(x_there, y_there, gx_there));
    thc_test_same("L1Cost", y_there, y, tolerance);
    thc_test_same("L1Cost, gradient", gx_there, gx, tolerance);
    THTensor *const all[] = {y, gx, y_there, gx_there, x_there};
    for (size_t i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

static void test_losses(void)
{
    const int64_t size[] = {19, 23};
    for (size_t d = 0; d < COUNT(DTYPES); d++) {
        THTensor *const x = thnn_test_random(DTYPES[d], 2, size, 3), *const t = thnn_test_random(DTYPES[d], 2, size, 4);
        for (int reduction = THNNReduction_NONE; reduction <= THNNReduction_SUM; reduction++)
            checkMargin(x, t, (THNNReduction)reduction);
        checkCost(x);
        THTensor_free(x);
        THTensor_free(t);
    }
}

/* --- Linear -------------------------------------------------------------------------------------------------------- */

/* x: N x 5 or 5; with_bias: or NULL. */
static void checkLinear(const THTensor *x, bool with_bias)
{
    const THDtype dtype = (THDtype)x->dtype;
    const int64_t of_weight[] = {7, 5}, of_output[] = {x->size[0], 7};
    enum { WEIGHT, BIAS, GY, GW, GB, PARTS };
    THTensor *const host[PARTS] = {thnn_test_random(dtype, 2, of_weight, 5), thnn_test_random(dtype, 1, of_weight, 6),
                                   thnn_test_random(dtype, x->ndim, of_output + 2 - x->ndim, 7),
                                   thnn_test_random(dtype, 2, of_weight, 8), thnn_test_random(dtype, 1, of_weight, 9)};
    THTensor *there[PARTS], *const y = THTensor_new(), *const gx = THTensor_new();
    THTensor *const y_there = THTensor_new(), *const gx_there = THTensor_new(), *const x_there = thc_test_there(x);
    for (int i = 0; i < PARTS; i++) there[i] = thc_test_there(host[i]);
    CHECK_OK(THNN_Linear_updateOutput(x, y, host[WEIGHT], with_bias ? host[BIAS] : NULL));
    CHECK_OK(THNN_Linear_updateGradInput(x, host[GY], gx, host[WEIGHT]));
    CHECK_OK(THNN_Linear_accGradParameters(x, host[GY], host[GW], with_bias ? host[GB] : NULL, 0.5));
    CHECK_OK(THCUNN_Linear_updateOutput(x_there, y_there, there[WEIGHT], with_bias ? there[BIAS] : NULL));
    CHECK_OK(THCUNN_Linear_updateGradInput(x_there, there[GY], gx_there, there[WEIGHT]));
    CHECK_OK(THCUNN_Linear_accGradParameters(x_there, there[GY], there[GW], with_bias ? there[GB] : NULL, 0.5));
    thc_test_same("Linear", y_there, y, toleranceOf(dtype));
    thc_test_same("Linear, gradient", gx_there, gx, toleranceOf(dtype));
    thc_test_same("Linear, gradient of the weight", there[GW], host[GW], toleranceOf(dtype));
    thc_test_same("Linear, gradient of the bias", there[GB], host[GB], toleranceOf(dtype));
    for (int i = 0; i < PARTS; i++) THTensor_free(host[i]), THTensor_free(there[i]);
    THTensor *const all[] = {y, gx, y_there, gx_there, x_there};
    for (size_t i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

static void test_linear(void)
{
    const int64_t sizes[][2] = {{11, 5}, {1, 5}, {0, 5}};
    for (size_t d = 0; d < COUNT(DTYPES); d++) {
        for (size_t k = 0; k < COUNT(sizes); k++) {
            THTensor *const x = thnn_test_random(DTYPES[d], 2, sizes[k], 10);
            checkLinear(x, true);
            checkLinear(x, false);
            THTensor_free(x);
        }
        THTensor *const vector = thnn_test_random(DTYPES[d], 1, sizes[0] + 1, 11);
        checkLinear(vector, true);
        THTensor_free(vector);
    }
}

/* --- images -------------------------------------------------------------------------------------------------------- */

static void test_convolution(void)
{
    const int64_t of_input[] = {2, 4, 9, 8}, of_weight[] = {6, 2, 3, 3};
    for (size_t d = 0; d < COUNT(DTYPES); d++) {
        const THDtype dtype = DTYPES[d];
        THTensor *const x = thnn_test_random(dtype, 4, of_input, 1), *const w = thnn_test_random(dtype, 4, of_weight, 2);
        THTensor *const b = thnn_test_random(dtype, 1, of_weight, 3), *const gw = THTensor_newClone(w);
        THTensor *const y = THTensor_new(), *const gx = THTensor_new(), *const y_there = THTensor_new(),
                        *const gx_there = THTensor_new();
        THTensor *const x_there = thc_test_there(x), *const w_there = thc_test_there(w), *const b_there = thc_test_there(b);
        THTensor *const gw_there = thc_test_there(gw);
        CHECK_OK(THNN_SpatialConvolutionMM_updateOutput(x, y, w, b, 2, 1, 1, 0, 1, 2, 2));
        CHECK_OK(THNN_SpatialConvolutionMM_updateGradInput(x, y, gx, w, 2, 1, 1, 0, 1, 2, 2));
        CHECK_OK(THNN_SpatialConvolutionMM_accGradParameters(x, y, gw, NULL, 2, 1, 1, 0, 1, 2, 2, 0.5));
        CHECK_OK(THCUNN_SpatialConvolutionMM_updateOutput(x_there, y_there, w_there, b_there, 2, 1, 1, 0, 1, 2, 2));
        CHECK_OK(THCUNN_SpatialConvolutionMM_updateGradInput(x_there, y_there, gx_there, w_there, 2, 1, 1, 0, 1, 2, 2));
        CHECK_OK(THCUNN_SpatialConvolutionMM_accGradParameters(x_there, y_there, gw_there, NULL, 2, 1, 1, 0, 1, 2, 2, 0.5));
        thc_test_same("SpatialConvolutionMM", y_there, y, toleranceOf(dtype));
        thc_test_same("SpatialConvolutionMM, gradient", gx_there, gx, toleranceOf(dtype));
        thc_test_same("SpatialConvolutionMM, gradient of the weight", gw_there, gw, 10 * toleranceOf(dtype));
        THTensor *const all[] = {x, w, b, gw, y, gx, y_there, gx_there, x_there, w_there, b_there, gw_there};
        for (size_t i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
    }
}

static void test_poolings(void)
{
    const int64_t of_input[] = {2, 3, 9, 8};
    for (size_t d = 0; d < COUNT(DTYPES); d++) {
        THTensor *const x = thnn_test_random(DTYPES[d], 4, of_input, 1), *const x_there = thc_test_there(x);
        THTensor *r[4], *there[4]; /* output, gradient, indices, output of averages */
        for (int i = 0; i < 4; i++) r[i] = THTensor_new(), there[i] = THTensor_new();
        CHECK_OK(THNN_SpatialMaxPooling_updateOutput(x, r[0], r[2], 3, 2, 2, 1, 1, 0, 1, 2, 0));
        CHECK_OK(THNN_SpatialMaxPooling_updateGradInput(x, r[0], r[1], r[2]));
        CHECK_OK(THCUNN_SpatialMaxPooling_updateOutput(x_there, there[0], there[2], 3, 2, 2, 1, 1, 0, 1, 2, 0));
        CHECK_OK(THCUNN_SpatialMaxPooling_updateGradInput(x_there, there[0], there[1], there[2]));
        for (int i = 0; i < 3; i++) thc_test_same("SpatialMaxPooling", there[i], r[i], toleranceOf(DTYPES[d]));
        CHECK_OK(THNN_SpatialAveragePooling_updateOutput(x, r[3], 3, 2, 2, 1, 1, 0, 1, 0));
        CHECK_OK(THNN_SpatialAveragePooling_updateGradInput(x, r[3], r[1], 3, 2, 2, 1, 1, 0, 1, 0));
        CHECK_OK(THCUNN_SpatialAveragePooling_updateOutput(x_there, there[3], 3, 2, 2, 1, 1, 0, 1, 0));
        CHECK_OK(THCUNN_SpatialAveragePooling_updateGradInput(x_there, there[3], there[1], 3, 2, 2, 1, 1, 0, 1, 0));
        thc_test_same("SpatialAveragePooling", there[3], r[3], toleranceOf(DTYPES[d]));
        thc_test_same("SpatialAveragePooling, gradient", there[1], r[1], toleranceOf(DTYPES[d]));
        for (int i = 0; i < 4; i++) THTensor_free(r[i]), THTensor_free(there[i]);
        THTensor_free(x);
        THTensor_free(x_there);
    }
}

/* --- refusals: on a device; without one, tensors of the host stand in and are refused as such ------------------------ */

/* `host`, or, where there is a device, the same there. */
static THTensor *given(THTensor *host)
{
    if (!thc_test_hasDevice()) return host;
    THTensor *const there = thc_test_there(host);
    THTensor_free(host);
    return there;
}

#define CHECK_REFUSED(call, status, text)                                                                                      \
    CHECK_FAILS(call, thc_test_hasDevice() ? (status) : TH_ERR_STATE, thc_test_hasDevice() ? (text) : "lies on the host")

static void test_refused_activations(void)
{
    const int64_t size[] = {2, 3}, other[] = {3, 2};
    THTensor *const x = given(th_test_ramp(THDtype_Float, 2, size)), *const longs = given(th_test_ramp(THDtype_Long, 2, size));
    THTensor *const gy = given(th_test_ramp(THDtype_Float, 2, other)), *const r = THTensor_new();
    for (size_t i = 0; i < COUNT(ACTIVATIONS); i++) {
        const Activation *const a = &ACTIVATIONS[i];
        CHECK_FAILS(a->device(longs, r), TH_ERR_UNSUPPORTED, a->name);
        CHECK_FAILS(backOf(a, true, longs, longs, longs, r), TH_ERR_UNSUPPORTED, a->name);
        CHECK_REFUSED(backOf(a, true, x, x, gy, r), TH_ERR_SHAPE, "gradOutput");
        CHECK_REFUSED(backOf(a, true, x, x, longs, r), TH_ERR_DTYPE, "gradOutput");
    }
    CHECK_FAILS(THCUNN_Abs_updateOutput(NULL, r), TH_ERR_VALUE, "input");
    CHECK_FAILS(THCUNN_Tanh_updateGradInput(x, r, NULL), TH_ERR_VALUE, "output");
    CHECK_REFUSED(THCUNN_MarginCriterion_updateOutput(x, gy, r, THNNReduction_SUM, 1), TH_ERR_SHAPE, "target");
    CHECK_REFUSED(THCUNN_L1Cost_updateGradInput(x, gy, r), TH_ERR_SHAPE, "6 elements, expected 1");
    THTensor *const all[] = {x, longs, gy, r};
    for (size_t i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

static void test_refused_layers(void)
{
    const int64_t size[] = {2, 3}, of_steps[] = {3, 2, 8}, of_weight[] = {8, 2}, of_rows[] = {4, 8}, of_state[] = {3, 2};
    const int64_t growing[] = {2, 3}, few[] = {3, 2};
    THTensor *const x = given(th_test_ramp(THDtype_Float, 2, size)), *const r = THTensor_new(), *const s = THTensor_new();
    THTensor *const steps = given(th_test_ramp(THDtype_Float, 3, of_steps));
    THTensor *const w = given(th_test_ramp(THDtype_Float, 2, of_weight));
    THTensor *const rows = given(th_test_ramp(THDtype_Float, 2, of_rows));
    THTensor *const h = given(th_test_ramp(THDtype_Float, 2, of_state));
    CHECK_REFUSED(THCUNN_Linear_updateOutput(x, r, w, NULL), TH_ERR_SHAPE, "3 features, weight expects 2");
    CHECK_FAILS(THCUNN_Linear_updateOutput(x, r, NULL, NULL), TH_ERR_VALUE, "weight");
    CHECK_FAILS(THCUNN_SpatialConvolutionMM_updateOutput(x, r, w, NULL, 1, 1, 0, 0, 1, 1, 1), TH_ERR_SHAPE, "expected 4");
    CHECK_REFUSED(THCUNN_LSTMPackedSequence_updateOutput(steps, 2, few, w, h, h, 0, r, r, s), TH_ERR_SHAPE, "expected 2");
    CHECK_REFUSED(THCUNN_LSTMPackedSequence_updateOutput(rows, 2, growing, w, h, h, 0, r, r, s), TH_ERR_VALUE, "sizes[0] is 2");
    CHECK_REFUSED(THCUNN_LSTMPackedSequence_updateOutput(rows, 2, few, w, h, h, 0, r, r, s), TH_ERR_SHAPE, "sizes add up to 5");
    CHECK_REFUSED(THCUNN_LSTMPackedSequence_updateOutput(rows, -1, few, w, h, h, 0, r, r, s), TH_ERR_VALUE, "negative");
    CHECK_FAILS(THCUNN_LSTMPackedSequence_updateOutput(rows, 2, NULL, w, h, h, 0, r, r, s), TH_ERR_VALUE, "sizes");
    CHECK_REFUSED(THCUNN_RNNPackedSequence_updateOutput(rows, 2, few, w, h, 0, 0, r), TH_ERR_SHAPE, "weight");
    THTensor *const all[] = {x, r, s, steps, w, rows, h};
    for (size_t i = 0; i < COUNT(all); i++) THTensor_free(all[i]);
}

int main(void)
{
    test_refused_activations();
    test_refused_layers();
    if (!thc_test_hasDevice()) return th_test_end("test_layers, without a device");
    test_activations();
    test_losses();
    test_linear();
    test_convolution();
    test_poolings();
    return th_test_end("test_layers");
}
