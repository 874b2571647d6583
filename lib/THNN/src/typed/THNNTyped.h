/* The bodies of Torch's typed names: check the dtype, put the arguments in order, call the tagged function.
 *
 * A template, included once for each dtype: by THNNFloat.c and THNNDouble.c, and by the sources of THCUNN, where THNN_REAL is
 * CudaHalf, Cuda or CudaDouble and TYPED_DTYPE says which dtype that is. */
#include "TH/THArgument.h"
#include "ops/THNNCall.h"
#include "ops/THNNPlace.h"

#ifndef THNN_REAL
#define THNN_REAL Float /* for an editor that opens this file by itself */
#endif

#ifndef TYPED_DTYPE
#define TYPED_DTYPE THNN_CONCAT(THDtype_, THNN_REAL, )
#endif
#define CHECK_INPUT(op) TH_TRY(THNN_checkDtype(op, "input", input, TYPED_DTYPE))

static THNNReduction reductionOf(bool sizeAverage, bool reduce)
{
    if (!reduce) return THNNReduction_NONE;
    return sizeAverage ? THNNReduction_MEAN : THNNReduction_SUM;
}

#include "typed/THNNTypedActivation.h"
#include "typed/THNNTypedCriterion.h"
#include "typed/THNNTypedLayer.h"
#include "typed/THNNTypedMapped.h"
#include "typed/THNNTypedResampling.h"
#ifndef THNN_WITHOUT_SPARSE
#include "typed/THNNTypedSparse.h"
#endif
#include "typed/THNNTypedSpatial.h"
#include "typed/THNNTypedTemporal.h"
#include "typed/THNNTypedVolumetric.h"
