#include "core/THNCCLLibrary.h"

#include <mutex>

#include "TH/THArgument.h"
#include "THC/THCVendor.h"

namespace
{

const THCVendor NCCL = {{"libnccl.so.2"}, "nccl", "install it: pip install nvidia-nccl-cu13 (for CUDA 12: nvidia-nccl-cu12)"};

THNCCLLibrary functions;
bool usable;
char failure[512];
std::once_flag once;

void openLibrary()
{
    const THCVendorFunction wanted[] = {
#define X(name) {#name, &functions.name},
        THNCCL_FORALL_FUNCTIONS(X)
#undef X
    };
    usable = thc_openVendor(&NCCL, wanted, sizeof wanted / sizeof *wanted, failure, sizeof failure);
}

} // namespace

THStatus thnccl_open(const char *op)
{
    std::call_once(once, openLibrary);
    TH_FAIL_IF(!usable, TH_ERR_UNSUPPORTED, "[%s] no NCCL: %s", op, failure);
    return TH_OK;
}

const THNCCLLibrary &thnccl()
{
    return functions;
}

THStatus thnccl_check(const char *op, ncclResult_t result)
{
    if (result == ncclSuccess) return TH_OK;
    const char *const detail = functions.ncclGetLastError(nullptr);
    const bool more = detail != nullptr && detail[0] != '\0';
    return THStatus_fail(TH_ERR_STATE, "[%s] NCCL, status %d: %s%s%s", op, (int)result, functions.ncclGetErrorString(result),
                         more ? "; " : "", more ? detail : "");
}

THStatus THNCCL_getVersion(int *version)
{
    TH_GIVEN("nccl.version", version);
    TH_TRY(thnccl_open("nccl.version"));
    return thnccl_check("nccl.version", functions.ncclGetVersion(version));
}
