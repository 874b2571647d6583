#include "blas/THCFftLibrary.cuh"

#include <iterator>
#include <list>
#include <mutex>

#include "THC/THCVendor.h"
#include "THC/device/THCAllocator.cuh"

namespace
{

typedef int Handle; // cufftHandle

struct Library {
    int (*getProperty)(int, int *);
    int (*create)(Handle *);
    int (*destroy)(Handle);
    int (*setStream)(Handle, cudaStream_t);
    int (*setAutoAllocation)(Handle, int);
    int (*setWorkArea)(Handle, void *);
    int (*makePlan)(Handle, int rank, long long *n, long long *in_size, long long in_stride, long long in_distance,
                    long long *out_size, long long out_stride, long long out_distance, int type, long long batch, size_t *work);
    int (*complexFloat)(Handle, void *from, void *to, int sign);
    int (*complexDouble)(Handle, void *from, void *to, int sign);
    int (*realFloat)(Handle, void *from, void *to);
    int (*realDouble)(Handle, void *from, void *to);
    int (*halfFloat)(Handle, void *from, void *to);
    int (*halfDouble)(Handle, void *from, void *to);
};

Library functions;

const THCVendorFunction WANTED[] = {
    {"cufftGetProperty", &functions.getProperty},
    {"cufftCreate", &functions.create},
    {"cufftDestroy", &functions.destroy},
    {"cufftSetStream", &functions.setStream},
    {"cufftSetAutoAllocation", &functions.setAutoAllocation},
    {"cufftSetWorkArea", &functions.setWorkArea},
    {"cufftMakePlanMany64", &functions.makePlan},
    {"cufftExecC2C", &functions.complexFloat},
    {"cufftExecZ2Z", &functions.complexDouble},
    {"cufftExecR2C", &functions.realFloat},
    {"cufftExecD2Z", &functions.realDouble},
    {"cufftExecC2R", &functions.halfFloat},
    {"cufftExecZ2D", &functions.halfDouble},
};

// Version 12 comes with CUDA 13, 11 with CUDA 12.
THCVendor CUFFT = {"Fourier transforms on CUDA need cuFFT",
                   {"libcufft.so.12", "libcufft.so.11"},
                   "cufft",
                   "install that of CUDA 12 or later: pip install nvidia-cufft",
                   WANTED,
                   std::size(WANTED),
                   std::size(WANTED),
                   {}};

THStatus check(const char *op, int status)
{
    if (status == 0) return TH_OK;
    const char *const why = status == 2 ? "memory of the device is short" : status == 8 ? "it refuses the size" : "it failed";
    return THStatus_fail(status == 2 ? TH_ERR_MEMORY : TH_ERR_STATE, "[%s] cuFFT, status %d: %s", op, status, why);
}

// --- plans: they cost up to a millisecond to make, and serve again --------------------------------------------------------

struct Plan {
    THCFft fft;
    int device;
    Handle handle;
    size_t work; // bytes
};

constexpr size_t KEPT = 64;

// Plans that nobody uses, the last used one first. Never destroyed: at the end of the process that would fail.
std::mutex *const mutex = new std::mutex;
std::list<Plan> *const kept = new std::list<Plan>;

bool isSame(const THCFft &a, const THCFft &b)
{
    bool same = a.dtype == b.dtype && a.kind == b.kind && a.rank == b.rank && a.batch == b.batch;
    for (int d = 0; same && d < a.rank; d++) same = a.n[d] == b.n[d];
    return same;
}

bool takeKept(Plan *plan)
{
    const std::lock_guard<std::mutex> lock(*mutex);
    for (auto place = kept->begin(); place != kept->end(); ++place) {
        if (place->device != plan->device || !isSame(place->fft, plan->fft)) continue;
        *plan = *place;
        kept->erase(place);
        return true;
    }
    return false;
}

void keep(const Plan &plan)
{
    const std::lock_guard<std::mutex> lock(*mutex);
    kept->push_front(plan);
    if (kept->size() <= KEPT) return;
    functions.destroy(kept->back().handle); // waits for the device if it has to
    kept->pop_back();
}

int typeOf(const THCFft &fft)
{
    static const int types[][2] = {{0x29, 0x69}, {0x2a, 0x6a}, {0x2c, 0x6c}}; // C2C and Z2Z, R2C and D2Z, C2R and Z2D
    return types[(int)fft.kind][fft.dtype == THDtype_Double];
}

THStatus newPlan(const char *op, Plan *plan)
{
    long long n[3];
    for (int d = 0; d < plan->fft.rank; d++) n[d] = plan->fft.n[d];
    TH_TRY(check(op, functions.create(&plan->handle)));
    int status = functions.setAutoAllocation(plan->handle, 0);
    if (status == 0)
        status = functions.makePlan(plan->handle, plan->fft.rank, n, nullptr, 1, 0, nullptr, 1, 0, typeOf(plan->fft),
                                    plan->fft.batch, &plan->work);
    if (status != 0) functions.destroy(plan->handle);
    return check(op, status);
}

int execute(const Plan &plan, int sign, void *from, void *to)
{
    const bool wide = plan.fft.dtype == THDtype_Double;
    switch (plan.fft.kind) {
    case THCFftKind::COMPLEX:
        return (wide ? functions.complexDouble : functions.complexFloat)(plan.handle, from, to, sign);
    case THCFftKind::REAL_TO_HALF:
        return (wide ? functions.realDouble : functions.realFloat)(plan.handle, from, to);
    default:
        return (wide ? functions.halfDouble : functions.halfFloat)(plan.handle, from, to);
    }
}

} // namespace

THStatus thcFft_run(const char *op, const THCFft &fft, int sign, void *from, void *to)
{
    TH_TRY(thc_openVendor(op, &CUFFT));
    Plan plan = {fft, thc_currentDevice(), 0, 0};
    if (!takeKept(&plan)) TH_TRY(newPlan(op, &plan));
    const THCScratch work(plan.device, (int64_t)plan.work);
    THStatus status = plan.work > 0 && work.data() == nullptr ? THStatus_last() : TH_OK;
    if (status == TH_OK) status = check(op, functions.setStream(plan.handle, thc_stream()));
    if (status == TH_OK && plan.work > 0) status = check(op, functions.setWorkArea(plan.handle, work.data()));
    if (status == TH_OK) status = check(op, execute(plan, sign, from, to));
    keep(plan);
    return status == TH_OK ? thc_started(op) : status;
}

THStatus thcFft_version(const char *op, int version[3])
{
    TH_TRY(thc_openVendor(op, &CUFFT));
    for (int part = 0; part < 3; part++) TH_TRY(check(op, functions.getProperty(part, &version[part])));
    return TH_OK;
}
