/* Libraries of NVIDIA's that are opened when they are first needed: they are large, and one build serves machines with and
 * without them. For THC itself and its sister libraries. */
#ifndef THC_VENDOR_H
#define THC_VENDOR_H

#include <stddef.h>

#include "THC/THCGeneral.h"

typedef struct THCVendor {
    const char *files[4]; /* names to try, the best first, then NULL */
    const char *folder;   /* of its Python package, in site-packages/nvidia */
    const char *install;  /* what to do where it is missing */
} THCVendor;

typedef struct THCVendorFunction {
    const char *symbol;
    void *place; /* of the pointer to the function */
} THCVendorFunction;

TH_BEGIN_DECLS

/* Where Python packages lie (folders, separated by colons): NVIDIA's are also looked for there. Before the first need. */
THC_API void THC_searchIn(const char *folders);

/* Opens the library and finds its functions. The loader's own places come first (LD_LIBRARY_PATH, ldconfig), then Python
 * packages beside torch and in the folders of THC_searchIn, CUDA_HOME, /usr/local/cuda. Otherwise false, and `failure` says why
 * and what to install: one sentence without its end. */
THC_API bool thc_openVendor(const THCVendor *vendor, const THCVendorFunction *functions, size_t count, char *failure,
                            size_t room);

TH_END_DECLS

#endif
