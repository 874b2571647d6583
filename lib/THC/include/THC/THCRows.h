/* Rows of a table. */
#ifndef THC_ROWS_H
#define THC_ROWS_H

#include "THC/THCGeneral.h"

TH_BEGIN_DECLS

/* Dtypes: all. */
/* r = the rows of `table` that `index` (of one dimension, Long) names, as THCTensor_indexSelect along dimension 0; but no
 * index counts from the end: a negative one is TH_ERR_INDEX, in whose message stands `op`. */
THC_API THStatus THCTensor_rows(THTensor *r, const THTensor *table, const THTensor *index, const char *op);

TH_END_DECLS

#endif
