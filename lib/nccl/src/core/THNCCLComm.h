// Communicators: devices' places in a group.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "core/THNCCLLibrary.h"

struct THNCCLComm {
    std::vector<ncclComm_t> handles; // of `devices`; not to be touched once aborted
    std::vector<int> devices;
    int size, rank;
    std::atomic<bool> aborted;
    std::timed_mutex mutex; // calls of one communicator are in one order
};

// The places of this process that take part in a call: `local` of the `size` that the group has, from number `first` on.
struct THNCCLGroup {
    const ncclComm_t *handles;
    int first, local, size;
    std::unique_lock<std::timed_mutex> lock; // held until the call has been handed to NCCL
};

// All places of a group within this process, one for each of the devices, which are distinct.
THStatus thnccl_localGroup(const char *op, const int *devices, int count, THNCCLGroup *group);
// The places of this process in a group of several. TH_ERR_STATE if it has failed before.
THStatus thnccl_groupOf(const char *op, THNCCLComm *comm, THNCCLGroup *group);
