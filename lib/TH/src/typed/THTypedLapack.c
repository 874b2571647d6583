/* THFloatTensor_*: equations and decompositions. */
#include "TH/THTensorLapack.h"
#include "typed/THTypedBody.h"

/* Stores in *index which of `letters` an option is. */
static THStatus choose(const char *op, const char *name, const char *option, const char *letters, int *index)
{
    TH_FAIL_IF(option == NULL, TH_ERR_VALUE, "[%s] %s, NULL: must be given", op, name);
    const char *const found = option[0] == '\0' || option[1] != '\0' ? NULL : strchr(letters, option[0]);
    TH_FAIL_IF(found == NULL, TH_ERR_VALUE, "[%s] %s, \"%s\": must be one of the letters %s", op, name, option, letters);
    *index = (int)(found - letters);
    return TH_OK;
}

/* Declares the int `name`: the place of the option of that name among `letters`. */
#define CHOOSE(op, name, option, letters)                                                                                      \
    int name = 0;                                                                                                              \
    TH_TRY(choose((op), #option, (option), (letters), &name))

#define FORWARD(name, parameters, first, call)                                                                                 \
    THStatus THTensor_(name) parameters                                                                                        \
    {                                                                                                                          \
        TH_TRY(check_dtype(#name, first));                                                                                     \
        return call;                                                                                                           \
    }

FORWARD(gesv, (THTensor * rb_, THTensor *ra_, const THTensor *b, const THTensor *a), a, THTensor_gesv(rb_, ra_, b, a))
FORWARD(gels, (THTensor * rb_, THTensor *ra_, const THTensor *b, const THTensor *a), a, THTensor_gels(rb_, ra_, b, a))
FORWARD(getri, (THTensor * ra_, const THTensor *a), a, THTensor_inverse(ra_, a))
FORWARD(qr, (THTensor * rq_, THTensor *rr_, const THTensor *a), a, THTensor_qr(rq_, rr_, a))
FORWARD(geqrf, (THTensor * ra_, THTensor *rtau_, const THTensor *a), a, THTensor_geqrf(ra_, rtau_, a))
FORWARD(orgqr, (THTensor * ra_, const THTensor *a, const THTensor *tau), a, THTensor_orgqr(ra_, a, tau))
FORWARD(btrisolve, (THTensor * rb_, const THTensor *b, const THTensor *atf, const THTensor *pivots), atf,
        THTensor_btrisolve(rb_, b, atf, pivots))

THStatus THTensor_(trtrs)(THTensor *rb_, THTensor *ra_, const THTensor *b, const THTensor *a, const char *uplo,
                          const char *trans, const char *diag)
{
    CHOOSE("trtrs", upper, uplo, "LU");
    CHOOSE("trtrs", transpose, trans, "NT");
    CHOOSE("trtrs", unit, diag, "NU");
    TH_TRY(check_dtype("trtrs", a));
    return THTensor_trtrs(rb_, ra_, b, a, upper, transpose, unit);
}

THStatus THTensor_(syev)(THTensor *re_, THTensor *rv_, const THTensor *a, const char *jobz, const char *uplo)
{
    CHOOSE("syev", vectors, jobz, "NV");
    CHOOSE("syev", upper, uplo, "LU");
    TH_TRY(check_dtype("syev", a));
    return THTensor_syev(re_, rv_, a, vectors, upper);
}

THStatus THTensor_(geev)(THTensor *re_, THTensor *rv_, const THTensor *a, const char *jobvr)
{
    CHOOSE("geev", vectors, jobvr, "NV");
    TH_TRY(check_dtype("geev", a));
    return THTensor_geev(re_, rv_, a, vectors);
}

THStatus THTensor_(gesvd)(THTensor *ru_, THTensor *rs_, THTensor *rv_, const THTensor *a, const char *jobu)
{
    CHOOSE("gesvd", job, jobu, "NAS");
    TH_TRY(check_dtype("gesvd", a));
    return THTensor_gesvd(ru_, rs_, rv_, a, job == 2, job != 0);
}

THStatus THTensor_(gesvd2)(THTensor *ru_, THTensor *rs_, THTensor *rv_, THTensor *ra_, const THTensor *a, const char *jobu)
{
    TH_GIVEN("gesvd2", ru_, rs_, rv_, ra_, a, jobu);
    TH_TRY(check_dtype("gesvd2", a));
    TH_FAIL_IF(ra_ == ru_ || ra_ == rs_ || ra_ == rv_, TH_ERR_VALUE,
               "[gesvd2] ra is another output, expected a tensor of its own");
    TH_FAIL_IF(ra_->storage != NULL && ra_->dtype != REAL_DTYPE, TH_ERR_DTYPE, "[gesvd2] ra is %s, expected %s",
               THDtype_name((THDtype)ra_->dtype), THDtype_name(REAL_DTYPE));
    TH_TRY(thTyped_checkOutput(ra_, "gesvd2", a, REAL_DTYPE, a->ndim, a->size)); /* before the other outputs are written */
    THTensor *const kept = THTensor_newClone(a);
    THStatus status = kept == NULL ? THStatus_last() : THTensor_(gesvd)(ru_, rs_, rv_, kept, jobu);
    if (status == TH_OK) status = thTyped_output(ra_, "gesvd2", a, REAL_DTYPE, kept->ndim, kept->size);
    if (status == TH_OK) status = THTensor_copy(ra_, kept);
    THTensor_free(kept);
    return status;
}

THStatus THTensor_(potrf)(THTensor *ra_, const THTensor *a, const char *uplo)
{
    CHOOSE("potrf", upper, uplo, "LU");
    TH_TRY(check_dtype("potrf", a));
    return THTensor_potrf(ra_, a, upper);
}

THStatus THTensor_(potrs)(THTensor *rb_, const THTensor *b, const THTensor *a, const char *uplo)
{
    CHOOSE("potrs", upper, uplo, "LU");
    TH_TRY(check_dtype("potrs", a));
    return THTensor_potrs(rb_, b, a, upper);
}

THStatus THTensor_(potri)(THTensor *ra_, const THTensor *a, const char *uplo)
{
    CHOOSE("potri", upper, uplo, "LU");
    TH_TRY(check_dtype("potri", a));
    return THTensor_potri(ra_, a, upper);
}

THStatus THTensor_(ormqr)(THTensor *ra_, const THTensor *a, const THTensor *tau, const THTensor *c, const char *side,
                          const char *trans)
{
    CHOOSE("ormqr", left, side, "RL");
    CHOOSE("ormqr", transpose, trans, "NT");
    TH_TRY(check_dtype("ormqr", a));
    return THTensor_ormqr(ra_, a, tau, c, left, transpose);
}

THStatus THTensor_(pstrf)(THTensor *ra_, THTensor *rpiv_, const THTensor *a, const char *uplo, real tol)
{
    CHOOSE("pstrf", upper, uplo, "LU");
    TH_TRY(check_dtype("pstrf", a));
    return THTensor_pstrf(ra_, rpiv_, a, upper, tol);
}

THStatus THTensor_(btrifact)(THTensor *ra_, THTensor *rpivots_, THTensor *rinfo_, int pivot, const THTensor *a)
{
    TH_GIVEN("btrifact", ra_, rpivots_, a);
    TH_TRY(check_dtype("btrifact", a));
    TH_FAIL_IF(!pivot, TH_ERR_UNSUPPORTED, "[btrifact] pivot, 0: factors without row exchanges are not implemented");
    return THTensor_btrifact(ra_, rpivots_, rinfo_, a);
}
