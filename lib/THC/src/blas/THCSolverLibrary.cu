// Finding cuSOLVER, and its handles.
#include "blas/THCSolverLibrary.cuh"

#include <iterator>

#include "THC/THCVendor.h"
#include "blas/THCHandles.cuh"

namespace
{

THCSolverLibrary functions;
thread_local THCHandles<THCSolverHandle> handles;

const THCVendorFunction WANTED[] = {
    {"cusolverGetProperty", &functions.getProperty},
    {"cusolverDnCreate", &functions.create},
    {"cusolverDnSetStream", &functions.setStream},
#define X(symbol, name, parameters)                                                                                            \
    {"cusolverDnS" symbol, &functions.single.name}, {"cusolverDnD" symbol, &functions.full.name},
    THC_FORALL_SOLVER(X)
#undef X
        {"cusolverDnCreateParams", &functions.newParameters},
    {"cusolverDnDestroyParams", &functions.freeParameters},
    {"cusolverDnXgesvdp_bufferSize", &functions.gesvdp_size},
    {"cusolverDnXgesvdp", &functions.gesvdp},
    // Recent ones.
    {"cusolverDnXgeev_bufferSize", &functions.geev_size},
    {"cusolverDnXgeev", &functions.geev}, // the last: NULL unless all are there
};
constexpr size_t RECENT = 2;

// Version 12 comes with CUDA 13, 11 with CUDA 12.
THCVendor CUSOLVER = {"linear algebra on CUDA needs cuSOLVER",
                      {"libcusolver.so.12", "libcusolver.so.11"},
                      "cusolver",
                      "install that of CUDA 12 or later: pip install nvidia-cusolver",
                      WANTED,
                      std::size(WANTED),
                      std::size(WANTED) - RECENT,
                      {}};

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
    TH_TRY(thc_openVendor(op, &CUSOLVER));
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

THStatus thcSolver_version(const char *op, int version[3])
{
    TH_TRY(thc_openVendor(op, &CUSOLVER));
    for (int part = 0; part < 3; part++) TH_TRY(thcSolver_check(op, functions.getProperty(part, &version[part])));
    return TH_OK;
}
