/* Torch's typed names on a device beside those of the host; without a device, what each says of dtypes and of tensors that lie
 * on the host. */
#include "../../THC/tests/THCTest.h"
#include "../../THNN/tests/THNNTest.h"
#include "THCUNN/THCUNNTyped.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void freeAll(THTensor *const *all, size_t count)
{
    for (size_t i = 0; i < count; i++) THTensor_free(all[i]);
}

/* The same for each dtype, as a user of Torch7 would have written it. */
#define TEST_REFUSALS(Cuda, Dtype, Other)                                                                                      \
    static void test_refusals_##Cuda(void)                                                                                     \
    {                                                                                                                          \
        const int64_t size[4] = {2, 3, 5, 4}, of_weight[4] = {2, 3, 3, 2}, of_frames[3] = {2, 7, 3};                           \
        THTensor *const x = THTensor_newWithSize(THDtype_##Dtype, 4, size), *const y = THTensor_new();                         \
        THTensor *const w = THTensor_newWithSize(THDtype_##Dtype, 4, of_weight), *const i = THTensor_new();                    \
        THTensor *const other = THTensor_newWithSize(THDtype_##Other, 4, size);                                                \
        THTensor *const frames = THTensor_newWithSize(THDtype_##Dtype, 3, of_frames);                                          \
        THTensor *const all[] = {x, y, w, i, other, frames};                                                                   \
        for (size_t k = 0; k < COUNT(all); k++) CHECK(all[k] != NULL);                                                         \
        CHECK_FAILS(THNN_##Cuda##Abs_updateOutput(NULL, other, y), TH_ERR_DTYPE, "expected " #Dtype);                          \
        CHECK_FAILS(THNN_##Cuda##Abs_updateOutput(NULL, x, y), TH_ERR_STATE, "input lies on the host");                        \
        CHECK_FAILS(THNN_##Cuda##MSECriterion_updateOutput(NULL, x, x, y, true, true), TH_ERR_STATE,                           \
                    "input lies on the host");                                                                                 \
        CHECK_FAILS(THNN_##Cuda##SpatialConvolutionMM_updateOutput(NULL, x, y, w, NULL, NULL, NULL, 2, 3, 1, 1, 0, 0),         \
                    TH_ERR_STATE, "input lies on the host");                                                                   \
        CHECK_FAILS(THNN_##Cuda##SpatialMaxPooling_updateOutput(NULL, x, y, i, 2, 2, 2, 2, 0, 0, false), TH_ERR_STATE,         \
                    "input lies on the host");                                                                                 \
        CHECK_FAILS(THNN_##Cuda##TemporalMaxPooling_updateOutput(NULL, frames, y, i, 2, 2), TH_ERR_STATE,                      \
                    "input lies on the host");                                                                                 \
        CHECK_FAILS(THNN_##Cuda##BatchNormalization_updateOutput(NULL, other, y, NULL, NULL, NULL, NULL, i, i, true, 0.1, 1),  \
                    TH_ERR_DTYPE, "expected " #Dtype);                                                                         \
        CHECK_FAILS(THNN_##Cuda##SparseLinear_updateOutput(NULL, x, y, w, w), TH_ERR_STATE, "input lies on the host");         \
        CHECK_FAILS(THNN_##Cuda##SparseLinear_legacy_updateOutput(NULL, other, y, w, w), TH_ERR_DTYPE, "expected " #Dtype);    \
        CHECK_FAILS(THNN_##Cuda##IndexLinear_updateOutput(NULL, i, 0, x, i, NULL, y, w, w, NULL, 0), TH_ERR_STATE,             \
                    "weight lies on the host");                                                                                \
        CHECK(y->numel == 0 && i->numel == 0);                                                                                 \
        freeAll(all, COUNT(all));                                                                                              \
    }

TEST_REFUSALS(CudaHalf, Half, Float)
TEST_REFUSALS(Cuda, Float, Double)
TEST_REFUSALS(CudaDouble, Double, Half)

/* Different sizes along height and width everywhere, so that a swap would show. */
static void test_convolution(void)
{
    const int64_t x_size[4] = {2, 3, 9, 7}, w_size[4] = {4, 3, 3, 2};
    THTensor *const x = thnn_test_random(THDtype_Float, 4, x_size, 1), *const w = thnn_test_random(THDtype_Float, 4, w_size, 2);
    THTensor *const x_there = thc_test_there(x), *const w_there = thc_test_there(w);
    THTensor *t[4];
    for (int i = 0; i < 4; i++) t[i] = THTensor_new();
    CHECK_OK(THNN_FloatSpatialConvolutionMM_updateOutput(NULL, x, t[0], w, NULL, NULL, NULL, 2, 3, 1, 2, 0, 1));
    CHECK_OK(THNN_CudaSpatialConvolutionMM_updateOutput(NULL, x_there, t[1], w_there, NULL, NULL, NULL, 2, 3, 1, 2, 0, 1));
    thc_test_same("SpatialConvolutionMM", t[1], t[0], 1e-5);
    CHECK_OK(THNN_FloatSpatialConvolutionMM_updateGradInput(NULL, x, t[0], t[2], w, NULL, NULL, 2, 3, 1, 2, 0, 1));
    CHECK_OK(THNN_CudaSpatialConvolutionMM_updateGradInput(NULL, x_there, t[1], t[3], w_there, NULL, NULL, 2, 3, 1, 2, 0, 1));
    thc_test_same("SpatialConvolutionMM, gradient", t[3], t[2], 1e-5);
    CHECK_OK(THNN_FloatSpatialConvolutionMM_accGradParameters(NULL, x, t[0], w, NULL, NULL, NULL, 2, 3, 1, 2, 0, 1, 0.5));
    CHECK_OK(
        THNN_CudaSpatialConvolutionMM_accGradParameters(NULL, x_there, t[1], w_there, NULL, NULL, NULL, 2, 3, 1, 2, 0, 1, 0.5));
    thc_test_same("SpatialConvolutionMM, weight", w_there, w, 1e-4);
    THTensor *const all[] = {x, w, x_there, w_there};
    freeAll(all, COUNT(all));
    freeAll(t, COUNT(t));
}

static void test_others(void)
{
    const int64_t size[3] = {2, 12, 9}, of_weight[1] = {9};
    THTensor *const x = thnn_test_random(THDtype_Double, 3, size, 3), *const x_there = thc_test_there(x);
    THTensor *const w = thnn_test_random(THDtype_Double, 1, of_weight, 4), *const w_there = thc_test_there(w);
    THTensor *t[4];
    for (int i = 0; i < 4; i++) t[i] = THTensor_new();
    CHECK_OK(THNN_DoubleSpatialDilatedMaxPooling_updateOutput(NULL, x, t[0], t[1], 2, 3, 1, 2, 0, 1, 3, 2, true));
    CHECK_OK(THNN_CudaDoubleSpatialDilatedMaxPooling_updateOutput(NULL, x_there, t[2], t[3], 2, 3, 1, 2, 0, 1, 3, 2, true));
    thc_test_same("SpatialDilatedMaxPooling", t[2], t[0], 0);
    thc_test_same("SpatialDilatedMaxPooling, indices", t[3], t[1], 0);
    CHECK_OK(THNN_DoubleTemporalSubSampling_updateOutput(NULL, x, t[0], w, w, 3, 2, 9));
    CHECK_OK(THNN_CudaDoubleTemporalSubSampling_updateOutput(NULL, x_there, t[2], w_there, w_there, 3, 2, 9));
    thc_test_same("TemporalSubSampling", t[2], t[0], 1e-12);
    CHECK_OK(THNN_DoubleThreshold_updateOutput(NULL, x, t[1], 0.1, 7, true));
    CHECK_OK(THNN_CudaDoubleThreshold_updateOutput(NULL, x_there, t[3], 0.1, 7, true));
    thc_test_same("Threshold, in place", t[3], t[1], 0);
    CHECK(t[3]->storage == x_there->storage);
    THTensor *const all[] = {x, x_there, w, w_there};
    freeAll(all, COUNT(all));
    freeAll(t, COUNT(t));
}

int main(void)
{
    test_refusals_CudaHalf();
    test_refusals_Cuda();
    test_refusals_CudaDouble();
    if (!thc_test_hasDevice()) return th_test_end("test_typed, without a device");
    test_convolution();
    test_others();
    return th_test_end("test_typed");
}
