/* LAPACK's routines, by value instead of by reference. */
#include "TH/THLapack.h"
#include "TH/THArgument.h"

#include "blas/THLapackLibrary.h"

/* The routines of `dtype` as `library`, or the failure. */
#define FIND(name)                                                                                                             \
    const THLapackLibrary *const library = thLapackLibrary_get(dtype);                                                         \
    TH_FAIL_IF(library == NULL, TH_ERR_UNSUPPORTED,                                                                            \
               "[" #name "] no LAPACK for %s: Float and Double have one, if TH was built with a library that does",            \
               THDtype_name(dtype))

/* What a routine says of its arguments. */
static THStatus answer(const char *op, int info)
{
    TH_FAIL_IF(info < 0, TH_ERR_VALUE, "[%s] argument %d: LAPACK calls it illegal", op, -info);
    return TH_OK;
}

THStatus THLapack_gesv(THDtype dtype, int n, int nrhs, void *a, int lda, int *ipiv, void *b, int ldb, int *info)
{
    TH_GIVEN("gesv", info);
    if (n > 0) TH_GIVEN("gesv", a, ipiv);
    if (n > 0 && nrhs > 0) TH_GIVEN("gesv", b);
    FIND(gesv);
    library->gesv(&n, &nrhs, a, &lda, ipiv, b, &ldb, info);
    return answer("gesv", *info);
}

THStatus THLapack_trtrs(THDtype dtype, char uplo, char trans, char diag, int n, int nrhs, const void *a, int lda, void *b,
                        int ldb, int *info)
{
    TH_GIVEN("trtrs", info);
    if (n > 0) TH_GIVEN("trtrs", a);
    if (n > 0 && nrhs > 0) TH_GIVEN("trtrs", b);
    FIND(trtrs);
    library->trtrs(&uplo, &trans, &diag, &n, &nrhs, a, &lda, b, &ldb, info, 1, 1, 1);
    return answer("trtrs", *info);
}

THStatus THLapack_gels(THDtype dtype, char trans, int m, int n, int nrhs, void *a, int lda, void *b, int ldb, void *work,
                       int lwork, int *info)
{
    TH_GIVEN("gels", work, info);
    if (m > 0 && n > 0) TH_GIVEN("gels", a);
    if (m > 0 && n > 0 && nrhs > 0) TH_GIVEN("gels", b);
    FIND(gels);
    library->gels(&trans, &m, &n, &nrhs, a, &lda, b, &ldb, work, &lwork, info, 1);
    return answer("gels", *info);
}

THStatus THLapack_syev(THDtype dtype, char jobz, char uplo, int n, void *a, int lda, void *w, void *work, int lwork, int *info)
{
    TH_GIVEN("syev", work, info);
    if (n > 0) TH_GIVEN("syev", a, w);
    FIND(syev);
    library->syev(&jobz, &uplo, &n, a, &lda, w, work, &lwork, info, 1, 1);
    return answer("syev", *info);
}

THStatus THLapack_geev(THDtype dtype, char jobvl, char jobvr, int n, void *a, int lda, void *wr, void *wi, void *vl, int ldvl,
                       void *vr, int ldvr, void *work, int lwork, int *info)
{
    TH_GIVEN("geev", work, info);
    if (n > 0) TH_GIVEN("geev", a, wr, wi);
    if (n > 0 && jobvl == 'V') TH_GIVEN("geev", vl);
    if (n > 0 && jobvr == 'V') TH_GIVEN("geev", vr);
    FIND(geev);
    library->geev(&jobvl, &jobvr, &n, a, &lda, wr, wi, vl, &ldvl, vr, &ldvr, work, &lwork, info, 1, 1);
    return answer("geev", *info);
}

THStatus THLapack_gesvd(THDtype dtype, char jobu, char jobvt, int m, int n, void *a, int lda, void *s, void *u, int ldu,
                        void *vt, int ldvt, void *work, int lwork, int *info)
{
    TH_GIVEN("gesvd", work, info);
    if (m > 0 && n > 0) TH_GIVEN("gesvd", a, s);
    if (m > 0 && n > 0 && (jobu == 'A' || jobu == 'S')) TH_GIVEN("gesvd", u);
    if (m > 0 && n > 0 && (jobvt == 'A' || jobvt == 'S')) TH_GIVEN("gesvd", vt);
    FIND(gesvd);
    library->gesvd(&jobu, &jobvt, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, work, &lwork, info, 1, 1);
    return answer("gesvd", *info);
}

THStatus THLapack_getrf(THDtype dtype, int m, int n, void *a, int lda, int *ipiv, int *info)
{
    TH_GIVEN("getrf", info);
    if (m > 0 && n > 0) TH_GIVEN("getrf", a, ipiv);
    FIND(getrf);
    library->getrf(&m, &n, a, &lda, ipiv, info);
    return answer("getrf", *info);
}

THStatus THLapack_getrs(THDtype dtype, char trans, int n, int nrhs, const void *a, int lda, const int *ipiv, void *b, int ldb,
                        int *info)
{
    TH_GIVEN("getrs", info);
    if (n > 0) TH_GIVEN("getrs", a, ipiv);
    if (n > 0 && nrhs > 0) TH_GIVEN("getrs", b);
    FIND(getrs);
    library->getrs(&trans, &n, &nrhs, a, &lda, ipiv, b, &ldb, info, 1);
    return answer("getrs", *info);
}

THStatus THLapack_getri(THDtype dtype, int n, void *a, int lda, const int *ipiv, void *work, int lwork, int *info)
{
    TH_GIVEN("getri", work, info);
    if (n > 0) TH_GIVEN("getri", a, ipiv);
    FIND(getri);
    library->getri(&n, a, &lda, ipiv, work, &lwork, info);
    return answer("getri", *info);
}

THStatus THLapack_potrf(THDtype dtype, char uplo, int n, void *a, int lda, int *info)
{
    TH_GIVEN("potrf", info);
    if (n > 0) TH_GIVEN("potrf", a);
    FIND(potrf);
    library->potrf(&uplo, &n, a, &lda, info, 1);
    return answer("potrf", *info);
}

THStatus THLapack_potrs(THDtype dtype, char uplo, int n, int nrhs, const void *a, int lda, void *b, int ldb, int *info)
{
    TH_GIVEN("potrs", info);
    if (n > 0) TH_GIVEN("potrs", a);
    if (n > 0 && nrhs > 0) TH_GIVEN("potrs", b);
    FIND(potrs);
    library->potrs(&uplo, &n, &nrhs, a, &lda, b, &ldb, info, 1);
    return answer("potrs", *info);
}

THStatus THLapack_potri(THDtype dtype, char uplo, int n, void *a, int lda, int *info)
{
    TH_GIVEN("potri", info);
    if (n > 0) TH_GIVEN("potri", a);
    FIND(potri);
    library->potri(&uplo, &n, a, &lda, info, 1);
    return answer("potri", *info);
}

THStatus THLapack_pstrf(THDtype dtype, char uplo, int n, void *a, int lda, int *piv, int *rank, double tol, void *work,
                        int *info)
{
    TH_GIVEN("pstrf", rank, work, info);
    if (n > 0) TH_GIVEN("pstrf", a, piv);
    FIND(pstrf);
    const float single = (float)tol;
    const void *const tolerance = dtype == THDtype_Float ? (const void *)&single : &tol;
    library->pstrf(&uplo, &n, a, &lda, piv, rank, tolerance, work, info, 1);
    return answer("pstrf", *info);
}

THStatus THLapack_geqrf(THDtype dtype, int m, int n, void *a, int lda, void *tau, void *work, int lwork, int *info)
{
    TH_GIVEN("geqrf", work, info);
    if (m > 0 && n > 0) TH_GIVEN("geqrf", a, tau);
    FIND(geqrf);
    library->geqrf(&m, &n, a, &lda, tau, work, &lwork, info);
    return answer("geqrf", *info);
}

THStatus THLapack_orgqr(THDtype dtype, int m, int n, int k, void *a, int lda, const void *tau, void *work, int lwork, int *info)
{
    TH_GIVEN("orgqr", work, info);
    if (m > 0 && n > 0) TH_GIVEN("orgqr", a, tau);
    FIND(orgqr);
    library->orgqr(&m, &n, &k, a, &lda, tau, work, &lwork, info);
    return answer("orgqr", *info);
}

THStatus THLapack_ormqr(THDtype dtype, char side, char trans, int m, int n, int k, const void *a, int lda, const void *tau,
                        void *c, int ldc, void *work, int lwork, int *info)
{
    TH_GIVEN("ormqr", work, info);
    if (m > 0 && n > 0) TH_GIVEN("ormqr", a, tau, c);
    FIND(ormqr);
    library->ormqr(&side, &trans, &m, &n, &k, a, &lda, tau, c, &ldc, work, &lwork, info, 1, 1);
    return answer("ormqr", *info);
}
