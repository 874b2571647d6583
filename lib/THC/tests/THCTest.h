/* What THC's C tests share: whether there is a device, and comparisons with the host. */
#ifndef THC_TEST_H
#define THC_TEST_H

#include "../../TH/tests/THTest.h"
#include "THC/THC.h"

static inline bool thc_test_hasDevice(void)
{
    int count = 0;
    return THC_getDeviceCount(&count) == TH_OK && count > 0;
}

/* A copy on device 0. */
static inline THTensor *thc_test_there(const THTensor *host)
{
    THTensor *const t = THCTensor_newOnDevice(host, 0);
    CHECK(t != NULL && THTensor_device(t) == 0);
    return t;
}

/* `device` has the shape, the dtype and, within `tolerance`, the elements of `host`. */
static inline void thc_test_same(const char *what, const THTensor *device, const THTensor *host, double tolerance)
{
    THTensor *const here = THCTensor_newOnDevice(device, TH_DEVICE_HOST);
    bool same = here != NULL && THTensor_device(device) == 0 && here->dtype == host->dtype && here->ndim == host->ndim;
    for (int d = 0; same && d < host->ndim; d++) same = here->size[d] == host->size[d];
    for (int64_t i = 0; same && i < host->numel; i++) {
        const double a = th_test_at(here, i), b = th_test_at(host, i);
        same = fabs(a - b) <= tolerance * (1 + fabs(b)) || a == b || (isnan(a) && isnan(b));
        if (!same) fprintf(stderr, "    element %lld is %.17g, expected %.17g\n", (long long)i, a, b);
    }
    if (!CHECK(same)) fprintf(stderr, "    %s\n", what);
    THTensor_free(here);
}

#endif
