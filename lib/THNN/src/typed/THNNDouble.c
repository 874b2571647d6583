/* THNN_Double*: Torch's typed names for Double. */
#include "THNN/THNN.h"

#define THNN_REAL Double
#include "typed/THNNTyped.h"
