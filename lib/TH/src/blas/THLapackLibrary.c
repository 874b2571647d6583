#include "blas/THLapackLibrary.h"

#include <pthread.h>
#include <stdbool.h>

#include "blas/THBlasLibrary.h"

static THLapackLibrary th_lapack[2]; /* Float, Double */
static bool th_lapack_usable;
static pthread_once_t th_lapack_once = PTHREAD_ONCE_INIT;

static void findRoutines(void)
{
    th_lapack_usable = true;
#define FIND(name, arguments)                                                                                                  \
    th_lapack_usable &= thBlasLibrary_find("s" #name "_", &th_lapack[0].name);                                                 \
    th_lapack_usable &= thBlasLibrary_find("d" #name "_", &th_lapack[1].name);
    TH_FORALL_LAPACK(FIND)
#undef FIND
}

const THLapackLibrary *thLapackLibrary_get(THDtype dtype)
{
    if (dtype != THDtype_Float && dtype != THDtype_Double) return NULL;
    pthread_once(&th_lapack_once, findRoutines);
    return th_lapack_usable ? &th_lapack[dtype == THDtype_Double] : NULL;
}
