/* LAPACK's routines on raw column-major memory, as the Fortran library has them: no copies, no checks of what the pointers lead
 * to. Float, Double; TH_ERR_UNSUPPORTED for other dtypes and without a library. Elements are of `dtype`, pivots and sizes int;
 * letters and sizes mean what LAPACK says. *info is LAPACK's: 0, -i for a bad argument number i (of Fortran's list, dtype not
 * counted; TH_ERR_VALUE), or a positive number for what it found (TH_OK: the caller decides). lwork -1 asks for the size of
 * work, which work[0] then tells. */
#ifndef TH_LAPACK_H
#define TH_LAPACK_H

#include "TH/THDtype.h"
#include "TH/THStatus.h"

TH_BEGIN_DECLS

/* Dtypes: Float, Double. */
/* Solves a x = b by LU: a (n x n) becomes the factors, b (n x nrhs) the solution. */
TH_API THStatus THLapack_gesv(THDtype dtype, int n, int nrhs, void *a, int lda, int *ipiv, void *b, int ldb, int *info);
/* The same for a triangular a. */
TH_API THStatus THLapack_trtrs(THDtype dtype, char uplo, char trans, char diag, int n, int nrhs, const void *a, int lda,
                               void *b, int ldb, int *info);
/* Least squares, or the least solution, by QR or LQ of a (m x n). */
TH_API THStatus THLapack_gels(THDtype dtype, char trans, int m, int n, int nrhs, void *a, int lda, void *b, int ldb, void *work,
                              int lwork, int *info);
/* Eigenvalues w, ascending, of a symmetric matrix; its vectors in a with jobz V. */
TH_API THStatus THLapack_syev(THDtype dtype, char jobz, char uplo, int n, void *a, int lda, void *w, void *work, int lwork,
                              int *info);
/* Eigenvalues wr + i wi of any square matrix, and left and right vectors. */
TH_API THStatus THLapack_geev(THDtype dtype, char jobvl, char jobvr, int n, void *a, int lda, void *wr, void *wi, void *vl,
                              int ldvl, void *vr, int ldvr, void *work, int lwork, int *info);
/* Singular values s, descending, and vectors u, vt. */
TH_API THStatus THLapack_gesvd(THDtype dtype, char jobu, char jobvt, int m, int n, void *a, int lda, void *s, void *u, int ldu,
                               void *vt, int ldvt, void *work, int lwork, int *info);
/* The factors of LU with row exchanges; with them a solution, and the inverse. */
TH_API THStatus THLapack_getrf(THDtype dtype, int m, int n, void *a, int lda, int *ipiv, int *info);
TH_API THStatus THLapack_getrs(THDtype dtype, char trans, int n, int nrhs, const void *a, int lda, const int *ipiv, void *b,
                               int ldb, int *info);
TH_API THStatus THLapack_getri(THDtype dtype, int n, void *a, int lda, const int *ipiv, void *work, int lwork, int *info);
/* The factor of Cholesky; with it a solution, and the inverse. */
TH_API THStatus THLapack_potrf(THDtype dtype, char uplo, int n, void *a, int lda, int *info);
TH_API THStatus THLapack_potrs(THDtype dtype, char uplo, int n, int nrhs, const void *a, int lda, void *b, int ldb, int *info);
TH_API THStatus THLapack_potri(THDtype dtype, char uplo, int n, void *a, int lda, int *info);
/* The same with pivoting, for semidefinite matrices. work: 2 n elements. */
TH_API THStatus THLapack_pstrf(THDtype dtype, char uplo, int n, void *a, int lda, int *piv, int *rank, double tol, void *work,
                               int *info);
/* QR as reflectors, q from them, and the product of q with c. */
TH_API THStatus THLapack_geqrf(THDtype dtype, int m, int n, void *a, int lda, void *tau, void *work, int lwork, int *info);
TH_API THStatus THLapack_orgqr(THDtype dtype, int m, int n, int k, void *a, int lda, const void *tau, void *work, int lwork,
                               int *info);
TH_API THStatus THLapack_ormqr(THDtype dtype, char side, char trans, int m, int n, int k, const void *a, int lda,
                               const void *tau, void *c, int ldc, void *work, int lwork, int *info);

TH_END_DECLS

#endif
