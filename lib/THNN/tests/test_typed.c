/* Torch's typed names reach the tagged functions with their arguments in the right order. */
#include "THNNTest.h"

/* Different sizes along height and width everywhere, so that a swap would show. */
static void testConvolution(void)
{
    const int64_t x_size[4] = {2, 3, 9, 7};
    const int64_t w_size[4] = {4, 3, 3, 2};
    const int64_t flat_size[2] = {4, 18};
    THTensor *x = thnn_test_random(THDtype_Double, 4, x_size, 1);
    THTensor *w = thnn_test_random(THDtype_Double, 4, w_size, 2);
    THTensor *flat = THTensor_newView(w, 2, flat_size);
    THTensor *y = THTensor_new();
    THTensor *expected = THTensor_new();
    CHECK_OK(THNN_SpatialConvolutionMM_updateOutput(x, expected, w, NULL, 2, 1, 1, 0, 1, 1, 1));
    CHECK_OK(THNN_DoubleSpatialConvolutionMM_updateOutput(NULL, x, y, w, NULL, NULL, NULL, 2, 3, 1, 2, 0, 1));
    CHECK(thnn_test_distance(y, expected) == 0);
    CHECK_OK(THNN_DoubleSpatialConvolutionMM_updateOutput(NULL, x, y, flat, NULL, NULL, NULL, 2, 3, 1, 2, 0, 1));
    CHECK(thnn_test_distance(y, expected) == 0);
    CHECK_FAILS(THNN_DoubleSpatialConvolutionMM_updateOutput(NULL, x, y, w, NULL, NULL, NULL, 3, 2, 1, 2, 0, 1), TH_ERR_SHAPE,
                "kH x kW is 2 x 3");
    CHECK_FAILS(THNN_FloatSpatialConvolutionMM_updateOutput(NULL, x, y, w, NULL, NULL, NULL, 2, 3, 1, 2, 0, 1), TH_ERR_DTYPE,
                "input is a Double tensor, expected Float");
    THTensor *gx = THTensor_new();
    THTensor *gx_expected = THTensor_new();
    CHECK_OK(THNN_SpatialConvolutionMM_updateGradInput(x, y, gx_expected, w, 2, 1, 1, 0, 1, 1, 1));
    CHECK_OK(THNN_DoubleSpatialConvolutionMM_updateGradInput(NULL, x, y, gx, flat, NULL, NULL, 2, 3, 1, 2, 0, 1));
    CHECK(thnn_test_distance(gx, gx_expected) == 0);
    THTensor *gw = THTensor_newClone(w);
    THTensor *gw_flat = THTensor_newClone(flat);
    CHECK_OK(THNN_SpatialConvolutionMM_accGradParameters(x, y, gw, NULL, 2, 1, 1, 0, 1, 1, 1, 0.5));
    CHECK_OK(THNN_DoubleSpatialConvolutionMM_accGradParameters(NULL, x, y, gw_flat, NULL, NULL, NULL, 2, 3, 1, 2, 0, 1, 0.5));
    for (int64_t i = 0; i < gw->numel; i++) CHECK(th_test_at(gw, i) == th_test_at(gw_flat, i));
    THTensor *all[] = {x, w, flat, y, expected, gx, gx_expected, gw, gw_flat};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) THTensor_free(all[i]);
}

static void testPooling(void)
{
    const int64_t size[3] = {2, 12, 9};
    THTensor *x = thnn_test_random(THDtype_Float, 3, size, 3);
    THTensor *t[6];
    for (int i = 0; i < 6; i++) t[i] = THTensor_new();
    CHECK_OK(THNN_SpatialMaxPooling_updateOutput(x, t[0], t[1], 3, 2, 2, 1, 1, 0, 2, 3, 1));
    CHECK_OK(THNN_FloatSpatialDilatedMaxPooling_updateOutput(NULL, x, t[2], t[3], 2, 3, 1, 2, 0, 1, 3, 2, true));
    CHECK(thnn_test_distance(t[0], t[2]) == 0 && thnn_test_distance(t[1], t[3]) == 0);
    CHECK_OK(THNN_SpatialMaxPooling_updateGradInput(x, t[0], t[4], t[1]));
    CHECK_OK(THNN_FloatSpatialDilatedMaxPooling_updateGradInput(NULL, x, t[0], t[5], t[1], 2, 3, 1, 2, 0, 1, 3, 2, true));
    CHECK(thnn_test_distance(t[4], t[5]) == 0);
    CHECK_OK(THNN_SpatialMaxPooling_updateOutput(x, t[0], t[1], 3, 2, 2, 1, 1, 0, 1, 1, 0));
    CHECK_OK(THNN_FloatSpatialMaxPooling_updateOutput(NULL, x, t[2], t[3], 2, 3, 1, 2, 0, 1, false));
    CHECK(thnn_test_distance(t[0], t[2]) == 0 && thnn_test_distance(t[1], t[3]) == 0);
    CHECK_OK(THNN_FloatSpatialMaxPooling_updateGradInput(NULL, x, t[0], t[5], t[1], 2, 3, 1, 2, 0, 1, false));
    CHECK_OK(THNN_SpatialMaxPooling_updateGradInput(x, t[0], t[4], t[1]));
    CHECK(thnn_test_distance(t[4], t[5]) == 0);
    CHECK_OK(THNN_SpatialAveragePooling_updateOutput(x, t[0], 3, 2, 2, 1, 1, 0, 0, 1));
    CHECK_OK(THNN_FloatSpatialAveragePooling_updateOutput(NULL, x, t[2], 2, 3, 1, 2, 0, 1, false, true));
    CHECK(thnn_test_distance(t[0], t[2]) == 0);
    CHECK_OK(THNN_SpatialAveragePooling_updateGradInput(x, t[0], t[4], 3, 2, 2, 1, 1, 0, 0, 1));
    CHECK_OK(THNN_FloatSpatialAveragePooling_updateGradInput(NULL, x, t[0], t[5], 2, 3, 1, 2, 0, 1, false, true));
    CHECK(thnn_test_distance(t[4], t[5]) == 0);
    for (int i = 0; i < 6; i++) THTensor_free(t[i]);
    THTensor_free(x);
}

static void testActivations(void)
{
    const int64_t size[2] = {4, 5};
    THTensor *x = thnn_test_random(THDtype_Float, 2, size, 4);
    THTensor *gy = thnn_test_random(THDtype_Float, 2, size, 5);
    THTensor *t[4];
    for (int i = 0; i < 4; i++) t[i] = THTensor_new();
    CHECK_OK(THNN_LogSoftMax_updateOutput(x, t[0], 1));
    CHECK_OK(THNN_FloatLogSoftMax_updateOutput(NULL, x, t[1], 1));
    CHECK(thnn_test_distance(t[0], t[1]) == 0);
    CHECK_OK(THNN_LogSoftMax_updateGradInput(gy, t[2], t[0], 1));
    CHECK_OK(THNN_FloatLogSoftMax_updateGradInput(NULL, x, gy, t[3], t[0], 1));
    CHECK(thnn_test_distance(t[2], t[3]) == 0);
    CHECK_OK(THNN_SoftMax_updateOutput(x, t[0], 0));
    CHECK_OK(THNN_FloatSoftMax_updateOutput(NULL, x, t[1], 0));
    CHECK(thnn_test_distance(t[0], t[1]) == 0);
    CHECK_OK(THNN_SoftMax_updateGradInput(gy, t[2], t[0], 0));
    CHECK_OK(THNN_FloatSoftMax_updateGradInput(NULL, x, gy, t[3], t[0], 0));
    CHECK(thnn_test_distance(t[2], t[3]) == 0);
    CHECK_FAILS(THNN_FloatSoftMax_updateOutput(NULL, x, t[1], 1LL << 40), TH_ERR_INDEX, "dimension out of range");
    CHECK_OK(THNN_Threshold_updateGradInput(x, gy, t[2], 0.1));
    CHECK_OK(THNN_Threshold_updateOutput(x, t[0], 0.1, 2));
    THTensor *kept = THTensor_newClone(x);
    CHECK_OK(THNN_FloatThreshold_updateGradInput(NULL, kept, gy, t[3], 0.1, 2, true));
    CHECK(thnn_test_distance(t[2], t[3]) == 0 && t[3]->storage == gy->storage);
    CHECK_OK(THNN_FloatThreshold_updateOutput(NULL, x, t[1], 0.1, 2, true));
    CHECK(thnn_test_distance(t[0], x) == 0 && t[1]->storage == x->storage);
    THTensor_free(kept);
    for (int i = 0; i < 4; i++) THTensor_free(t[i]);
    THTensor_free(x);
    THTensor_free(gy);
}

static void testCriteria(void)
{
    const int64_t size[2] = {3, 4};
    const int64_t three[1] = {3};
    THTensor *x = thnn_test_random(THDtype_Double, 2, size, 6);
    THTensor *other = thnn_test_random(THDtype_Double, 2, size, 7);
    THTensor *target = th_test_ramp(THDtype_Long, 1, three);
    for (int mode = 0; mode < 3; mode++) {
        const bool average = mode == 1;
        const bool reduce = mode != 0;
        const THNNReduction reduction = !reduce ? THNNReduction_NONE : average ? THNNReduction_MEAN : THNNReduction_SUM;
        THTensor *t[5];
        for (int i = 0; i < 5; i++) t[i] = THTensor_new();
        CHECK_OK(THNN_ClassNLLCriterion_updateOutput(x, target, t[0], reduction, NULL, t[4], 1));
        CHECK_OK(THNN_DoubleClassNLLCriterion_updateOutput(NULL, x, target, t[1], average, NULL, t[4], 1, reduce));
        CHECK(thnn_test_distance(t[0], t[1]) == 0);
        CHECK(th_test_at(t[4], 0) == 2);
        CHECK_OK(THNN_ClassNLLCriterion_updateGradInput(x, target, t[0], t[2], reduction, NULL, t[4], 1));
        CHECK_OK(THNN_DoubleClassNLLCriterion_updateGradInput(NULL, x, target, t[0], t[3], average, NULL, t[4], 1, reduce));
        CHECK(thnn_test_distance(t[2], t[3]) == 0);
        CHECK_OK(THNN_MSECriterion_updateOutput(x, other, t[0], reduction));
        CHECK_OK(THNN_DoubleMSECriterion_updateOutput(NULL, x, other, t[1], average, reduce));
        CHECK(thnn_test_distance(t[0], t[1]) == 0);
        CHECK_OK(THNN_MSECriterion_updateGradInput(x, other, t[0], t[2], reduction));
        CHECK_OK(THNN_DoubleMSECriterion_updateGradInput(NULL, x, other, t[0], t[3], average, reduce));
        CHECK(thnn_test_distance(t[2], t[3]) == 0);
        for (int i = 0; i < 5; i++) THTensor_free(t[i]);
    }
    THTensor_free(x);
    THTensor_free(other);
    THTensor_free(target);
}

int main(void)
{
    testConvolution();
    testPooling();
    testActivations();
    testCriteria();
    return th_test_end("typed");
}
