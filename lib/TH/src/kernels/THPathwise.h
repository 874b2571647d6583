/* How samples move with the parameters of their law when their quantile is held. */
#ifndef TH_PATHWISE_H
#define TH_PATHWISE_H

#include "kernels/THLoop.h"

/* data[0] is the output. Of Double at most 1e-9 relative, of Float 1e-6. */
typedef struct THPathwise {
    THLoop gamma;    /* d sample / d shape of the gamma law: shape data[1], sample data[2] */
    THLoop gammaLog; /* the same of the sample's logarithm, which data[2] is */
    /* d x / d a over 1 - x, of the beta law of a data[2] and b data[3]. data[1]: the sample x up to 1/2; above, x - 1, which
     * has the digits that x has lost (-0.0 for 1). */
    THLoop beta;
} THPathwise;

extern const THPathwise *const THPathwise_tables[THDtype_Count][THCpu_Count];

#endif
