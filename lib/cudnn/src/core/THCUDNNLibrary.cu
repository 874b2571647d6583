// Finding cuDNN, and what is set for the whole process.
#include "core/THCUDNNLibrary.cuh"

#include <atomic>
#include <mutex>

#include "TH/THArgument.h"
#include "THC/THCVendor.h"

namespace
{

const THCVendor CUDNN = {
    {"libcudnn.so.9"}, "cudnn", "install it: pip install nvidia-cudnn-cu13 (for CUDA 12: nvidia-cudnn-cu12)"};

THCUDNNLibrary functions;
bool usable;
char failure[512];
std::once_flag once;
std::atomic<bool> options[THCUDNN_ALLOW_TF32 + 1];

void openLibrary()
{
    const THCVendorFunction wanted[] = {
#define X(name) {#name, &functions.name},
        THCUDNN_FORALL_FUNCTIONS(X)
#undef X
    };
    usable = thc_openVendor(&CUDNN, wanted, sizeof wanted / sizeof *wanted, failure, sizeof failure);
}

} // namespace

const THCUDNNLibrary *thcudnn_library(const char *op)
{
    std::call_once(once, openLibrary);
    if (usable) return &functions;
    THStatus_fail(TH_ERR_UNSUPPORTED, "[%s] %s", op, failure);
    return nullptr;
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
    return THStatus_fail(TH_ERR_STATE, "[%s] cuDNN, status %d: %s; %s", op, (int)status, functions.cudnnGetErrorString(status),
                         detail);
}
