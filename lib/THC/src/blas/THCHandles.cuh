// Handles of NVIDIA's libraries that threads keep.
#pragma once

#include <mutex>
#include <vector>

#include "THC/device/THCCore.cuh"

// A thread's handles, one for each device. They are never destroyed, which would wait for the device, and at the end of the
// process fail: a thread that ends leaves its handles to others. Use: a thread_local object.
template <class Handle> class THCHandles
{
  public:
    ~THCHandles()
    {
        const std::lock_guard<std::mutex> lock(pool().mutex);
        for (int i = 0; i < THC_MAX_DEVICES; i++)
            if (of_[i] != nullptr) pool().free[i].push_back(of_[i]);
    }
    // Where the handle of the current device is kept; there is NULL until somebody makes one.
    Handle &ofCurrent()
    {
        const int device = thc_currentDevice();
        if (of_[device] == nullptr) of_[device] = takeFree(device);
        return of_[device];
    }

  private:
    struct Pool {
        std::mutex mutex;
        std::vector<Handle> free[THC_MAX_DEVICES];
    };
    static Pool &pool()
    {
        static Pool *const all = new Pool;
        return *all;
    }
    static Handle takeFree(int device)
    {
        const std::lock_guard<std::mutex> lock(pool().mutex);
        std::vector<Handle> &free = pool().free[device];
        if (free.empty()) return nullptr;
        const Handle handle = free.back();
        free.pop_back();
        return handle;
    }

    Handle of_[THC_MAX_DEVICES] = {};
};
