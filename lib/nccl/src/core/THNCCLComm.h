// Communicators: a device's place in a group.
#pragma once

#include <mutex>

#include "core/THNCCLLibrary.h"

struct THNCCLComm {
    ncclComm_t handle;
    int device, size, rank;
    std::mutex mutex; // calls of one communicator are in one order
};

// The places of this process that take part in a call: `local` of the `size` that the group has, from number `first` on.
struct THNCCLGroup {
    const ncclComm_t *handles;
    int first, local, size;
    std::unique_lock<std::mutex> lock; // held until the call has been handed to NCCL
};

// All places of a group within this process, one for each of the devices, which are distinct.
THStatus thnccl_localGroup(const char *op, const int *devices, int count, THNCCLGroup *group);
// One place of a group of processes. TH_ERR_STATE if it has failed before.
THStatus thnccl_groupOf(const char *op, THNCCLComm *comm, THNCCLGroup *group);
