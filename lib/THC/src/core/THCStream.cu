// Streams and events.
#include "THC/THCState.h"
#include "THC/THCStream.h"

#include <atomic>
#include <cstring>
#include <new>

#include "THC/THCIpc.h"
#include "THC/device/THCAllocator.cuh"
#include "THC/device/THCEventPool.cuh"

struct THCStream {
    cudaStream_t handle;
    int device;
    int tickets; // its row of `tickets`, -1: none
    std::atomic<int> references{1};

    THCStream(cudaStream_t handle, int device) : handle(handle), device(device), tickets(-1) {}
};

struct THCEvent {
    cudaEvent_t handle;
    int device;
    unsigned flags;
    bool recorded; // by this process, or perhaps by another
};

namespace
{

thread_local THCStream *current[THC_MAX_DEVICES];

// Each device's counters for the kernels of its streams, as kernels of one stream do not meet: row 0 is the default stream's.
constexpr int TICKET_ROWS = 64;
__device__ unsigned tickets[TICKET_ROWS][THC_TICKETS];
std::atomic<uint64_t> tickets_taken[THC_MAX_DEVICES]; // rows from 1 on, bit by bit
std::atomic<unsigned *> tickets_at[THC_MAX_DEVICES];  // known once they were asked for

// -1 if there is none.
int takeTickets(int device)
{
    uint64_t taken = tickets_taken[device].load();
    for (int row = 1; row < TICKET_ROWS;) {
        if (taken >> row & 1)
            row++;
        else if (tickets_taken[device].compare_exchange_weak(taken, taken | UINT64_C(1) << row))
            return row;
        else
            row = 1;
    }
    return -1;
}

// A stream that ends: its row may serve another one, unless kernels of its own still run.
void giveTickets(const THCStream *self)
{
    if (self->tickets < 0) return;
    if (cudaStreamQuery(self->handle) == cudaSuccess)
        tickets_taken[self->device].fetch_and(~(UINT64_C(1) << self->tickets));
    else
        cudaGetLastError(); // or the next operation would find it
}

// Waits until `wait` says so: a result of cudaSuccess is done, cudaErrorNotReady is not.
THStatus answer(const char *op, cudaError_t error, bool *done)
{
    *done = error == cudaSuccess;
    if (error == cudaErrorNotReady) cudaGetLastError(); // or the next operation would find it
    return error == cudaSuccess || error == cudaErrorNotReady ? TH_OK : thc_fail(op, error);
}

} // namespace

cudaStream_t thc_streamOf(int device)
{
    return current[device] == nullptr ? nullptr : current[device]->handle;
}

cudaStream_t thc_stream()
{
    return thc_streamOf(thc_currentDevice());
}

unsigned *thc_tickets()
{
    const int device = thc_currentDevice(), row = current[device] == nullptr ? 0 : current[device]->tickets;
    unsigned *first = tickets_at[device].load();
    if (row < 0) return nullptr;
    if (first == nullptr) {
        void *symbol = nullptr;
        if (cudaGetSymbolAddress(&symbol, tickets) != cudaSuccess) {
            cudaGetLastError();
            return nullptr;
        }
        first = static_cast<unsigned *>(symbol);
        tickets_at[device].store(first);
    }
    return first + row * THC_TICKETS;
}

void thc_dropStream(THCStream *self)
{
    if (self == nullptr || self->references.fetch_sub(1) > 1) return;
    giveTickets(self);
    cudaStreamDestroy(self->handle);
    delete self;
}

void thc_keepStream(THCStream *self)
{
    if (self != nullptr) self->references.fetch_add(1);
}

THStatus THCTensor_recordStream(const THTensor *self, THCStream *stream)
{
    TH_GIVEN("record_stream", self);
    const int device = THTensor_device(self);
    TH_FAIL_IF(device < 0, TH_ERR_STATE, "[record_stream] self: a tensor of the host, expected one of a device");
    TH_FAIL_IF(stream != nullptr && stream->device != device, TH_ERR_VALUE,
               "[record_stream] stream: of cuda:%d, and the tensor is on cuda:%d", stream->device, device);
    thc_alsoUsedOn(device, self->storage->data, stream);
    return TH_OK;
}

// flags: CUDA's.
static THCStream *newStream(int device, unsigned flags, int priority)
{
    if (thc_checkDevice("stream", device) != TH_OK) return nullptr;
    const THCGuard guard(device);
    THCStream *const self = new (std::nothrow) THCStream(nullptr, device);
    if (self == nullptr) {
        THStatus_fail(TH_ERR_MEMORY, "[stream] not enough memory");
        return nullptr;
    }
    const cudaError_t error = cudaStreamCreateWithPriority(&self->handle, flags, priority);
    if (error == cudaSuccess) {
        self->tickets = takeTickets(device);
        return self;
    }
    thc_fail("stream", error);
    delete self;
    return nullptr;
}

THCStream *THCStream_new(int device, int priority)
{
    return newStream(device, cudaStreamNonBlocking, priority);
}

THCStream *THCStream_newWithPriority(int flags, int priority)
{
    int device = 0;
    return THC_getDevice(&device) == TH_OK ? newStream(device, (unsigned)flags, priority) : nullptr;
}

void THCStream_retain(THCStream *self)
{
    thc_keepStream(self);
}

void THCStream_free(THCStream *self)
{
    if (self == nullptr) return;
    if (current[self->device] == self) current[self->device] = nullptr;
    thc_dropStream(self);
}

int THCStream_device(const THCStream *self)
{
    TH_GIVEN_OR(TH_DEVICE_HOST, "stream", self);
    return self->device;
}

void *THCStream_handle(const THCStream *self)
{
    return self == nullptr ? nullptr : self->handle;
}

THCStream *THC_getStream(int device)
{
    return device < 0 || device >= THC_MAX_DEVICES ? nullptr : current[device];
}

THStatus THC_setStream(int device, THCStream *stream)
{
    TH_TRY(thc_checkDevice("stream", device));
    TH_FAIL_IF(stream != nullptr && stream->device != device, TH_ERR_VALUE,
               "[stream] stream: belongs to cuda:%d, not to cuda:%d", stream->device, device);
    current[device] = stream;
    return TH_OK;
}

THStatus THCStream_synchronize(THCStream *self, int device)
{
    TH_TRY(thc_checkDevice("stream.synchronize", device));
    const THCGuard guard(device);
    THC_TRY("stream.synchronize", cudaStreamSynchronize(self == nullptr ? nullptr : self->handle));
    return TH_OK;
}

THStatus THCStream_query(THCStream *self, int device, bool *done)
{
    TH_GIVEN("stream.query", done);
    TH_TRY(thc_checkDevice("stream.query", device));
    const THCGuard guard(device);
    return answer("stream.query", cudaStreamQuery(self == nullptr ? nullptr : self->handle), done);
}

THStatus THCStream_wait(THCStream *self, int device, const THCEvent *event)
{
    TH_GIVEN("stream.wait_event", event);
    TH_TRY(thc_checkDevice("stream.wait_event", device));
    if (!event->recorded) return TH_OK;
    const THCGuard guard(device);
    THC_TRY("stream.wait_event", cudaStreamWaitEvent(self == nullptr ? nullptr : self->handle, event->handle, 0));
    return TH_OK;
}

namespace
{

// make: sets the handle of an event of the current device.
template <typename Make> THCEvent *newEvent(int device, unsigned flags, Make make)
{
    if (thc_checkDevice("event", device) != TH_OK) return nullptr;
    const THCGuard guard(device);
    THCEvent *const self = new (std::nothrow) THCEvent{nullptr, device, flags, (flags & cudaEventInterprocess) != 0};
    if (self == nullptr) {
        THStatus_fail(TH_ERR_MEMORY, "[event] not enough memory");
        return nullptr;
    }
    const cudaError_t error = make(&self->handle);
    if (error == cudaSuccess) return self;
    thc_fail("event", error);
    delete self;
    return nullptr;
}

} // namespace

THCEvent *THCEvent_new(int device, bool timing, bool blocking)
{
    const unsigned flags = (timing ? 0 : cudaEventDisableTiming) | (blocking ? cudaEventBlockingSync : 0);
    return newEvent(device, flags, [=](cudaEvent_t *handle) { return thc_takeEvent(device, flags, handle); });
}

THCEvent *THCEvent_newShared(int device, bool blocking)
{
    const unsigned flags = cudaEventInterprocess | cudaEventDisableTiming | (blocking ? cudaEventBlockingSync : 0);
    return newEvent(device, flags, [=](cudaEvent_t *handle) { return thc_takeEvent(device, flags, handle); });
}

THCEvent *THCEvent_newFromIpc(int device, const unsigned char *bytes)
{
    TH_GIVEN_OR(nullptr, "event", bytes);
    cudaIpcEventHandle_t shared;
    memcpy(&shared, bytes, sizeof shared);
    return newEvent(device, cudaEventInterprocess,
                    [shared](cudaEvent_t *handle) { return cudaIpcOpenEventHandle(handle, shared); });
}

THStatus THCEvent_ipcHandle(const THCEvent *self, unsigned char *bytes)
{
    TH_GIVEN("event.ipc_handle", self, bytes);
    static_assert(sizeof(cudaIpcEventHandle_t) == THC_IPC_EVENT_BYTES, "CUDA's handles have another size");
    cudaIpcEventHandle_t shared;
    const THCGuard guard(self->device);
    THC_TRY("event.ipc_handle", cudaIpcGetEventHandle(&shared, self->handle));
    memcpy(bytes, &shared, sizeof shared);
    return TH_OK;
}

void THCEvent_free(THCEvent *self)
{
    if (self == nullptr) return;
    thc_giveEvent(self->device, self->flags, self->handle);
    delete self;
}

THStatus THCEvent_record(THCEvent *self, THCStream *stream)
{
    TH_GIVEN("event.record", self);
    const THCGuard guard(self->device);
    TH_FAIL_IF(stream != nullptr && stream->device != self->device, TH_ERR_VALUE,
               "[event.record] stream: of cuda:%d, and the event is of cuda:%d", stream->device, self->device);
    THC_TRY("event.record", cudaEventRecord(self->handle, stream == nullptr ? nullptr : stream->handle));
    self->recorded = true;
    return TH_OK;
}

THStatus THCEvent_query(const THCEvent *self, bool *done)
{
    TH_GIVEN("event.query", self, done);
    return answer("event.query", self->recorded ? cudaEventQuery(self->handle) : cudaSuccess, done);
}

THStatus THCEvent_synchronize(const THCEvent *self)
{
    TH_GIVEN("event.synchronize", self);
    if (self->recorded) THC_TRY("event.synchronize", cudaEventSynchronize(self->handle));
    return TH_OK;
}

THStatus THCEvent_elapsed(const THCEvent *start, const THCEvent *end, float *milliseconds)
{
    TH_GIVEN("event.elapsed_time", start, end, milliseconds);
    TH_FAIL_IF(!start->recorded || !end->recorded, TH_ERR_STATE, "[event.elapsed_time] both events have to be recorded first");
    THC_TRY("event.elapsed_time", cudaEventElapsedTime(milliseconds, start->handle, end->handle));
    return TH_OK;
}
