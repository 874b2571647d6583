/* THNN_CudaHalf*: Torch's typed names for Half on devices. */
#include "THCUNN/THCUNNTyped.h"

#define THNN_REAL CudaHalf
#define TYPED_DTYPE THDtype_Half
#include "typed/THNNTyped.h"
