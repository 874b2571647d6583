// Torch's functions of a process, by the functions of THC.
#include "THC/THCState.h"

#include <atomic>
#include <mutex>
#include <new>

#include "TH/THTyped.h"
#include "THC/THCTensor.h"
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCBlocks.cuh"
#include "THC/device/THCSegment.cuh"

namespace
{

// The current device, or -1 with the failure set.
int current()
{
    int device = -1;
    return THC_getDevice(&device) == TH_OK ? device : -1;
}

// --- memory --------------------------------------------------------------------------------------------------------------

void *newHere(void *, int64_t size)
{
    const int device = size < 0 ? -1 : current();
    if (size < 0) THStatus_fail(TH_ERR_VALUE, "[malloc] size, %lld: must not be negative", (long long)size);
    return device < 0 || size == 0 ? nullptr : thc_allocate(device, size);
}

void freeBlock(void *, void *block)
{
    (void)THCudaFree(block);
}

void *newPinned(void *, int64_t size)
{
    return THC_newPinned(size);
}

void freePinned(void *, void *block)
{
    THC_freePinned(block);
}

void *newManaged(void *, int64_t size)
{
    void *data = nullptr;
    if (current() < 0) return nullptr;
    const cudaError_t error = cudaMallocManaged(&data, (size_t)size);
    if (error == cudaSuccess) return data;
    thc_fail("malloc", error);
    return nullptr;
}

void freeManaged(void *, void *block)
{
    cudaFree(block);
}

THAllocator device_allocator = {newHere, nullptr, freeBlock};
THAllocator pinned_allocator = {newPinned, nullptr, freePinned};
THAllocator managed_allocator = {newManaged, nullptr, freeManaged};

// --- streams by number -----------------------------------------------------------------------------------------------------

constexpr int MOST_STREAMS = 1024;
THCStream *numbered[THC_MAX_DEVICES][MOST_STREAMS + 1]; // [0] is the default one: NULL
std::atomic<int> stream_count{0};
std::mutex reserving;

THStatus checkNumber(const char *op, int stream)
{
    const int count = stream_count.load(std::memory_order_acquire);
    TH_FAIL_IF(stream < 0 || stream > count, TH_ERR_INDEX, "[%s] stream, %d: expected one of 0 to %d", op, stream, count);
    return TH_OK;
}

__global__ void spin(int64_t cycles)
{
    const int64_t begin = clock64();
    while (clock64() - begin < cycles) {
    }
}

// Numbers in memory of the device as a tensor of one dimension, without owning them.
THTensor *tensorOver(const void *data, THDtype dtype, int64_t n, int device)
{
    THStorage *const storage = THStorage_newWithData(dtype, n, const_cast<void *>(data), nullptr, nullptr);
    if (storage == nullptr) return nullptr;
    storage->device = (int16_t)device;
    THTensor *const tensor = THTensor_newWithStorage(storage, dtype, 0, 1, &n, nullptr);
    THStorage_free(storage);
    return tensor;
}

THStatus convert(const char *op, void *out, THDtype to, const void *in, THDtype from, int64_t n)
{
    TH_FAIL_IF(n < 0, TH_ERR_VALUE, "[%s] len, %lld: must not be negative", op, (long long)n);
    const int device = current();
    if (device < 0) return THStatus_last();
    const THCOwned target(tensorOver(out, to, n, device)), source(tensorOver(in, from, n, device));
    return target && source ? THCTensor_copy(target.get(), source.get()) : THStatus_last();
}

// 100 times major and minor version of the current device; 0 with the failure set.
int capability()
{
    const cudaDeviceProp *const found = THCState_getCurrentDeviceProperties();
    return found == nullptr ? 0 : 100 * found->major + found->minor;
}

} // namespace

THStatus THCudaInit(void)
{
    return THC_initialize();
}

int THCState_getNumDevices(void)
{
    int count = 0;
    (void)THC_getDeviceCount(&count);
    return count;
}

struct cudaDeviceProp *THCState_getDeviceProperties(int device)
{
    static std::once_flag asked[THC_MAX_DEVICES];
    static cudaDeviceProp found[THC_MAX_DEVICES];
    static cudaError_t error[THC_MAX_DEVICES];
    if (thc_checkDevice("device properties", device) != TH_OK) return nullptr;
    std::call_once(asked[device], [device] { error[device] = cudaGetDeviceProperties(&found[device], device); });
    if (error[device] == cudaSuccess) return &found[device];
    thc_fail("device properties", error[device]);
    return nullptr;
}

struct cudaDeviceProp *THCState_getCurrentDeviceProperties(void)
{
    const int device = current();
    return device < 0 ? nullptr : THCState_getDeviceProperties(device);
}

int THCState_getPeerToPeerAccess(int device, int peer)
{
    bool possible = false;
    return THC_canAccessPeer(device, peer, &possible) == TH_OK && possible;
}

int THC_nativeHalfInstructions(void)
{
    return capability() >= 503;
}

int THC_fastHalfInstructions(void)
{
    const int found = capability();
    return found >= 503 && found != 601; // 6.1 has them at a fraction of the speed
}

THStatus THC_sleep(int64_t cycles)
{
    TH_TRY(THC_initialize());
    spin<<<1, 1, 0, thc_stream()>>>(cycles);
    return thc_started("sleep");
}

// --- streams -----------------------------------------------------------------------------------------------------------------

THCStream *THCState_getStreamOnDevice(int device)
{
    return thc_checkDevice("stream", device) == TH_OK ? THC_getStream(device) : nullptr;
}

THCStream *THCState_getStream(void)
{
    const int device = current();
    return device < 0 ? nullptr : THC_getStream(device);
}

void *THCState_getCurrentStreamOnDevice(int device)
{
    return THCStream_handle(THCState_getStreamOnDevice(device));
}

void *THCState_getCurrentStream(void)
{
    return THCStream_handle(THCState_getStream());
}

THStatus THCState_setStreamOnDevice(int device, THCStream *stream)
{
    return THC_setStream(device, stream);
}

THStatus THCState_setStream(THCStream *stream)
{
    const int device = stream == nullptr ? current() : THCStream_device(stream);
    return device < 0 ? THStatus_last() : THC_setStream(device, stream);
}

THStatus THCState_reserveStreams(int numStreams, int nonBlocking)
{
    int devices = 0;
    TH_FAIL_IF(numStreams < 0 || numStreams > MOST_STREAMS, TH_ERR_VALUE, "[stream] numStreams, %d: expected 0 to %d",
               numStreams, MOST_STREAMS);
    TH_TRY(THC_getDeviceCount(&devices));
    const std::lock_guard<std::mutex> lock(reserving);
    for (int stream = stream_count.load() + 1; stream <= numStreams; stream++) {
        for (int device = 0; device < devices; device++) {
            if (numbered[device][stream] != nullptr) continue; // of a call that failed
            const THCGuard guard(device);
            numbered[device][stream] = THCStream_newWithPriority(nonBlocking ? cudaStreamNonBlocking : cudaStreamDefault, 0);
            if (numbered[device][stream] == nullptr) return THStatus_last();
        }
        stream_count.store(stream, std::memory_order_release);
    }
    return TH_OK;
}

int THCState_getNumStreams(void)
{
    return stream_count.load(std::memory_order_acquire);
}

void *THCState_getDeviceStream(int device, int stream)
{
    const bool known = thc_checkDevice("stream", device) == TH_OK && checkNumber("stream", stream) == TH_OK;
    return known ? THCStream_handle(numbered[device][stream]) : nullptr;
}

THStatus THCState_setCurrentStreamIndex(int stream)
{
    int devices = 0;
    TH_TRY(THC_getDeviceCount(&devices));
    TH_TRY(checkNumber("stream", stream));
    for (int device = 0; device < devices; device++) TH_TRY(THC_setStream(device, numbered[device][stream]));
    return TH_OK;
}

int THCState_getCurrentStreamIndex(void)
{
    const int device = current(), count = stream_count.load(std::memory_order_acquire);
    if (device < 0) return 0;
    const THCStream *const stream = THC_getStream(device);
    for (int i = 1; stream != nullptr && i <= count; i++)
        if (numbered[device][i] == stream) return i;
    return 0;
}

// --- memory ------------------------------------------------------------------------------------------------------------------

THStatus THCudaMalloc(void **ptr, size_t size)
{
    TH_GIVEN("malloc", ptr);
    *ptr = nullptr;
    TH_FAIL_IF(size > (size_t)INT64_MAX / 2, TH_ERR_VALUE, "[malloc] size, %zu: more than can be counted", size);
    const int device = current();
    if (device < 0) return THStatus_last();
    if (size == 0) return TH_OK;
    *ptr = thc_allocate(device, (int64_t)size);
    return *ptr == nullptr ? THStatus_last() : TH_OK;
}

THStatus THCudaFree(void *ptr)
{
    if (ptr == nullptr) return TH_OK;
    const int device = thc_deviceOf(static_cast<char *>(ptr));
    TH_FAIL_IF(device < 0, TH_ERR_VALUE, "[free] ptr, %p: no block of THCudaMalloc that is in use begins there", ptr);
    thc_release(device, static_cast<char *>(ptr), 0);
    return TH_OK;
}

void *THCudaHostAlloc(size_t size)
{
    return THC_newPinned((int64_t)size);
}

void THCudaHostFree(void *ptr)
{
    THC_freePinned(ptr);
}

THStatus THCudaHostRecord(void *ptr)
{
    TH_GIVEN("record", ptr);
    TH_TRY(THC_initialize());
    thc_pinnedIsCopied(static_cast<char *>(ptr), thc_stream());
    return TH_OK;
}

THStatus THCCachingHostAllocator_recordEvent(void *ptr, THCStream *stream)
{
    TH_GIVEN("record", ptr);
    TH_TRY(THC_initialize());
    const THCGuard guard(stream == nullptr ? thc_currentDevice() : THCStream_device(stream));
    thc_pinnedIsCopied(static_cast<char *>(ptr), static_cast<cudaStream_t>(THCStream_handle(stream)));
    return TH_OK;
}

void THCCachingHostAllocator_emptyCache(void)
{
    thc_releasePinned();
}

THStatus THCudaMemGetInfo(size_t *freeBytes, size_t *totalBytes)
{
    TH_GIVEN("memory", freeBytes, totalBytes);
    TH_TRY(THC_initialize());
    THC_TRY("memory", cudaMemGetInfo(freeBytes, totalBytes));
    return TH_OK;
}

THStatus THCudaMemGetInfoCached(size_t *freeBytes, size_t *totalBytes, size_t *largestBlock)
{
    TH_GIVEN("memory", freeBytes, totalBytes, largestBlock);
    THCMemoryUse use;
    TH_TRY(THCudaMemGetInfo(freeBytes, totalBytes));
    const int device = current();
    if (device < 0) return THStatus_last();
    TH_TRY(THC_getMemoryUse(device, &use));
    const size_t cached = (size_t)thc_largestCached(device);
    *largestBlock = cached > *freeBytes ? cached : *freeBytes;
    *freeBytes += (size_t)(use.cached - use.allocated);
    return TH_OK;
}

THAllocator *THCCachingAllocator_get(void)
{
    return &device_allocator;
}

THAllocator *THCState_getDeviceAllocator(void)
{
    return &device_allocator;
}

THAllocator *THCState_getCudaHostAllocator(void)
{
    return &pinned_allocator;
}

THAllocator *THCState_getCudaUVAAllocator(void)
{
    return &managed_allocator;
}

int THCState_isCachingAllocatorEnabled(void)
{
    return 1;
}

void *THCCachingAllocator_getBaseAllocation(void *ptr, size_t *size)
{
    TH_GIVEN_OR(nullptr, "base allocation", ptr);
    const int device = thc_deviceOf(static_cast<char *>(ptr));
    if (device < 0) {
        THStatus_fail(TH_ERR_VALUE, "[base allocation] ptr, %p: no block of THCudaMalloc that is in use begins there", ptr);
        return nullptr;
    }
    if (size != nullptr) *size = (size_t)thc_segmentBytes(device, static_cast<char *>(ptr));
    return thc_segmentOf(device, static_cast<char *>(ptr));
}

THStatus THCCachingAllocator_recordStream(void *ptr, THCStream *stream)
{
    TH_GIVEN("record_stream", ptr);
    const int device = thc_deviceOf(static_cast<char *>(ptr));
    TH_FAIL_IF(device < 0, TH_ERR_VALUE, "[record_stream] ptr, %p: no block of THCudaMalloc that is in use begins there", ptr);
    TH_FAIL_IF(stream != nullptr && THCStream_device(stream) != device, TH_ERR_VALUE,
               "[record_stream] stream: of cuda:%d, and the memory is on cuda:%d", THCStream_device(stream), device);
    thc_alsoUsedOn(device, static_cast<char *>(ptr), stream);
    return TH_OK;
}

// --- generators --------------------------------------------------------------------------------------------------------------

// That of the current device; NULL with the failure set.
static THGenerator *generator()
{
    const int device = current();
    return device < 0 ? nullptr : THC_generator(device);
}

uint64_t THCRandom_seed(void)
{
    THGenerator *const own = generator();
    return own == nullptr ? 0 : THRandom_seed(own);
}

uint64_t THCRandom_seedAll(void)
{
    const uint64_t seed = THCRandom_seed();
    return THC_seedAll(seed) == TH_OK ? seed : 0;
}

THStatus THCRandom_manualSeed(uint64_t seed)
{
    THGenerator *const own = generator();
    if (own == nullptr) return THStatus_last();
    THRandom_manualSeed(own, seed);
    return TH_OK;
}

THStatus THCRandom_manualSeedAll(uint64_t seed)
{
    return THC_seedAll(seed);
}

uint64_t THCRandom_initialSeed(void)
{
    THGenerator *const own = generator();
    return own == nullptr ? 0 : THRandom_initialSeed(own);
}

THStatus THCRandom_getRNGState(THTensor *rng_state)
{
    TH_GIVEN("getRNGState", rng_state);
    THGenerator *const own = generator();
    return own == nullptr ? THStatus_last() : THByteTensor_getRNGState(own, rng_state);
}

THStatus THCRandom_setRNGState(const THTensor *rng_state)
{
    TH_GIVEN("setRNGState", rng_state);
    THGenerator *const own = generator();
    return own == nullptr ? THStatus_last() : THByteTensor_setRNGState(own, rng_state);
}

// --- float16 -----------------------------------------------------------------------------------------------------------------

uint16_t THC_float2half(float a)
{
    return TH_float2half(a);
}

float THC_half2float(uint16_t a)
{
    return TH_half2float(a);
}

THStatus THCFloat2Half(uint16_t *out, const float *in, int64_t len)
{
    if (len > 0) TH_GIVEN("half", out, in);
    return convert("half", out, THDtype_Half, in, THDtype_Float, len);
}

THStatus THCHalf2Float(float *out, const uint16_t *in, int64_t len)
{
    if (len > 0) TH_GIVEN("float", out, in);
    return convert("float", out, THDtype_Float, in, THDtype_Half, len);
}
