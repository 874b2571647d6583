// Finding cuDNN, and what is set for the whole process.
#include "core/THCUDNNLibrary.cuh"

#include <atomic>
#include <iterator>

#include "TH/THArgument.h"
#include "THC/THCVendor.h"

namespace
{

THCUDNNLibrary functions;
std::atomic<bool> options[THCUDNN_ALLOW_TF32 + 1];

const THCVendorFunction WANTED[] = {
#define X(name) {#name, &functions.name},
    THCUDNN_FORALL_FUNCTIONS(X)
#undef X
};

THCVendor CUDNN = {"no cuDNN",
                   {"libcudnn.so.9"},
                   "cudnn",
                   "install it: pip install nvidia-cudnn-cu13 (for CUDA 12: nvidia-cudnn-cu12)",
                   WANTED,
                   std::size(WANTED),
                   std::size(WANTED),
                   {}};

} // namespace

const THCUDNNLibrary *thcudnn_library(const char *op)
{
    return thc_openVendor(op, &CUDNN) == TH_OK ? &functions : nullptr;
}

const THCUDNNLibrary &thcudnn()
{
    return functions;
}

THStatus THCUDNN_open(void)
{
    return thcudnn_library("cudnn") == nullptr ? THStatus_last() : TH_OK;
}

THStatus THCUDNN_getVersion(int64_t *version)
{
    TH_GIVEN("cudnn", version);
    TH_TRY(THCUDNN_open());
    *version = (int64_t)functions.cudnnGetVersion();
    return TH_OK;
}

void THCUDNN_setOption(THCUDNNOption option, bool on)
{
    if ((size_t)option >= std::size(options)) {
        THStatus_fail(TH_ERR_VALUE, "[cudnn] option: %d, expected 0 to %d", (int)option, (int)std::size(options) - 1);
        return;
    }
    options[option].store(on, std::memory_order_relaxed);
}

bool thcudnn_option(THCUDNNOption option)
{
    return options[option].load(std::memory_order_relaxed);
}

THStatus thcudnn_fail(const char *op, cudnnStatus_t status)
{
    char detail[512] = "";
    functions.cudnnGetLastErrorString(detail, sizeof detail);
    const bool no_way = status >= CUDNN_STATUS_NOT_SUPPORTED && status < CUDNN_STATUS_MAPPING_ERROR;
    return THStatus_fail(no_way ? TH_ERR_UNSUPPORTED : TH_ERR_STATE, "[%s] cuDNN, status %d: %s; %s", op, (int)status,
                         functions.cudnnGetErrorString(status), detail);
}
