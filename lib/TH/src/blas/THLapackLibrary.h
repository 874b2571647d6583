/* The LAPACK routines of the library that THBlasLibrary opens. */
#ifndef TH_LAPACK_LIBRARY_H
#define TH_LAPACK_LIBRARY_H

#include <stddef.h>

#include "TH/THDtype.h"

/* Each routine of one floating dtype: name, then the arguments of its Fortran interface, where elements are void. Integers have
 * 32 bits. Compilers of Fortran pass the length of each string behind the last argument. */
#define TH_FORALL_LAPACK(X)                                                                                                    \
    X(gesv, (const int *n, const int *nrhs, void *a, const int *lda, int *pivots, void *b, const int *ldb, int *info))         \
    X(getrf, (const int *m, const int *n, void *a, const int *lda, int *pivots, int *info))                                    \
    X(getrs, (const char *trans, const int *n, const int *nrhs, const void *a, const int *lda, const int *pivots, void *b,     \
              const int *ldb, int *info, size_t))                                                                              \
    X(getri, (const int *n, void *a, const int *lda, const int *pivots, void *work, const int *lwork, int *info))              \
    X(trtrs, (const char *uplo, const char *trans, const char *diag, const int *n, const int *nrhs, const void *a,             \
              const int *lda, void *b, const int *ldb, int *info, size_t, size_t, size_t))                                     \
    X(gels, (const char *trans, const int *m, const int *n, const int *nrhs, void *a, const int *lda, void *b, const int *ldb, \
             void *work, const int *lwork, int *info, size_t))                                                                 \
    X(syev, (const char *jobz, const char *uplo, const int *n, void *a, const int *lda, void *w, void *work, const int *lwork, \
             int *info, size_t, size_t))                                                                                       \
    X(syevd, (const char *jobz, const char *uplo, const int *n, void *a, const int *lda, void *w, void *work,                  \
              const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t))                                     \
    X(geev, (const char *jobvl, const char *jobvr, const int *n, void *a, const int *lda, void *wr, void *wi, void *vl,        \
             const int *ldvl, void *vr, const int *ldvr, void *work, const int *lwork, int *info, size_t, size_t))             \
    X(gesvd, (const char *jobu, const char *jobvt, const int *m, const int *n, void *a, const int *lda, void *s, void *u,      \
              const int *ldu, void *vt, const int *ldvt, void *work, const int *lwork, int *info, size_t, size_t))             \
    X(gesdd, (const char *jobz, const int *m, const int *n, void *a, const int *lda, void *s, void *u, const int *ldu,         \
              void *vt, const int *ldvt, void *work, const int *lwork, int *iwork, int *info, size_t))                         \
    X(potrf, (const char *uplo, const int *n, void *a, const int *lda, int *info, size_t))                                     \
    X(potrs, (const char *uplo, const int *n, const int *nrhs, const void *a, const int *lda, void *b, const int *ldb,         \
              int *info, size_t))                                                                                              \
    X(potri, (const char *uplo, const int *n, void *a, const int *lda, int *info, size_t))                                     \
    X(pstrf, (const char *uplo, const int *n, void *a, const int *lda, int *pivots, int *rank, const void *tolerance,          \
              void *work, int *info, size_t))                                                                                  \
    X(geqrf, (const int *m, const int *n, void *a, const int *lda, void *tau, void *work, const int *lwork, int *info))        \
    X(orgqr, (const int *m, const int *n, const int *k, void *a, const int *lda, const void *tau, void *work,                  \
              const int *lwork, int *info))                                                                                    \
    X(ormqr, (const char *side, const char *trans, const int *m, const int *n, const int *k, const void *a, const int *lda,    \
              const void *tau, void *c, const int *ldc, void *work, const int *lwork, int *info, size_t, size_t))

typedef struct THLapackLibrary {
#define TH_LAPACK_FIELD(name, arguments) void(*name) arguments;
    TH_FORALL_LAPACK(TH_LAPACK_FIELD)
#undef TH_LAPACK_FIELD
} THLapackLibrary;

/* The routines of Float or Double; NULL for other dtypes, and if there is no library or it lacks one of them. */
const THLapackLibrary *thLapackLibrary_get(THDtype dtype);

#endif
