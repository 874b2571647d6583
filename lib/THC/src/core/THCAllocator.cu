// Device memory, kept: asking the device for memory costs hundreds of microseconds and waits for all of its work.
//
// Memory comes from the device in segments: 2 MiB for small requests, 20 MiB for middling ones, as large as needed above. A
// request takes the smallest free block of its stream that fits and splits what is left over; a block that is given back joins
// its free neighbours. Blocks serve again only on the stream that they were made for: work there is in order, so a block may be
// given back while its last user still runs. A block that other streams were named for waits after that until what they had
// been asked for has ended.
//
// Most requests are short and of a size that was just given back: such blocks are put on a shelf, as they are, and taken from
// there again. A shelf is cleared, its blocks joining their neighbours, before a pool is found to be short.
#include "THC/device/THCAllocator.cuh"

#include <algorithm>
#include <mutex>
#include <set>
#include <unordered_map>
#include <vector>

#include "THC/device/THCBlocks.cuh"
#include "THC/device/THCEventPool.cuh"
#include "THC/device/THCSegment.cuh"

namespace
{

constexpr int64_t UNIT = 512;      // every block is a multiple of this many bytes
constexpr int64_t SMALL = 1 << 20; // requests up to this come from small segments
constexpr int64_t SMALL_SEGMENT = 2 << 20;
constexpr int64_t MIDDLE = 10 << 20; // requests up to this share segments
constexpr int64_t MIDDLE_SEGMENT = 20 << 20;
constexpr int64_t LARGE_UNIT = 2 << 20;
constexpr int64_t SHELVED = 64 << 10; // requests up to this
constexpr int SHELF = 8;              // blocks of one size

struct Block {
    char *data;
    int64_t nbytes;
    cudaStream_t stream;
    bool small;
    bool used;
    Block *before, *after;               // neighbours in the segment
    std::vector<THCStream *> users = {}; // other streams that use it
};

// A block that was given back, and where its other users were then.
struct Waiting {
    Block *block;
    int device;
    std::vector<cudaEvent_t> events;
};

struct Smaller {
    bool operator()(const Block *a, const Block *b) const
    {
        if (a->stream != b->stream) return a->stream < b->stream;
        if (a->nbytes != b->nbytes) return a->nbytes < b->nbytes;
        return a->data < b->data;
    }
};

using Pool = std::set<Block *, Smaller>;

struct Device {
    std::mutex mutex;
    Pool small, large;                        // free blocks
    std::unordered_map<char *, Block *> used; // and those on shelves
    Block *shelf[SHELVED / UNIT + 1][SHELF] = {};
    int on_shelf[SHELVED / UNIT + 1] = {};
    std::vector<Waiting> waiting;
    THCMemoryUse use = {};

    Pool &pool(const Block *block) { return block->small ? small : large; }
};

// Never destroyed: tensors may outlive the library's other statics at the end of the process.
Device *const devices = new Device[THC_MAX_DEVICES];

int64_t rounded(int64_t value, int64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

int64_t segmentSize(int64_t nbytes)
{
    if (nbytes <= SMALL) return SMALL_SEGMENT;
    if (nbytes <= MIDDLE) return MIDDLE_SEGMENT;
    return rounded(nbytes, LARGE_UNIT);
}

// Joins a free neighbour into `block`.
void join(Device &device, Block *block, Block *neighbour)
{
    if (neighbour == nullptr || neighbour->used) return;
    device.pool(neighbour).erase(neighbour);
    if (neighbour == block->before) {
        block->data = neighbour->data;
        block->before = neighbour->before;
        if (block->before != nullptr) block->before->after = block;
    } else {
        block->after = neighbour->after;
        if (block->after != nullptr) block->after->before = block;
    }
    block->nbytes += neighbour->nbytes;
    delete neighbour;
}

// Makes the block free for others.
void giveBack(Device &device, Block *block)
{
    block->used = false;
    join(device, block, block->before);
    join(device, block, block->after);
    device.pool(block).insert(block);
}

// A block of exactly this size; NULL if none lies there for the stream.
Block *takeShelved(Device &device, int64_t nbytes, cudaStream_t stream)
{
    if (nbytes > SHELVED) return nullptr;
    int &count = device.on_shelf[nbytes / UNIT];
    if (count == 0 || device.shelf[nbytes / UNIT][count - 1]->stream != stream) return nullptr;
    return device.shelf[nbytes / UNIT][--count];
}

bool putOnShelf(Device &device, Block *block)
{
    if (block->nbytes > SHELVED || device.on_shelf[block->nbytes / UNIT] == SHELF) return false;
    device.shelf[block->nbytes / UNIT][device.on_shelf[block->nbytes / UNIT]++] = block;
    return true;
}

void clearShelves(Device &device)
{
    for (int64_t size = 0; size <= SHELVED / UNIT; size++) {
        while (device.on_shelf[size] > 0) {
            Block *const block = device.shelf[size][--device.on_shelf[size]];
            device.used.erase(block->data);
            giveBack(device, block);
        }
    }
}

bool ended(const Waiting &item, bool wait)
{
    for (const cudaEvent_t event : item.events) {
        const cudaError_t error = wait ? cudaEventSynchronize(event) : cudaEventQuery(event);
        if (error != cudaErrorNotReady) continue;
        cudaGetLastError();
        return false;
    }
    return true;
}

// Frees the blocks whose other users have ended; with `wait`, all.
void collect(Device &device, bool wait)
{
    for (size_t i = device.waiting.size(); i-- > 0;) {
        Waiting &item = device.waiting[i];
        if (!ended(item, wait)) continue;
        for (const cudaEvent_t event : item.events) thc_giveEvent(item.device, cudaEventDisableTiming, event);
        giveBack(device, item.block);
        device.waiting.erase(device.waiting.begin() + (std::ptrdiff_t)i);
    }
}

// Gives free blocks that are whole segments back to the device, which waits for its work first.
void releaseCached(Device &device)
{
    collect(device, true);
    clearShelves(device);
    for (Pool *pool : {&device.small, &device.large}) {
        for (auto place = pool->begin(); place != pool->end();) {
            Block *const block = *place;
            if (block->before != nullptr || block->after != nullptr) {
                ++place;
                continue;
            }
            cudaFree(block->data);
            device.use.cached -= block->nbytes;
            place = pool->erase(place);
            delete block;
        }
    }
}

// The smallest free block that fits, taken out of its pool; NULL if there is none.
Block *takeFree(Device &device, int64_t nbytes, cudaStream_t stream, bool small)
{
    Pool &pool = small ? device.small : device.large;
    Block wanted = {nullptr, nbytes, stream, small, false, nullptr, nullptr};
    const auto place = pool.lower_bound(&wanted);
    if (place == pool.end() || (*place)->stream != stream) return nullptr;
    Block *const block = *place;
    pool.erase(place);
    return block;
}

Block *takeFromDevice(Device &device, int number, int64_t nbytes, cudaStream_t stream, bool small)
{
    const int64_t segment = segmentSize(nbytes);
    char *data = nullptr;
    cudaError_t error = cudaMalloc(&data, (size_t)segment);
    if (error == cudaErrorMemoryAllocation) {
        cudaGetLastError();
        releaseCached(device);
        error = cudaMalloc(&data, (size_t)segment);
    }
    if (error == cudaErrorMemoryAllocation) {
        cudaGetLastError();
        size_t free_bytes = 0, total = 0;
        cudaMemGetInfo(&free_bytes, &total);
        THStatus_fail(
            TH_ERR_MEMORY,
            "[storage] CUDA out of memory on cuda:%d: asked for %.2f MiB; of %.2f GiB tensors hold %.2f GiB, %.2f GiB are "
            "cached for later ones, %.2f MiB are free",
            number, (double)nbytes / 0x1p20, (double)total / 0x1p30, (double)device.use.allocated / 0x1p30,
            (double)(device.use.cached - device.use.allocated) / 0x1p30, (double)free_bytes / 0x1p20);
        return nullptr;
    }
    if (error != cudaSuccess) {
        thc_fail("storage", error);
        return nullptr;
    }
    device.use.cached += segment;
    device.use.max_cached = std::max(device.use.max_cached, device.use.cached);
    device.use.device_allocations++;
    return new Block{data, segment, stream, small, false, nullptr, nullptr};
}

// Cuts what is left over off a block, if it is worth keeping.
void split(Device &device, Block *block, int64_t nbytes)
{
    const int64_t rest = block->nbytes - nbytes;
    if (rest < (block->small ? UNIT : SMALL)) return;
    Block *const after = new Block{block->data + nbytes, rest, block->stream, block->small, false, block, block->after};
    if (after->after != nullptr) after->after->before = after;
    block->after = after;
    block->nbytes = nbytes;
    device.pool(after).insert(after);
}

// Marks where the block's other users are. A device that failed makes no events: then there is nothing to wait for either.
void waitForUsers(Device &device, int number, Block *block)
{
    const THCGuard guard(number);
    Waiting item = {block, number, {}};
    for (THCStream *const stream : block->users) {
        cudaEvent_t event;
        const auto handle = static_cast<cudaStream_t>(THCStream_handle(stream));
        if (thc_takeEvent(number, cudaEventDisableTiming, &event) == cudaSuccess) {
            cudaEventRecord(event, handle);
            item.events.push_back(event);
        }
        thc_dropStream(stream);
    }
    block->users.clear();
    device.waiting.push_back(item);
}

} // namespace

char *thc_allocate(int number, int64_t asked)
{
    if (thc_checkDevice("storage", number) != TH_OK) return nullptr;
    const THCGuard guard(number);
    Device &device = devices[number];
    const int64_t nbytes = rounded(asked, UNIT);
    const bool small = nbytes <= SMALL;
    const cudaStream_t stream = thc_streamOf(number);
    const std::lock_guard<std::mutex> lock(device.mutex);
    if (!device.waiting.empty()) collect(device, false);
    Block *block = takeShelved(device, nbytes, stream);
    if (block == nullptr) {
        block = takeFree(device, nbytes, stream, small);
        if (block == nullptr && small) {
            clearShelves(device);
            block = takeFree(device, nbytes, stream, small);
        }
        if (block == nullptr) block = takeFromDevice(device, number, nbytes, stream, small);
        if (block == nullptr) return nullptr;
        split(device, block, nbytes);
        block->used = true;
        device.used[block->data] = block;
    }
    device.use.allocations++;
    device.use.allocated += block->nbytes;
    device.use.max_allocated = std::max(device.use.max_allocated, device.use.allocated);
    return block->data;
}

void thc_release(int number, char *data, int64_t)
{
    Device &device = devices[number];
    const std::lock_guard<std::mutex> lock(device.mutex);
    const auto place = device.used.find(data);
    Block *const block = place->second;
    device.use.allocated -= block->nbytes;
    if (block->users.empty() && putOnShelf(device, block)) return;
    device.used.erase(place);
    if (block->users.empty())
        giveBack(device, block);
    else
        waitForUsers(device, number, block);
}

char *thc_segmentOf(int number, const char *data)
{
    Device &device = devices[number];
    const std::lock_guard<std::mutex> lock(device.mutex);
    const auto place = device.used.find(const_cast<char *>(data));
    if (place == device.used.end()) return nullptr;
    const Block *block = place->second;
    while (block->before != nullptr) block = block->before;
    return block->data;
}

static bool isOnShelf(const Device &device, const Block *block)
{
    if (block->nbytes > SHELVED) return false;
    Block *const *const shelf = device.shelf[block->nbytes / UNIT];
    Block *const *const end = shelf + device.on_shelf[block->nbytes / UNIT];
    return std::find(shelf, end, block) != end;
}

int thc_deviceOf(const char *data)
{
    for (int number = 0; number < THC_MAX_DEVICES; number++) {
        Device &device = devices[number];
        const std::lock_guard<std::mutex> lock(device.mutex);
        const auto place = device.used.find(const_cast<char *>(data));
        if (place != device.used.end() && !isOnShelf(device, place->second)) return number;
    }
    return -1;
}

int64_t thc_segmentBytes(int number, const char *data)
{
    Device &device = devices[number];
    const std::lock_guard<std::mutex> lock(device.mutex);
    const auto place = device.used.find(const_cast<char *>(data));
    if (place == device.used.end()) return 0;
    const Block *first = place->second;
    while (first->before != nullptr) first = first->before;
    int64_t nbytes = 0;
    for (const Block *block = first; block != nullptr; block = block->after) nbytes += block->nbytes;
    return nbytes;
}

int64_t thc_largestCached(int number)
{
    Device &device = devices[number];
    const std::lock_guard<std::mutex> lock(device.mutex);
    int64_t most = 0;
    for (const Pool *pool : {&device.small, &device.large})
        for (const Block *block : *pool) most = std::max(most, block->nbytes);
    return most;
}

void thc_alsoUsedOn(int number, const char *data, THCStream *stream)
{
    Device &device = devices[number];
    const std::lock_guard<std::mutex> lock(device.mutex);
    const auto place = device.used.find(const_cast<char *>(data));
    if (place == device.used.end()) return;
    Block *const block = place->second;
    const auto handle = static_cast<cudaStream_t>(THCStream_handle(stream));
    std::vector<THCStream *> &users = block->users;
    if (handle == block->stream || std::find(users.begin(), users.end(), stream) != users.end()) return;
    thc_keepStream(stream);
    users.push_back(stream);
}

namespace
{

THStatus copy(int number, char *to, const char *from, int64_t nbytes)
{
    const THCGuard guard(number);
    THC_TRY("storage", cudaMemcpyAsync(to, from, (size_t)nbytes, cudaMemcpyDeviceToDevice, thc_streamOf(number)));
    return TH_OK;
}

} // namespace

const THDeviceMemory thc_device_memory = {thc_allocate, thc_release, copy};

THStatus THC_getMemoryUse(int device, THCMemoryUse *use)
{
    TH_GIVEN("memory", use);
    TH_TRY(thc_checkDevice("memory", device));
    const std::lock_guard<std::mutex> lock(devices[device].mutex);
    *use = devices[device].use;
    return TH_OK;
}

THStatus THC_resetPeakMemory(int device)
{
    TH_TRY(thc_checkDevice("memory", device));
    const std::lock_guard<std::mutex> lock(devices[device].mutex);
    devices[device].use.max_allocated = devices[device].use.allocated;
    devices[device].use.max_cached = devices[device].use.cached;
    return TH_OK;
}

THStatus THC_emptyCache(void)
{
    int count = 0;
    TH_TRY(THC_getDeviceCount(&count));
    for (int i = 0; i < count; i++) {
        const THCGuard guard(i);
        const std::lock_guard<std::mutex> lock(devices[i].mutex);
        releaseCached(devices[i]);
    }
    thc_releasePinned();
    return TH_OK;
}

THStatus THC_isPinned(const void *data, bool *pinned)
{
    TH_GIVEN("is_pinned", data, pinned);
    TH_TRY(THC_initialize());
    cudaPointerAttributes attributes;
    THC_TRY("is_pinned", cudaPointerGetAttributes(&attributes, data));
    *pinned = attributes.type == cudaMemoryTypeHost;
    return TH_OK;
}
