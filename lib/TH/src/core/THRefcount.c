#include "TH/THRefcount.h"

#include <dlfcn.h>
#include <stddef.h>

static const char never = 0;
const char *THRefcount_oneThread = &never;

/* By name at run time: a reference to the symbol would bind the library to the C library of the machine that built it. */
__attribute__((constructor)) static void findWord(void)
{
    const char *word = dlsym(RTLD_DEFAULT, "__libc_single_threaded");
    if (word != NULL) THRefcount_oneThread = word;
}
