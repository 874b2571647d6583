/* Random numbers whose law has parameters for each element, by rejection: tables of Double only. */
#ifndef TH_VARIATE_H
#define TH_VARIATE_H

#include "TH/THKernel.h"
#include "TH/THVariateMath.h"

/* out[i] with the parameters a[i] and b[i] (unused ones NULL), i = 0 .. n-1. Element i takes the counters counter + i,
 * counter + i + step, ..., TH_VARIATE_COUNTERS of them. nan where parameters are nan or outside of their range. */
typedef void (*THVariateFill)(double *out, const double *a, const double *b, int64_t n, uint64_t seed, uint64_t counter,
                              uint64_t step);

typedef struct THVariate {
    THVariateFill gamma;    /* shape a >= 0, rate 1 */
    THVariateFill gammaLog; /* the logarithm of that, which does not underflow for small shapes */
    THVariateFill poisson;  /* mean a >= 0 */
    THVariateFill binomial; /* a trials, a whole number from 0 on, of probability b */
} THVariate;

extern const THVariate *const THVariate_tables[THDtype_Count][THCpu_Count];

#endif
