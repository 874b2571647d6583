/* More elementary functions, element by element: the table of one floating dtype and CPU level. */
#ifndef TH_ELEMENTARY_H
#define TH_ELEMENTARY_H

#include "kernels/THLoop.h"

/* data[0] output, data[1] and data[2] inputs. At most 2 ulp; special values as C's functions. pow of Double: at most 0.55 ulp
 * (where the CPU level has no FMA it is the C library's; at the level of AVX2 0.85 at the end of the range, of bases near to
 * sqrt(2)), and another 0.5 where the result is subnormal. */
typedef struct THElementary {
    THLoop asin, acos, atan, atan2; /* atan2(y, x) */
    THLoop sinh, cosh;
    THLoop expm1, log2, log10;
    THLoop frac; /* x - trunc(x), with the sign of x */
    THLoop pow;
    THLoop lerp; /* a + s * (b - a); args: scalar_t s */
} THElementary;

extern const THElementary *const THElementary_tables[THDtype_Count][THCpu_Count];

#endif
