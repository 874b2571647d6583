/* Moving elements by index. Indices are int64 tensors; one outside its dimension is TH_ERR_INDEX and nothing is written. */
#ifndef TH_TENSOR_INDEX_H
#define TH_TENSOR_INDEX_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: all. */
/* r takes the slices index[0], index[1], ... of a along dim. index: 1-d. Negative indices count from the end. */
TH_API THStatus THTensor_indexSelect(THTensor *r, const THTensor *a, int dim, const THTensor *index);
/* self's slices index[i] along dim gain source's slice i. */
TH_API THStatus THTensor_indexAdd(THTensor *self, int dim, const THTensor *index, const THTensor *source);
/* self's slices index[i] along dim become source's slice i. */
TH_API THStatus THTensor_indexCopy(THTensor *self, int dim, const THTensor *index, const THTensor *source);
/* self's slices index[i] along dim become `value`. */
TH_API THStatus THTensor_indexFill(THTensor *self, int dim, const THTensor *index, THScalar value);
/* r[i][j] = a[index[i][j]][j] for dim 0, and so on; r has index's shape. */
TH_API THStatus THTensor_gather(THTensor *r, const THTensor *a, int dim, const THTensor *index);
/* self[index[i][j]][j] = source[i][j] for dim 0, and so on; the last of several for one element stays. index may be smaller
 * than self but for dim; source is at least as large as index. */
TH_API THStatus THTensor_scatter(THTensor *self, int dim, const THTensor *index, const THTensor *source);
TH_API THStatus THTensor_scatterFill(THTensor *self, int dim, const THTensor *index, THScalar value);
/* self[index[i][j]][j] += source[i][j] for dim 0, and so on. */
TH_API THStatus THTensor_scatterAdd(THTensor *self, int dim, const THTensor *index, const THTensor *source);
/* r has index's shape; r[i] = a[index[i]], the number of an element in a's row-major order. Negative indices count from the
 * end. */
TH_API THStatus THTensor_take(THTensor *r, const THTensor *a, const THTensor *index);
/* self[index[i]] becomes source[i], or gains it; source has as many elements as index. */
TH_API THStatus THTensor_put(THTensor *self, const THTensor *index, const THTensor *source, int accumulate);
/* Elements where mask (Byte, broadcast) is not 0, as a 1-d tensor in row-major order. */
TH_API THStatus THTensor_maskedSelect(THTensor *r, const THTensor *a, const THTensor *mask);
TH_API THStatus THTensor_maskedFill(THTensor *self, const THTensor *mask, THScalar value);
/* Elements where mask is not 0 become source's elements, taken in order. */
TH_API THStatus THTensor_maskedCopy(THTensor *self, const THTensor *mask, const THTensor *source);
/* n x ndim (int64): where a is not 0. */
TH_API THStatus THTensor_nonzero(THTensor *r, const THTensor *a);
/* Along dim, one after the other. count >= 1, all of one dtype, all other sizes equal. */
TH_API THStatus THTensor_cat(THTensor *r, THTensor *const *tensors, int count, int dim);

TH_END_DECLS

#endif
