#include "core/THNCCLComm.h"

#include <cstring>
#include <map>
#include <new>
#include <vector>

#include "TH/THArgument.h"
#include "THC/device/THCCore.cuh"

namespace
{

static_assert(sizeof(ncclUniqueId) == THNCCL_UNIQUE_ID_BYTES);

// Communicators of lists of devices. Never destroyed: that takes all of a list's devices, in order, and at the end of the
// process the driver may be gone before.
struct Kept {
    std::mutex mutex;
    std::map<std::vector<int>, std::vector<ncclComm_t>> of;
};
Kept *const kept = new Kept;

// Makes a device the thread's current one while it lives; the runtime of CUDA is THC's.
class Current
{
  public:
    explicit Current(int device) : before_(0)
    {
        if (THC_getDevice(&before_) == TH_OK) status_ = THC_setDevice(device);
    }
    ~Current() { THC_setDevice(before_); }
    Current(const Current &) = delete;
    Current &operator=(const Current &) = delete;
    THStatus status() const { return status_; }

  private:
    int before_;
    THStatus status_ = TH_ERR_STATE;
};

THStatus close(const char *op, THNCCLComm *self, ncclResult_t (*end)(ncclComm_t))
{
    const Current current(self->device);
    const ncclResult_t result = end(self->handle);
    delete self;
    return thnccl_check(op, result);
}

} // namespace

THStatus thnccl_localGroup(const char *op, const int *devices, int count, THNCCLGroup *group)
{
    TH_TRY(thnccl_open(op));
    group->lock = std::unique_lock<std::mutex>(kept->mutex);
    const std::vector<int> key(devices, devices + count);
    auto place = kept->of.find(key);
    if (place == kept->of.end()) {
        std::vector<ncclComm_t> made((size_t)count);
        TH_TRY(thnccl_check(op, thnccl().ncclCommInitAll(made.data(), count, devices)));
        place = kept->of.emplace(key, made).first;
    }
    group->handles = place->second.data();
    group->first = 0;
    group->local = group->size = count;
    return TH_OK;
}

THStatus thnccl_groupOf(const char *op, THNCCLComm *comm, THNCCLGroup *group)
{
    group->lock = std::unique_lock<std::mutex>(comm->mutex);
    ncclResult_t earlier = ncclSuccess;
    TH_TRY(thnccl_check(op, thnccl().ncclCommGetAsyncError(comm->handle, &earlier)));
    TH_TRY(thnccl_check(op, earlier));
    group->handles = &comm->handle;
    group->first = comm->rank;
    group->local = 1;
    group->size = comm->size;
    return TH_OK;
}

THStatus THNCCL_uniqueId(uint8_t id[THNCCL_UNIQUE_ID_BYTES])
{
    TH_GIVEN("nccl.unique_id", id);
    ncclUniqueId made;
    TH_TRY(thnccl_open("nccl.unique_id"));
    TH_TRY(thnccl_check("nccl.unique_id", thnccl().ncclGetUniqueId(&made)));
    memcpy(id, &made, sizeof made);
    return TH_OK;
}

static THStatus join(int device, int size, const uint8_t *id, int rank, THNCCLComm **made)
{
    static const char *const op = "nccl.init_rank";
    TH_GIVEN(op, id);
    TH_FAIL_IF(size < 1 || rank < 0 || rank >= size, TH_ERR_VALUE, "[%s] rank: %d of %d, expected one of 0 to %d", op, rank,
               size, size - 1);
    TH_TRY(thc_checkDevice(op, device));
    TH_TRY(thnccl_open(op));
    const Current current(device);
    TH_TRY(current.status());
    ncclUniqueId name;
    memcpy(&name, id, sizeof name);
    ncclComm_t handle = nullptr;
    TH_TRY(thnccl_check(op, thnccl().ncclCommInitRank(&handle, size, name, rank)));
    *made = new (std::nothrow) THNCCLComm{handle, device, size, rank, {}};
    TH_FAIL_IF(*made == nullptr, TH_ERR_MEMORY, "[%s] not enough memory", op);
    return TH_OK;
}

THNCCLComm *THNCCLComm_new(int device, int size, const uint8_t id[THNCCL_UNIQUE_ID_BYTES], int rank)
{
    THNCCLComm *made = nullptr;
    return join(device, size, id, rank, &made) == TH_OK ? made : nullptr;
}

THStatus THNCCLComm_free(THNCCLComm *self)
{
    return self == nullptr ? TH_OK : close("nccl.close", self, thnccl().ncclCommDestroy);
}

THStatus THNCCLComm_abort(THNCCLComm *self)
{
    return self == nullptr ? TH_OK : close("nccl.abort", self, thnccl().ncclCommAbort);
}

int THNCCLComm_device(const THNCCLComm *self)
{
    TH_GIVEN_OR(-1, "nccl.device", self);
    return self->device;
}

int THNCCLComm_size(const THNCCLComm *self)
{
    TH_GIVEN_OR(-1, "nccl.size", self);
    return self->size;
}

int THNCCLComm_rank(const THNCCLComm *self)
{
    TH_GIVEN_OR(-1, "nccl.rank", self);
    return self->rank;
}
