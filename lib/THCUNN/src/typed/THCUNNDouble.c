/* THNN_CudaDouble*: Torch's typed names for Double on devices. */
#include "THCUNN/THCUNNTyped.h"

#define THNN_REAL CudaDouble
#define TYPED_DTYPE THDtype_Double
#include "typed/THNNTyped.h"
