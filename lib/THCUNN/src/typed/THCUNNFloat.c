/* THNN_Cuda*: Torch's typed names for Float on devices. */
#include "THCUNN/THCUNNTyped.h"

#define THNN_REAL Cuda
#define TYPED_DTYPE THDtype_Float
#include "typed/THNNTyped.h"
