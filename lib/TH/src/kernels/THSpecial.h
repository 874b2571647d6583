/* Special functions, element by element: the table of one floating dtype and CPU level. */
#ifndef TH_SPECIAL_H
#define TH_SPECIAL_H

#include "kernels/THLoop.h"

/* data[0] output, data[1] input. erf and erfc: at most 2 ulp. erfinv of Double: 4 ulp; lgamma, digamma and polygamma of Double:
 * at most 8 ulp, of the largest term where terms of both signs cancel (of negative numbers). Float: 2 ulp. */
typedef struct THSpecial {
    THLoop erf, erfc, erfinv; /* erfinv: nan outside of [-1, 1] */
    THLoop lgamma;            /* log |gamma(x)| */
    THLoop digamma;           /* its derivative */
    THLoop polygamma;         /* that one's n-th derivative; args: int n, 0 .. 170 */
} THSpecial;

extern const THSpecial *const THSpecial_tables[THDtype_Count][THCpu_Count];

#endif
