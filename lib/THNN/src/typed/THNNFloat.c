/* THNN_Float*: Torch's typed names for Float. */
#include "THNN/THNN.h"

#define THNN_REAL Float
#include "typed/THNNTyped.h"
