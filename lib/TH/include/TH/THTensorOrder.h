/* Sorting, selecting and counting.
 *
 * The order is that of the numbers; nan is greater than all others (as in NumPy), equal to other nans, and 0 equals -0. Equal
 * elements keep their order, ascending or descending. Every place that is reported is the first of equals. Indices are Long.
 * Outputs do not share memory with inputs or with each other. All dtypes. A line (the elements along dim) has fewer than 2^32
 * elements. */
#ifndef TH_TENSOR_ORDER_H
#define TH_TENSOR_ORDER_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: all. */
/* values: a sorted along dim; indices: where they stood. */
TH_API THStatus THTensor_sort(THTensor *values, THTensor *indices, const THTensor *a, int dim, int descending);
/* The k greatest (or, if not largest, least) elements along dim, 0 <= k <= size. sorted: the best first; else in any order. */
TH_API THStatus THTensor_topk(THTensor *values, THTensor *indices, const THTensor *a, int64_t k, int dim, int largest,
                              int sorted);
/* The element number k, 1 <= k <= size, in ascending order. */
TH_API THStatus THTensor_kthvalue(THTensor *values, THTensor *indices, const THTensor *a, int64_t k, int dim, int keepdim);
/* The middle element, the lower of two; nan if there is a nan. TH_ERR_SHAPE for no elements. */
TH_API THStatus THTensor_median(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim);
TH_API THStatus THTensor_medianall(THTensor *r, const THTensor *a);
/* The most frequent element, the least of several. TH_ERR_SHAPE for no elements. */
TH_API THStatus THTensor_mode(THTensor *values, THTensor *indices, const THTensor *a, int dim, int keepdim);
/* The different elements of a, ascending, as a 1-d tensor; nans are one. inverse (NULL: not wanted) has a's shape: where each
 * element stands in r. */
TH_API THStatus THTensor_unique(THTensor *r, THTensor *inverse, const THTensor *a);

TH_END_DECLS

#endif
