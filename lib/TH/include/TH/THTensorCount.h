/* Histograms. */
#ifndef TH_TENSOR_COUNT_H
#define TH_TENSOR_COUNT_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* Dtypes: Float, Double. */
/* How many elements of a lie in each of `bins` intervals of equal width from low to high, as numbers of a's dtype (Float,
 * Double), 1-d. Each interval includes its lower edge, the last one both. Elements outside, and nan, are not counted. low equal
 * to high: from the least to the greatest element (both of which must be finite); if those are equal, one less to one more. */
TH_API THStatus THTensor_histc(THTensor *r, const THTensor *a, int64_t bins, double low, double high);
/* The same for each row of a matrix (a vector is one row): rows x bins. The limits are those of the whole matrix. */
TH_API THStatus THTensor_bhistc(THTensor *r, const THTensor *a, int64_t bins, double low, double high);
/* Dtypes: Byte, Char, Short, Int, Long. */
/* r[v]: how often v appears among a's elements (integers, 1-d, none negative), or, unless weights is NULL, the sum of the
 * weights (Float or Double, a's size) at its places. At least min_length elements; int64, or the weights' dtype. */
TH_API THStatus THTensor_bincount(THTensor *r, const THTensor *a, const THTensor *weights, int64_t min_length);

TH_END_DECLS

#endif
