/* THFloatVector_*: n neighbours in memory; z and y may be x. By the kernels of the tensor functions of these names, with their
 * CPU levels and rules (integers wrap). Every CPU is asked for its level at the first call. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
TH_API THStatus THVector_(fill)(real *x, real c, int64_t n);
/* z = x + c y */
TH_API THStatus THVector_(cadd)(real *z, const real *x, const real *y, real c, int64_t n);
/* y = x + c, x c, x / c */
TH_API THStatus THVector_(adds)(real *y, const real *x, real c, int64_t n);
TH_API THStatus THVector_(muls)(real *y, const real *x, real c, int64_t n);
TH_API THStatus THVector_(divs)(real *y, const real *x, real c, int64_t n);
/* z = x y, x / y */
TH_API THStatus THVector_(cmul)(real *z, const real *x, const real *y, int64_t n);
TH_API THStatus THVector_(cdiv)(real *z, const real *x, const real *y, int64_t n);
TH_API THStatus THVector_(copy)(real *y, const real *x, int64_t n);
/* Chooses the CPU level now, instead of at the first call. */
TH_API void THVector_(vectorDispatchInit)(void);
#endif
