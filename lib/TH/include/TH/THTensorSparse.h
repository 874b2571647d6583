/* The parts of sparse tensors in coordinate format: the places of elements, and their values. Sums are added up in the order in
 * which their parts are stored, those of Half in float. Indices are int64; one outside its dimension is TH_ERR_INDEX. Outputs
 * share no memory with inputs or with each other. */
#ifndef TH_TENSOR_SPARSE_H
#define TH_TENSOR_SPARSE_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: all. */
/* sums: for each different place, ascending in `different`, the sum of the rows of `values` that have it; inverse: where each
 * place stands among the different ones. places: n numbers from 0 to limit - 1; values: n x ... */
TH_API THStatus THTensor_coalesce(THTensor *different, THTensor *sums, THTensor *inverse, const THTensor *places,
                                  const THTensor *values, int64_t limit);
/* The product of a sparse matrix of `rows` rows and a dense one: r (rows x m), row i of it the sum of values[k] times row
 * index[1][k] of `dense` over all k with index[0][k] = i. index: 2 x n; values: n; dense: any number of rows x m. */
TH_API THStatus THTensor_spmm(THTensor *r, const THTensor *index, const THTensor *values, const THTensor *dense, int64_t rows);

TH_END_DECLS

#endif
