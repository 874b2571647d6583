/* Systems of equations and decompositions, by the LAPACK library that comes with BLAS. Float and Double; matrices are 2-d, any
 * strides. TH_ERR_UNSUPPORTED if TH was built without a library (BLAS=none).
 *
 * Inputs stay as they are. Results come column by column in memory (strides (1, rows)), unless the output has a storage.
 * What LAPACK finds (a singular matrix, no convergence) is TH_ERR_VALUE, and nothing is written then. */
#ifndef TH_TENSOR_LAPACK_H
#define TH_TENSOR_LAPACK_H

#include "TH/THTensor.h"

TH_BEGIN_DECLS

/* --- equations ------------------------------------------------------------------------------------------------------- */

/* Dtypes: Float, Double. */
/* a x = b; a: n x n, b: n x k or n. lu: both factors in one matrix, rows in the order of the exchanges. */
TH_API THStatus THTensor_gesv(THTensor *x, THTensor *lu, const THTensor *b, const THTensor *a);
/* The x of least |a x - b|, a: m x n, b: m x k; for m < n the x of least length. x: max(m, n) x k, below the first n rows what
 * is left of b. qr: as geqrf has it. */
TH_API THStatus THTensor_gels(THTensor *x, THTensor *qr, const THTensor *b, const THTensor *a);
/* op(a) x = b for a triangular a, op: transposed or not; unit: the diagonal counts as ones. triangle: a copy of a. */
TH_API THStatus THTensor_trtrs(THTensor *x, THTensor *triangle, const THTensor *b, const THTensor *a, int upper, int transpose,
                               int unit);
TH_API THStatus THTensor_inverse(THTensor *r, const THTensor *a);
/* The sign of the determinant (0 for a singular matrix) and the logarithm of its magnitude (-inf), as scalar tensors. */
TH_API THStatus THTensor_slogdet(THTensor *sign, THTensor *logarithm, const THTensor *a);
TH_API THStatus THTensor_det(THTensor *r, const THTensor *a);

/* --- symmetric positive definite matrices: one triangle is read -------------------------------------------------------- */

/* The triangular c with c' c = a (upper) or c c' = a. */
TH_API THStatus THTensor_potrf(THTensor *r, const THTensor *a, int upper);
/* (c' c) x = b or (c c') x = b for what potrf gave. */
TH_API THStatus THTensor_potrs(THTensor *x, const THTensor *b, const THTensor *c, int upper);
/* The inverse of c' c or c c'. */
TH_API THStatus THTensor_potri(THTensor *r, const THTensor *c, int upper);
/* With pivoting: a semidefinite is enough. pivots (Int, from 1): p with p' a p = c' c. tolerance < 0: n eps max(a). */
TH_API THStatus THTensor_pstrf(THTensor *r, THTensor *pivots, const THTensor *a, int upper, double tolerance);

/* --- decompositions ---------------------------------------------------------------------------------------------------- */

/* a = u diag(s) v'; some: k = min(m, n) columns of u and v, else all. vectors 0: only s; u and v then are zeros. */
TH_API THStatus THTensor_gesvd(THTensor *u, THTensor *s, THTensor *v, const THTensor *a, int some, int vectors);
/* Eigenvalues of a symmetric matrix, ascending, of which one triangle is read; vectors as the columns of v, or v without
 * elements. */
TH_API THStatus THTensor_syev(THTensor *values, THTensor *v, const THTensor *a, int vectors, int upper);
/* Eigenvalues as rows (real, imaginary); vectors as LAPACK has them: a conjugate pair is (v[:, j], +-v[:, j + 1]). */
TH_API THStatus THTensor_geev(THTensor *values, THTensor *v, const THTensor *a, int vectors);
/* a = q r; q: m x k, r: k x n, k = min(m, n). */
TH_API THStatus THTensor_qr(THTensor *q, THTensor *r, const THTensor *a);
/* The same as r in the upper triangle, and the reflectors below it, with their factors. */
TH_API THStatus THTensor_geqrf(THTensor *r, THTensor *tau, const THTensor *a);
/* q of what geqrf gave: its first columns, as many as a has and m at most. */
TH_API THStatus THTensor_orgqr(THTensor *r, const THTensor *a, const THTensor *tau);
/* op(q) c (left) or c op(q). */
TH_API THStatus THTensor_ormqr(THTensor *r, const THTensor *a, const THTensor *tau, const THTensor *c, int left, int transpose);

/* --- batches: b x n x n -------------------------------------------------------------------------------------------------- */

/* LU of each matrix; pivots: b x n (Int, from 1); info: b (Int), 0, or the 1-based place of a zero on the diagonal. info NULL:
 * that is TH_ERR_VALUE. */
TH_API THStatus THTensor_btrifact(THTensor *lu, THTensor *pivots, THTensor *info, const THTensor *a);
/* a[i] x[i] = b[i] for what btrifact gave; b: b x n or b x n x k. */
TH_API THStatus THTensor_btrisolve(THTensor *x, const THTensor *b, const THTensor *lu, const THTensor *pivots);

TH_END_DECLS

#endif
