// Events that nobody uses any more, kept for the next.
#include "THC/device/THCEventPool.cuh"

#include <mutex>
#include <vector>

#include "THC/device/THCCore.cuh"

namespace
{

constexpr unsigned KINDS = 4; // flags: cudaEventBlockingSync is 1, cudaEventDisableTiming 2
static_assert((cudaEventBlockingSync | cudaEventDisableTiming) < KINDS && cudaEventInterprocess >= KINDS);

struct Idle {
    std::mutex mutex;
    std::vector<cudaEvent_t> events[KINDS];
};
Idle *const idle = new Idle[THC_MAX_DEVICES]; // never destroyed, like the devices' memory

} // namespace

cudaError_t thc_takeEvent(int device, unsigned flags, cudaEvent_t *event)
{
    if (flags < KINDS) {
        const std::lock_guard<std::mutex> lock(idle[device].mutex);
        std::vector<cudaEvent_t> &events = idle[device].events[flags];
        if (!events.empty()) {
            *event = events.back();
            events.pop_back();
            return cudaSuccess;
        }
    }
    return cudaEventCreateWithFlags(event, flags);
}

void thc_giveEvent(int device, unsigned flags, cudaEvent_t event)
{
    if (flags >= KINDS) {
        cudaEventDestroy(event);
        return;
    }
    const std::lock_guard<std::mutex> lock(idle[device].mutex);
    idle[device].events[flags].push_back(event);
}
