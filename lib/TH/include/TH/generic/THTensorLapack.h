/* THFloatTensor_*, THDoubleTensor_*: equations and decompositions; see TH/THTensorLapack.h. Options are letters as LAPACK has
 * them: uplo "U" or "L", trans "N" or "T", diag "N" or "U", side "L" or "R", jobz, jobvr "N" or "V", jobu "S", "A" or "N". */
#ifndef TH_TYPED_NAME
#include "TH/THTyped.h" /* read by itself: the names of all dtypes */
#else
TH_API THStatus THTensor_(gesv)(THTensor *rb_, THTensor *ra_, const THTensor *b, const THTensor *a);
TH_API THStatus THTensor_(trtrs)(THTensor *rb_, THTensor *ra_, const THTensor *b, const THTensor *a, const char *uplo,
                                 const char *trans, const char *diag);
TH_API THStatus THTensor_(gels)(THTensor *rb_, THTensor *ra_, const THTensor *b, const THTensor *a);
TH_API THStatus THTensor_(syev)(THTensor *re_, THTensor *rv_, const THTensor *a, const char *jobz, const char *uplo);
TH_API THStatus THTensor_(geev)(THTensor *re_, THTensor *rv_, const THTensor *a, const char *jobvr);
TH_API THStatus THTensor_(gesvd)(THTensor *ru_, THTensor *rs_, THTensor *rv_, const THTensor *a, const char *jobu);
/* Torch: ra_ is what LAPACK left of a. */
/* The same; ra_ becomes a copy of a. */
TH_API THStatus THTensor_(gesvd2)(THTensor *ru_, THTensor *rs_, THTensor *rv_, THTensor *ra_, const THTensor *a,
                                  const char *jobu);
/* Torch: the same. */
TH_API THStatus THTensor_(getri)(THTensor *ra_, const THTensor *a); /* the inverse */
TH_API THStatus THTensor_(potrf)(THTensor *ra_, const THTensor *a, const char *uplo);
TH_API THStatus THTensor_(potrs)(THTensor *rb_, const THTensor *b, const THTensor *a, const char *uplo);
TH_API THStatus THTensor_(potri)(THTensor *ra_, const THTensor *a, const char *uplo);
TH_API THStatus THTensor_(qr)(THTensor *rq_, THTensor *rr_, const THTensor *a);
TH_API THStatus THTensor_(geqrf)(THTensor *ra_, THTensor *rtau_, const THTensor *a);
TH_API THStatus THTensor_(orgqr)(THTensor *ra_, const THTensor *a, const THTensor *tau);
TH_API THStatus THTensor_(ormqr)(THTensor *ra_, const THTensor *a, const THTensor *tau, const THTensor *c, const char *side,
                                 const char *trans);
TH_API THStatus THTensor_(pstrf)(THTensor *ra_, THTensor *rpiv_, const THTensor *a, const char *uplo, real tol);
/* rinfo_ may be NULL: then a singular matrix is an error. pivot 0 is TH_ERR_UNSUPPORTED. */
TH_API THStatus THTensor_(btrifact)(THTensor *ra_, THTensor *rpivots_, THTensor *rinfo_, int pivot, const THTensor *a);
TH_API THStatus THTensor_(btrisolve)(THTensor *rb_, const THTensor *b, const THTensor *atf, const THTensor *pivots);
#endif
