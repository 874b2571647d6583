/* THFloatLapack_* */
#include "TH/THLapack.h"

#include "typed/THTypedBody.h"

THStatus THLapack_(gesv)(int n, int nrhs, real *a, int lda, int *ipiv, real *b, int ldb, int *info)
{
    return THLapack_gesv(REAL_DTYPE, n, nrhs, a, lda, ipiv, b, ldb, info);
}

THStatus THLapack_(trtrs)(char uplo, char trans, char diag, int n, int nrhs, const real *a, int lda, real *b, int ldb,
                          int *info)
{
    return THLapack_trtrs(REAL_DTYPE, uplo, trans, diag, n, nrhs, a, lda, b, ldb, info);
}

THStatus THLapack_(gels)(char trans, int m, int n, int nrhs, real *a, int lda, real *b, int ldb, real *work, int lwork,
                         int *info)
{
    return THLapack_gels(REAL_DTYPE, trans, m, n, nrhs, a, lda, b, ldb, work, lwork, info);
}

THStatus THLapack_(syev)(char jobz, char uplo, int n, real *a, int lda, real *w, real *work, int lwork, int *info)
{
    return THLapack_syev(REAL_DTYPE, jobz, uplo, n, a, lda, w, work, lwork, info);
}

THStatus THLapack_(geev)(char jobvl, char jobvr, int n, real *a, int lda, real *wr, real *wi, real *vl, int ldvl, real *vr,
                         int ldvr, real *work, int lwork, int *info)
{
    return THLapack_geev(REAL_DTYPE, jobvl, jobvr, n, a, lda, wr, wi, vl, ldvl, vr, ldvr, work, lwork, info);
}

THStatus THLapack_(gesvd)(char jobu, char jobvt, int m, int n, real *a, int lda, real *s, real *u, int ldu, real *vt, int ldvt,
                          real *work, int lwork, int *info)
{
    return THLapack_gesvd(REAL_DTYPE, jobu, jobvt, m, n, a, lda, s, u, ldu, vt, ldvt, work, lwork, info);
}

THStatus THLapack_(getrf)(int m, int n, real *a, int lda, int *ipiv, int *info)
{
    return THLapack_getrf(REAL_DTYPE, m, n, a, lda, ipiv, info);
}

THStatus THLapack_(getrs)(char trans, int n, int nrhs, const real *a, int lda, const int *ipiv, real *b, int ldb, int *info)
{
    return THLapack_getrs(REAL_DTYPE, trans, n, nrhs, a, lda, ipiv, b, ldb, info);
}

THStatus THLapack_(getri)(int n, real *a, int lda, const int *ipiv, real *work, int lwork, int *info)
{
    return THLapack_getri(REAL_DTYPE, n, a, lda, ipiv, work, lwork, info);
}

THStatus THLapack_(potrf)(char uplo, int n, real *a, int lda, int *info)
{
    return THLapack_potrf(REAL_DTYPE, uplo, n, a, lda, info);
}

THStatus THLapack_(potrs)(char uplo, int n, int nrhs, const real *a, int lda, real *b, int ldb, int *info)
{
    return THLapack_potrs(REAL_DTYPE, uplo, n, nrhs, a, lda, b, ldb, info);
}

THStatus THLapack_(potri)(char uplo, int n, real *a, int lda, int *info)
{
    return THLapack_potri(REAL_DTYPE, uplo, n, a, lda, info);
}

THStatus THLapack_(pstrf)(char uplo, int n, real *a, int lda, int *piv, int *rank, real tol, real *work, int *info)
{
    return THLapack_pstrf(REAL_DTYPE, uplo, n, a, lda, piv, rank, (double)tol, work, info);
}

THStatus THLapack_(geqrf)(int m, int n, real *a, int lda, real *tau, real *work, int lwork, int *info)
{
    return THLapack_geqrf(REAL_DTYPE, m, n, a, lda, tau, work, lwork, info);
}

THStatus THLapack_(orgqr)(int m, int n, int k, real *a, int lda, const real *tau, real *work, int lwork, int *info)
{
    return THLapack_orgqr(REAL_DTYPE, m, n, k, a, lda, tau, work, lwork, info);
}

THStatus THLapack_(ormqr)(char side, char trans, int m, int n, int k, const real *a, int lda, const real *tau, real *c, int ldc,
                          real *work, int lwork, int *info)
{
    return THLapack_ormqr(REAL_DTYPE, side, trans, m, n, k, a, lda, tau, c, ldc, work, lwork, info);
}
