/* TH_BLAS_FILE: a file name beside libTH, or an absolute path; not defined: no library was configured. TH_BLAS_PREFIX: what
 * the names of its symbols begin with. */
#define _GNU_SOURCE
#include "blas/THBlasLibrary.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "TH/THVersion.h"

#ifndef TH_BLAS_PREFIX
#define TH_BLAS_PREFIX ""
#endif

static THBlasLibrary th_blas;
static bool th_blas_usable;
static void *th_blas_handle;
static const char *th_blas_name = "blas";
static char th_blas_text[512];
static pthread_once_t th_blas_once = PTHREAD_ONCE_INIT;

/* Stores the address of <prefix><name> in a function pointer; ISO C has no conversion from void *, so its bytes are copied. */
static bool findSymbol(void *handle, const char *name, void *function_pointer)
{
    char symbol[128];
    snprintf(symbol, sizeof symbol, "%s%s", TH_BLAS_PREFIX, name);
    void *address = dlsym(handle, symbol);
    memcpy(function_pointer, &address, sizeof address);
    return address != NULL;
}

#ifdef TH_BLAS_FILE

static bool findAll(void *handle)
{
    const struct {
        const char *name;
        void *place;
    } wanted[] = {
        {"sgemm_", &th_blas.sgemm}, {"dgemm_", &th_blas.dgemm}, {"sgemv_", &th_blas.sgemv},
        {"dgemv_", &th_blas.dgemv}, {"sger_", &th_blas.sger},   {"dger_", &th_blas.dger},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (findSymbol(handle, wanted[i].name, wanted[i].place)) continue;
        snprintf(th_blas_text, sizeof th_blas_text, "plain C: %s has no symbol %s%s", TH_BLAS_FILE, TH_BLAS_PREFIX,
                 wanted[i].name);
        return false;
    }
    return true;
}

/* OpenBLAS computes in the calling thread; THBlas cuts large products into blocks for our pool. So one pool serves
 * everything, and a product inside a parallel region cannot wait for threads that are busy. */
static void tameOpenblas(void *handle)
{
    char *(*config)(void) = NULL;
    char *(*corename)(void) = NULL;
    void (*set_threads)(int) = NULL;
    snprintf(th_blas_text, sizeof th_blas_text, "%s", TH_BLAS_FILE);
    if (!findSymbol(handle, "openblas_get_config", &config) || !findSymbol(handle, "openblas_get_corename", &corename)) return;
    th_blas_name = "openblas";
    snprintf(th_blas_text, sizeof th_blas_text, "%s; core %s; run by TH's threads", config(), corename());
    if (findSymbol(handle, "openblas_set_num_threads", &set_threads)) set_threads(1);
}

static void openLibrary(void)
{
    char path[PATH_MAX];
    int length = 0;
    const char *own = TH_path();
    const char *slash = strrchr(own, '/');
    if (TH_BLAS_FILE[0] == '/' || slash == NULL)
        length = snprintf(path, sizeof path, "%s", TH_BLAS_FILE);
    else
        length = snprintf(path, sizeof path, "%.*s/%s", (int)(slash - own), own, TH_BLAS_FILE);
    void *handle = length < (int)sizeof path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    if (handle == NULL) {
        const char *reason = dlerror();
        snprintf(th_blas_text, sizeof th_blas_text, "plain C: cannot open %s", reason == NULL ? TH_BLAS_FILE : reason);
        return;
    }
    th_blas_handle = handle;
    th_blas_usable = findAll(handle);
    if (th_blas_usable) tameOpenblas(handle);
}

#else

static void openLibrary(void)
{
    snprintf(th_blas_text, sizeof th_blas_text, "plain C");
}

#endif

const THBlasLibrary *thBlasLibrary_get(void)
{
    pthread_once(&th_blas_once, openLibrary);
    return th_blas_usable ? &th_blas : NULL;
}

const char *thBlasLibrary_name(void)
{
    return thBlasLibrary_get() == NULL ? "reference" : th_blas_name;
}

const char *thBlasLibrary_describe(void)
{
    (void)thBlasLibrary_get();
    return th_blas_text;
}

bool thBlasLibrary_find(const char *name, void *function_pointer)
{
    return thBlasLibrary_get() != NULL && findSymbol(th_blas_handle, name, function_pointer);
}
