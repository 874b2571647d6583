#include "core/THNCCLLibrary.h"

#include <iterator>

#include "TH/THArgument.h"
#include "THC/THCVendor.h"

namespace
{

THNCCLLibrary functions;

const THCVendorFunction WANTED[] = {
#define X(name) {#name, &functions.name},
    THNCCL_FORALL_FUNCTIONS(X)
#undef X
};

THCVendor NCCL = {"no NCCL",
                  {"libnccl.so.2"},
                  "nccl",
                  "install it: pip install nvidia-nccl-cu13 (for CUDA 12: nvidia-nccl-cu12)",
                  WANTED,
                  std::size(WANTED),
                  std::size(WANTED),
                  {}};

} // namespace

THStatus thnccl_open(const char *op)
{
    return thc_openVendor(op, &NCCL);
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
