// Devices of the process, errors and the order of what was started.
#include "THC/THCGeneral.h"

#include <pthread.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "THC/device/THCAllocator.cuh"

namespace
{

// Operations that may still be running, as far as this thread knows: a ring of the last ones.
constexpr unsigned STARTED = 6;
thread_local const char *started[STARTED];
thread_local unsigned started_count = 0;

std::once_flag opened;
THStatus opened_status = TH_OK;
char opened_message[512];
int device_count = 0;
std::atomic<bool> forked{false}; // this process is a child of the one that opened the driver
int multiprocessors[THC_MAX_DEVICES];

const char *describeStarted(char *text, size_t room)
{
    const unsigned count = started_count < STARTED ? started_count : STARTED;
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < count && used + 1 < room; i++) {
        const char *const name = started[(started_count - count + i) % STARTED];
        used += (size_t)snprintf(text + used, room - used, "%s%s", i == 0 ? "" : ", ", name);
    }
    return text;
}

// Errors that the device met while it ran: the context is lost, and who caused it is only known to be one of the last.
bool isAsynchronous(cudaError_t error)
{
    switch (error) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
        return true;
    default:
        return false;
    }
}

THStatus failOpening(cudaError_t error)
{
    int runtime = 0, driver = 0;
    cudaRuntimeGetVersion(&runtime);
    cudaDriverGetVersion(&driver);
    if (driver == 0) {
        return THStatus_fail(TH_ERR_UNSUPPORTED, "[cuda] no driver of NVIDIA is installed on this machine (libcuda.so.1)");
    }
    if (error == cudaErrorInsufficientDriver) {
        return THStatus_fail(
            TH_ERR_UNSUPPORTED,
            "[cuda] the driver supports CUDA %d.%d, older than the %d.%d that this was built with: install a newer driver",
            driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
    }
    if (error == cudaSuccess || error == cudaErrorNoDevice) {
        return THStatus_fail(TH_ERR_UNSUPPORTED,
                             "[cuda] the driver is there and finds no device (CUDA_VISIBLE_DEVICES hides them?)");
    }
    return THStatus_fail(TH_ERR_UNSUPPORTED, "[cuda] %s", cudaGetErrorString(error));
}

void open()
{
    pthread_atfork(nullptr, nullptr, [] { forked.store(true, std::memory_order_relaxed); });
    const cudaError_t error = cudaGetDeviceCount(&device_count);
    if (error != cudaSuccess || device_count == 0) {
        cudaGetLastError();
        device_count = 0;
        opened_status = failOpening(error);
        snprintf(opened_message, sizeof opened_message, "%s", THStatus_message());
        return;
    }
    if (device_count > THC_MAX_DEVICES) device_count = THC_MAX_DEVICES;
    for (int i = 0; i < device_count; i++) cudaDeviceGetAttribute(&multiprocessors[i], cudaDevAttrMultiProcessorCount, i);
    THDevice_register(&thc_device_memory);
}

} // namespace

THStatus thc_fail(const char *op, cudaError_t error)
{
    cudaGetLastError(); // the failure is told once
    if (isAsynchronous(error)) {
        char text[256];
        return THStatus_fail(
            TH_ERR_STATE,
            "[%s] CUDA: %s, in one of the operations started before it was noticed here: %s. The device is lost to "
            "this process; CUDA_LAUNCH_BLOCKING=1 tells which one it is",
            op, cudaGetErrorString(error), describeStarted(text, sizeof text));
    }
    const THStatus code = error == cudaErrorMemoryAllocation ? TH_ERR_MEMORY : TH_ERR_STATE;
    return THStatus_fail(code, "[%s] CUDA: %s", op, cudaGetErrorString(error));
}

THStatus thc_started(const char *op)
{
    started[started_count++ % STARTED] = op;
    THC_TRY(op, cudaGetLastError());
    return TH_OK;
}

void thc_forgetStarted()
{
    started_count = 0;
}

THStatus thc_checkDevice(const char *op, int device)
{
    TH_TRY(THC_initialize());
    TH_FAIL_IF(device < 0 || device >= device_count, TH_ERR_INDEX, "[%s] device, cuda:%d: this machine has %d, from cuda:0 on",
               op, device, device_count);
    return TH_OK;
}

int thc_currentDevice()
{
    int device = 0;
    if (device_count != 1) cudaGetDevice(&device);
    return device;
}

int thc_multiprocessors()
{
    return multiprocessors[thc_currentDevice()];
}

THStatus THC_initialize(void)
{
    std::call_once(opened, open);
    if (opened_status != TH_OK) return THStatus_fail(opened_status, "%s", opened_message);
    TH_FAIL_IF(forked.load(std::memory_order_relaxed), TH_ERR_STATE,
               "[cuda] this process was forked from one that uses CUDA, which CUDA does not allow: start it with 'spawn'");
    return TH_OK;
}

THStatus THC_getDeviceCount(int *count)
{
    TH_GIVEN("device_count", count);
    *count = 0;
    TH_TRY(THC_initialize());
    *count = device_count;
    return TH_OK;
}

THStatus THC_getDevice(int *device)
{
    TH_GIVEN("current_device", device);
    TH_TRY(THC_initialize());
    THC_TRY("current_device", cudaGetDevice(device));
    return TH_OK;
}

THStatus THC_setDevice(int device)
{
    TH_TRY(thc_checkDevice("set_device", device));
    THC_TRY("set_device", cudaSetDevice(device));
    return TH_OK;
}

THStatus THC_getDeviceProperties(int device, THCDeviceProperties *properties)
{
    TH_GIVEN("device_properties", properties);
    TH_TRY(thc_checkDevice("device_properties", device));
    cudaDeviceProp found;
    THC_TRY("device_properties", cudaGetDeviceProperties(&found, device));
    snprintf(properties->name, sizeof properties->name, "%s", found.name);
    properties->major = found.major;
    properties->minor = found.minor;
    properties->multiprocessors = found.multiProcessorCount;
    properties->total_memory = (int64_t)found.totalGlobalMem;
    return TH_OK;
}

THStatus THC_canAccessPeer(int device, int peer, bool *possible)
{
    TH_GIVEN("can_access_peer", possible);
    int answer = 0;
    TH_TRY(thc_checkDevice("can_access_peer", device));
    TH_TRY(thc_checkDevice("can_access_peer", peer));
    if (device != peer) THC_TRY("can_access_peer", cudaDeviceCanAccessPeer(&answer, device, peer));
    *possible = device == peer || answer != 0;
    return TH_OK;
}

THStatus THC_getVersions(int *runtime, int *driver)
{
    TH_GIVEN("versions", runtime, driver);
    THC_TRY("versions", cudaRuntimeGetVersion(runtime));
    THC_TRY("versions", cudaDriverGetVersion(driver));
    return TH_OK;
}

THStatus THC_synchronize(int device)
{
    TH_TRY(thc_checkDevice("synchronize", device));
    const THCGuard guard(device);
    THC_TRY("synchronize", cudaDeviceSynchronize());
    thc_forgetStarted();
    return TH_OK;
}
