// Finding cuBLAS, and its handles.
#include "blas/THCBlasLibrary.cuh"

#include <iterator>

#include "THC/THCVendor.h"
#include "blas/THCHandles.cuh"

namespace
{

THCBlasLibrary functions;

const THCVendorFunction WANTED[] = {
#define X(symbol, name, parameters) {symbol, &functions.name},
    THC_FORALL_BLAS(X)
#undef X
#define X(symbol, name, parameters) {"cublasS" symbol, &functions.single.name}, {"cublasD" symbol, &functions.full.name},
        THC_FORALL_BLAS_TYPED(X)
#undef X
};

THCVendor CUBLAS = {"products on CUDA need cuBLAS",
                    {"libcublas.so.13", "libcublas.so.12"},
                    "cublas",
                    "install version 12 or later: pip install nvidia-cublas",
                    WANTED,
                    std::size(WANTED),
                    std::size(WANTED),
                    {}};

thread_local THCHandles<THCBlasHandle> handles;

THStatus newHandle(const char *op, const THCBlasLibrary *library, THCBlasHandle *handle)
{
    TH_TRY(thcBlas_check(op, library->create(handle)));
    return thcBlas_check(op, library->setMathMode(*handle, THC_BLAS_MATH));
}

const char *meaningOf(int status)
{
    switch (status) {
    case 1:
        return "it could not be initialised";
    case 3:
        return "memory of the device is short";
    case 7:
        return "it refuses an argument";
    case 8:
        return "it does not know this device";
    case 13:
        return "the device failed; an operation before this one may be why";
    case 15:
        return "it does not have this product";
    default:
        return "it failed";
    }
}

} // namespace

THStatus thcBlas_library(const char *op, const THCBlasLibrary **library)
{
    TH_TRY(thc_openVendor(op, &CUBLAS));
    *library = &functions;
    return TH_OK;
}

THStatus thcBlas_handle(const char *op, const THCBlasLibrary *library, THCBlasHandle *handle)
{
    THCBlasHandle &own = handles.ofCurrent();
    if (own == nullptr) TH_TRY(newHandle(op, library, &own));
    *handle = own;
    return thcBlas_check(op, library->setStream(own, thc_stream()));
}

THStatus thcBlas_check(const char *op, int status)
{
    if (status == THC_BLAS_SUCCESS) return TH_OK;
    return THStatus_fail(status == 3 ? TH_ERR_MEMORY : TH_ERR_STATE, "[%s] cuBLAS, status %d: %s", op, status,
                         meaningOf(status));
}

THStatus thcBlas_version(const char *op, int version[3])
{
    TH_TRY(thc_openVendor(op, &CUBLAS));
    for (int part = 0; part < 3; part++) TH_TRY(thcBlas_check(op, functions.getProperty(part, &version[part])));
    return TH_OK;
}
