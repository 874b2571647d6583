// In place of THCNvtx.cu where the toolkit has no nvtx3/nvToolsExt.h: the headers come with NVIDIA's toolkit, and among the
// Python packages with nvidia-nvtx.
#include "THC/THCNvtx.h"

THStatus THC_nvtxAvailable(void)
{
    return THStatus_fail(TH_ERR_UNSUPPORTED, "[nvtx] this torch was built without the headers of NVTX; install them and build "
                                             "again: pip install nvidia-nvtx");
}

void THC_nvtxMark(const char *message)
{
    TH_GIVEN_OR(, "nvtx", message);
}

int THC_nvtxRangePush(const char *message)
{
    TH_GIVEN_OR(-1, "nvtx", message);
    return -2; // NVTX_NO_PUSH_POP_TRACKING
}

int THC_nvtxRangePop(void)
{
    return -2;
}
