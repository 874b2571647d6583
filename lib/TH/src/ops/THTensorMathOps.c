/* Elementary functions of a tensor. */
#include "TH/THTensorPointwise.h"

#include "kernels/THMath.h"
#include "ops/THOps.h"

/* An element of a function costs some ten times an addition: smaller pieces are worth a thread. */
#define MATH_GRAIN (TH_GRAIN / 8)

#define MATH_OP(name, grain)                                                                                                   \
    THStatus THTensor_##name(THTensor *r, const THTensor *a)                                                                   \
    {                                                                                                                          \
        THTensor *const tensors[] = {r, (THTensor *)a};                                                                        \
        TH_OPS_TABLE(THMath, table, #name, (THDtype)a->dtype);                                                                 \
        TH_TRY(THOps_outputLike(#name, r, a, (THDtype)a->dtype));                                                              \
        return THIter_map(#name, table->name, NULL, (grain), 2, tensors);                                                      \
    }

MATH_OP(sqrt, TH_GRAIN)
MATH_OP(rsqrt, TH_GRAIN)
MATH_OP(exp, MATH_GRAIN)
MATH_OP(log, MATH_GRAIN)
MATH_OP(log1p, MATH_GRAIN)
MATH_OP(sin, MATH_GRAIN)
MATH_OP(cos, MATH_GRAIN)
MATH_OP(tanh, MATH_GRAIN)
MATH_OP(sigmoid, MATH_GRAIN)
MATH_OP(floor, TH_GRAIN)
MATH_OP(ceil, TH_GRAIN)
MATH_OP(round, TH_GRAIN)
MATH_OP(trunc, TH_GRAIN)
