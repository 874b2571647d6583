/* THFloatLapack_*, THDoubleLapack_*: LAPACK's routines on raw memory; see TH/THLapack.h. */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
TH_API THStatus THLapack_(gesv)(int n, int nrhs, real *a, int lda, int *ipiv, real *b, int ldb, int *info);
TH_API THStatus THLapack_(trtrs)(char uplo, char trans, char diag, int n, int nrhs, const real *a, int lda, real *b, int ldb,
                                 int *info);
TH_API THStatus THLapack_(gels)(char trans, int m, int n, int nrhs, real *a, int lda, real *b, int ldb, real *work, int lwork,
                                int *info);
TH_API THStatus THLapack_(syev)(char jobz, char uplo, int n, real *a, int lda, real *w, real *work, int lwork, int *info);
TH_API THStatus THLapack_(geev)(char jobvl, char jobvr, int n, real *a, int lda, real *wr, real *wi, real *vl, int ldvl,
                                real *vr, int ldvr, real *work, int lwork, int *info);
TH_API THStatus THLapack_(gesvd)(char jobu, char jobvt, int m, int n, real *a, int lda, real *s, real *u, int ldu, real *vt,
                                 int ldvt, real *work, int lwork, int *info);
TH_API THStatus THLapack_(getrf)(int m, int n, real *a, int lda, int *ipiv, int *info);
TH_API THStatus THLapack_(getrs)(char trans, int n, int nrhs, const real *a, int lda, const int *ipiv, real *b, int ldb,
                                 int *info);
TH_API THStatus THLapack_(getri)(int n, real *a, int lda, const int *ipiv, real *work, int lwork, int *info);
TH_API THStatus THLapack_(potrf)(char uplo, int n, real *a, int lda, int *info);
TH_API THStatus THLapack_(potrs)(char uplo, int n, int nrhs, const real *a, int lda, real *b, int ldb, int *info);
TH_API THStatus THLapack_(potri)(char uplo, int n, real *a, int lda, int *info);
TH_API THStatus THLapack_(pstrf)(char uplo, int n, real *a, int lda, int *piv, int *rank, real tol, real *work, int *info);
TH_API THStatus THLapack_(geqrf)(int m, int n, real *a, int lda, real *tau, real *work, int lwork, int *info);
TH_API THStatus THLapack_(orgqr)(int m, int n, int k, real *a, int lda, const real *tau, real *work, int lwork, int *info);
TH_API THStatus THLapack_(ormqr)(char side, char trans, int m, int n, int k, const real *a, int lda, const real *tau, real *c,
                                 int ldc, real *work, int lwork, int *info);
#endif
