/* Libraries of NVIDIA's that are opened when they are first needed: they are large, and one build serves machines with and
 * without them. For THC itself and its sister libraries. */
#ifndef THC_VENDOR_H
#define THC_VENDOR_H

#include <stddef.h>

#include "THC/THCGeneral.h"

typedef struct THCVendorFunction {
    const char *symbol;
    void *place; /* of the pointer to the function, NULL at first */
} THCVendorFunction;

/* A library, and what came of looking for it. One object for each, that lives as long as the process. */
typedef struct THCVendor {
    const char *need;     /* what its errors begin with: "products on CUDA need cuBLAS" */
    const char *files[4]; /* names to try, the best first, then NULL */
    const char *folder;   /* of its Python package, in site-packages/nvidia */
    const char *install;  /* what to do where it is missing */
    const THCVendorFunction *functions;
    size_t count;
    size_t required; /* of the functions, which come first; behind them, from the first that is missing on, places stay NULL */
    struct {
        int answer;        /* 0: nobody has asked yet */
        char failure[512]; /* one sentence without its end */
    } found;               /* thc_openVendor's own */
} THCVendor;

/* What THC itself opens. */
typedef enum THCLibrary { THC_CUBLAS, THC_CUSOLVER, THC_CUFFT } THCLibrary;

TH_BEGIN_DECLS

/* Where Python packages lie (folders, separated by colons): NVIDIA's are also looked for there. Before the first need. */
THC_API void THC_searchIn(const char *folders);

/* Opens the library and finds its functions, once; later calls, of any thread, answer the same. The loader's own places come
 * first (LD_LIBRARY_PATH, ldconfig), then Python packages beside torch and in the folders of THC_searchIn, CUDA_HOME,
 * /usr/local/cuda. Otherwise TH_ERR_UNSUPPORTED: `[op] need: why; what to install`. */
THC_API THStatus thc_openVendor(const char *op, THCVendor *vendor);

/* Opens a library of THC's, for which no device is needed. version: major, minor, patch. TH_ERR_UNSUPPORTED, with what to
 * install, where there is none; TH_ERR_VALUE for another number. */
THC_API THStatus THC_getLibraryVersion(THCLibrary library, int version[3]);

TH_END_DECLS

#endif
