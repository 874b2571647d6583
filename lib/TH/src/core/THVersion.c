#define _GNU_SOURCE
#include "TH/THVersion.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static char th_path[PATH_MAX];
static pthread_once_t th_path_once = PTHREAD_ONCE_INIT;

int TH_abi(void)
{
    return TH_ABI;
}

const char *TH_version(void)
{
    return TH_VERSION;
}

static void findPath(void)
{
    Dl_info info;
    /* The address of data, not of a function: ISO C has no conversion from a function pointer to void *. */
    if (dladdr(th_path, &info) == 0 || info.dli_fname == NULL) return;
    if (realpath(info.dli_fname, th_path) == NULL) th_path[0] = '\0';
}

const char *TH_path(void)
{
    pthread_once(&th_path_once, findPath);
    return th_path;
}
