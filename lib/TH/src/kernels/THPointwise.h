/* Arithmetic, element by element: the table of one dtype and CPU level. */
#ifndef TH_POINTWISE_H
#define TH_POINTWISE_H

#include "kernels/THLoop.h"

/* data[0] is the output, data[1 ..] the inputs, all of the table's dtype. `args` points at what the entry's comment says. */
typedef struct THPointwise {
    THLoop add, sub, mul;         /* integers wrap */
    THLoop addScaled;             /* a + s * b; args: scalar_t s */
    THLoop div;                   /* integers: towards zero; x / 0 is 0 here, so check first; min / -1 wraps */
    THLoop fmod;                  /* sign of a; integers: x % 0 is 0 here */
    THLoop remainder;             /* sign of b; integers: x % 0 is 0 here */
    THLoop pow;                   /* integers only (floats: THElementary); by squaring, b >= 0 */
    THLoop lshift, rshift;        /* a * 2^b, a / 2^b; integers: 0, or the sign, if b is not in [0, width) */
    THLoop bitand, bitor, bitxor; /* integers only */
    THLoop max, min;              /* nan if either is */
    THLoop addcmul;               /* a + s * b * c; args: scalar_t s */
    THLoop addcdiv;               /* a + s * b / c; args: scalar_t s */
    THLoop clamp;                 /* args: scalar_t [2], lower and upper bound; nan stays */
    THLoop neg, abs, sign;
} THPointwise;

extern const THPointwise *const THPointwise_tables[THDtype_Count][THCpu_Count];

#endif
