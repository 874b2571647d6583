// Finding cuBLAS, and its handles.
#include "blas/THCBlasLibrary.cuh"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

namespace
{

THCBlasLibrary functions;
bool usable;
char failure[512];
std::once_flag once;

// Where the library may lie, the loader's own places first; wheels of NVIDIA lie beside ours.
std::vector<std::string> places()
{
    std::vector<std::string> found = {""};
    Dl_info own;
    if (dladdr(reinterpret_cast<void *>(thcBlas_library), &own) != 0 && own.dli_fname != nullptr) {
        const char *const slash = strrchr(own.dli_fname, '/');
        const std::string folder = slash == nullptr ? "." : std::string(own.dli_fname, (size_t)(slash - own.dli_fname));
        found.push_back(folder + "/../../nvidia/cu13/lib/");
        found.push_back(folder + "/../../nvidia/cublas/lib/");
    }
    const char *const home = getenv("CUDA_HOME");
    if (home != nullptr && home[0] != '\0') {
        found.push_back(std::string(home) + "/lib64/");
        found.push_back(std::string(home) + "/lib/"); // the layout of wheels
    }
    found.push_back("/usr/local/cuda/lib64/");
    return found;
}

void *openAny()
{
    for (const std::string &place : places())
        for (const char *name : {"libcublas.so.13", "libcublas.so.12"})
            if (void *const handle = dlopen((place + name).c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    return nullptr;
}

void openLibrary()
{
    void *const handle = openAny();
    if (handle == nullptr) {
        snprintf(failure, sizeof failure, "libcublas.so.13 or .12 was not found; install it: pip install nvidia-cublas");
        return;
    }
    const struct {
        const char *symbol;
        void *place;
    } wanted[] = {
#define X(symbol, name, parameters) {symbol, &functions.name},
        THC_FORALL_BLAS(X)
#undef X
    };
    for (const auto &function : wanted) {
        void *const address = dlsym(handle, function.symbol);
        memcpy(function.place, &address, sizeof address);
        if (address != nullptr) continue;
        snprintf(failure, sizeof failure,
                 "the installed libcublas has no function %s; install version 12 or later: "
                 "pip install nvidia-cublas",
                 function.symbol);
        return;
    }
    usable = true;
}

// Handles are never destroyed, which would wait for the device, and at the end of the process fail: a thread that ends leaves
// its handles to others.
struct Pool {
    std::mutex mutex;
    std::vector<THCBlasHandle> free[THC_MAX_DEVICES];
};
Pool *const pool = new Pool;

struct Handles {
    THCBlasHandle of[THC_MAX_DEVICES] = {};
    ~Handles()
    {
        const std::lock_guard<std::mutex> lock(pool->mutex);
        for (int i = 0; i < THC_MAX_DEVICES; i++)
            if (of[i] != nullptr) pool->free[i].push_back(of[i]);
    }
};
thread_local Handles handles;

THCBlasHandle takeFree(int device)
{
    const std::lock_guard<std::mutex> lock(pool->mutex);
    std::vector<THCBlasHandle> &free = pool->free[device];
    if (free.empty()) return nullptr;
    const THCBlasHandle handle = free.back();
    free.pop_back();
    return handle;
}

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
    std::call_once(once, openLibrary);
    TH_FAIL_IF(!usable, TH_ERR_UNSUPPORTED, "[%s] products on CUDA need cuBLAS: %s", op, failure);
    *library = &functions;
    return TH_OK;
}

THStatus thcBlas_handle(const char *op, const THCBlasLibrary *library, THCBlasHandle *handle)
{
    int device = 0;
    THC_TRY(op, cudaGetDevice(&device));
    THCBlasHandle &own = handles.of[device];
    if (own == nullptr) own = takeFree(device);
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
