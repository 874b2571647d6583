/* Elementary functions, element by element: the table of one floating dtype and CPU level. */
#ifndef TH_MATH_H
#define TH_MATH_H

#include "kernels/THLoop.h"

/* data[0] output, data[1] input. At most 2 ulp; infinities, nan, zeros' signs and subnormal numbers as C's functions. */
typedef struct THMath {
    THLoop sqrt, rsqrt;
    THLoop exp, log, log1p;
    THLoop sin, cos, tan;
    THLoop tanh, sigmoid;
    THLoop floor, ceil, round, trunc; /* round: half to even */
} THMath;

extern const THMath *const THMath_tables[THDtype_Count][THCpu_Count];

#endif
