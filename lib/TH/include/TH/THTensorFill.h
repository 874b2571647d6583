/* Filling, copying, sequences. */
#ifndef TH_TENSOR_FILL_H
#define TH_TENSOR_FILL_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: all. */
/* Every element becomes `value`, converted to self's dtype as C does. */
TH_API THStatus THTensor_fill(THTensor *self, THScalar value);
TH_API THStatus THTensor_zero(THTensor *self);
/* self[...] = source, broadcast to self's shape and converted to self's dtype. Overlap is handled. */
TH_API THStatus THTensor_copy(THTensor *self, const THTensor *source);
/* start, start + step, ... while below (step > 0) or above (step < 0) end; dtype: of `r` if it has one, else int64 if all three
 * are integers, else float32. TH_ERR_VALUE if step is 0 or points away from end. */
TH_API THStatus THTensor_arange(THTensor *r, THScalar start, THScalar end, THScalar step);
/* `steps` values from start to end, both included. dtype as r has it, else float32. */
TH_API THStatus THTensor_linspace(THTensor *r, double start, double end, int64_t steps);
/* n x m, ones on the diagonal. dtype as r has it, else float32. */
TH_API THStatus THTensor_eye(THTensor *r, int64_t n, int64_t m);

TH_END_DECLS

#endif
