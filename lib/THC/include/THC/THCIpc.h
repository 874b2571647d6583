/* Device memory that processes of one machine share. One exports a storage: the handle is plain bytes that travel any way.
 * Others import it, and all see each other's writes. Nothing is copied, and nothing orders the work of several processes but
 * what is said here. */
#ifndef THC_IPC_H
#define THC_IPC_H

#include "THC/THCStream.h"

#define THC_IPC_EVENT_BYTES 64

typedef struct THCIpcHandle {
    unsigned char device[16]; /* its UUID: ordinals may differ from process to process */
    unsigned char memory[64]; /* CUDA's handle of the segment */
    int64_t offset, nbytes;   /* of the storage in its segment */
} THCIpcHandle;

TH_BEGIN_DECLS

/* Fills *handle for a storage of this process, and waits for what the calling thread asked of its device. The storage has to
 * live until no other process uses it. TH_ERR_STATE for memory of the host, and for memory that is not THC's own, as an
 * imported one; TH_ERR_SHAPE for a storage of no bytes. */
THC_API THStatus THC_ipcExport(const THStorage *storage, THCIpcHandle *handle);
/* The storage behind a handle of another process, as `numel` elements of `dtype`; it cannot be resized or exported. With its
 * last reference the device's work of this process is waited for, then drop(owner) is called: that is when the exporter may
 * be told. NULL with the failure set: TH_ERR_INDEX if this process does not have the device, TH_ERR_SHAPE if `numel` does
 * not fit, TH_ERR_STATE if the exporter has ended or is this process; `drop` is not called then. */
THC_API THStorage *THC_ipcImport(const THCIpcHandle *handle, THDtype dtype, int64_t numel, void (*drop)(void *owner),
                                 void *owner);

/* An event that other processes can wait for; it measures no time. NULL with the failure set. */
THC_API THCEvent *THCEvent_newShared(int device, bool blocking);
/* The THC_IPC_EVENT_BYTES bytes by which another process finds an event that THCEvent_newShared made. */
THC_API THStatus THCEvent_ipcHandle(const THCEvent *self, unsigned char *bytes);
/* Another process's event, of a device that both have. NULL with the failure set. */
THC_API THCEvent *THCEvent_newFromIpc(int device, const unsigned char *bytes);

TH_END_DECLS

#endif
