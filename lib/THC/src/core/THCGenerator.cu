// The default generators of devices.
#include <mutex>

#include "THC/device/THCCore.cuh"

static std::mutex mutex;
static THGenerator *generators[THC_MAX_DEVICES];

THGenerator *THC_generator(int device)
{
    if (thc_checkDevice("generator", device) != TH_OK) return nullptr;
    const std::lock_guard<std::mutex> lock(mutex);
    THGenerator *&generator = generators[device];
    if (generator != nullptr) return generator;
    generator = THGenerator_new();
    if (generator != nullptr) THGenerator_manualSeed(generator, THGenerator_initialSeed(THGenerator_default()));
    return generator;
}

THStatus THC_seedAll(uint64_t seed)
{
    int count = 0;
    TH_TRY(THC_getDeviceCount(&count));
    for (int i = 0; i < count; i++) {
        THGenerator *const generator = THC_generator(i);
        if (generator == nullptr) return THStatus_last();
        THGenerator_manualSeed(generator, seed);
    }
    return TH_OK;
}
