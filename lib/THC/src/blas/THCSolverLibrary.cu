// Finding cuSOLVER, and its handles.
#include "blas/THCSolverLibrary.cuh"

#include <mutex>

#include "THC/THCVendor.h"
#include "blas/THCHandles.cuh"

namespace
{

THCSolverLibrary functions;
bool usable;
char failure[512];
std::once_flag once;
thread_local THCHandles<THCSolverHandle> handles;

// Version 12 comes with CUDA 13, 11 with CUDA 12.
const THCVendor CUSOLVER = {
    {"libcusolver.so.12", "libcusolver.so.11"}, "cusolver", "install that of CUDA 12 or later: pip install nvidia-cusolver"};

void openLibrary()
{
    const THCVendorFunction wanted[] = {{"cusolverDnCreate", &functions.create},
                                        {"cusolverDnSetStream", &functions.setStream},
#define X(symbol, name, parameters)                                                                                            \
    {"cusolverDnS" symbol, &functions.single.name}, {"cusolverDnD" symbol, &functions.full.name},
                                        THC_FORALL_SOLVER(X)
#undef X
    };
    const THCVendorFunction recent[] = {
        {"cusolverDnCreateParams", &functions.newParameters},
        {"cusolverDnDestroyParams", &functions.freeParameters},
        {"cusolverDnXgeev_bufferSize", &functions.geev_size},
        {"cusolverDnXgeev", &functions.geev}, // the last: NULL unless all are there
    };
    char unused[sizeof failure];
    usable = thc_openVendor(&CUSOLVER, wanted, sizeof wanted / sizeof *wanted, failure, sizeof failure);
    if (usable) (void)thc_openVendor(&CUSOLVER, recent, sizeof recent / sizeof *recent, unused, sizeof unused);
}

const char *meaningOf(int status)
{
    switch (status) {
    case 1:
        return "it could not be initialised";
    case 2:
        return "memory of the device is short";
    case 3:
        return "it refuses an argument";
    case 4:
        return "it does not know this device";
    case 6:
        return "the device failed; an operation before this one may be why";
    case 9:
        return "it does not have this operation";
    default:
        return "it failed";
    }
}

} // namespace

THStatus thcSolver_library(const char *op, const THCSolverLibrary **library)
{
    std::call_once(once, openLibrary);
    TH_FAIL_IF(!usable, TH_ERR_UNSUPPORTED, "[%s] linear algebra on CUDA needs cuSOLVER: %s", op, failure);
    *library = &functions;
    return TH_OK;
}

THStatus thcSolver_handle(const char *op, const THCSolverLibrary *library, THCSolverHandle *handle)
{
    THCSolverHandle &own = handles.ofCurrent();
    if (own == nullptr) TH_TRY(thcSolver_check(op, library->create(&own)));
    *handle = own;
    return thcSolver_check(op, library->setStream(own, thc_stream()));
}

THStatus thcSolver_check(const char *op, int status)
{
    if (status == 0) return TH_OK;
    return THStatus_fail(status == 2 ? TH_ERR_MEMORY : TH_ERR_STATE, "[%s] cuSOLVER, status %d: %s", op, status,
                         meaningOf(status));
}
