// NCCL, opened at run time: it is a third of a gigabyte, and programs on one device do without it.
#pragma once

#include <nccl.h>

#include "THNCCL/THNCCL.h"

#define THNCCL_FORALL_FUNCTIONS(X)                                                                                             \
    X(ncclAllGather)                                                                                                           \
    X(ncclAllReduce)                                                                                                           \
    X(ncclBroadcast)                                                                                                           \
    X(ncclCommAbort)                                                                                                           \
    X(ncclCommDestroy)                                                                                                         \
    X(ncclCommGetAsyncError)                                                                                                   \
    X(ncclCommInitAll)                                                                                                         \
    X(ncclCommInitRank)                                                                                                        \
    X(ncclGetErrorString)                                                                                                      \
    X(ncclGetLastError)                                                                                                        \
    X(ncclGetUniqueId)                                                                                                         \
    X(ncclGetVersion)                                                                                                          \
    X(ncclGroupEnd)                                                                                                            \
    X(ncclGroupStart)                                                                                                          \
    X(ncclRecv)                                                                                                                \
    X(ncclReduce)                                                                                                              \
    X(ncclReduceScatter)                                                                                                       \
    X(ncclSend)

struct THNCCLLibrary {
#define X(name) decltype(&::name) name;
    THNCCL_FORALL_FUNCTIONS(X)
#undef X
};

// Opens NCCL. TH_ERR_UNSUPPORTED, with what to install, if there is none.
THStatus thnccl_open(const char *op);
// Of an opened library.
const THNCCLLibrary &thnccl();
// NCCL's status as ours, in its words.
THStatus thnccl_check(const char *op, ncclResult_t result);
