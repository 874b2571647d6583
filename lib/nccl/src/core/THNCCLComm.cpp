#include "core/THNCCLComm.h"

#include <chrono>
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
    std::timed_mutex mutex;
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

// Each of its places, in one group: NCCL ends them together.
THStatus endAll(const char *op, THNCCLComm *self)
{
    TH_TRY(thnccl_check(op, thnccl().ncclGroupStart()));
    ncclResult_t result = ncclSuccess;
    for (size_t i = 0; i < self->handles.size() && result == ncclSuccess; i++) {
        const Current current(self->devices[i]);
        result = thnccl().ncclCommDestroy(self->handles[i]);
    }
    const ncclResult_t end = thnccl().ncclGroupEnd();
    TH_TRY(thnccl_check(op, result));
    return thnccl_check(op, end);
}

} // namespace

THStatus thnccl_localGroup(const char *op, const int *devices, int count, THNCCLGroup *group)
{
    TH_TRY(thnccl_open(op));
    group->lock = std::unique_lock<std::timed_mutex>(kept->mutex);
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
    group->lock = std::unique_lock<std::timed_mutex>(comm->mutex);
    TH_FAIL_IF(comm->aborted, TH_ERR_STATE, "[%s] the communicator was aborted: make another, in every process", op);
    for (const ncclComm_t handle : comm->handles) {
        ncclResult_t earlier = ncclSuccess;
        TH_TRY(thnccl_check(op, thnccl().ncclCommGetAsyncError(handle, &earlier)));
        TH_TRY(thnccl_check(op, earlier));
    }
    group->handles = comm->handles.data();
    group->first = comm->rank;
    group->local = (int)comm->handles.size();
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

static THStatus checkCount(const char *op, int count)
{
    TH_FAIL_IF(count < 1 || count > THC_MAX_DEVICES, TH_ERR_VALUE, "[%s] devices: %d, expected 1 to %d", op, count,
               THC_MAX_DEVICES);
    return TH_OK;
}

static THStatus checkPlaces(const char *op, const int *devices, int count, int size, int rank)
{
    TH_FAIL_IF(size < 1 || rank < 0 || rank >= size, TH_ERR_VALUE, "[%s] rank: %d of %d, expected one of 0 to %d", op, rank,
               size, size - 1);
    TH_FAIL_IF(count > size - rank, TH_ERR_VALUE, "[%s] devices: %d from rank %d on, expected at most %d of %d", op, count,
               rank, size - rank, size);
    for (int i = 0; i < count; i++) {
        TH_TRY(thc_checkDevice(op, devices[i]));
        for (int k = 0; k < i; k++)
            TH_FAIL_IF(devices[i] == devices[k], TH_ERR_VALUE, "[%s] devices[%d]: cuda:%d like devices[%d], expected each once",
                       op, i, devices[i], k);
    }
    return TH_OK;
}

static THStatus join(const int *devices, int count, int size, const uint8_t *id, int rank, THNCCLComm **made)
{
    static const char *const op = "nccl.init_rank";
    TH_TRY(checkPlaces(op, devices, count, size, rank));
    TH_TRY(thnccl_open(op));
    ncclUniqueId name;
    memcpy(&name, id, sizeof name);
    THNCCLComm *const comm = new (std::nothrow)
        THNCCLComm{std::vector<ncclComm_t>((size_t)count), std::vector<int>(devices, devices + count), size, rank, {false}, {}};
    TH_FAIL_IF(comm == nullptr, TH_ERR_MEMORY, "[%s] not enough memory", op);
    ncclResult_t result = thnccl().ncclGroupStart();
    for (int i = 0; i < count && result == ncclSuccess; i++) {
        const Current current(devices[i]);
        result = thnccl().ncclCommInitRank(&comm->handles[(size_t)i], size, name, rank + i);
    }
    const ncclResult_t end = thnccl().ncclGroupEnd();
    if (result == ncclSuccess) result = end;
    if (result != ncclSuccess) delete comm;
    TH_TRY(thnccl_check(op, result));
    *made = comm;
    return TH_OK;
}

THNCCLComm *THNCCLComm_newOn(const int *devices, int count, int size, const uint8_t id[THNCCL_UNIQUE_ID_BYTES], int rank)
{
    if (checkCount("nccl.init_rank", count) != TH_OK) return nullptr; // first: an empty list may be NULL
    TH_GIVEN_OR(nullptr, "nccl.init_rank", devices, id);
    THNCCLComm *made = nullptr;
    return join(devices, count, size, id, rank, &made) == TH_OK ? made : nullptr;
}

THNCCLComm *THNCCLComm_new(int device, int size, const uint8_t id[THNCCL_UNIQUE_ID_BYTES], int rank)
{
    return THNCCLComm_newOn(&device, 1, size, id, rank);
}

THStatus THNCCLComm_free(THNCCLComm *self)
{
    if (self == nullptr) return TH_OK;
    const THStatus status = self->aborted ? TH_OK : endAll("nccl.close", self);
    delete self;
    return status;
}

THStatus THNCCLComm_abort(THNCCLComm *self)
{
    if (self == nullptr) return TH_OK;
    const std::unique_lock<std::timed_mutex> lock(self->mutex, std::chrono::seconds(2));
    // NCCL frees what that call still uses.
    TH_FAIL_IF(!lock, TH_ERR_STATE, "[nccl.abort] another thread waits in a call of the communicator, which cannot be ended");
    if (self->aborted.exchange(true)) return TH_OK;
    THStatus status = TH_OK;
    // NCCL goes to the device itself, once it has told the kernels to end; to choose one here might have to wait for them.
    for (const ncclComm_t handle : self->handles) {
        const THStatus ended = thnccl_check("nccl.abort", thnccl().ncclCommAbort(handle));
        if (ended != TH_OK) status = ended;
    }
    return status;
}

int THNCCLComm_device(const THNCCLComm *self)
{
    TH_GIVEN_OR(-1, "nccl.device", self);
    return self->devices[0];
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
