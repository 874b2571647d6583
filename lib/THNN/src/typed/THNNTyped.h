/* The bodies of Torch's typed names: check the dtype, put the arguments in order, call the tagged function.
 *
 * A template, included once for each dtype: by THNNFloat.c and THNNDouble.c, and by the sources of THCUNN, where THNN_REAL is
 * CudaHalf, Cuda or CudaDouble and TYPED_DTYPE says which dtype that is. */
#include "TH/THArgument.h"
#include "ops/THNNCall.h"
#include "ops/THNNClassicConvolution.h"
#include "ops/THNNPlace.h"

#ifndef THNN_REAL
#define THNN_REAL Float /* for an editor that opens this file by itself */
#endif

#ifndef TYPED_DTYPE
#define TYPED_DTYPE THNN_CONCAT(THDtype_, THNN_REAL, )
#endif
#define CHECK_INPUT(op) TH_TRY(THNN_checkTyped(op, "input", input, TYPED_DTYPE))

static THNNReduction reductionOf(bool sizeAverage, bool reduce)
{
    if (!reduce) return THNNReduction_NONE;
    return sizeAverage ? THNNReduction_MEAN : THNNReduction_SUM;
}

/* A convolution of images: sizes, strides and paddings in Torch's order, width before height. */
static THNNClassic imageCall(const char *op, int kW, int kH, int dW, int dH, int padW, int padH)
{
    return (THNNClassic){
        .op = op,
        .dtype = TYPED_DTYPE,
        .dims = 2,
        .kernel = {kH, kW},
        .geometry = {.stride = {dH, dW}, .pad = {padH, padW}, .dilation = {1, 1}, .groups = 1},
    };
}

/* One of volumes, in Torch's order: time, width, height. */
static THNNClassic volumeCall(const char *op, int kT, int kW, int kH, int dT, int dW, int dH, int pT, int pW, int pH)
{
    return (THNNClassic){
        .op = op,
        .dtype = TYPED_DTYPE,
        .dims = 3,
        .kernel = {kT, kH, kW},
        .geometry = {.stride = {dT, dH, dW}, .pad = {pT, pH, pW}, .dilation = {1, 1, 1}, .groups = 1},
    };
}

static THNNClassic dilated(THNNClassic call, const int64_t *dilation)
{
    for (int d = 0; d < call.dims; d++) call.geometry.dilation[d] = dilation[d];
    return call;
}

static THNNClassic full(THNNClassic call, const int64_t *adjust)
{
    call.full = true;
    for (int d = 0; d < call.dims; d++) call.adjust[d] = adjust[d];
    return call;
}

#include "typed/THNNTypedActivation.h"
#include "typed/THNNTypedCriterion.h"
#include "typed/THNNTypedLayer.h"
#include "typed/THNNTypedMapped.h"
#include "typed/THNNTypedResampling.h"
#include "typed/THNNTypedSparse.h"
#include "typed/THNNTypedSpatial.h"
#include "typed/THNNTypedTemporal.h"
#include "typed/THNNTypedVolumetric.h"
