// Versions of what THC opens.
#include <iterator>

#include "TH/THArgument.h"
#include "THC/THCVendor.h"
#include "blas/THCBlasLibrary.cuh"
#include "blas/THCFftLibrary.cuh"
#include "blas/THCSolverLibrary.cuh"

THStatus THC_getLibraryVersion(THCLibrary library, int version[3])
{
    static constexpr struct {
        const char *op;
        THStatus (*version)(const char *op, int version[3]);
    } libraries[] = {{"cublas", thcBlas_version}, {"cusolver", thcSolver_version}, {"cufft", thcFft_version}};
    TH_GIVEN("cuda", version);
    TH_FAIL_IF((size_t)library >= std::size(libraries), TH_ERR_VALUE,
               "[cuda] library: %d, expected 0 (cuBLAS), 1 (cuSOLVER) or 2 (cuFFT)", (int)library);
    return libraries[library].version(libraries[library].op, version);
}
