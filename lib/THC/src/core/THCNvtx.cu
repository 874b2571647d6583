// NVTX is headers only: at the first call they ask a profiler, if one was injected into the process, for its functions.
#include "THC/THCNvtx.h"

#include <nvtx3/nvToolsExt.h>

THStatus THC_nvtxAvailable(void)
{
    return TH_OK;
}

void THC_nvtxMark(const char *message)
{
    TH_GIVEN_OR(, "nvtx", message);
    nvtxMarkA(message);
}

int THC_nvtxRangePush(const char *message)
{
    TH_GIVEN_OR(-1, "nvtx", message);
    return nvtxRangePushA(message);
}

int THC_nvtxRangePop(void)
{
    return nvtxRangePop();
}
