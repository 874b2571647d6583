// Page-locked memory of the host, kept: locking pages costs milliseconds, and unlocking them waits for the devices.
//
// A block that is given back serves again at once, unless copies that nobody waited for were started from or to it: then when
// those have ended.
#include <iterator>
#include <map>
#include <mutex>
#include <vector>

#include "THC/device/THCCore.cuh"
#include "THC/device/THCEventPool.cuh"
#include "THC/device/THCSegment.cuh"

namespace
{

constexpr int64_t SMALL = 1 << 20; // up to this, sizes are powers of two
constexpr int64_t LARGE_UNIT = 2 << 20;

struct Block {
    int64_t nbytes;
    std::vector<std::pair<cudaEvent_t, int>> copies = {}; // behind each, and its device
};

struct Host {
    std::mutex mutex;
    std::map<char *, Block> used;
    std::multimap<int64_t, char *> free; // by size
    std::vector<std::pair<char *, Block>> waiting;
};

// Never destroyed: tensors may outlive the library's other statics at the end of the process.
Host *const host = new Host;

int64_t rounded(int64_t nbytes)
{
    if (nbytes > SMALL) return (nbytes + LARGE_UNIT - 1) / LARGE_UNIT * LARGE_UNIT;
    int64_t size = 512;
    while (size < nbytes) size *= 2;
    return size;
}

bool ended(Block &block)
{
    while (!block.copies.empty()) {
        const auto [event, device] = block.copies.back();
        if (cudaEventQuery(event) == cudaErrorNotReady) {
            cudaGetLastError();
            return false;
        }
        thc_giveEvent(device, cudaEventDisableTiming, event); // also where the device failed: nothing runs there any more
        block.copies.pop_back();
    }
    return true;
}

// Makes blocks free whose copies have ended; with the mutex held, as all below.
void collect()
{
    for (size_t i = host->waiting.size(); i-- > 0;) {
        auto &[data, block] = host->waiting[i];
        if (!ended(block)) continue;
        host->free.emplace(block.nbytes, data);
        host->waiting.erase(host->waiting.begin() + (std::ptrdiff_t)i);
    }
}

// The smallest free block that fits and is not half as large again.
char *takeFree(int64_t nbytes, int64_t *size)
{
    const auto place = host->free.lower_bound(nbytes);
    if (place == host->free.end() || place->first > nbytes + nbytes / 2) return nullptr;
    char *const data = place->second;
    *size = place->first;
    host->free.erase(place);
    return data;
}

void releaseFree()
{
    collect();
    for (const auto &[nbytes, data] : host->free) cudaFreeHost(data);
    host->free.clear();
}

} // namespace

void *THC_newPinned(int64_t nbytes)
{
    if (THC_initialize() != TH_OK) return nullptr;
    int64_t size = rounded(nbytes);
    const std::lock_guard<std::mutex> lock(host->mutex);
    collect();
    char *data = takeFree(size, &size);
    if (data == nullptr) {
        cudaError_t error = cudaMallocHost(&data, (size_t)size);
        if (error == cudaErrorMemoryAllocation) {
            cudaGetLastError();
            releaseFree();
            error = cudaMallocHost(&data, (size_t)size);
        }
        if (error != cudaSuccess) {
            thc_fail("pin_memory", error);
            return nullptr;
        }
    }
    host->used[data] = Block{size};
    return data;
}

void THC_freePinned(void *data)
{
    const std::lock_guard<std::mutex> lock(host->mutex);
    const auto place = host->used.find(static_cast<char *>(data));
    if (place == host->used.end()) return;
    if (ended(place->second))
        host->free.emplace(place->second.nbytes, place->first);
    else
        host->waiting.emplace_back(place->first, std::move(place->second));
    host->used.erase(place);
}

void thc_pinnedIsCopied(const char *data, cudaStream_t stream)
{
    const std::lock_guard<std::mutex> lock(host->mutex);
    auto place = host->used.upper_bound(const_cast<char *>(data));
    if (place == host->used.begin()) return;
    place = std::prev(place);
    Block &block = place->second;
    const int device = thc_currentDevice();
    cudaEvent_t event;
    if (data >= place->first + block.nbytes || thc_takeEvent(device, cudaEventDisableTiming, &event) != cudaSuccess) return;
    cudaEventRecord(event, stream);
    block.copies.emplace_back(event, device);
}

void thc_releasePinned()
{
    const std::lock_guard<std::mutex> lock(host->mutex);
    releaseFree();
}
